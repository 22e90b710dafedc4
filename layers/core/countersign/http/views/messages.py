"""Messages that need somebody, as the API has them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from countersign.http.views.base import Body, Id, View
from countersign.http.views.message import Message
from countersign.model.dead_letter import DeadLetterQueue
from countersign.model.incoming_message import SetAsideMessage
from countersign.use_cases.messages.dead_letters import Cure, DeadLetterFinding
from countersign.use_cases.messages.held_messages import HeldMessageRetry
from countersign.use_cases.messages.rejected_requests import RejectedRequestRetry
from countersign.use_cases.queries.operations.rejected import RejectedDetails


class DeadLetterView(View):
    """A message that was given up."""

    id: str
    """What its queue calls it."""
    queue: DeadLetterQueue
    sent_at: datetime
    about: str
    """What it asked for: a run, a connection's webhook."""
    reason: str
    """What has become of that since, and why it was given up."""
    action: Cure
    """What redriving does with it."""


class QueueBody(Body):
    """Which queue is meant; all of them for null."""

    queue: DeadLetterQueue | None = None


class HeldMessageView(View):
    """A message of a pause that could not be applied and was set aside."""

    id: str
    """What tells it from the others of its pipeline."""
    received_at: datetime
    pipeline: str
    connection: str
    envelope: str | None
    """None for a report on a mail."""
    reason: str
    at: datetime
    """When it was set aside."""


class HeldMessageRetryView(View):
    """What became of a message that was set aside."""

    id: str
    received_at: datetime
    pipeline: str
    connection: str
    reason: str | None
    """Why it still cannot be applied; null where it was."""


class PipelineBody(Body):
    """Which pipeline is meant."""

    pipeline: Id


class DroppedView(View):
    """How many messages were dropped."""

    dropped: int


class RejectedRequestRow(View):
    """A genuine webhook that could not be read."""

    id: str
    received_at: datetime
    connection: str
    provider: str
    status: int
    """How it was answered."""
    reason: Message


class RejectedRequestView(RejectedRequestRow):
    """The same, as it came, without secrets."""

    method: str
    slot: str | None
    """The part of the address behind the connection; null for most."""
    query: tuple[str, ...]
    """The names of the address's parameters."""
    size: int
    """Bytes of the body, as it came."""

    authenticity: Literal["signed", "shared_secret", "none"]
    headers: dict[str, str]
    body: str


class RejectedRetryView(View):
    """What became of a webhook that was taken again."""

    id: str
    outcome: str
    """``rejected`` where it is still kept."""
    documents: tuple[str, ...]
    reason: Message | None


def dead_letter_view(finding: DeadLetterFinding) -> DeadLetterView:
    """The dead letter as the API has it."""
    letter = finding.letter
    more = f" ({letter.reason})" if letter.reason and letter.reason != finding.text else ""
    return DeadLetterView(
        id=letter.id,
        queue=letter.queue,
        sent_at=letter.sent_at,
        about=finding.about,
        reason=f"{finding.text}{more}",
        action=finding.cure,
    )


def rejected_view(details: RejectedDetails) -> RejectedRequestView:
    """The rejected webhook as the API has it."""
    row = RejectedRequestRow.model_validate(details.kept)
    request = details.verified.request()
    return RejectedRequestView(
        **row.model_dump(),
        method=request.method,
        slot=request.slot,
        query=tuple(request.query),
        size=len(request.body),
        authenticity=details.verified.authenticity,
        headers=dict(request.headers),
        body=details.body,
    )


def rejected_retry_view(done: RejectedRequestRetry) -> RejectedRetryView:
    """What became of a rejected webhook, as the API has it."""
    received = done.received
    return RejectedRetryView(
        id=done.id,
        outcome="rejected" if received is None else received.outcome,
        documents=() if received is None else received.documents,
        reason=done.reason,
    )


def held_message_retry_view(tried: HeldMessageRetry) -> HeldMessageRetryView:
    """What became of a message that was set aside, as the API has it."""
    message = tried.message
    return HeldMessageRetryView(
        id=message.digest,
        received_at=message.received_at,
        pipeline=message.pipeline,
        connection=message.connection,
        reason=tried.reason,
    )


def held_message_view(held_message: SetAsideMessage) -> HeldMessageView:
    """A message that was set aside, as the API has it."""
    message = held_message.message
    return HeldMessageView(
        id=message.digest,
        received_at=message.received_at,
        pipeline=message.pipeline,
        connection=message.connection,
        envelope=message.events[0].envelope if message.events else None,
        reason=held_message.reason,
        at=held_message.at,
    )
