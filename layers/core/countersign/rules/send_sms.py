"""Send an SMS: a short text to one phone, its inserts filled in on the run."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from countersign.errors import NothingToDoError, PermanentError
from countersign.model.erased_person import is_pseudonym
from countersign.model.http import TextMessage
from countersign.model.pipeline import Pipeline
from countersign.rules._shared import rendering
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import RuleContext, RuleGroup, SmsRule
from countersign.text.phones import e164

MAX_TEXT = 1_600
"""Characters of one publication: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
FIELD = "field:"

_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{3,11}")


def _recipient(text: str) -> str:
    if text.startswith(FIELD) and text != FIELD:
        return text
    if e164(text) is None:
        msg = (
            f'"{text[:40]}" is not a recipient; expected field:<id>, or a number with its country, '
            "such as +4915112345678"
        )
        raise ValueError(msg)
    return text


def _sender(text: str) -> str:
    if not _SENDER.fullmatch(text):
        msg = (
            f'"{text[:40]}" is not a valid sender; expected 3 to 11 letters and digits, such as '
            "ACME"
        )
        raise ValueError(msg)
    return text


def _written(text: str) -> str:
    if not text.strip():
        msg = "the SMS says nothing; give it a text"
        raise ValueError(msg)
    return text


class SendSms(SmsRule):
    """Sends one SMS; where the service gives no answer the run is in doubt."""

    kind: Literal["send_sms"] = "send_sms"
    group: ClassVar[RuleGroup] = "customer_communication"
    titles: ClassVar = {"en": "Send an SMS", "de": "SMS senden"}
    descriptions: ClassVar = {
        "en": "Sends an SMS to a number that a field of the document holds, or a fixed one.",
        "de": "Sendet eine SMS an eine Nummer aus einem Feld des Dokuments oder an eine feste.",
    }
    to: Annotated[str, AfterValidator(_recipient)]
    """``field:<id>``, or a number with its country (E.164). A field may hold a number as it is
    called within the pipeline's ``country``."""
    text: Annotated[str, AfterValidator(_written)]
    """The message, with template variables."""
    sender: Annotated[str, AfterValidator(_sender)] | None = None
    """The name that phones show, in countries that allow one; some want it registered first:
    https://docs.aws.amazon.com/sms-voice/latest/userguide/sender-id.html"""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        problems = list(rendering.problems({"text": self.text}, pipeline))
        if self.to.startswith(FIELD):
            texts = [name for name, spec in pipeline.fields.items() if spec.type == "text"]
            if self.to.removeprefix(FIELD) not in texts:
                there = ", ".join(texts) or "none"
                problems.append(
                    ("to", f'"{self.to}": there is no such field of text; there are {there}')
                )
        return tuple(problems)

    def text_message(self, context: RuleContext) -> TextMessage:
        """The SMS, ready to send; PermanentError, with what to fix, where it cannot be made."""
        inserted = values(context, first(context.document, "client"), self.titles["en"])
        text = rendering.filled("text", self.text, inserted).strip()
        if not 1 <= len(text) <= MAX_TEXT:
            size = f"has {len(text):,} characters" if text else "is empty"
            msg = f"text: it {size} once its inserts are filled in; expected 1 to {MAX_TEXT:,}"
            raise PermanentError(msg)
        return TextMessage(to=self._to(context), text=text, sender=self.sender, run=context.run.key)

    def _to(self, context: RuleContext) -> str:
        name = self.to.removeprefix(FIELD) if self.to.startswith(FIELD) else None
        written = self.to if name is None else str(context.document.fields.get(name) or "")
        if not written.strip():
            msg = f"to: the field {name} is empty; fill it with the number, and retry"
            raise PermanentError(msg)
        if is_pseudonym(written):
            raise NothingToDoError("the recipient's personal data was erased on request")
        country = context.pipeline.country
        number = e164(written, country)
        if number is None:
            of = f", nor one of {country}" if country else ""
            msg = (
                f'to: "{written[:40]}" in the field {name} is not a valid number with '
                f"its country{of}; "
                "correct it, such as +4915112345678, and retry"
            )
            raise PermanentError(msg)
        return number
