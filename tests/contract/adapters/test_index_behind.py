"""An index may be behind its table: what it still names is judged as the table has it now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb import paging
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
from countersign.adapters.dynamodb.stores.process import pages as pages_module
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
from countersign.adapters.dynamodb.table import IndexQuery, Table
from countersign.model.job import Job
from countersign.model.page import PageRequest
from countersign.model.run import Run
from countersign.model.transaction import RunUpdate, Transaction
from countersign.ports import DuePeriod
from tests.contract.adapters.conftest import TABLE
from tests.contract.adapters.test_run_pages import a_document, a_run, anything, keep, names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = DuePeriod(NOON, NOON + 2 * HOUR)


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question to an index is answered as it was the first time."""
    of_table: dict[str, list[Item]] = {}
    of_pages: dict[str, list[Any]] = {}
    query_index, entries = Table.query_index, paging.entries

    def remembered(table: Table, query: IndexQuery) -> Iterator[Item]:
        return iter(of_table.setdefault(repr(query), list(query_index(table, query))))

    def remembered_entries(table: Table, ranges: Any, *given: Any, **more: Any) -> Iterator[Any]:
        asked = tuple(ranges)
        answer = entries(table, asked, *given, **more)
        return iter(of_pages.setdefault(repr(asked), list(answer)))

    monkeypatch.setattr(Table, "query_index", remembered)
    monkeypatch.setattr(pages_module, "entries", remembered_entries)


def changed(documents: DynamoDocuments, run: Run, **more: Any) -> None:
    after = run.model_copy(update={"generation": run.generation + 1, **more})
    update = RunUpdate(run=after, was=run.state, was_generation=run.generation)
    documents.commit(Transaction(updates=(update,)))


@pytest.mark.usefixtures("behind")
def test_a_run_that_is_not_due_in_the_period_any_more_is_left_out(
    dynamodb: DynamoDBClient,
) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    runs = {name: a_run("d-1", name, due=NOON + HOUR) for name in ("a", "b", "c", "d", "e")}
    keep(documents, a_document("d-1"), *runs.values())

    def due() -> list[str]:
        return names(documents.due_between(PERIOD, PageRequest(), anything))

    assert due() == ["d-1.a", "d-1.b", "d-1.c", "d-1.d", "d-1.e"]
    changed(documents, runs["a"], due=NOON)
    changed(documents, runs["b"], due=NOON - timedelta(microseconds=1))
    changed(documents, runs["c"], due=NOON + 2 * HOUR)
    changed(documents, runs["d"], state="done", concluded_at=NOON)
    assert due() == ["d-1.a", "d-1.e"]


@pytest.mark.parametrize(
    "listed",
    [
        lambda client: DynamoDocuments(client, TABLE).troubled_page(PageRequest(), anything),
        lambda client: DynamoPages(client, TABLE).troubled(PageRequest()),
        lambda client: DynamoPages(client, TABLE).troubled(PageRequest(), anything),
    ],
)
@pytest.mark.usefixtures("behind")
def test_a_run_that_was_resolved_is_in_trouble_no_more(
    dynamodb: DynamoDBClient, listed: Callable[[Any], Any]
) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    failed = {"state": "failed", "concluded_at": NOON}
    first, second = a_run("d-1", "a", **failed), a_run("d-1", "b", **failed)
    keep(documents, a_document("d-1"), first, second)
    assert names(listed(dynamodb)) == ["d-1.a", "d-1.b"]
    changed(documents, first, state="ready", due=NOON, concluded_at=None)
    assert names(listed(dynamodb)) == ["d-1.b"]


@pytest.mark.usefixtures("behind")
def test_a_job_that_was_written_since_or_has_ended_is_not_untouched(
    dynamodb: DynamoDBClient,
) -> None:
    jobs = DynamoJobs(dynamodb, TABLE)

    def a_job(job_id: str, **more: Any) -> Job:
        given = {"id": job_id, "kind": "change_runs", "arguments": "{}", "by": "ben@acme.example"}
        return Job(**{**given, "created_at": NOON, "updated_at": NOON, "state": "running", **more})

    for name in ("a", "b", "c", "d"):
        jobs.add(a_job(name))
    since = NOON + HOUR
    assert [job.id for job in jobs.untouched(since)] == ["a", "b", "c", "d"]
    jobs.put(a_job("b", version=2, updated_at=since - timedelta(microseconds=1)))
    jobs.put(a_job("c", version=2, updated_at=since))
    jobs.put(a_job("d", version=2, state="done"))
    assert [job.id for job in jobs.untouched(since)] == ["a", "b"]
