"""Messages of a provider taken as they come, up to what becomes of the document."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NamedTuple

from countersign.model.connection import PartyMapping
from countersign.model.document import Document
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import START, World
from tests.builders import connection, pipeline, stage, trigger

STAGES = (
    stage("draft"),
    stage("sent", triggers=[trigger("sent")]),
    stage("company-signed", triggers=[trigger("signed_by_company", allow_return=True)]),
    stage("client-signed", triggers=[trigger("signed_by_client", allow_return=True)]),
    stage("signed", kind="success", triggers=[trigger("signed_by_all")]),
    stage("not-signed", kind="failure", triggers=[trigger("declined"), trigger("voided")]),
)


class Outcome(NamedTuple):
    """What became of a document."""

    document: Document
    world: World

    @property
    def stage(self) -> str:
        return self.document.stage

    @property
    def signed(self) -> set[str]:
        """The names of those who have signed; their address where they have no name."""
        return {s.name or s.label for s in self.document.signers if s.status == "signed"}

    @property
    def names(self) -> list[str]:
        """All signers' names, in their order."""
        return [signer.name or signer.label for signer in self.document.signers]


def after(name: str, *messages: dict[str, Any], **parties: Any) -> Outcome:
    """The document after these JSON messages, which come a minute apart."""
    here = World()
    here.publish(pipeline(*STAGES))
    mapping = PartyMapping.model_validate(parties)
    here.connect(connection(id=name, provider=name, parties=mapping))
    document = ""
    for message in messages:
        here.now += timedelta(minutes=1)
        request = Request(
            headers={"content-type": "application/json"},
            body=json.dumps(message).encode(),
            received_at=here.now,
        )
        events = [event for event in provider(name).read(request) if event.kind != "webhook.test"]
        if events:
            document, _ = here.receive(name, events)
    return Outcome(here.document(document), here)


START_UNIX = int(START.timestamp())
