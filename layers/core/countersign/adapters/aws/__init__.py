"""What all AWS adapters share, and the small services."""
