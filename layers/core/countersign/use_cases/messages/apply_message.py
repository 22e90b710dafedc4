"""Applying the signing events of one envelope to its document: read, decide, commit."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from countersign.engine.decisions.decide import EnvelopeEvents, apply_events
from countersign.engine.decisions.decision import Decision
from countersign.engine.envelopes.reconcile import WITHOUT_EFFECT
from countersign.errors import DuplicateError, NotFoundError
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.incoming_message import IncomingMessage
from countersign.model.signing_event import SigningEvent
from countersign.model.transaction import ProcessedEvent, Transaction
from countersign.ports import EnvelopeSnapshot, HeldMessages
from countersign.use_cases.runs.propagate import propagated
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact


class RemovedConnectionError(NotFoundError):
    """The connection of a message has been removed since the message was verified."""


Became = Literal["applied", "duplicate", "unmatched", "postponed"]
"""What became of events. ``unmatched``: they name a document that does not exist, and are kept
without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageApplier:
    """What applying messages to documents needs from outside."""

    store: Store
    held: HeldMessages


def document_id(connection: str, envelope: str) -> str:
    """The id of the document that a connection creates for an envelope: always the same."""
    digest = hashlib.sha256(f"{connection}\0{envelope}".encode()).digest()
    return "d-" + base64.b32encode(digest[:15]).decode().lower()


def each_once(events: Iterable[SigningEvent]) -> tuple[SigningEvent, ...]:
    """The events without those that repeat an earlier one's key: a message may say a thing twice,
    and a transaction takes each key once."""
    by_key: dict[str, SigningEvent] = {}
    for event in events:
        by_key.setdefault(event.key, event)
    return tuple(by_key.values())


def apply_to_envelope(
    applier: MessageApplier, message: IncomingMessage, *, even_if_paused: bool = False
) -> tuple[str, Became]:
    """Apply a message about one envelope: the document's id, and what became of its events.

    They are ``applied``, a ``duplicate`` (all of them applied before), ``unmatched`` since they
    name a document that does not exist, or ``postponed`` since the pipeline is paused.
    RemovedConnectionError where the connection does not exist any more, ConflictError when the
    document kept changing (too many conflicts).
    """
    application = _Application(
        applier=applier,
        message=message.model_copy(update={"events": each_once(message.events)}),
        even_if_paused=even_if_paused,
        document_id=document_id(message.connection, message.events[0].envelope),
    )
    became = application.apply()
    return application.document_id, became


