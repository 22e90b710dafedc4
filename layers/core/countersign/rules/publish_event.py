"""Publish an event: the account's own consumers hear of the document on an event bus."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator

from countersign.errors import PermanentError
from countersign.model.http import BusEvent
from countersign.model.pipeline import Pipeline
from countersign.rules._shared import http, rendering
from countersign.rules._shared.payload import document_payload
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import EventRule, RuleContext, RuleGroup

KEY = "idempotency_key"
"""What of the detail is ours: EventBridge may deliver an event more than once."""
MAX_NAME = 128
"""Characters of a detail-type."""
MAX_DETAIL = 255 * 1024
"""Bytes of a detail; EventBridge takes 256 KB of it with its name and source:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""


def _fixed(name: str) -> str:
    if rendering.has_inserts(name):
        msg = "the name is what consumers filter by, and holds no inserts; put them into the detail"
        raise ValueError(msg)
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        msg = f"the name is a line of 1 to {MAX_NAME} characters, such as ContractSigned"
        raise ValueError(msg)
    return name


class PublishEvent(EventRule):
    """Puts one event onto the deployment's own bus.

    Where EventBridge gives no answer the run is in doubt, unless the consumers know a repeated
    event by its ``idempotency_key`` (``repeatable``).
    """

    kind: Literal["publish_event"] = "publish_event"
    group: ClassVar[RuleGroup] = "automation"
    titles: ClassVar = {"en": "Publish an event", "de": "Ereignis veröffentlichen"}
    descriptions: ClassVar = {
        "en": "Tells consumers in the own AWS account of the document, on an EventBridge bus.",
        "de": "Meldet das Dokument an Empfänger im eigenen AWS-Konto, auf einem EventBridge-Bus.",
    }
    name: Annotated[str, AfterValidator(_fixed)]
    """What happened, as consumers filter by it (EventBridge's detail-type)."""
    detail: dict[str, Any] | None = None
    """Each text of it may hold inserts. If omitted, the whole document is sent. The run's
    ``idempotency_key`` stands in it in any case."""
    repeatable: bool = False
    """Whether an event that EventBridge did not answer for is published again without asking."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        texts = dict(http.texts_of(self.detail, "detail"))
        problems = list(http.problems_of_texts(texts, pipeline))
        if KEY in (self.detail or {}):
            problems.append(("detail", f"{KEY} is set by the rule itself; leave it out"))
        if http.depth(self.detail) > http.MAX_NESTING:
            problems.append(
                ("detail", f"the detail is nested deeper than {http.MAX_NESTING} levels")
            )
        return tuple(problems)

    def event(self, context: RuleContext) -> BusEvent:
        """The event, complete; PermanentError where it can never be published."""
        if self.detail is None:
            detail: dict[str, Any] = document_payload(context)
        else:
            inserted = values(context, first(context.document, "client"), self.titles["en"])
            filled = http.filled_body(self.detail, inserted, "detail")
            detail = {KEY: str(context.run.key), **filled}
        content = http.as_json(detail)
        if len(content) > MAX_DETAIL:
            msg = f"the detail has {len(content):,} bytes; expected at most {MAX_DETAIL:,}"
            raise PermanentError(f"{msg}: make it shorter")
        return BusEvent(
            name=self.name,
            detail=json.loads(content),
            run=context.run.key,
            repeatable=self.repeatable,
        )
