"""What people do to documents and tasks."""
