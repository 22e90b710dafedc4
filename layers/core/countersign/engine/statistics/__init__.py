"""Counting documents: what is counted of each, the counters, and times in buckets."""
