"""Runs: dispatched, performed, swept, propagated and resolved."""
