"""Conditions, judged in three values, with what was found and what was expected."""
