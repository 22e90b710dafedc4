"""Sent to the signers."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers.base import TriggerKind


class Sent(TriggerKind):
    """Fires when the envelope went out to at least one recipient."""

    kind: Literal["sent"] = "sent"
    titles: ClassVar = {"en": "Sent", "de": "Gesendet"}
    descriptions: ClassVar = {
        "en": "The envelope went out to its first recipient.",
        "de": "Der Umschlag ging an den ersten Empfänger.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.sent"})
