"""A task: something that a person has to do for a document, asked for by a rule."""

from typing import Literal

from countersign.model.base import Instant, Model
from countersign.model.run import RunKey
from countersign.model.timing import Timing

TaskState = Literal["open", "done", "withdrawn"]


GROUP = "group:"
"""Stands before a group's name where a user may stand as well."""


class TaskKey(Model):
    """Where a task is found; the same as the key of the run that made it."""

    document: str
    id: str
    """``<entry>.<rule>``, unique within the document, as ``RunKey.part`` is within the entry."""

    def __str__(self) -> str:
        return f"{self.document}.{self.id}"

    @classmethod
    def of(cls, run: RunKey) -> "TaskKey":
        """The task that the run makes, if it makes one."""
        return cls(document=run.document, id=f"{run.entry}.{run.part}")


class ChecklistItem(Model):
    """One line of a checklist."""

    text: str
    done: bool = False


class NewTask(Model):
    """A task as a rule asks for it."""

    run: RunKey
    """The run that makes it."""
    stage: str
    pipeline_version: int
    title: str
    text: str = ""
    assignee: str
    deadline: Timing | None = None
    """Counted from the moment it is made, or from a date field."""
    checklist: tuple[str, ...] = ()
    waits: bool = False
    mail: bool = False
    """Whether the assignee gets a mail."""


class Task(Model):
    """One task of one person for one document."""

    document: str
    id: str
    """``<entry>.<rule>``: made of the run that asked for it, so that it is made once."""
    version: int = 1
    """Grows by one with every change: the optimistic lock."""
    entry: int
    rule: str
    repeat: int = 0
    """Of the run that made it."""
    pipeline: str
    pipeline_version: int
    """The version of the rule that asked for it."""
    stage: str
    title: str
    text: str = ""
    assignee: str
    """A user, or ``group:<name>``: everybody of the group has it then."""
    deadline: Instant | None = None
    no_deadline: str | None = None
    """The date field that the deadline was to be counted from, where it was empty."""
    checklist: tuple[ChecklistItem, ...] = ()
    state: TaskState = "open"
    waits: bool = False
    """Whether the run that made it, and with it the chain below, waits until it is concluded."""
    mail: bool = False
    """Whether the assignee gets a mail."""
    assigned_in: int = 1
    """The version that gave it to its assignee."""
    created_at: Instant
    concluded_at: Instant | None = None
    concluded_by: str | None = None

    @property
    def key(self) -> TaskKey:
        """Where it is found."""
        return TaskKey(document=self.document, id=self.id)

    @property
    def run(self) -> RunKey:
        """The run that made it."""
        return RunKey(document=self.document, entry=self.entry, rule=self.rule, repeat=self.repeat)


def in_order(task: Task) -> tuple[int, Instant, str]:
    """What the tasks of a document are sorted by."""
    return task.entry, task.created_at, task.rule


def by_deadline(task: Task) -> tuple[bool, Instant, str]:
    """What open tasks are sorted by: the deadline; those without one stand at the end."""
    return task.deadline is None, task.deadline or task.created_at, str(task.key)
