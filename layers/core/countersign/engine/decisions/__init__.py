"""Decisions: from a document and an event to what changes, with reasons. Pure functions."""
