"""Receiving a webhook: verify, parse, decide, commit, answer; nothing verified is ever lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from countersign.engine.decide import apply_events
from countersign.engine.facts import WITHOUT_EFFECT
from countersign.errors import (
    ConflictError,
    CountersignError,
    DuplicateError,
    NotFoundError,
    StaleRunError,
    logged,
)
from countersign.model.base import Instant, Model
from countersign.model.change import AppliedEvent, Change
from countersign.model.connection import Connection, Secrets
from countersign.model.document import Document
from countersign.model.postponed import Postponed
from countersign.model.signing_event import Grade, SigningEvent
from countersign.ports import Arrival, Documents, ParkedRequests, PostponedMessages, SecretStore
from countersign.providers import provider
from countersign.providers.base import (
    Answer,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.use_cases.programs import Programs
from countersign.use_cases.settle import settled

TRIES = 8
"""How often a conflicting decision is made anew before the request is parked."""

REFUSED = Answer(status=401, body="unauthorized")
"""One answer for a bad signature and for an address that does not exist."""

Outcome = Literal[
    "applied",
    "duplicate",
    "unheard",
    "postponed",
    "parked",
    "handshake",
    "test",
    "refused",
    "malformed",
    "too_large",
    "unsupported",
    "unavailable",
]
"""``unheard``: it names a document that does not exist, and is kept without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """How a request ended: the answer, and what the log and the metrics are told."""

    answer: Answer
    outcome: Outcome
    connection: str | None = None
    provider: str | None = None
    because: str | None = None
    events: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Applier:
    """What applying messages to documents needs from outside."""

    documents: Documents
    programs: Programs
    secrets: SecretStore
    postponed: PostponedMessages
    clock: Callable[[], datetime]
    pause: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, before a conflicting decision is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver(Applier):
    """What receiving needs besides."""

    parked: ParkedRequests
    max_body: int
    """Bytes; longer bodies are refused with 413 before anything else."""


class Verified(Model):
    """A request that has proved its sender, as it waits in the queue of parked requests."""

    connection: str
    grade: Grade
    method: str
    headers: dict[str, str]
    query: dict[str, str]
    body: str
    """Base64."""
    slot: str | None
    received_at: Instant

    @classmethod
    def of(cls, connection: str, grade: Grade, request: Request) -> Verified:
        """The request as it is kept."""
        return cls(
            connection=connection,
            grade=grade,
            method=request.method,
            headers=request.headers,
            query=request.query,
            body=base64.b64encode(request.body).decode(),
            slot=request.slot,
            received_at=request.received_at,
        )

    def request(self) -> Request:
        """The request as it came."""
        return Request(
            method=self.method,
            headers=self.headers,
            query=self.query,
            body=base64.b64decode(self.body),
            slot=self.slot,
            received_at=self.received_at,
        )


def receive(receiver: Receiver, address: str, request: Request) -> Received:
    """Answer one webhook call.

    ``address`` is the last part of the connection's address, ``<connection>.<token>``.
    """
    if len(request.body) > receiver.max_body:
        because = f"{len(request.body)} bytes; at most {receiver.max_body} are taken"
        return Received(answer=Answer(status=413), outcome="too_large", because=because)
    try:
        secrets = _secrets_of(receiver, address)
        sender = provider(secrets.provider)
        if request.method not in sender.methods:
            return _handshake(sender, request, secrets)
        grade = sender.verify(request, secrets, request.received_at)
    except UnauthorizedError as error:
        connection = address.partition(".")[0]
        return Received(
            answer=REFUSED, outcome="refused", connection=connection[:64], because=str(error)
        )
    except CountersignError as error:
        # Nobody can be let in; what is wrong at our end may be mended before he comes again.
        return Received(answer=Answer(status=503), outcome="unavailable", because=str(error))
    return _take(receiver, secrets, sender, grade, request)


def take_again(receiver: Receiver, parked: str) -> Received:
    """Take a request that was verified and parked; raises what keeps it from being committed."""
    verified = Verified.model_validate_json(parked)
    secrets = receiver.secrets.get(verified.connection)
    if secrets is None:
        msg = f"the connection {verified.connection} does not exist any more"
        raise NotFoundError(msg)
    sender = provider(secrets.provider)
    events = sender.parse(verified.request(), secrets.options)
    return _commit(receiver, secrets, sender, verified.grade, verified.request(), events)


