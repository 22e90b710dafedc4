"""Commands for pipelines: from a file to what runs."""
