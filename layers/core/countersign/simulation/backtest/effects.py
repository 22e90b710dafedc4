"""What happens to a document or because of it: the things that a back-test compares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from countersign.model.base import Instant, Model
from countersign.model.log import LogEntry
from countersign.model.task import Task

EffectKind = Literal["move", "mail", "task", "call", "event", "sms"]
"""``call``: of a web address, a chat or the signing provider."""


class Effect(Model):
    """One thing that happened."""

    kind: EffectKind
    at: Instant
    by: str
    """The rule's id; of a move ``trigger:<id>``, ``rule:<id>`` or a user."""
    stage: str
    """Where the rule is; of a move the stage that it led to."""
    to: tuple[str, ...] = ()
    """The recipients of a mail or text message, a task's assignee, the stage that a move left."""
    text: str = ""
    """A mail's subject, a task's title, the address that was called, an event's name."""

    def __str__(self) -> str:
        to = ", ".join(self.to)
        match self.kind:
            case "move":
                return f"moved from {to} to {self.stage} by {self.by}"
            case "mail":
                return f'mail "{self.text}" to {to} by the rule {self.by}'
            case "task":
                return f'task "{self.text}" for {to} by the rule {self.by}'
            case "sms":
                return f"text message to {to} by the rule {self.by}"
            case "event":
                return f"event {self.text} by the rule {self.by}"
            case "call":
                return f"{self.text} by the rule {self.by}"


def moves(timeline: Iterable[LogEntry]) -> Iterator[Effect]:
    """The moves of a document."""
    for entry in timeline:
        if entry.kind == "moved":
            yield Effect(
                kind="move",
                at=entry.at,
                by=entry.by,
                stage=entry.to_stage or "",
                to=(entry.from_stage or "",),
            )


def tasks(made: Iterable[Task]) -> Iterator[Effect]:
    """The tasks that were made for it."""
    for task in made:
        yield Effect(
            kind="task",
            at=task.created_at,
            by=task.rule,
            stage=task.stage,
            to=(task.assignee,),
            text=task.title,
        )
