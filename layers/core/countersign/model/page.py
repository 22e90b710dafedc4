"""A part of a list, and where the next part begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, in its order."""

    items: tuple[T, ...]
    next: str | None = None
    """The place to go on from; None where nothing follows."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is wanted."""

    after: str | None = None
    """The place at which the page before ended; None for the first page."""
    limit: int = 100
    """How many items at most."""
