"""Queries: what the command line shows, without changing anything."""
