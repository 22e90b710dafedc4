"""Delivered to all recipients."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers.base import TriggerKind


class Delivered(TriggerKind):
    """Fires when the envelope reached every recipient who was due."""

    kind: Literal["delivered"] = "delivered"
    titles: ClassVar = {"en": "Delivered", "de": "Zugestellt"}
    descriptions: ClassVar = {
        "en": "Every recipient has received the document.",
        "de": "Alle Empfänger haben das Dokument erhalten.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.delivered"})
