"""What a lane does to the outside, in two steps: worked out, then had, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from countersign.model.run import RunMail
from countersign.rules.base import Reply, RuleContext, RuleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectResult:
    """What an effect left behind."""

    result: Mapping[str, str] = field(default_factory=dict)
    """For the run, for example ``{"message_id": …}``."""
    reply: Reply | None = None
    """What the outside's answer means for the document."""
    reason: str | None = None
    """Why there was nothing to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedEffect:
    """An effect that is worked out: nothing has left yet."""

    execute: Callable[[], EffectResult]
    """Executes it, once; PermanentError, TransientError, or InDoubtError when no answer came."""
    repeatable: bool = False
    """Whether it is safe to retry, since the receiver knows the repetition."""
    partial_result: Callable[[], Mapping[str, str]] = dict
    """For the run, also where ``execute`` then fails: what an effect of several calls has had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralMails:
    """An effect of several mails, each handed over on its own: nothing has left yet."""

    mails: tuple[RunMail, ...]
    """Who they go to, and what became of those that are not ``open``: some may be sent already,
    and some cannot be made."""
    hand_over: Callable[[int], Mapping[str, str]]
    """Hands over the mail at that place, once; what it leaves, for example ``{"message_id": …}``.
    PermanentError, TransientError, or InDoubtError when no answer came."""


class Effect(Protocol):
    """What a lane does to the outside, in two steps: nothing leaves before the claim."""

    def prepare(self, kind: RuleKind, context: RuleContext) -> PreparedEffect | SeveralMails:
        """Work out the effect; PermanentError where it can never be had, TransientError where
        what it needs may be had later, NothingToDoError where there is nobody it is for."""
        ...
