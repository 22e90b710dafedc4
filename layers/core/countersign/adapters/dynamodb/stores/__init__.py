"""The ports that are kept in the table, one a file."""
