"""Signing in from the command line: hosted pages, tokens, and where they are kept."""
