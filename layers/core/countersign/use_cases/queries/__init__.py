"""Queries: what people see, without changing anything. The command line and an API share them."""
