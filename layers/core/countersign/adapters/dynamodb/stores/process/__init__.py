"""Documents and what belongs to them: runs, timelines, tasks, words, statistics."""
