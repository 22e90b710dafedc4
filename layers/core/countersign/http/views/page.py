"""Lists, as the API gives them: a page, and the cursor of the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Query

from countersign.http.views.base import View
from countersign.model.page import Page

T = TypeVar("T")
U = TypeVar("U")


class PageOf(View, Generic[T]):
    """A page of a list."""

    items: tuple[T, ...]
    next: str | None = None
    """The ``cursor`` of the next page; null on the last one. A page may be short, and have one."""


def page_of(page: Page[U], make: Callable[[U], T]) -> PageOf[T]:
    """The page of what is made of each of its items."""
    return PageOf(items=tuple(map(make, page.items)), next=page.next)


Limit = Annotated[int, Query(ge=1, le=100, description="How many items a page has at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=2000, description="Where to go on: `next` of the page before."),
]
