"""Pages of runs: what ``ports.Documents`` promises of them, kept by the table and by its twin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.model.document import Document
from countersign.model.page import Page, PageRequest
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.ports import Documents, DuePeriod
from tests.contract.adapters.conftest import Stores

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = DuePeriod(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def a_document(name: str, **more: Any) -> Document:
    given: dict[str, Any] = {
        "id": name,
        "pipeline": "contracts",
        "stage": "sent",
        "entry": 1,
        "since": NOON,
        "version": 1,
        "created_at": NOON,
    }
    return Document(**(given | more))


def a_run(document: str, rule: str, **more: Any) -> Run:
    given: dict[str, Any] = {
        "document": document,
        "entry": 1,
        "rule": rule,
        "pipeline": "contracts",
        "pipeline_version": 1,
        "stage": "sent",
        "kind": "send_email",
        "lane": "email",
        "state": "ready",
        "planned_at": NOON,
    }
    return Run(**(given | more))


def keep(documents: Documents, document: Document, *runs: Run) -> None:
    documents.commit(Transaction(document=document, planned=runs))


def anything(_: Run) -> bool:
    return True


def names(page: Page[Run]) -> list[str]:
    return [f"{run.document}.{run.rule}" for run in page.items]


def due(documents: Documents, since: datetime, until: datetime, **page: Any) -> Page[Run]:
    return documents.due_between(DuePeriod(since, until), PageRequest(**page), anything)


def test_what_is_due_in_a_period_comes_soonest_first(documents: Documents) -> None:
    keep(
        documents,
        a_document("d-1"),
        a_run("d-1", "b", due=NOON + 2 * HOUR),
        a_run("d-1", "a", due=NOON + HOUR),
        a_run("d-1", "before", due=NOON - timedelta(microseconds=1)),
        a_run("d-1", "done", state="done", due=NOON + HOUR),
        a_run("d-1", "waits", state="waiting"),
    )
    keep(
        documents,
        a_document("d-2"),
        a_run("d-2", "first", due=NOON),
        a_run("d-2", "last", due=NOON + 3 * HOUR),
        a_run("d-2", "claimed", state="running", lease_until=NOON + HOUR),
        a_run("d-2", "doubt", state="in_doubt", doubt_until=NOON + 2 * HOUR),
    )
    found = due(documents, NOON, NOON + 3 * HOUR)
    assert (names(found), found.next) == (
        ["d-2.first", "d-1.a", "d-2.claimed", "d-1.b", "d-2.doubt"],
        None,
    )


def test_pages_follow_each_other_without_a_gap(documents: Documents) -> None:
    for number in range(7):
        name = f"d-{number}"
        keep(documents, a_document(name), a_run(name, "mail", due=NOON + number % 3 * HOUR))
    pages, after = [], None
    while True:
        page = due(documents, NOON, NOON + 3 * HOUR, after=after, limit=3)
        pages.append(names(page))
        if (after := page.next) is None:
            break
    assert pages == [
        ["d-0.mail", "d-3.mail", "d-6.mail"],
        ["d-1.mail", "d-4.mail", "d-2.mail"],
        ["d-5.mail"],
    ]


@pytest.mark.parametrize(("since", "until"), [(NOON, NOON), (NOON + HOUR, NOON)])
def test_nothing_is_due_in_a_period_that_has_no_length(
    documents: Documents, since: datetime, until: datetime
) -> None:
    keep(documents, a_document("d-1"), a_run("d-1", "mail", due=NOON))
    assert due(documents, since, until) == Page(())


def test_a_page_of_runs_of_which_few_match_ends_after_500_and_has_a_next_one(
    documents: Documents,
) -> None:
    keep(documents, a_document("d-1"))
    for start in range(0, 510, 90):
        numbers = range(start, min(start + 90, 510))
        runs = (a_run("d-1", f"r-{n:03}", due=NOON + n * HOUR) for n in numbers)
        documents.commit(Transaction(planned=tuple(runs)))

    def page(rule: str, after: str | None = None) -> Page[Run]:
        request = PageRequest(after=after, limit=20)
        return documents.due_between(ALWAYS, request, lambda run: run.rule == rule)

    first = page("r-499")
    assert names(first) == ["d-1.r-499"]
    first = page("r-500")
    assert (names(first), first.next is None) == ([], False)
    second = page("r-500", first.next)
    assert (names(second), second.next) == (["d-1.r-500"], None)


def test_failed_runs_and_runs_in_doubt_come_by_the_time_at_which_they_ended(
    documents: Documents,
) -> None:
    keep(
        documents,
        a_document("d-1"),
        a_run("d-1", "late", state="failed", concluded_at=NOON + 2 * HOUR),
        a_run("d-1", "doubt", state="in_doubt", started_at=NOON + HOUR),
        a_run("d-1", "early", state="failed", concluded_at=NOON),
        a_run("d-1", "ready", due=NOON),
    )
    first = documents.troubled_page(PageRequest(limit=2), anything)
    assert names(first) == ["d-1.early", "d-1.doubt"]
    second = documents.troubled_page(PageRequest(after=first.next, limit=2), anything)
    assert (names(second), second.next) == (["d-1.late"], None)
    only = documents.troubled_page(PageRequest(), lambda run: run.state == "in_doubt")
    assert names(only) == ["d-1.doubt"]


def test_what_has_not_begun_comes_document_by_document(documents: Documents) -> None:
    keep(
        documents,
        a_document("d-2"),
        a_run("d-2", "a", state="waiting"),
        a_run("d-2", "b", state="no_date"),
        a_run("d-2", "c", state="done"),
        a_run("d-2", "d", state="awaiting"),
        a_run("d-2", "e", due=NOON),
    )
    keep(documents, a_document("d-1", since=NOON + HOUR), a_run("d-1", "a", state="waiting"))
    keep(documents, a_document("d-0", pipeline="leases"), a_run("d-0", "a", state="waiting"))
    pages, after = [], None
    while True:
        page = documents.waiting_page("contracts", PageRequest(after=after, limit=2), anything)
        pages.append(names(page))
        if (after := page.next) is None:
            break
    assert pages == [["d-2.a", "d-2.b"], ["d-2.d", "d-2.e"], ["d-1.a"]]


def test_a_page_of_documents_ends_after_25_and_has_a_next_one(documents: Documents) -> None:
    for number in range(26):
        name = f"d-{number:02}"
        keep(documents, a_document(name), a_run(name, "a", state="waiting"))
    wanted = "d-25"
    first = documents.waiting_page("contracts", PageRequest(), lambda run: run.document == wanted)
    assert first.items == ()
    second = documents.waiting_page(
        "contracts", PageRequest(after=first.next), lambda run: run.document == wanted
    )
    assert (names(second), second.next) == (["d-25.a"], None)


@pytest.mark.parametrize(("number", "page"), [(24, 0), (25, 1)])
def test_a_page_looks_at_25_documents(documents: Documents, number: int, page: int) -> None:
    for n in range(27):
        keep(documents, a_document(f"d-{n:02}"), a_run(f"d-{n:02}", "a", state="waiting"))

    def is_wanted(run: Run) -> bool:
        return run.document == f"d-{number}"

    first = documents.waiting_page("contracts", PageRequest(), is_wanted)
    second = documents.waiting_page("contracts", PageRequest(after=first.next), is_wanted)
    assert [names(first), names(second)][page] == [f"d-{number}.a"]
    assert names((first, second)[1 - page]) == []


def test_what_cannot_be_read_is_noted_and_left_out(stores: Stores) -> None:
    first, second = a_run("d-1", "a", due=NOON), a_run("d-1", "b", due=NOON)
    keep(stores.documents, a_document("d-1"), first, second)
    stores.spoil(first.key, ("DOC#d-1", "RUN#000001#a"), {"state": {"S": "unheard-of"}})
    assert names(due(stores.documents, NOON, NOON + HOUR)) == ["d-1.b"]
    assert len(stores.unreadable.take()) == 1
