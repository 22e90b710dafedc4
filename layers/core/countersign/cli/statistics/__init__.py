"""Commands for statistics."""
