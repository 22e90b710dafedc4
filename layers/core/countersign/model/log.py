"""The timeline: what happened to a document, why, and why other things did not."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator

from countersign.model.base import Instant, Model
from countersign.model.condition import Verdict
from countersign.model.document import FieldValue

LogKind = Literal[
    "created",
    "attached",
    "event",
    "edited",
    "commented",
    "moved",
    "rules_stopped",
    "resolved",
    "run",
    "task",
    "file",
    "stopped",
    "warning",
    "erased",
]
"""``resolved``: a person resolved a run that had failed or was in doubt; ``run``: a person ran a
run now, shifted it or skipped it before it had begun; ``task``: a task was made, changed or
withdrawn; ``file``: a file was added or removed; ``stopped``: the chain of automatic
moves came to its limit; ``warning``: something of a message could not be taken over, or a mail
waits for the account's daily quota; ``erased``: the personal data of somebody was."""

FactOutcome = Literal["new", "derived", "known", "late", "no_effect"]
"""What an event did to what the document knows: ``known`` says nothing new, ``late`` is older
than what is known and cannot undo it, ``no_effect`` carries no fact about the document."""


class Skipped(Model):
    """A candidate that did not fire, and why."""

    trigger: str
    stage: str
    reason: str
    verdict: Verdict | None = None


class Firing(Model):
    """The trigger that fired."""

    trigger: str
    stage: str
    kind: str
    verdict: Verdict | None = None


class FieldChange(Model):
    """One field before and after."""

    field: str
    old: FieldValue = None
    new: FieldValue = None


def _today(kind: object) -> object:
    """The kind as it is called today; lines of before say ``repaired``."""
    return "resolved" if kind == "repaired" else kind


class LogEntry(Model):
    """One line of a document's timeline."""

    at: Instant
    kind: Annotated[LogKind, BeforeValidator(_today)]
    text: str = ""
    """What happened, as a sentence."""
    by: str = "system"
    """Who did it: a user, ``provider:<name>``, ``rule:<id>``, ``trigger:<id>`` or ``system``."""
    entry: int
    """The stage entry in which it happened."""
    event: str | None = None
    """Kind of the happening."""
    key: str | None = None
    occurred_at: Instant | None = None
    applied: FactOutcome | None = None
    signer: str | None = None
    """E-mail address or id of the acting signer."""
    reason: str | None = None
    from_stage: str | None = None
    to_stage: str | None = None
    pipeline_version: int | None = None
    fired: Firing | None = None
    passed: tuple[Skipped, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    cause: str | None = None
    """The chain of causes, newest last."""


MAX_ENTRY = 30_000
"""Bytes of a line, as JSON; what makes it longer is cut where decisions are made."""
HASH_SIZE = 70
"""Bytes that are kept beside each entry, for its hash (``model/log_hashes.py``)."""
MAX_PIECE = 300_000
"""Bytes of the lines that are kept in one place: an item of the table holds 400 KB."""


def json_size(value: Model) -> int:
    """How many bytes a value takes as JSON in UTF-8, without what is as it is assumed."""
    try:
        return len(value.model_dump_json(exclude_defaults=True).encode())
    except ValueError:  # half a letter, which no store takes
        return len(repr(value))


def kept_size(entry: LogEntry) -> int:
    """How many bytes an entry takes where it is kept, with its hash."""
    return json_size(entry) + HASH_SIZE


def pieces(log: Sequence[LogEntry]) -> tuple[tuple[LogEntry, ...], ...]:
    """The lines of one change in the parts in which they are kept, in order; one for nearly all."""
    if len(log) * MAX_ENTRY <= MAX_PIECE:
        return (tuple(log),) if log else ()
    parts: list[list[LogEntry]] = [[]]
    room = MAX_PIECE
    for entry in log:
        size = kept_size(entry)
        if size > room and parts[-1]:
            parts.append([])
            room = MAX_PIECE
        parts[-1].append(entry)
        room -= size
    return tuple(map(tuple, parts))
