"""Schedules: when a rule is due, by the clock, a date field or business hours."""
