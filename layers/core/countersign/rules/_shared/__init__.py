"""What several kinds of rules share."""
