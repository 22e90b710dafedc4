"""Countersign: automation rules and triggers for electronic signatures, serverless, on AWS."""

__version__ = "0.1.0"
