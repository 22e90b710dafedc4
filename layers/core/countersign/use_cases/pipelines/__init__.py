"""Pipelines: published, paused, removed, and compiled once a version."""
