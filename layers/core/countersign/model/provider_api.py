"""What a signing provider is asked for, and how the account of a connection is reached."""

from collections.abc import Mapping
from typing import Literal

from countersign.model.base import Model
from countersign.model.http import WebRequest
from countersign.model.run_purpose import KeptKind

ProviderFile = Literal["the signed PDF", "the unsigned document", "the audit trail"]
"""A file of an envelope that a provider keeps."""

KEPT_FILES: Mapping[KeptKind, ProviderFile] = {
    "signed_pdf": "the signed PDF",
    "audit_trail": "the audit trail",
}
"""What providers are asked for, by the kind under which it is kept."""

Offer = Literal["reminders", ProviderFile, "the link to sign"]

MAX_FILE = 50_000_000
"""Bytes of a file of a document."""


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
