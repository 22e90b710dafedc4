"""What operators look at: health, messages that wait or were refused, names of secrets."""
