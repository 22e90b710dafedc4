"""Inspecting a captured message: what it is read as, and what it would do, without any effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from countersign.engine.envelopes.parties import party_verdict
from countersign.model.base import Instant, Model
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Envelope, Party, Signer, SigningEvent
from countersign.providers import provider
from countersign.providers._toolkit.redaction import REDACTED
from countersign.providers.base import NO_OPTIONS, Request
from countersign.simulation.world import World


class InspectedSigner(Model):
    """A signer as the message names one, with the party and what determined it."""

    signer: Signer
    party: Party
    reason: str


class Effect(Model):
    """What a message did to its document, in a world of its own."""

    outcome: str
    """``applied``, ``duplicate``, ``unmatched`` or ``postponed``, as when it is received."""
    document: Document | None
    timeline: tuple[LogEntry, ...] = ()
    """The lines that the message added, with the triggers that fired and those that did not."""


class Inspection(Model):
    """What a message is read as."""

    provider: str
    received_at: Instant
    events: tuple[SigningEvent, ...]
    warnings: tuple[str, ...]
    """What of it could not be read."""
    state: Envelope | None
    signers: tuple[InspectedSigner, ...]
    kept: str
    """The message as it would be kept, for 30 days."""
    cut_out: tuple[str, ...]
    """The places of the members that are cut out before it is kept."""
    effects: tuple[Effect, ...] = ()
    """What it did, an effect for each envelope; only where a pipeline was given."""


class Inspector:
    """Reads messages one after the other; with a pipeline, each finds what those before it did."""

    def __init__(
        self,
        connection: Connection,
        pipeline: Pipeline | None = None,
        options: Mapping[str, str] = NO_OPTIONS,
    ) -> None:
        """``options`` are the connection's, for providers whose messages need a mapping."""
        self.connection = connection
        self.provider = provider(connection.provider)
        self.options = options
        self.world = None
        if pipeline is not None:
            self.world = World()
            self.world.publish(pipeline)
            self.world.connect(connection)

    def inspect(self, request: Request) -> Inspection:
        """Read one message. MalformedError where its kind or its envelope cannot be read."""
        events = self.provider.read(request, self.options)
        state = next((event.state for event in events if event.state is not None), None)
        kept = self.provider.redact(request)
        return Inspection(
            provider=self.connection.provider,
            received_at=request.received_at,
            events=events,
            warnings=tuple(text for event in events for text in event.warnings),
            state=state,
            signers=tuple(self._signers(state, events)),
            kept=kept,
            cut_out=tuple(_cut_out(kept)),
            effects=tuple(self._effects(events, request)),
        )

    def _signers(
        self, state: Envelope | None, events: Sequence[SigningEvent]
    ) -> Iterator[InspectedSigner]:
        """Those of the message's list; of a message without one, who acted."""
        sender = state.sender if state else None
        listed = list(state.signers) if state else []
        if not listed:
            named = (event.signer for event in events if event.signer is not None)
            listed = [Signer(**ref.model_dump(exclude={"id"}), id=ref.id or "") for ref in named]
        for signer in listed:
            verdict = party_verdict(signer, sender, self.connection.parties)
            yield InspectedSigner(signer=signer, party=verdict.party, reason=verdict.reason)

    def _effects(self, events: Sequence[SigningEvent], request: Request) -> Iterator[Effect]:
        if self.world is None:
            return
        self.world.advance(max(request.received_at, self.world.now) - self.world.now)
        real = [event for event in events if event.kind != "webhook.test"]
        for envelope in dict.fromkeys(event.envelope for event in real):
            mine = [event for event in real if event.envelope == envelope]
            yield self._effect(self.world, mine)

    def _effect(self, world: World, events: Sequence[SigningEvent]) -> Effect:
        before = {
            document.id: len(world.documents.timeline(document.id))
            for document in world.state.documents.values()
        }
        name, outcome = world.receive(self.connection.id, events)
        document = world.documents.get(name)
        timeline = world.documents.timeline(name)[before.get(name, 0) :] if document else ()
        return Effect(outcome=outcome, document=document, timeline=tuple(timeline))


def connection_for(provider_name: str, pipeline: Pipeline | None, **more: Any) -> Connection:
    """The connection that a message is inspected by."""
    return Connection.model_validate(
        {
            "id": "inspected",
            "provider": provider_name,
            "pipeline": pipeline.pipeline if pipeline else "none",
            **more,
        }
    )


def _cut_out(kept: str) -> Iterator[str]:
    try:
        value = from_json(kept)
    except ValueError:
        return
    yield from _redacted(value, ())


def _redacted(value: Any, place: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _redacted(inner, (*place, str(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _redacted(inner, (*place, str(number)))
    elif value == REDACTED:
        yield ".".join(place)
