"""What a run is for: a rule, the timer of a trigger, or something of the product's own.

A run's ``rule`` is the name of its purpose. Names are written and read here alone. Ids of rules and
triggers begin with a letter or a digit and have no dot, so that no two purposes share a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

KeptKind = Literal["signed_pdf", "audit_trail"]
"""What is fetched from signing providers and kept."""
KEPT_KINDS: tuple[KeptKind, ...] = get_args(KeptKind)

_TIMER = "trigger."
_TASK_MAIL = "_task-"
"""SES's tags take its letters."""
_TASK_MAIL_NAME = re.compile(rf"{_TASK_MAIL}(?P<version>\d+)-(?P<rule>.+)")
_KEEP_FILE = "_keep-"
_KEEP_FILE_NAME = re.compile(rf"{_KEEP_FILE}(?P<version>\d+)-(?P<kind>signed_pdf|audit_trail)")
_BACKLOG = "_backlog"
_BACKLOG_NAMES = frozenset({_BACKLOG, "settle.rest"})
"""The second one is what it was called before; runs that are stored under it are still read."""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """Performs a rule of the run's stage."""

    rule: str
    """The rule's id."""

    @property
    def name(self) -> str:
        return self.rule


@dataclass(frozen=True, slots=True)
class TimerRun:
    """Fires a trigger that waits for a time."""

    trigger: str
    """The trigger's id."""

    @property
    def name(self) -> str:
        return f"{_TIMER}{self.trigger}"


@dataclass(frozen=True, slots=True)
class BacklogRun:
    """Writes what did not fit into the transaction of a change. It is of no stage entry."""

    @property
    def name(self) -> str:
        return _BACKLOG


@dataclass(frozen=True, slots=True)
class TaskMailRun:
    """Mails the assignee of a task."""

    rule: str
    """The id of the rule that made the task."""
    version: int
    """The version of the task that gave it to the assignee: each assignment has a mail."""

    @property
    def name(self) -> str:
        return f"{_TASK_MAIL}{self.version}-{self.rule}"


@dataclass(frozen=True, slots=True)
class KeepFileRun:
    """Fetches a file that the signing provider has made of the envelope, and keeps it."""

    kind: KeptKind
    version: int
    """The version of the document that made the file ready: an envelope that was opened again and
    completed anew has another file."""

    @property
    def name(self) -> str:
        return f"{_KEEP_FILE}{self.version}-{self.kind}"


RunPurpose = RuleRun | TimerRun | BacklogRun | TaskMailRun | KeepFileRun


def purpose_of(name: str) -> RunPurpose:
    """The purpose of the run with this name."""
    if name.startswith(_TIMER):
        return TimerRun(name.removeprefix(_TIMER))
    if name in _BACKLOG_NAMES:
        return BacklogRun()
    if parts := _TASK_MAIL_NAME.fullmatch(name):
        return TaskMailRun(rule=parts["rule"], version=int(parts["version"]))
    if parts := _KEEP_FILE_NAME.fullmatch(name):
        kind: KeptKind = "signed_pdf" if parts["kind"] == "signed_pdf" else "audit_trail"
        return KeepFileRun(kind=kind, version=int(parts["version"]))
    return RuleRun(name)
