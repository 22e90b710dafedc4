"""Receiving a webhook: verify, parse, decide, commit, answer; nothing verified is ever lost."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from countersign.engine.room import EVENTS_AT_ONCE
from countersign.errors import (
    CountersignError,
    NotFoundError,
    TooLargeError,
    logged,
)
from countersign.model.base import Instant, Model
from countersign.model.connection import Secrets
from countersign.model.signing_event import Grade, SigningEvent
from countersign.ports import ParkedRequests
from countersign.providers import provider
from countersign.providers.base import (
    Answer,
    MalformedError,
    Provider,
    Request,
    UnauthorizedError,
)
from countersign.use_cases.apply import (
    Applier,
    Became,
    RemovedConnectionError,
    apply_to_envelope,
    each_once,
)

REFUSED = Answer(status=401, body="unauthorized")
"""One answer for a bad signature and for an address that does not exist."""

Outcome = (
    Became
    | Literal[
        "parked",
        "handshake",
        "test",
        "refused",
        "malformed",
        "too_large",
        "given_up",
        "unsupported",
        "unavailable",
    ]
)
"""What became of a request."""


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
    events = sender.read(verified.request(), secrets.options)
    return _commit(receiver, secrets, sender, verified.grade, verified.request(), events)


def take_parked(receiver: Receiver, connection: str, parked: str) -> Received:
    """``take_again``; what can never be committed goes to the dead letters at once, with why."""
    try:
        return take_again(receiver, parked)
    except TooLargeError as error:
        receiver.parked.give_up(connection, parked, logged(error))
        given_up = Answer(status=413)
        return Received(
            answer=given_up, outcome="given_up", connection=connection, because=logged(error)
        )


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
        events = sender.read(request, secrets.options)
    except MalformedError as error:
        return told(Answer(status=400), "malformed", str(error))
    try:
        return _commit(receiver, secrets, sender, grade, request, events)
    except RemovedConnectionError as error:
        # Its secrets are gone too; this process has known them for less than a minute.
        return told(REFUSED, "refused", str(error))
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
    for part in _parts(real):
        document, became = apply_to_envelope(
            receiver, secrets, grade, part, raw, received_at=request.received_at
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


def _parts(events: Sequence[SigningEvent]) -> Iterator[Sequence[SigningEvent]]:
    """The events of each envelope in turn, each once, as many as fit into a transaction."""
    for envelope in dict.fromkeys(event.envelope for event in events):
        mine = each_once(event for event in events if event.envelope == envelope)
        for start in range(0, len(mine), EVENTS_AT_ONCE):
            yield mine[start : start + EVENTS_AT_ONCE]
