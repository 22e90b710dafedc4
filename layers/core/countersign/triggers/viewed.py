"""Viewed by a recipient."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class Viewed(SignerTrigger):
    """Fires when a recipient opened the document for the first time."""

    kind: Literal["viewed"] = "viewed"
    titles: ClassVar = {"en": "Viewed", "de": "Angesehen"}
    descriptions: ClassVar = {
        "en": "A recipient has opened the document.",
        "de": "Ein Empfänger hat das Dokument geöffnet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.viewed"})
