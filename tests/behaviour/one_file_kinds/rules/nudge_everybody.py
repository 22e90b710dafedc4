"""Nudge everybody: a kind of a test that needs the provider's reminders."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.rules.base import ReminderRule, RuleGroup


class NudgeEverybody(ReminderRule):
    """Reminds all signers."""

    kind: Literal["nudge_everybody"] = "nudge_everybody"
    group: ClassVar[RuleGroup] = "customer_communication"
    titles: ClassVar = {"en": "Nudge everybody", "de": "Alle anstupsen"}
    descriptions: ClassVar = {"en": "Reminds all signers.", "de": "Erinnert alle Unterzeichner."}

    def whom(self, document: Document) -> tuple[Signer, ...]:
        return document.signers
