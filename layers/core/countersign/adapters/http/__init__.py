"""HTTPS calls to public hosts."""
