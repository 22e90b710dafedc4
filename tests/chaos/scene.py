"""What goes on while things break: one pipeline, and the envelopes of a signing provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from countersign.model.connection import Connection
from countersign.model.pipeline import Pipeline
from countersign.model.run import RunKey
from countersign.providers.base import Request
from countersign.use_cases.messages.apply_message import document_id
from tests.builders import pipeline, stage, to_stage
from tests.integration.messages import DOCUSIGN

CONNECTION = Connection.model_validate(
    {
        "id": "docusign",
        "provider": "docusign",
        "pipeline": "contracts",
        "fields": [{"source": source, "field": field} for source, field in DOCUSIGN.fields],
    }
)
SECRET = "the key that signs the examples"
NEW_SECRET = "the key that signs them from the middle on"
SENDER = "contracts@acme.example"
NUMBER = "V-2026-0042"
"""The contract's number in the examples."""
LATER = 5
"""Seconds from the first mail to the second."""

RUNS = {"hello": 2, "later": 2, "on": 2, "asked": 3}
"""Each rule of the pipeline and the stage entry in which it runs, once per document."""
MAILS = ("hello", "later", "asked")
MOVES = 2
STAGE, ENTRY = "asked", 3
"""Where every document ends."""
MESSAGES = (DOCUSIGN.sent, DOCUSIGN.director_signs)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One of the envelopes that are out for signature."""

    index: int

    @property
    def id(self) -> str:
        return f"c4a05000-0000-4000-8000-{self.index:012x}"

    @property
    def number(self) -> str:
        return f"C-{self.index:04}"

    @property
    def document(self) -> str:
        return document_id(CONNECTION.id, self.id)

    def run(self, rule: str) -> RunKey:
        return RunKey(document=self.document, entry=RUNS[rule], rule=rule)

    def message(self, name: str, now: datetime, secret: str) -> Request:
        """One of ``MESSAGES``, signed."""
        replacing = {DOCUSIGN.envelope: self.id, NUMBER: self.number}
        return DOCUSIGN.message(name, secret, now, replacing)


def contracts() -> Pipeline:
    """A mail at once, a mail some seconds later, a stage; there a third mail.

    A mail that fails stops the chain, so that a person's trying again completes the document.
    """
    after = {"after": {"seconds": LATER}}
    return pipeline(
        stage("draft"),
        stage(
            "sent",
            _mail("hello"),
            _mail("later", time=after),
            to_stage("on", STAGE),
            triggers=[{"id": "sent", "kind": "sent"}],
        ),
        stage(STAGE, _mail("asked")),
        senders=[SENDER],
    )


def run_of(subject: str) -> RunKey:
    """The run that sent the mail with this subject."""
    number, _, rule = subject.partition(" ")
    return Envelope(int(number.removeprefix("C-"))).run(rule)


def _mail(rule: str, **more: Any) -> dict[str, Any]:
    settings = {
        "from": SENDER,
        "to": ["client"],
        "subject": f"{{{{ document.number }}}} {rule}",
        "text": "Hello",
    }
    return {"id": rule, "kind": "send_email", "on_failure": "stop", "settings": settings, **more}
