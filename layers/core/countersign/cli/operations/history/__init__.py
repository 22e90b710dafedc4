"""What happened to documents: followed, and played again."""
