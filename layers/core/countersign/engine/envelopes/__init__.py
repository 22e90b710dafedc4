"""Envelopes: what a message says against what the document knows of envelope and signers."""
