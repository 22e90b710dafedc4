"""Persons: those who may sign in, and the requests of those whom documents name."""
