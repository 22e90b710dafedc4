"""What several kinds of jobs have in common."""
