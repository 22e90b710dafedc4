"""The audit log: pages of it, all of it, and by what it is filtered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.configuration.audit_log import MemoryAuditLog
from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.errors import PermanentError
from countersign.model.audit import AuditEntry, AuditFilter, entry_id
from countersign.use_cases.queries.operations.audit import (
    all_entries,
    audit_page,
    subject_filter,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def noted(*minutes: int, pipeline: str = "contracts") -> MemoryAuditLog:
    """A log with an entry so many minutes after noon each."""
    log = MemoryAuditLog(MemoryState())
    for minute in minutes:
        at = NOON + minute * MINUTE
        given: dict[str, Any] = {
            "id": entry_id(at, f"e{minute}"),
            "at": at,
            "actor": {"id": "local:anna@acme.example", "signed_in_by": "local"},
            "source": {"channel": "command line"},
            "action": "pipeline.paused",
            "subject": {"kind": "pipeline", "id": pipeline},
            "outcome": "done",
        }
        log.add(AuditEntry.model_validate(given))
    return log


def names(entries: tuple[AuditEntry, ...]) -> list[str]:
    return [entry.id.partition("-")[2] for entry in entries]


def test_the_first_page_begins_an_hour_ahead_of_our_clock() -> None:
    log = noted(-5, 59, 61)
    page = audit_page(log, AuditFilter(), 100, now=NOON)
    assert (names(page.items), page.next) == (["e59", "e-5"], None)


def test_the_next_page_goes_on_behind_the_one_before() -> None:
    log = noted(1, 2, 3)
    first = audit_page(log, AuditFilter(), 2, now=NOON)
    assert names(first.items) == ["e3", "e2"]
    second = audit_page(log, AuditFilter(), 2, now=NOON, cursor=first.next)
    assert (names(second.items), second.next) == (["e1"], None)


@pytest.mark.parametrize("limit", [1, 100])
def test_a_page_has_one_to_a_hundred_entries(limit: int) -> None:
    page = audit_page(noted(*range(-101, 0)), AuditFilter(), limit, now=NOON)
    assert len(page.items) == limit


@pytest.mark.parametrize("limit", [-1, 0, 101])
def test_another_limit_is_refused(limit: int) -> None:
    with pytest.raises(PermanentError) as refused:
        audit_page(noted(1), AuditFilter(), limit, now=NOON)
    assert str(refused.value) == f"{limit} is not a valid limit; expected 1 to 100"


@pytest.mark.parametrize("month", ["202601", "202612", "20261231T235959999999Z-x"])
def test_a_cursor_begins_with_a_month(month: str) -> None:
    assert audit_page(noted(1), AuditFilter(), 1, now=NOON, cursor=month).next is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "2026", "202600", "202613", "20260x", "2026-3"])
def test_what_begins_with_none_is_no_cursor(cursor: str) -> None:
    with pytest.raises(PermanentError) as refused:
        audit_page(noted(1), AuditFilter(), 1, now=NOON, cursor=cursor)
    assert str(refused.value) == f'"{cursor}" is not a cursor; expected the "next" of a page'


def test_all_entries_are_read_over_pages() -> None:
    log = noted(*range(-205, 0))
    found = tuple(all_entries(log, AuditFilter(), now=NOON))
    assert names(found) == [f"e{minute}" for minute in range(-1, -206, -1)]
    wanted = AuditFilter(since=NOON - 3 * MINUTE)
    assert names(tuple(all_entries(log, wanted, now=NOON))) == ["e-1", "e-2", "e-3"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pipeline", ("pipeline", None)),
        ("pipeline:contracts", ("pipeline", "contracts")),
        ("person:a:b", ("person", "a:b")),
        ("secret:", ("secret", "")),
    ],
)
def test_a_subject_is_a_kind_and_perhaps_an_id(text: str, found: tuple[str, str | None]) -> None:
    assert subject_filter(text) == found


def test_an_unknown_subject_is_told_with_those_that_are_close() -> None:
    with pytest.raises(PermanentError) as refused:
        subject_filter("pipelines:contracts")
    assert str(refused.value) == 'there is no subject "pipelines"; did you mean pipeline?'
