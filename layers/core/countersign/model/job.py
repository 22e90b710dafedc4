"""A job: work on many things that a person starts, and that goes on by itself in slices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from countersign.model.base import Instant, Model

JobState = Literal["waiting", "running", "done", "aborted", "failed"]
"""``waiting``: nothing of it has been done; ``running``: part of it has been done; the rest are its
ends, ``failed`` where it could not go on. What it could not do to one thing does not fail it."""

OPEN_JOBS: frozenset[str] = frozenset({"waiting", "running"})
MAX_REFUSALS = 10
"""How many refusals are kept with their reasons; the others are counted."""
MAX_REASON = 500
"""Characters of a reason."""


class JobRefusal(Model):
    """One of the things that a job could not do, and why."""

    item: str
    reason: str


class Job(Model):
    """What is to be done, for whom, and how far it is."""

    id: str
    kind: str
    """A module of ``use_cases/jobs/kinds``."""
    arguments: str
    """The kind's own settings, as JSON; empty for a ``private`` one that has ended."""
    private: bool = False
    """Whether the settings say whom it is about: they are kept no longer than it goes on."""
    by: str
    """Who started it; what it does counts as done by that user."""
    state: JobState = "waiting"
    matched: int = 0
    """How many things it has found to work on."""
    done: int = 0
    refused: int = 0
    refusals: tuple[JobRefusal, ...] = ()
    """The first of those that were refused."""
    place: str | None = None
    """Where it goes on, as its kind understands it; None at the start."""
    parts: int = 0
    """How many parts of what it works on are kept with it."""
    version: int = 1
    """Grows with each write; a message of an older version is void."""
    delay: int = 0
    """Seconds that its next slice is to wait; none nearly always."""
    swept: int = 0
    """How often a sweep has handed it to its lane since it last came forward."""
    reason: str | None = None
    """Why it has failed, or who aborted it."""
    created_at: Instant
    updated_at: Instant
    ended_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.state in OPEN_JOBS

    def ended(
        self, state: Literal["done", "aborted", "failed"], reason: str | None, *, at: datetime
    ) -> "Job":
        """Its next version, in which it has ended."""
        update = {
            "state": state,
            "reason": reason,
            "arguments": "" if self.private else self.arguments,
            "delay": 0,
            "version": self.version + 1,
            "updated_at": at,
            "ended_at": at,
        }
        return self.model_copy(update=update)

    @property
    def left(self) -> int:
        """How many of the things that it has found are still to do."""
        return max(0, self.matched - self.done - self.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """How a delivery ended, for the log."""

    result: Literal["void", "went_on", "done", "failed", "aborted"]
    job: str
    kind: str | None = None
    reason: str | None = None
