"""Statistics: counting what the stream tells, and rebuilding what was counted."""