def _secrets_of(receiver: Receiver, address: str) -> Secrets:
    connection, _, token = address.partition(".")
    secrets = receiver.secrets.get(connection)
    if secrets is None:
        msg = f"no connection {connection[:64]}"
        raise UnauthorizedError(msg)
    given = token.encode()
    matches = [hmac.compare_digest(given, one.encode()) for one in secrets.tokens if one]
    if not any(matches):
        msg = f"the address of connection {connection} does not carry its token"
        raise UnauthorizedError(msg)
    return secrets


def _handshake(sender: Provider, request: Request, secrets: Secrets) -> Received:
    answer = sender.handshake(request, secrets)
    if answer is None:
        msg = f"{sender.title} has no handshake by {request.method}"
        raise UnauthorizedError(msg)
    return Received(
        answer=answer,
        outcome="handshake",
        connection=secrets.connection,
        provider=secrets.provider,
    )


def _take(
    receiver: Receiver, secrets: Secrets, sender: Provider, grade: Grade, request: Request
) -> Received:
    def told(answer: Answer, outcome: Outcome, because: str) -> Received:
        return Received(
            answer=answer,
            outcome=outcome,
            connection=secrets.connection,
            provider=secrets.provider,
            because=because,
        )

    if sender.content_types and request.content_type not in sender.content_types:
        because = (
            f'content type "{request.content_type}"; {sender.title} sends '
            f"{' or '.join(sorted(sender.content_types))}"
        )
        return told(Answer(status=415), "unsupported", because)
    try:
        events = sender.parse(request, secrets.options)
    except MalformedError as error:
        return told(Answer(status=400), "malformed", str(error))
    try:
        return _commit(receiver, secrets, sender, grade, request, events)
    except Exception as error:
        # Whatever it is, a fault of ours included: a verified message is not lost for it.
        verified = Verified.of(secrets.connection, grade, request)
        try:
            receiver.parked.park(secrets.connection, verified.model_dump_json())
        except CountersignError as parking:
            because = f"{logged(error)}; and it could not be parked: {parking}"
            return told(Answer(status=503), "unavailable", because)
        return told(sender.answer(request, secrets), "parked", logged(error))


def _commit(
    receiver: Receiver,
    secrets: Secrets,
    sender: Provider,
    grade: Grade,
    request: Request,
    events: Sequence[SigningEvent],
) -> Received:
    real = [event for event in events if event.kind != "webhook.test"]
    raw = sender.redact(request) if real else None
    documents, outcomes = [], []
    for envelope in dict.fromkeys(event.envelope for event in real):
        mine = [event for event in real if event.envelope == envelope]
        document, became = apply_to_envelope(
            receiver, secrets, grade, mine, raw, received_at=request.received_at
        )
        raw = None
        outcomes.append(became)
        documents.append(document)
    # The most telling one: a message of several envelopes is rare.
    order: tuple[Outcome, ...] = ("applied", "postponed", "unheard", "duplicate")
    outcome: Outcome = next((one for one in order if one in outcomes), "test")
    answer = sender.answer_unheard if outcome == "unheard" else sender.answer
    return Received(
        answer=answer(request, secrets),
        outcome=outcome,
        connection=secrets.connection,
        provider=secrets.provider,
        events=tuple(event.kind for event in events),
        documents=tuple(documents),
    )


def document_id(connection: str, envelope: str) -> str:
    """The id of the document that a connection creates for an envelope: always the same."""
    digest = hashlib.sha256(f"{connection}\0{envelope}".encode()).digest()
    return "d-" + base64.b32encode(digest[:15]).decode().lower()


