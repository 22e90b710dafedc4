"""Twins of the queues."""
