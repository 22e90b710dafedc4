"""What the triggers that wait for news of a mail have in common."""

from __future__ import annotations

from typing import ClassVar

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import Slug
from countersign.model.references import NamedRule
from countersign.triggers.base import TriggerGroup, TriggerKind


class MailTrigger(TriggerKind):
    """Fires for the mails of one rule, or of any."""

    group: ClassVar[TriggerGroup] = "customer_communication"
    of_tracked_mails: ClassVar[bool] = False
    """Whether only mails with tracking are reported to it."""
    rule: Slug | None = None
    """The rule whose mails are meant; those of every rule for none."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        rule = happening.detail.get("rule")
        if self.rule is not None and rule != self.rule:
            return f"it is about the mail of {rule}, not of {self.rule}"
        return None

    @property
    def named_rules(self) -> tuple[NamedRule, ...]:
        return (NamedRule("rule", self.rule, "mail", tracked=self.of_tracked_mails),)


class InteractionTrigger(MailTrigger):
    """Fires for what a recipient does with a mail, and on demand for what a machine does with it.

    Security scanners follow links, and mail programs fetch pictures, before anybody has seen the
    mail. The mail service says which interactions it takes for a machine's.
    """

    of_tracked_mails: ClassVar[bool] = True
    automated: bool = False
    """Whether it also fires for what a machine did, such as a security scanner or a mail program
    that fetches pictures ahead."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        if reason := super().misses(happening, document):
            return reason
        if happening.automated and not self.automated:
            only = "the trigger fires for that only with automated: true"
            return f"made by a machine: the mail service reported it as automated; {only}"
        return None
