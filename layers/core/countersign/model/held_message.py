"""A message that came while its pipeline was paused, kept to be applied on resume."""

from __future__ import annotations

from countersign.model.base import Instant, Model
from countersign.model.mail_event import MailEvent
from countersign.model.signing_event import Authenticity, SigningEvent


class HeldMessage(Model):
    """What one message told: signing events of one envelope, or a report on a mail."""

    pipeline: str
    connection: str
    received_at: Instant
    authenticity: Authenticity
    events: tuple[SigningEvent, ...] = ()
    """Of one envelope, verified and parsed; at least one, unless there is ``feedback``."""
    feedback: MailEvent | None = None
    """What the mail service reported; ``connection`` is ``MAIL_SERVICE`` then."""
    raw: str | None = None
    """The message as it came, redacted."""


class SetAsideMessage(Model):
    """A postponed message that could not be applied, kept apart so that the others go on."""

    message: HeldMessage
    reason: str
    """Why it could not be applied."""
    at: Instant
    """When that was found."""
