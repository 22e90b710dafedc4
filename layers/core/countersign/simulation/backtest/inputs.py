"""What came to a document from outside, read off what is stored of it, in order.

Everything else (moves by triggers, what rules did) follows from it and is not taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.mail_event import FeedbackKind
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.signing_event import Authenticity, SigningEvent
from countersign.model.stored_file import StoredFile
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent
from countersign.rules.base import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is stored of a document."""

    document: Document
    timeline: tuple[LogEntry, ...]
    """Oldest first."""
    events: tuple[ProcessedEvent, ...]
    """Oldest first."""
    runs: tuple[Run, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A person or a program made the document."""

    at: datetime
    by: str
    values: Mapping[str, Any]
    stage: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message about the envelope, a payment or a call was received from a provider."""

    at: datetime
    connection: str
    events: tuple[SigningEvent, ...]
    authenticity: Authenticity


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A person saved changes."""

    at: datetime
    by: str
    edit: Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a rule called answered with these values."""

    at: datetime
    rule: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskConcluded:
    """A person completed or withdrew the task that a rule had made."""

    at: datetime
    by: str
    rule: str
    state: Literal["done", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A person called the document by a code."""

    at: datetime
    by: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The mail service reported on a mail of a rule."""

    at: datetime
    rule: str
    kind: FeedbackKind
    recipients: tuple[str, ...]
    link: str | None = None
    automated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAdded:
    """A person added a file."""

    at: datetime
    file: StoredFile


Input = Made | Received | Saved | Answered | TaskConcluded | Called | Reported | FileAdded


@dataclass(frozen=True, slots=True)
class Inputs:
    """What came to a document."""

    steps: tuple[Input, ...]
    """In order."""
    notes: tuple[str, ...]
    """What of it is not known exactly, each as a sentence."""


@dataclass(slots=True)
class Notes:
    """Sentences on what is not known exactly, each counted."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Once more."""
        self.counts[text] = self.counts.get(text, 0) + 1

    def sentences(self) -> tuple[str, ...]:
        """Each with how often it was so, where that is more than once."""
        return tuple(
            text if number == 1 else f"{text} ({number} times)"
            for text, number in self.counts.items()
        )


def in_order(steps: Iterable[Input], timeline: Sequence[LogEntry]) -> tuple[Input, ...]:
    """The steps by time; those of one moment as the timeline has them."""

    def place(step: Input) -> tuple[datetime, int]:
        lines = (
            n for n, entry in enumerate(timeline) if entry.at == step.at and _tells(entry, step)
        )
        return step.at, next(lines, len(timeline))

    return tuple(sorted(steps, key=place))


def _tells(entry: LogEntry, step: Input) -> bool:
    """Whether the line may tell of the step, which is of its moment."""
    match step:
        case Received(events=events):
            return entry.key in {event.key for event in events}
        case Answered():
            return entry.by == f"rule:{step.rule}"
        case Reported():
            return entry.event is not None and entry.event.startswith("mail.")
        case FileAdded():
            return entry.kind == "file"
    return entry.by == step.by


def failed_calls(history: History) -> frozenset[str]:
    """The rules that called the outside and failed every time."""
    calling = [run for run in history.runs if run.lane == "web"]
    done = {run.rule for run in calling if run.state == "done"}
    return frozenset({run.rule for run in calling if run.state == "failed"} - done)


_NOT_PEOPLE = ("provider:", "rule:", "trigger:")
_CHANGES = frozenset({"edited", "moved", "rules_stopped"})


def by_people(history: History, published: Pipeline, notes: Notes) -> Iterator[Input]:
    """What people did to the document, and what was answered to its rules."""
    yield from _made(history)
    yield from _saves(history)
    yield from _answers(history)
    yield from _calls(history, published, notes)
    for task in history.tasks:
        if task.concluded_at is not None and task.concluded_by is not None:
            yield TaskConcluded(
                at=task.concluded_at,
                by=task.concluded_by,
                rule=task.rule,
                state="done" if task.state == "done" else "withdrawn",
            )
    for file in history.document.stored_files:
        if file.kind in ("contract", "invoice", "offer", "attachment"):
            yield FileAdded(at=file.added_at, file=file)


def _made(history: History) -> Iterator[Made]:
    for entry in history.timeline[:1]:
        if entry.kind == "created" and _is_person(entry):
            values = {change.field: change.new for change in entry.changes}
            yield Made(at=entry.at, by=entry.by, values=values, stage=entry.to_stage)


def _saves(history: History) -> Iterator[Saved]:
    """What was saved together stands on the timeline line by line, at one moment."""
    moments: dict[tuple[datetime, str], list[LogEntry]] = {}
    for entry in history.timeline:
        if entry.kind in _CHANGES and _is_person(entry):
            moments.setdefault((entry.at, entry.by), []).append(entry)
    for (at, by), entries in moments.items():
        values = {change.field: change.new for entry in entries for change in entry.changes}
        moved = [entry.to_stage for entry in entries if entry.kind == "moved"]
        if values or moved:
            yield Saved(at=at, by=by, edit=Edit(values=values, stage=moved[-1] if moved else None))
        if any(entry.kind == "rules_stopped" for entry in entries):
            yield Saved(at=at, by=by, edit=Edit(stop_rules=True))


def _answers(history: History) -> Iterator[Answered]:
    """Fields that calling rules wrote: what the outside answered is known from nothing else."""
    calling = {run.rule for run in history.runs if run.lane == "web"}
    for entry in history.timeline:
        rule = entry.by.removeprefix("rule:")
        if entry.kind == "edited" and entry.by != rule and rule in calling:
            values = {change.field: change.new for change in entry.changes}
            yield Answered(at=entry.at, rule=rule, values=values)


def _calls(history: History, published: Pipeline, notes: Notes) -> Iterator[Called]:
    for entry in history.timeline:
        if entry.event == "api.called":
            code = code_of(entry, published)
            if code is None:
                notes.add("the document was called by a code that fired nothing; it is not kept")
            else:
                yield Called(at=entry.at, by=entry.by, code=code)


def code_of(entry: LogEntry | None, published: Pipeline) -> str | None:
    """The code that a call had, as far as the trigger that it fired tells it."""
    if entry is None or entry.fired is None:
        return None
    for stage in published.stages:
        for trigger in stage.triggers:
            if trigger.id == entry.fired.trigger:
                code = trigger.settings.get("code")
                return code if isinstance(code, str) else None
    return None


def _is_person(entry: LogEntry) -> bool:
    return not entry.by.startswith(_NOT_PEOPLE)
