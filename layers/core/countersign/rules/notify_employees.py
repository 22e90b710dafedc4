"""Notify employees: a mail to the responsible person, observers, groups or single users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from countersign.model.pipeline import Pipeline
from countersign.rules._shared.email_rule import SingleEmailRule, addressed, somebody
from countersign.rules._shared.recipients import colleague, problem
from countersign.rules.base import RuleContext, RuleGroup


class NotifyEmployees(SingleEmailRule):
    """Sends one mail to our own people."""

    kind: Literal["notify_employees"] = "notify_employees"
    group: ClassVar[RuleGroup] = "employee_alerts"
    titles: ClassVar = {"en": "Notify employees", "de": "Mitarbeiter benachrichtigen"}
    descriptions: ClassVar = {
        "en": "Sends a mail to the responsible person, observers, a group or single users.",
        "de": "Sendet eine E-Mail an Verantwortliche, Beobachter, eine Gruppe oder einzelne "
        "Benutzer.",
    }
    to: Annotated[tuple[Annotated[str, AfterValidator(colleague)], ...], AfterValidator(somebody)]
    """``responsible``, ``observers``, ``group:<name>``, ``field:<id>`` or a user's address. One
    that is missing fails the run."""

    def recipients(self, context: RuleContext) -> Mapping[str, tuple[str, ...]]:
        addresses = (addressed("to", part, context.document, context.pipeline) for part in self.to)
        return {"to": tuple(address for several in addresses for address in several)}

    def recipient_problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        problems = (problem(part, pipeline) for part in self.to)
        yield from (("to", text) for text in problems if text)
