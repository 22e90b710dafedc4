"""Twins of what is kept in the table."""
