"""Validation of pipelines before they are published, with places and sentences."""