def apply_to_envelope(
    receiver: Applier,
    secrets: Secrets,
    grade: Grade,
    events: Sequence[SigningEvent],
    raw: str | None,
    *,
    received_at: datetime,
    even_if_paused: bool = False,
) -> tuple[str, Outcome]:
    """Apply the events of one envelope: the document's id, and what became of them.

    They are ``applied``, a ``duplicate`` (all of them applied before), ``unheard`` since they
    name a document that does not exist, or ``postponed`` since the pipeline is paused.
    ConflictError when the document never came to rest.
    """
    envelope = events[0].envelope
    own_id = document_id(secrets.connection, envelope)
    for attempt in range(TRIES):
        arrival = receiver.documents.read_arrival(
            secrets.connection, secrets.pipeline, envelope, own_id
        )
        if arrival.head is not None and arrival.head.paused and not even_if_paused:
            receiver.postponed.add(
                Postponed(
                    pipeline=arrival.head.pipeline,
                    connection=secrets.connection,
                    received_at=received_at,
                    grade=grade,
                    events=tuple(events),
                    raw=raw,
                )
            )
            return own_id, "postponed"
        now = receiver.clock()
        change = _decide(receiver, secrets, grade, arrival, events, raw, own_id, now)
        unheard = change.document is None and "document" in events[0].detail
        mine = change.document.id if change.document else own_id
        try:
            receiver.documents.commit(change)
        except DuplicateError as error:
            events = [event for event in events if event.key not in error.keys]
            if not events:
                return mine, "unheard" if unheard else "duplicate"
        except (ConflictError, StaleRunError):
            receiver.pause(attempt)
        else:
            return mine, "unheard" if unheard else "applied"
    msg = f"the document of envelope {envelope} changed {TRIES} times while it was decided on"
    raise ConflictError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """The document that a message is about."""

    document: Document | None
    """None where it must be made."""
    attach: str | None = None
    """The envelope that belongs to the document from now on, one that is made included: of two
    messages that settle at once which document is the envelope's, one decides anew."""
    warning: str | None = None
    """Why the document that the envelope names was not taken."""
    nobody: bool = False
    """The message is about a document that does not exist, and must not make one."""


def _subject(
    receiver: Applier, connection: Connection, arrival: Arrival, events: Sequence[SigningEvent]
) -> _Subject:
    """The envelope's document; for a new envelope, the one that its custom field names.

    A payment or a call is about the document it names and makes none. Only what names a document
    costs a read more.
    """
    direct = events[0].detail.get("document")
    if direct or events[0].kind == "payment.received":
        found = receiver.documents.get(direct) if direct else None
        ours = found is not None and found.pipeline == connection.pipeline
        return _Subject(document=found if ours else None, nobody=not ours)
    field = connection.document_field
    states = (event.state for event in events if event.state is not None)
    named = next((s.custom_fields[field] for s in states if s.custom_fields.get(field)), None)
    attach = f"{connection.id}#{events[0].envelope}"
    if arrival.document is not None:
        return _Subject(document=arrival.document)
    if named is None:
        return _Subject(document=None, attach=attach)
    envelope = events[0].envelope
    found = receiver.documents.get(named.strip())
    if found is not None and (found.connection, found.envelope) == (connection.id, envelope):
        return _Subject(document=found)  # attached since the arrival was read
    because = None
    if found is None:
        because = "which does not exist"
    elif found.pipeline != connection.pipeline:
        because = f"which belongs to the pipeline {found.pipeline}, not {connection.pipeline}"
    elif found.envelope is not None:
        because = f"which has the envelope {found.envelope} already"
    if because is not None:
        warning = f'the custom field "{field}" names the document {named[:80]}, {because}'
        warning = f"{warning}; this document was made instead"
        return _Subject(document=None, attach=attach, warning=warning)
    return _Subject(document=found, attach=attach)


def _decide(
    receiver: Applier,
    secrets: Secrets,
    grade: Grade,
    arrival: Arrival,
    events: Sequence[SigningEvent],
    raw: str | None,
    own_id: str,
    now: datetime,
) -> Change:
    connection, head = arrival.connection, arrival.head
    if connection is None:
        msg = f"connection {secrets.connection} has secrets but no entry in the table"
        raise NotFoundError(msg)
    subject = _subject(receiver, connection, arrival, events)
    idle = all(event.kind in WITHOUT_EFFECT for event in events)
    alone = not events[0].envelope or subject.nobody or (subject.document is None and idle)
    known = subject.document.id if subject.document else own_id
    home = None if alone else known
    marks = tuple(
        AppliedEvent(
            key=event.key,
            connection=connection.id,
            document=home,
            at=now,
            provider_event=event.provider_event,
            kind=event.kind,
            grade=grade,
            raw=raw if place == 0 else None,
        )
        for place, event in enumerate(events)
    )
    if alone:
        return Change(events=marks)
    if head is None:
        msg = f"the pipeline {connection.pipeline} of connection {connection.id} is not published"
        raise NotFoundError(msg)
    program = receiver.programs.get(head.pipeline, head.version)
    decision = apply_events(
        program,
        connection,
        subject.document,
        events,
        grade=grade,
        document_id=own_id,
        now=now,
        warning=subject.warning,
    )
    return settled(
        decision.change(marks, attach=subject.attach),
        decision,
        program,
        receiver.documents,
        receiver.programs.of(head.pipeline),
        now=now,
    )