@dataclass(slots=True, kw_only=True)
class _Application:
    """One message on its way into its document, in as many transactions as it takes."""

    applier: MessageApplier
    message: IncomingMessage
    """What is still to be applied."""
    even_if_paused: bool
    document_id: str
    """The envelope's document, as far as it is known."""
    half_applied: str | None = None
    """What the decision before said of the first of the events."""
    unmatched: bool = False

    def apply(self) -> Became:
        subject = f"the document of envelope {self.message.events[0].envelope}"
        while True:
            try:
                applied = transact(self.applier.store, self._propose, subject=subject).outcome
            except DuplicateError as error:
                left = (event for event in self.message.events if event.key not in error.keys)
                self.message = self.message.with_events(tuple(left))
                if not self.message.events:
                    return "unmatched" if self.unmatched else "duplicate"
                continue
            if applied == "paused":
                self.applier.held.add(self.message)
                return "postponed"
            if applied is None or not applied.deferred_events:
                return "unmatched" if self.unmatched else "applied"
            # The message leads through more stages than one transaction can plan; what has begun
            # to be applied is applied whole.
            self.message = self.message.with_events(applied.deferred_events)
            self.half_applied, self.even_if_paused = applied.half_applied, True

    def _propose(self) -> Proposal[Decision | Literal["paused"] | None]:
        message = self.message
        envelope = message.events[0].envelope
        own_id = document_id(message.connection, envelope)
        arrival = self.applier.store.documents.read_arrival(
            message.connection, message.pipeline, envelope, own_id
        )
        paused = arrival.head is not None and arrival.head.paused and not self.even_if_paused
        # What a removed connection brings is refused, paused or not: nobody could apply it later.
        if paused and arrival.connection is not None:
            return Proposal(None, "paused")
        change, decision, self.message = _decide(self.applier, message, arrival, self.half_applied)
        self.unmatched = change.document is None and "document" in message.events[0].detail
        self.document_id = change.document.id if change.document else own_id
        return Proposal(change, decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """The document that a message is about."""

    document: Document | None
    """None where it must be made."""
    attach: tuple[str, ...] = ()
    """The envelope, by each of its ids, that belongs to the document from now on, one that is made
    included: of two messages that settle at once which document is the envelope's, one decides
    anew."""
    aliases: tuple[str, ...] = ()
    """Ids of the envelope that the document does not know yet."""
    warning: str | None = None
    """Why the document that the envelope names was not taken."""
    nobody: bool = False
    """The message is about a document that does not exist, and must not make one."""


def _subject(
    applier: MessageApplier,
    connection: Connection,
    arrival: EnvelopeSnapshot,
    events: Sequence[SigningEvent],
) -> _Subject:
    """The envelope's document; for a new envelope, the one that its custom field names.

    A payment or a call is about the document it names and makes none. Only what names a document
    costs a read more.
    """
    direct = events[0].detail.get("document")
    if direct or events[0].kind == "payment.received":
        document = applier.store.documents.get(direct) if direct else None
        ours = document is not None and document.pipeline == connection.pipeline
        return _Subject(document=document if ours else None, nobody=not ours)
    field = connection.document_field
    states = (event.state for event in events if event.state is not None)
    named = next((s.custom_fields[field] for s in states if s.custom_fields.get(field)), None)
    aliases = _aliases(events)
    attach = tuple(f"{connection.id}#{name}" for name in (events[0].envelope, *aliases))
    known = arrival.document or _named_otherwise(applier, connection, aliases)
    if known is not None:
        return _by_more_names(applier, connection, known, events)
    if named is None:
        return _Subject(document=None, attach=attach, aliases=aliases)
    attached = (connection.id, events[0].envelope)
    document = applier.store.documents.get(named.strip())
    if document is not None and (document.connection, document.envelope) == attached:
        return _Subject(document=document)  # attached since the arrival was read
    reason = None
    if document is None:
        reason = "which does not exist"
    elif document.pipeline != connection.pipeline:
        reason = f"which belongs to the pipeline {document.pipeline}, not {connection.pipeline}"
    elif document.envelope is not None:
        reason = f"which has the envelope {document.envelope} already"
    if reason is not None:
        warning = f'the custom field "{field}" names the document {named[:80]}, {reason}'
        warning = f"{warning}; this document was made instead"
        return _Subject(document=None, attach=attach, aliases=aliases, warning=warning)
    return _Subject(document=document, attach=attach, aliases=aliases)


def _aliases(events: Sequence[SigningEvent]) -> tuple[str, ...]:
    """The other ids by which a message names the envelope."""
    names = (alias for event in events for alias in event.aliases)
    return tuple(name for name in dict.fromkeys(names) if name and name != events[0].envelope)


def _named_otherwise(
    applier: MessageApplier, connection: Connection, aliases: Sequence[str]
) -> Document | None:
    """The document that an earlier message named by another id of the same envelope."""
    for alias in aliases:
        own_id = document_id(connection.id, alias)
        arrival = applier.store.documents.read_arrival(
            connection.id, connection.pipeline, alias, own_id
        )
        if arrival.document is not None:
            return arrival.document
    return None


def _by_more_names(
    applier: MessageApplier,
    connection: Connection,
    document: Document,
    events: Sequence[SigningEvent],
) -> _Subject:
    """The document with the ids of its envelope that are new to it: each is looked up once."""
    has = {document.envelope, *document.envelope_aliases}
    names = [name for name in (events[0].envelope, *_aliases(events)) if name not in has]
    attach, warning = [], None
    for name in names:
        other = _named_otherwise(applier, connection, (name,))
        if other is None:
            attach.append(f"{connection.id}#{name}")
        elif other.id != document.id:
            warning = f"the envelope is also named {name}, which is the document {other.id}"
    return _Subject(document=document, attach=tuple(attach), aliases=tuple(names), warning=warning)


def _tells(event: SigningEvent) -> bool:
    """Whether an event without effect carries a state, which says what other messages do."""
    return event.state is not None and bool(event.state.status or event.state.signers)


def _decide(
    applier: MessageApplier,
    message: IncomingMessage,
    arrival: EnvelopeSnapshot,
    half_applied: str | None,
) -> tuple[Transaction, Decision | None, IncomingMessage]:
    """The change, the decision it writes, none where the events concern no document, and the
    message without what it says of persons whose data was erased from the document."""
    connection, head, events = arrival.connection, arrival.head, message.events
    now = applier.store.clock()
    if connection is None:
        raise RemovedConnectionError(f"the connection {message.connection} has been removed")
    subject = _subject(applier, connection, arrival, events)
    if subject.document is not None and subject.document.erased:
        message = without_erased(message, subject.document)
        events = message.events
    own_id = document_id(message.connection, events[0].envelope)
    idle = all(event.kind in WITHOUT_EFFECT and not _tells(event) for event in events)
    alone = not events[0].envelope or subject.nobody or (subject.document is None and idle)
    known = subject.document.id if subject.document else own_id
    marks = _processed(message, None if alone else known, now)
    if alone:
        return Transaction(events=marks), None, message
    if head is None:
        msg = f"the pipeline {connection.pipeline} of connection {connection.id} is not published"
        raise NotFoundError(msg)
    program = applier.store.programs.published(head)
    envelope = EnvelopeEvents(
        connection=connection,
        events=events,
        authenticity=message.authenticity,
        document_id=own_id,
        warning=subject.warning,
        half_applied=half_applied,
        aliases=subject.aliases,
    )
    decision = apply_events(program, subject.document, envelope, now)
    marks = marks[: len(events) - len(decision.deferred_events)]
    change = decision.change(marks, attach=subject.attach)
    return propagated(applier.store, change, decision, program), decision, message


def without_erased(message: IncomingMessage, document: Document) -> IncomingMessage:
    """The message with pseudonyms for those whose data was erased from the document; as it came it
    is not kept. Keys of events change with it, as those of before have."""
    from countersign.engine.erasure import Eraser  # Nearly no document needs it.

    events = tuple(map(Eraser(document.erased).value, message.events))
    return message.model_copy(update={"events": each_once(events), "raw": None})


def _processed(
    message: IncomingMessage, document: str | None, now: datetime
) -> tuple[ProcessedEvent, ...]:
    """The message's events as they are kept, the first with the message as it came."""
    return tuple(
        ProcessedEvent(
            key=event.key,
            connection=message.connection,
            document=document,
            at=now,
            provider_event=event.provider_event,
            kind=event.kind,
            authenticity=message.authenticity,
            raw=message.raw if place == 0 else None,
        )
        for place, event in enumerate(message.events)
    )
