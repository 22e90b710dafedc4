"""Keeping what the signing provider made of an envelope, once it is ready."""

from __future__ import annotations

from typing import ClassVar

from countersign.model.run import Lane
from countersign.model.run_purpose import KeptKind
from countersign.rules.base import RuleGroup, RuleKind


class KeepFile(RuleKind):
    """Fetches a file from the provider and keeps it; no rule kind of a pipeline."""

    lane: ClassVar[Lane] = "web"
    group: ClassVar[RuleGroup] = "data"
    titles: ClassVar = {"en": "Keep a file", "de": "Datei aufbewahren"}
    descriptions: ClassVar = {
        "en": "Keeps what the signing provider made.",
        "de": "Bewahrt auf, was der Signaturanbieter erstellt hat.",
    }
    wanted: KeptKind
