"""Commands for runs that failed or are in doubt."""
