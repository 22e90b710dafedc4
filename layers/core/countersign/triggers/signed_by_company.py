"""Signed by company representative."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class SignedByCompany(SignerTrigger):
    """Fires when a signer of our own side has signed."""

    kind: Literal["signed_by_company"] = "signed_by_company"
    titles: ClassVar = {
        "en": "Signed by company representative",
        "de": "Vom Unternehmensvertreter unterzeichnet",
    }
    descriptions: ClassVar = {
        "en": "Someone who signs for the company has signed.",
        "de": "Jemand hat für das Unternehmen unterzeichnet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.signed"})
    party: Literal["company"] = "company"
