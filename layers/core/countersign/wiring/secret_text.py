"""Texts that nobody can guess, each of 128 bits."""

from __future__ import annotations

import secrets


def new_token() -> str:
    """26 lower-case letters and digits, which survive in any address."""
    import base64

    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def new_salt() -> str:
    """32 hexadecimal digits."""
    return secrets.token_hex(16)
