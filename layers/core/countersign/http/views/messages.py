"""Messages that need somebody, as the API has them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from countersign.http.views.base import Body, Id, View
from countersign.model.dead_letter import DeadLetterQueue
from countersign.use_cases.messages.dead_letters import Cure, DeadLetterFinding


class DeadLetterView(View):
    """A message that was given up."""

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
    reason: str


class RejectedRequestView(RejectedRequestRow):
    """The same, as it came, without secrets."""

    authenticity: Literal["signed", "shared_secret", "none"]
    headers: dict[str, str]
    body: str


class RejectedRetryView(View):
    """What became of a webhook that was taken again."""

    id: str
    outcome: str
    """``rejected`` where it is still kept."""
    documents: tuple[str, ...]
    reason: str | None


def dead_letter_view(found: DeadLetterFinding) -> DeadLetterView:
    """The dead letter as the API has it."""
    letter = found.letter
    more = f" ({letter.reason})" if letter.reason and letter.reason != found.text else ""
    return DeadLetterView(
        queue=letter.queue,
        sent_at=letter.sent_at,
        about=found.about,
        reason=f"{found.text}{more}",
        action=found.cure,
    )
