"""What happens: pure functions from configuration, document, happening and time to decisions."""
