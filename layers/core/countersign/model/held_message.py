"""A message that came while its pipeline was paused, kept to be applied on resume."""

from __future__ import annotations

from countersign.model.base import Instant, Model
from countersign.model.mail_event import MailFeedback
from countersign.model.signing_event import Grade, SigningEvent


class Postponed(Model):
    """What one message told: signing events of one envelope, or a report on a mail."""

    pipeline: str
    connection: str
    received_at: Instant
    grade: Grade
    events: tuple[SigningEvent, ...] = ()
    """Of one envelope, verified and parsed; at least one, unless there is ``feedback``."""
    feedback: MailFeedback | None = None
    """What the mail service reported; ``connection`` is ``MAIL_SERVICE`` then."""
    raw: str | None = None
    """The message as it came, redacted."""


class SetAside(Model):
    """A postponed message that could not be applied, kept apart so that the others go on."""

    message: Postponed
    reason: str
    """Why it could not be applied."""
    at: Instant
    """When that was found."""
