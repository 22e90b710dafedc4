"""Cursors: where the next page of a list begins, as callers get it, bound to the list it is of.

A cursor says nothing that its reader may not know, and opens nothing: it is checked so that a
caller's mistake is reported as such, not to keep anybody out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from countersign.errors import InvalidCursorError
from countersign.model.page import MAX_PAGE_SIZE, Page, PageRequest

T = TypeVar("T")

DIGEST = 8
"""Bytes of the digest of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedList:
    """A list that is read page by page: its subject, and all that it is filtered by."""

    subject: str
    filters: Mapping[str, object] = field(default_factory=dict)
    """By name; texts, numbers, yes or no, None, and lists of them."""

    def request(self, cursor: str | None, limit: int = MAX_PAGE_SIZE) -> PageRequest:
        """The page that begins at the cursor; the first one for None.

        InvalidCursorError for a cursor of another list and for what is none, PermanentError for a
        limit that is not from 1 to 100.
        """
        return PageRequest(after=None if cursor is None else self._place(cursor), limit=limit)

    def page(self, page: Page[T]) -> Page[T]:
        """The page, with a cursor in place of the place."""
        return replace(page, next=self.cursor(page.next))

    def cursor(self, place: str | None) -> str | None:
        """Where a page begins, as callers get it; None where there is no other one."""
        return None if place is None else self._cursor(place)

    def _cursor(self, place: str) -> str:
        return base64.urlsafe_b64encode(self._digest() + place.encode()).decode().rstrip("=")

    def _place(self, cursor: str) -> str:
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            content = base64.b64decode(padded, altchars=b"-_", validate=True)
            place = content[DIGEST:].decode()
        except (UnicodeError, binascii.Error, ValueError):
            place = ""
        if not place:
            msg = "this is not a valid cursor; expected the `next` of a page, unchanged"
            raise InvalidCursorError(msg)
        if self._cursor(place) != cursor:
            msg = (
                "the cursor belongs to another list or other filters; expected the `next` of a "
                "page that was asked for in the same way"
            )
            raise InvalidCursorError(msg)
        return place

    def _digest(self) -> bytes:
        asked = json.dumps([self.subject, dict(self.filters)], sort_keys=True)
        return hashlib.sha256(asked.encode()).digest()[:DIGEST]
