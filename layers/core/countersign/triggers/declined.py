"""Declined by a recipient."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class Declined(SignerTrigger):
    """Fires when a recipient or the whole envelope was declined."""

    kind: Literal["declined"] = "declined"
    titles: ClassVar = {"en": "Declined", "de": "Abgelehnt"}
    descriptions: ClassVar = {
        "en": "A recipient has refused to sign.",
        "de": "Ein Empfänger hat die Unterschrift verweigert.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.declined", "document.declined"})
