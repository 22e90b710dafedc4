"""The deadline has passed."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers.base import TriggerKind


class Expired(TriggerKind):
    """Fires when the envelope's deadline passed before all had signed."""

    kind: Literal["expired"] = "expired"
    titles: ClassVar = {"en": "Expired", "de": "Abgelaufen"}
    descriptions: ClassVar = {
        "en": "The deadline for signing has passed.",
        "de": "Die Frist für die Unterzeichnung ist abgelaufen.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.expired"})
