"""A message that came while its pipeline was paused, kept to be applied on resume."""

from __future__ import annotations

from countersign.model.base import Instant, Model
from countersign.model.signing_event import Grade, SigningEvent


class Postponed(Model):
    """The signing events that one message told of one envelope, verified and parsed."""

    pipeline: str
    connection: str
    received_at: Instant
    grade: Grade
    events: tuple[SigningEvent, ...]
    """At least one."""
    raw: str | None = None
    """The message as it came, redacted."""
