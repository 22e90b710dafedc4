"""Plain letter: a kind of a test that writes a mail, and takes the signed PDF with it if asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.references import ProviderRequirement
from countersign.rules.base import EmailRule, RuleContext, RuleGroup


class PlainLetter(EmailRule):
    """Writes one line to one address."""

    kind: Literal["plain_letter"] = "plain_letter"
    group: ClassVar[RuleGroup] = "customer_communication"
    titles: ClassVar = {"en": "Plain letter", "de": "Schlichter Brief"}
    descriptions: ClassVar = {"en": "Writes one line.", "de": "Schreibt eine Zeile."}
    to: str
    with_pdf: bool = False
    counted: bool = False
    """Whether opens are reported."""

    @classmethod
    def tracks(cls, settings: Mapping[str, Any]) -> bool:
        return settings.get("counted") is True

    @property
    def files(self) -> tuple[str, ...]:
        return ("signed_pdf",) if self.with_pdf else ()

    def needs(self, pipeline: Pipeline) -> tuple[ProviderRequirement, ...]:
        return (ProviderRequirement("the signed PDF", "with_pdf"),) if self.with_pdf else ()

    def email(self, context: RuleContext) -> Email:
        return Email(
            sender="contracts@acme.example",
            to=(self.to,),
            subject="A plain letter",
            text=context.document.title or "",
            run=context.run.key,
        )
