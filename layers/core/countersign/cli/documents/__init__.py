"""Commands for documents and their tasks."""
