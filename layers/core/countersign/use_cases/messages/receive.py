"""Receiving a webhook: verify, parse, decide, commit, answer; nothing verified is ever lost."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from countersign.engine.transaction_limits import EVENTS_AT_ONCE
from countersign.errors import (
    CountersignError,
    NotFoundError,
    PermanentError,
    TooLargeError,
    logged,
)
from countersign.model.connection import ConnectionCredentials
from countersign.model.incoming_message import IncomingMessage
from countersign.model.rejected_request import RejectedRequest, digest_of
from countersign.model.signing_event import Authenticity, SigningEvent
from countersign.ports import Addresses, CredentialStore, RejectedRequests, RetryQueue
from countersign.providers import provider as load_provider
from countersign.providers.base import Answer, MalformedError, Provider, Request, UnauthorizedError
from countersign.use_cases.messages.apply_message import (
    Became,
    MessageApplier,
    RemovedConnectionError,
    apply_to_envelope,
    each_once,
)
from countersign.use_cases.messages.verified_request import VerifiedRequest, without_credentials

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


MAX_TRIES = 10
"""How often the retry queue delivers a request: its ``maxReceiveCount`` in template.yaml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookResult:
    """How a request ended: the answer, and what goes to the log and the metrics."""

    answer: Answer
    outcome: Outcome
    connection: str | None = None
    provider: str | None = None
    reason: str | None = None
    events: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    genuine: bool = False
    """Whether the message had proved its sender and was rejected all the same."""
    rejected: str | None = None
    """The id under which such a message is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver(MessageApplier):
    """What receiving needs besides."""

    secrets: CredentialStore
    addresses: Addresses
    parked: RetryQueue
    rejected: RejectedRequests
    max_body: int
    """Bytes; longer bodies are refused with 413, from any sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatedRequest:
    """What a request has proved, and by which secrets."""

    secrets: ConnectionCredentials
    provider: Provider
    authenticity: Authenticity


class RejectedError(PermanentError):
    """A genuine message that cannot be taken; the text says why, for log and operator."""

    def __init__(self, text: str, status: int, outcome: Outcome) -> None:
        super().__init__(text)
        self.status = status
        self.outcome: Outcome = outcome


def receive(receiver: Receiver, address: str, request: Request) -> WebhookResult:
    """Answer one webhook call.

    ``address`` is the last part of the connection's address, ``<connection>.<token>``.
    """
    if len(request.body) > receiver.max_body:
        return _too_large(receiver, address, request)
    try:
        secrets = _secrets_of(receiver, address)
    except UnauthorizedError as error:
        connection = address.partition(".")[0][:64]
        return WebhookResult(
            answer=REFUSED, outcome="refused", connection=connection, reason=str(error)
        )
    except CountersignError as error:
        return _unavailable(error)
    try:
        admitted = _admitted(receiver, secrets, address, request)
    except UnauthorizedError as error:
        return _of(secrets, REFUSED, "refused", str(error))
    except CountersignError as error:
        return _unavailable(error)
    if isinstance(admitted, Answer):
        return _of(secrets, admitted, "handshake")
    return _take(receiver, admitted, request)


def take_again(receiver: Receiver, parked: str) -> WebhookResult:
    """Take a request that was verified and kept; raises what keeps it from being committed.

    RejectedError for one that would be rejected today as well.
    """
    verified = VerifiedRequest.model_validate_json(parked)
    secrets = receiver.secrets.get(verified.connection)
    if secrets is None:
        msg = f"the connection {verified.connection} does not exist any more"
        raise NotFoundError(msg)
    provider = load_provider(secrets.provider)
    events = _events(provider, secrets, verified.request())
    admitted = AuthenticatedRequest(
        secrets=secrets, provider=provider, authenticity=verified.authenticity
    )
    return _commit(receiver, admitted, verified.request(), events)


def take_parked(receiver: Receiver, connection: str, parked: str, tries: int) -> WebhookResult:
    """``take_again``; with the last of its tries what cannot be committed goes to the dead letters
    with the reason, what is too large to be written with the first.

    Until then a connection or a pipeline that is gone may come back. ``tries`` is how often the
    request was delivered, this time included.
    """
    try:
        return take_again(receiver, parked)
    except PermanentError as error:
        if tries < MAX_TRIES and not isinstance(error, TooLargeError):
            raise
        receiver.parked.give_up(connection, parked, logged(error))
        given_up = Answer(status=413 if isinstance(error, TooLargeError) else 422)
        return WebhookResult(
            answer=given_up, outcome="given_up", connection=connection, reason=logged(error)
        )


def _of(
    secrets: ConnectionCredentials, answer: Answer, outcome: Outcome, reason: str | None = None
) -> WebhookResult:
    return WebhookResult(
        answer=answer,
        outcome=outcome,
        connection=secrets.connection,
        provider=secrets.provider,
        reason=reason,
    )


def _unavailable(error: CountersignError) -> WebhookResult:
    """Nobody can be let in; what is wrong at our end may be right before he comes again."""
    return WebhookResult(answer=Answer(status=503), outcome="unavailable", reason=str(error))


def _secrets_of(receiver: Receiver, address: str) -> ConnectionCredentials:
    """The secrets of the connection whose address this is; nothing is read for an invented one."""
    connection, _, token = address.partition(".")
    if not receiver.addresses.proves(connection, token):
        msg = f"the address of {connection[:64]} is not one that this deployment made"
        raise UnauthorizedError(msg)
    secrets = receiver.secrets.get(connection)
    if secrets is None:
        msg = f"no connection {connection}"
        raise UnauthorizedError(msg)
    return secrets


