"""A message that was verified and is to be applied, at once or when its pipeline is resumed."""

import hashlib

from countersign.model.base import Instant, Model
from countersign.model.mail_event import MailEvent
from countersign.model.signing_event import Authenticity, SigningEvent


class IncomingMessage(Model):
    """What one message reported: signing events of one envelope, or a report on a mail."""

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

    @property
    def digest(self) -> str:
        """What tells it from the others of its pipeline; the same message again has the same."""
        keys = [self.feedback.key] if self.feedback else [event.key for event in self.events]
        meaning = "\0".join((self.connection, *keys))
        return hashlib.sha256(meaning.encode()).hexdigest()[:32]

    def with_events(self, events: tuple[SigningEvent, ...]) -> "IncomingMessage":
        """The message with some of its events; as it came it stays with the first of them."""
        raw = self.raw if events and events[0] == self.events[0] else None
        return self.model_copy(update={"events": events, "raw": raw})


class SetAsideMessage(Model):
    """A postponed message that could not be applied, kept apart so that the others go on."""

    message: IncomingMessage
    reason: str
    """Why it could not be applied."""
    at: Instant
    """When that was found."""
