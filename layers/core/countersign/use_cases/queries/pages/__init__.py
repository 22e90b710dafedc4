"""Lists that are read a page at a time, with cursors."""
