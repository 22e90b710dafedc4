"""The audit log: listed page by page, and all of it that a filter matches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast, get_args

from countersign.errors import PermanentError
from countersign.model.audit import AuditEntry, AuditFilter, SubjectKind, id_bound
from countersign.model.page import Page
from countersign.ports import AuditLog
from countersign.text.suggestions import close_or_all

AHEAD = timedelta(hours=1)
"""How far ahead of ours the clock of somebody who makes a change may be."""
MOST = 100
"""Entries of a page at most."""


def audit_page(
    log: AuditLog,
    wanted: AuditFilter,
    limit: int,
    *,
    now: datetime,
    cursor: str | None = None,
) -> Page[AuditEntry]:
    """At most so many entries that are wanted, newest first: the first page, or that of a cursor.

    ``cursor`` is the ``next`` of the page before. PermanentError for a limit that is not 1 to 100,
    and for what is not a cursor.
    """
    if not 1 <= limit <= MOST:
        raise PermanentError(f"{limit} is not a valid limit; expected 1 to {MOST}")
    if cursor is not None and not (cursor[:6].isdecimal() and "01" <= cursor[4:6] <= "12"):
        raise PermanentError(f'"{cursor}" is not a cursor; expected the "next" of a page')
    return log.page(wanted, limit, before=cursor or id_bound(now + AHEAD))


def subject_filter(text: str) -> tuple[SubjectKind, str | None]:
    """The kind and the id of ``pipeline:contracts``; of ``pipeline`` the kind alone.

    PermanentError, with the kinds that are close, for a kind that there is not.
    """
    kind, colon, name = text.partition(":")
    kinds = get_args(SubjectKind)
    if kind not in kinds:
        raise PermanentError(f'there is no subject "{kind}"; {close_or_all(kind, kinds)}')
    return cast(SubjectKind, kind), name if colon else None


def all_entries(log: AuditLog, wanted: AuditFilter, *, now: datetime) -> Iterator[AuditEntry]:
    """Every entry that is wanted, newest first, read page by page."""
    cursor: str | None = None
    while True:
        page = audit_page(log, wanted, MOST, now=now, cursor=cursor)
        yield from page.items
        if page.next is None:
            return
        cursor = page.next
