"""A message that was given up, where it rests, and what it asked for."""

from typing import Literal

from countersign.model.base import Instant, Model
from countersign.model.mail_event import MailEvent
from countersign.model.message import JobMessage, RunMessage

DeadLetterQueue = Literal[
    "parked", "dispatch", "statistics", "schedule", "email", "web", "document", "feedback"
]
"""``parked``: webhooks; ``dispatch``: changes of the state that reached no lane; ``statistics``:
changes that were not counted; ``schedule``: schedules that could not reach theirs; ``email``,
``web``, ``document``: runs and jobs that a lane gave up; ``feedback``: reports on mails."""


class LostChanges(Model):
    """Changes of the state that the stream could not hand over; the runs in them are not named."""

    number: int
    since: Instant | None = None
    """When the first of them was written."""


class DeadLetter(Model):
    """One message in a dead-letter queue; at most one of the things it asks for is there."""

    queue: DeadLetterQueue
    id: str
    receipt: str
    """What the queue needs to remove it; valid while the message is held."""
    sent_at: Instant
    body: str
    run: RunMessage | None = None
    job: JobMessage | None = None
    webhook: str | None = None
    """The connection whose webhook it is."""
    feedback: MailEvent | None = None
    changes: LostChanges | None = None
    reason: str | None = None
    """Why it was given up, where the service said so; why it cannot be read, where it can't."""
