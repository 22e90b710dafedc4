"""Voided by the sender or the system."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers.base import TriggerKind


class Voided(TriggerKind):
    """Fires when the envelope was voided, recalled, revoked or cancelled."""

    kind: Literal["voided"] = "voided"
    titles: ClassVar = {"en": "Voided", "de": "Zurückgezogen"}
    descriptions: ClassVar = {
        "en": "The sender or the system has ended the signing.",
        "de": "Der Absender oder das System hat die Unterzeichnung beendet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.voided"})
