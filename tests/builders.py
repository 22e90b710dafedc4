"""Builders for tests: small pipelines, signing events and documents with sensible defaults."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.incoming_message import IncomingMessage
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run, RunState
from countersign.model.signing_event import Envelope, SignerRef, SigningEvent
from countersign.simulation.world import START, World

ANNA = "anna@acme.example"
"""Signs for the company, which is also the sender."""
KLARA = "klara@kunde.example"
"""Signs for the client."""


def pipeline(*stages: dict[str, Any], **more: Any) -> Pipeline:
    """A pipeline of these stages."""
    return Pipeline.model_validate(
        {"pipeline": "contracts", "time_zone": "Europe/Berlin", "stages": stages, **more}
    )


def stage(stage_id: str, *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A stage with these rules."""
    return {"id": stage_id, "rules": rules, **more}


def trigger(kind: str, trigger_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A trigger; its id is its kind unless told."""
    return {"id": trigger_id or kind.replace("_", "-"), "kind": kind, **more}


def mail(rule_id: str, **more: Any) -> dict[str, Any]:
    """A rule that mails the client."""
    settings = {
        "from": "contracts@acme.example",
        "to": ["client"],
        "subject": rule_id,
        "text": "Hello",
    }
    return {"id": rule_id, "kind": "send_email", "settings": settings, **more}


def to_stage(rule_id: str, target: str, **more: Any) -> dict[str, Any]:
    """A rule that changes the stage."""
    return {"id": rule_id, "kind": "change_stage", "settings": {"stage": target}, **more}


def connection(**more: Any) -> Connection:
    """A DocuSign connection of the pipeline ``contracts``."""
    given = {"id": "docusign", "provider": "docusign", "pipeline": "contracts", **more}
    return Connection.model_validate(given)


def envelope(status: str | None = "sent", **more: Any) -> Envelope:
    """The state of an envelope that Anna sent, for Anna and Klara to sign in that order."""
    given: dict[str, Any] = {
        "id": "env-1",
        "title": "Service agreement",
        "status": status,
        "sender": {"name": "Anna", "email": ANNA},
        "signers": [
            {"id": "1", "name": "Anna", "email": ANNA, "order": 1},
            {"id": "2", "name": "Klara", "email": KLARA, "order": 2},
        ],
    }
    return Envelope.model_validate(given | more)


def signed(*who: str, at: datetime | None = None) -> list[dict[str, Any]]:
    """The signers of ``envelope`` of whom these have signed."""
    return [
        {"id": number, "name": name, "email": email, "order": int(number)}
        | ({"status": "signed", "signed_at": at} if email in who else {})
        for number, name, email in (("1", "Anna", ANNA), ("2", "Klara", KLARA))
    ]


def event(kind: str, who: str | None = None, *, minute: int = 0, **more: Any) -> SigningEvent:
    """A signing event of envelope ``env-1``, so many minutes after the world's start."""
    at = START + timedelta(minutes=minute)
    given: dict[str, Any] = {
        "kind": kind,
        "key": f"{kind}:{who}:{minute}",
        "provider_event": kind,
        "occurred_at": at,
        "envelope": "env-1",
        "signer": SignerRef(email=who) if who else None,
    }
    return SigningEvent.model_validate(given | more)


def world(wanted: Pipeline, **more: Any) -> World:
    """A world with this pipeline published and a DocuSign connection to it."""
    made = World()
    made.publish(wanted)
    made.connect(connection(**more))
    return made


def states(found: World, document: Document | str, entry: int | None = None) -> dict[str, RunState]:
    """The state of each run, by rule."""
    name = document if isinstance(document, str) else document.id
    return {run.rule: run.state for run in found.documents.runs(name, entry)}


def run_of(found: World, document: Document, rule: str) -> Run:
    """The newest run of a rule."""
    return [run for run in found.documents.runs(document.id) if run.rule == rule][-1]


def subjects(found: World) -> list[str]:
    """The subjects of the mails that were sent, in order."""
    return [email.subject for email in found.mailbox.sent]


def timeline(here: World, document: Document, since: int = 0) -> list[dict[str, Any]]:
    """The timeline's lines without what is as it is assumed, with times in minutes."""
    lines = []
    for line in here.documents.timeline(document.id)[since:]:
        said = line.model_dump(exclude_defaults=True)
        for name in ("at", "occurred_at"):
            if name in said:
                said[name] = (said[name] - START) // timedelta(minutes=1)
        if said["at"] == 0:
            said.pop("at")
        lines.append(said)
    return lines


def incoming(
    credentials: ConnectionCredentials, *events: SigningEvent, **more: Any
) -> IncomingMessage:
    """A signed message of the connection, received at the start unless said."""
    given = {"received_at": START, "authenticity": "signed", "events": events, **more}
    return IncomingMessage.model_validate(
        {"pipeline": credentials.pipeline, "connection": credentials.connection, **given}
    )
