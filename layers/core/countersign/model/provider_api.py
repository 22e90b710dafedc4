"""What a signing provider is asked for, and how the account of a connection is reached."""

from __future__ import annotations

from typing import Literal

from countersign.model.base import Model
from countersign.model.http import WebRequest

Offer = Literal["reminders", "the signed PDF"]

MAX_FILE = 7_000_000
"""Bytes of a file that is fetched. As a mail it takes 10 MB, which is what most mailboxes accept;
SES itself takes 40: https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""


class Access(Model):
    """How a connection's account is asked."""

    token: str
    """As the connection holds it; one line of printable ASCII."""
    url: str
    """The API's base address, without a slash at its end."""


class Reminder(Model):
    """A call that reminds signers."""

    request: WebRequest
    signers: tuple[str, ...]
    """The ids of those whom it reminds."""
