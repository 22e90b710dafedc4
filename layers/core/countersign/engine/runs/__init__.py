"""Runs: planned on arrival, claimed once, rescheduled, concluded. Pure functions."""
