"""Notify the supervisor: a mail to the supervisor of the responsible or another user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import ClassVar, Literal

from countersign.errors import PermanentError
from countersign.model.pipeline import Pipeline
from countersign.rules._shared.email_rule import SingleEmailRule
from countersign.rules._shared.users import supervisor_of
from countersign.rules.base import RuleContext, RuleGroup
from countersign.text.addresses import is_address, outgoing


class NotifySupervisor(SingleEmailRule):
    """Sends one mail to the supervisor that the pipeline names for a user."""

    kind: Literal["notify_supervisor"] = "notify_supervisor"
    group: ClassVar[RuleGroup] = "employee_alerts"
    titles: ClassVar = {"en": "Notify the supervisor", "de": "Vorgesetzten benachrichtigen"}
    descriptions: ClassVar = {
        "en": "Sends a mail to the supervisor of the responsible person or another user.",
        "de": "Sendet eine E-Mail an den Vorgesetzten des Verantwortlichen oder eines anderen "
        "Benutzers.",
    }
    of: str = "responsible"
    """Whose supervisor: ``responsible``, or the id of a field that holds a user."""

    def recipients(self, context: RuleContext) -> Mapping[str, tuple[str, ...]]:
        document, pipeline = context.document, context.pipeline
        held = document.responsible if self.of == "responsible" else document.fields.get(self.of)
        user = str(held or "")
        if not user:
            msg = f'of "{self.of}": nobody stands there on the document; fill it'
            raise PermanentError(msg)
        supervisor = supervisor_of(user, pipeline)
        if supervisor is None:
            msg = f"{user} has no supervisor; name one under the pipeline's supervisors"
            raise PermanentError(msg)
        if not is_address(supervisor):
            msg = (
                f'the supervisor of {user}, "{supervisor}", is not a valid e-mail '
                "address; correct it"
            )
            raise PermanentError(msg)
        return {"to": (outgoing(supervisor),)}

    def recipient_problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        holding = ["responsible", *(n for n, s in pipeline.fields.items() if s.type == "user")]
        if self.of not in holding:
            close = get_close_matches(self.of, holding, n=1)
            hint = f"did you mean {close[0]}?" if close else f"expected {', '.join(holding)}"
            yield "of", f'"{self.of}" is not a field that holds a user; {hint}'
        if not pipeline.supervisors:
            yield "of", "the pipeline names no supervisors; list each user's under supervisors"
        for user, supervisor in pipeline.supervisors.items():
            if not is_address(supervisor):
                yield (
                    "of",
                    f'the supervisor of {user}, "{supervisor}", is not a valid e-mail address',
                )
