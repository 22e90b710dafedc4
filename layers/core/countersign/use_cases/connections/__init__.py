"""Connections to signing providers."""
