"""Jobs: the commands for them, and watching one until it has ended."""
