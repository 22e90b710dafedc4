"""Signed by client."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class SignedByClient(SignerTrigger):
    """Fires when a signer of the client's side has signed."""

    kind: Literal["signed_by_client"] = "signed_by_client"
    titles: ClassVar = {
        "en": "Signed by client",
        "de": "Vom Kunden unterzeichnet",
    }
    descriptions: ClassVar = {
        "en": "Someone who signs for the client has signed.",
        "de": "Jemand hat für den Kunden unterzeichnet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.signed"})
    party: Literal["client"] = "client"
