"""A recipient was replaced."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class Reassigned(SignerTrigger):
    """Fires when a recipient was replaced by another."""

    kind: Literal["reassigned"] = "reassigned"
    titles: ClassVar = {"en": "Reassigned", "de": "Weitergegeben"}
    descriptions: ClassVar = {
        "en": "A recipient has handed the signing to somebody else.",
        "de": "Ein Empfänger hat die Unterzeichnung weitergegeben.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.reassigned"})
