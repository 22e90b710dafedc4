"""What commands print: tables, JSON, and text for people."""
