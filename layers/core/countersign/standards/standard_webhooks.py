"""The symmetric signature of Standard Webhooks, as we check it and as we make it.

https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md (1.0.0)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re


def key_of(secret: str) -> bytes | None:
    """The key that a secret is the Base64 of, in either alphabet; None where it is none.

    ``whsec_`` before it, blanks and missing padding do not matter.
    """
    text = re.sub(r"\s", "", secret).removeprefix("whsec_").rstrip("=")
    text = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def signature(key: bytes, message_id: bytes, timestamp: bytes, body: bytes) -> bytes:
    """``v1`` without its name: Base64 of HMAC-SHA256 over id, seconds and body, joined by dots."""
    signed = b".".join((message_id, timestamp, body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
