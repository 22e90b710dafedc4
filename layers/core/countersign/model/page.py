"""Pages of lists: a part of a list at a time, and the place where the next part begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from countersign.errors import PermanentError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

MAX_PAGE_SIZE = 100
"""Items of one page."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is wanted. PermanentError for a limit that is not from 1 to 100."""

    after: str | None = None
    """The ``next`` of the page before, of the same list; None for the first page."""
    limit: int = MAX_PAGE_SIZE
    """Items at most."""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_PAGE_SIZE:
            msg = f"a page of {self.limit} items was asked for; expected 1 to {MAX_PAGE_SIZE}"
            raise PermanentError(msg)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A part of a list."""

    items: tuple[T_co, ...]
    next: str | None = None
    """The place to go on from; None at the end of the list. A page may have no items, and yet not
    be the last one."""

    def each(self: Page[T], make: Callable[[T], U]) -> Page[U]:
        """The page of what is made of each of its items."""
        return Page(tuple(map(make, self.items)), self.next)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many things there are, counted up to a limit."""

    number: int
    more: bool = False
    """Whether there are more than were counted."""

    @classmethod
    def up_to(cls, most: int, number: int) -> Counted:
        """What was found where one more than ``most`` were looked for."""
        return cls(min(number, most), number > most)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageQuery:
    """Which documents of a pipeline are wanted."""

    pipeline: str
    stage: str | None = None
    responsible: str | None = None
    """Only those of this user, compared as people read it."""
    arrived_by: datetime | None = None
    """Only those that came into their stage by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordQuery:
    """Which documents are looked for by a word."""

    word: str
    """As ``search_words.query_words`` gives it, of at least two letters."""
    whole: bool = False
    """Whether it must be a whole word, not only the beginning of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """Which open tasks are wanted."""

    assignees: tuple[str, ...] | None = None
    """Users and ``group:<name>``, compared as people read them; None for everybody's."""
    due_by: datetime | None = None
    """Only those whose deadline is up to then."""
    due_after: datetime | None = None
    """Only those whose deadline is then or later."""
    due_before: datetime | None = None
    """Only those whose deadline is before then."""
    without_deadline: bool = False
    """Only those that have no deadline."""

    def is_due(self, deadline: datetime | None) -> bool:
        """Whether a task of this deadline is one of those that are wanted."""
        if deadline is None:
            return (self.due_by, self.due_after, self.due_before) == (None, None, None)
        return not self.without_deadline and (
            (self.due_by is None or deadline <= self.due_by)
            and (self.due_after is None or self.due_after <= deadline)
            and (self.due_before is None or deadline < self.due_before)
        )