def _admitted(
    receiver: Receiver, secrets: ConnectionCredentials, address: str, request: Request
) -> AuthenticatedRequest | Answer:
    """What a message proves, or the answer to a handshake; UnauthorizedError for anything else.

    Nobody is refused by secrets that are older than a second.
    """
    token = address.partition(".")[2]
    try:
        return _judged(secrets, token, request)
    except UnauthorizedError:
        newer = receiver.secrets.refresh(secrets.connection)
        if newer is None or newer == secrets:
            raise
        return _judged(newer, token, request)


def _judged(
    secrets: ConnectionCredentials, token: str, request: Request
) -> AuthenticatedRequest | Answer:
    given = token.encode("utf-8", "surrogatepass")
    matches = [
        hmac.compare_digest(given, own_token.encode()) for own_token in secrets.tokens if own_token
    ]
    if not any(matches):
        msg = f"the address of connection {secrets.connection} is retired: it has another token"
        raise UnauthorizedError(msg)
    provider = load_provider(secrets.provider)
    if request.method in provider.methods:
        authenticity = provider.verify(request, secrets, request.received_at)
        return AuthenticatedRequest(secrets=secrets, provider=provider, authenticity=authenticity)
    answer = provider.handshake(request, secrets)
    if answer is None:
        msg = f"{provider.title} has no handshake by {request.method}"
        raise UnauthorizedError(msg)
    return answer


def _take(receiver: Receiver, admitted: AuthenticatedRequest, request: Request) -> WebhookResult:
    secrets, provider, authenticity = admitted.secrets, admitted.provider, admitted.authenticity
    try:
        events = _events(provider, secrets, request)
        return _commit(receiver, admitted, request, events)
    except RemovedConnectionError as error:
        # Its secrets are gone too; this process has known them for less than a minute.
        return _of(secrets, REFUSED, "refused", str(error))
    except RejectedError as error:
        return _rejected(receiver, admitted, request, error)
    except Exception as error:
        # Whatever it is, a fault of ours included: a verified message is not lost for it.
        verified = VerifiedRequest.of(secrets.connection, authenticity, request)
        try:
            receiver.parked.park(secrets.connection, verified.model_dump_json())
        except CountersignError as parking:
            reason = f"{logged(error)}; and it could not be parked: {parking}"
            return _of(secrets, Answer(status=503), "unavailable", reason)
        return _of(secrets, provider.answer(request, secrets), "parked", logged(error))


def _events(
    provider: Provider, secrets: ConnectionCredentials, request: Request
) -> tuple[SigningEvent, ...]:
    """What a verified message tells; RejectedError where it cannot be read."""
    if provider.content_types and request.content_type not in provider.content_types:
        reason = (
            f'content type "{request.content_type}"; {provider.title} sends '
            f"{' or '.join(sorted(provider.content_types))}"
        )
        raise RejectedError(reason, 415, "unsupported")
    try:
        return provider.read(request, secrets.options)
    except MalformedError as error:
        raise RejectedError(str(error), 400, "malformed") from error


def _too_large(receiver: Receiver, address: str, request: Request) -> WebhookResult:
    """413, from any sender; what proves its sender is kept."""
    reason = f"{len(request.body):,} bytes; at most {receiver.max_body:,} are accepted"
    received = WebhookResult(answer=Answer(status=413), outcome="too_large", reason=reason)
    try:
        secrets = _secrets_of(receiver, address)
        admitted = _admitted(receiver, secrets, address, request)
    except CountersignError:
        return received
    if isinstance(admitted, Answer):
        return received
    return _rejected(receiver, admitted, request, RejectedError(reason, 413, "too_large"))


def _rejected(
    receiver: Receiver, admitted: AuthenticatedRequest, request: Request, error: RejectedError
) -> WebhookResult:
    """The answer that says so, once the message is kept, so that it can be taken after a fix."""
    answer = Answer(status=error.status)
    received = replace(_of(admitted.secrets, answer, error.outcome, str(error)), genuine=True)
    try:
        rejected = _kept(admitted, request, error)
        receiver.rejected.keep(rejected)
    except Exception as keeping:
        reason = f"{error}; and it could not be kept: {logged(keeping)}"
        return replace(received, reason=reason)
    return replace(received, rejected=rejected.id)


def _kept(
    admitted: AuthenticatedRequest, request: Request, error: RejectedError
) -> RejectedRequest:
    secrets = admitted.secrets
    verified = VerifiedRequest.of(secrets.connection, admitted.authenticity, request)
    return RejectedRequest(
        connection=secrets.connection,
        provider=secrets.provider,
        received_at=request.received_at,
        status=error.status,
        reason=str(error),
        digest=digest_of(request.slot, request.query, request.body),
        request=without_credentials(verified, secrets).model_dump_json(),
    )


def _commit(
    receiver: Receiver,
    admitted: AuthenticatedRequest,
    request: Request,
    events: Sequence[SigningEvent],
) -> WebhookResult:
    secrets, provider = admitted.secrets, admitted.provider
    real = [event for event in events if event.kind != "webhook.test"]
    raw = provider.redact(request) if real else None
    documents, outcomes = [], []
    for part in _parts(real):
        message = IncomingMessage(
            pipeline=secrets.pipeline,
            connection=secrets.connection,
            received_at=request.received_at,
            authenticity=admitted.authenticity,
            events=tuple(part),
            raw=raw,
        )
        document, became = apply_to_envelope(receiver, message)
        raw = None
        outcomes.append(became)
        documents.append(document)
    # The most telling one: a message of several envelopes is rare.
    order: tuple[Outcome, ...] = ("applied", "postponed", "unmatched", "duplicate")
    outcome: Outcome = next((candidate for candidate in order if candidate in outcomes), "test")
    answer = provider.answer_unmatched if outcome == "unmatched" else provider.answer
    return WebhookResult(
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
