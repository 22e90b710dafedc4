"""Commands for the whole deployment: its audit log, and what its plan includes."""
