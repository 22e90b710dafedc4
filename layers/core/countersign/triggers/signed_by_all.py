"""Signed by all parties."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers.base import TriggerKind


class SignedByAll(TriggerKind):
    """Fires when the envelope is completed: everyone who had to act has acted."""

    kind: Literal["signed_by_all"] = "signed_by_all"
    titles: ClassVar = {"en": "Signed by all parties", "de": "Von allen Seiten unterzeichnet"}
    descriptions: ClassVar = {
        "en": "Everyone who had to sign has signed.",
        "de": "Alle, die unterzeichnen mussten, haben unterzeichnet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.completed"})
    all_have_signed: ClassVar[bool] = True
