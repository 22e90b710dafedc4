"""Twins of what is kept in the parameter store."""
