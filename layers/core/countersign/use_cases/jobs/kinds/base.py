"""What a kind of job is: its settings, and how one slice of it is worked on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from countersign.model.base import Model
from countersign.model.job import Job, JobRefusal
from countersign.model.person import Role
from countersign.ports import (
    AuditLog,
    Connections,
    FileStore,
    HeldMessages,
    Jobs,
    Pages,
    Pipelines,
    Statistics,
    Upgrades,
)
from countersign.use_cases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class JobServices:
    """What jobs work with."""

    store: Store
    pipelines: Pipelines
    pages: Pages
    files: FileStore
    jobs: Jobs
    connections: Connections
    held: HeldMessages
    statistics: Statistics
    upgrades: Upgrades
    audit: AuditLog
    time_is_up: Callable[[], bool] = field(default=lambda: False)
    """Whether the slice must end here; the job goes on with the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStep:
    """What one slice came to."""

    place: str | None
    """Where the job goes on; None where it is finished."""
    part: tuple[str, ...] | None = None
    """A part of what the job works on, to be kept with it."""
    matched: int = 0
    """How many more things there are to work on."""
    done: int = 0
    refusals: tuple[JobRefusal, ...] = ()
    delay: int = 0
    """Seconds that the next slice is to wait; 900 at most."""


class JobKind(Model):
    """Base of the kinds: one subclass in a module of the kind's name.

    Its attributes are the kind's own settings, ``kind: Literal["<kind>"]`` first.
    """

    role: ClassVar[Role] = "operator"
    """Who may start one over the API, and abort it."""
    private: ClassVar[bool] = False
    """Whether its settings name a person: they are removed when the job ends."""

    def excludes(self, other: JobKind) -> bool:
        """Whether it is not to be started while another job of its kind goes on."""
        return False

    def record_end(self, audit: AuditLog, job: Job) -> None:
        """Record that it has ended, where it was recorded that somebody asked for it."""

    def step(self, services: JobServices, job: Job) -> JobStep:
        """Work on one slice, from the job's place: some seconds at most.

        A slice may be worked on again, where its end could not be written, and by two at once:
        what it does to one thing must do nothing the second time. A thing that takes no change is
        a refusal of the step. PermanentError where the whole job cannot go on; TransientError to
        have the slice worked on again later.
        """
        raise NotImplementedError
