"""Who does something to a document, and what brings it about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ActorKind = Literal["user", "provider", "rule", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a part of the system that changes a document."""

    kind: ActorKind
    name: str
    """A user's name, a provider's, a rule's id; of the system which part: ``timer``."""
    as_operator: bool = False
    """Whether a user acts on what belongs to others; the timeline says so."""

    def __str__(self) -> str:
        """As timelines have it: a user or a part of the system by name, others with their kind."""
        return f"{self.kind}:{self.name}" if self.kind in ("provider", "rule") else self.name

    @property
    def brings_news(self) -> bool:
        """Whether it is something new, so that automatic moves are counted from here.

        What rules, timers and our own mails bring about is nothing new: a mail that is opened by
        itself must not keep a circle going.
        """
        return self.kind in ("user", "provider")


def user(name: str, *, as_operator: bool = False) -> Actor:
    """The person of that name."""
    return Actor(kind="user", name=name, as_operator=as_operator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What brings a change about: who, when, and because of what."""

    by: Actor
    at: datetime
    """In UTC."""
    cause: str | None = None
    """The chain of causes, newest last; None of a provider's message, whose events say it."""


def done_by(actor: Actor, at: datetime) -> Origin:
    """What somebody does unasked."""
    return Origin(by=actor, at=at, cause=str(actor))
