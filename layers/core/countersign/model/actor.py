"""Who does something to a document, and what brings it about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ActorKind = Literal["user", "provider", "rule", "system"]
SignIn = Literal["iam", "cognito", "program", "local"]
"""How somebody proved who he is: AWS credentials, the user pool, a program's client; ``local`` is
whoever says so, which only the stack of ``make run`` believes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a part of the system that changes a document."""

    kind: ActorKind
    name: str
    """A user's name, a provider's, a rule's id; of the system which part: ``timer``. Timelines say
    it; of AWS credentials it is ``iam:<arn>``."""
    as_operator: bool = False
    """Whether a user acts on what belongs to others; the timeline says so."""
    id: str | None = None
    """Who it is for the audit log; None of who does not sign in."""
    roles: tuple[str, ...] = ()
    """What a person or a program that signed in may do."""
    signed_in_by: SignIn | None = None

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

    @property
    def user(self) -> str | None:
        """The user who can be responsible for documents; None of credentials and programs."""
        return self.name if self.kind == "user" and self.signed_in_by not in _NO_USERS else None


_NO_USERS = ("iam", "program")


def user(name: str, *, as_operator: bool = False) -> Actor:
    """The person of that name."""
    return Actor(kind="user", name=name, as_operator=as_operator)


def local_user(name: str) -> Actor:
    """Whoever says to be that user on the stack of ``make run``."""
    return Actor(kind="user", name=name, id=f"local:{name}", signed_in_by="local")


def iam_identity(arn: str) -> Actor:
    """Whoever holds AWS credentials of this identity."""
    name = f"iam:{arn}"
    return Actor(kind="user", name=name, id=name, signed_in_by="iam")


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
