"""Pipeline files and scripts, read with the place of every mistake."""
