"""Twins of mail, SMS, web, bus, and of what keeps requests."""
