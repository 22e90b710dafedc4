"""What ``ports.Jobs`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
from countersign.adapters.memory.tables.operations.jobs import MemoryJobs
from countersign.adapters.unreadable import Unreadable
from countersign.errors import ConflictError, UnreadableError
from countersign.model.job import Job, JobRefusal
from countersign.model.page import Page, PageRequest
from countersign.ports import Jobs
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_job(job_id: str = "j-1", **more: Any) -> Job:
    given: dict[str, Any] = {
        "id": job_id,
        "kind": "change_runs",
        "arguments": '{"change":{"action":"now"}}',
        "by": "ben@acme.example",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Job(**(given | more))


@pytest.fixture(params=["memory", "dynamodb"])
def jobs(request: pytest.FixtureRequest) -> Jobs:
    if request.param == "memory":
        return MemoryJobs()
    return DynamoJobs(request.getfixturevalue("dynamodb"), TABLE)


def test_a_job_is_found_as_it_was_kept(jobs: Jobs) -> None:
    job = a_job(
        state="running",
        matched=12,
        done=7,
        refused=1,
        refusals=(JobRefusal(item="d-1.1.hello", reason="it is done"),),
        place="change:0:8",
        parts=1,
        swept=2,
    )
    jobs.add(job)
    assert jobs.get("j-1") == job
    assert jobs.get("j-2") is None


def test_a_job_about_a_person_is_kept_with_its_delay_and_ends_without_settings(jobs: Jobs) -> None:
    job = a_job(private=True, delay=30)
    jobs.add(job)
    assert jobs.get("j-1") == job
    jobs.put(job.ended("done", None, at=NOON + MINUTE))
    ended = jobs.get("j-1")
    assert ended is not None
    assert (ended.state, ended.arguments, ended.delay, ended.version) == ("done", "", 0, 2)


def test_what_ended_names_nobody_in_the_table(dynamodb: DynamoDBClient) -> None:
    jobs, job = DynamoJobs(dynamodb, TABLE), a_job(private=True, arguments="klara@kunde.example")
    jobs.add(job)
    assert "klara" in repr(dynamodb.scan(TableName=TABLE)["Items"])
    jobs.put(job.ended("aborted", "aborted by ben", at=NOON))
    assert "klara" not in repr(dynamodb.scan(TableName=TABLE)["Items"])


def test_a_job_is_added_once(jobs: Jobs) -> None:
    jobs.add(a_job())
    with pytest.raises(ConflictError):
        jobs.add(a_job(by="carla@acme.example"))
    assert jobs.get("j-1") == a_job()


def test_only_the_next_version_is_written(jobs: Jobs) -> None:
    jobs.add(a_job())
    jobs.put(a_job(version=2, state="running"))
    for stale in (a_job(version=2, state="done"), a_job(version=4, state="done")):
        with pytest.raises(ConflictError):
            jobs.put(stale)
    assert jobs.get("j-1") == a_job(version=2, state="running")


def test_a_job_that_is_not_there_is_not_written(jobs: Jobs) -> None:
    with pytest.raises(ConflictError):
        jobs.put(a_job(version=2))
    assert jobs.get("j-1") is None


def test_parts_are_kept_with_the_version_that_counts_them_or_not_at_all(jobs: Jobs) -> None:
    jobs.add(a_job())
    jobs.put(a_job(version=2, parts=1), ("1 d-1.1.hello", "1 d-2.1.hällo"))
    jobs.put(a_job(version=3, parts=2), ("4 d-3.1.hello",))
    with pytest.raises(ConflictError):
        jobs.put(a_job(version=3, parts=2), ("1 d-9.1.hello",))
    assert [jobs.part("j-1", number) for number in range(3)] == [
        ("1 d-1.1.hello", "1 d-2.1.hällo"),
        ("4 d-3.1.hello",),
        (),
    ]
    assert jobs.part("j-2", 0) == ()


def test_jobs_are_listed_newest_first_page_by_page(jobs: Jobs) -> None:
    for number in range(3):
        at = NOON + number * MINUTE
        jobs.add(a_job(f"j-{number}", created_at=at, updated_at=at))
    jobs.put(a_job("j-0", version=2, state="done", updated_at=NOON + 9 * MINUTE))
    first = jobs.page(PageRequest(limit=2))
    assert [job.id for job in first.items] == ["j-2", "j-1"]
    second = jobs.page(PageRequest(after=first.next, limit=2))
    assert ([job.id for job in second.items], second.next) == (["j-0"], None)
    assert second.items[0].state == "done"


def test_where_there_are_no_jobs_the_page_is_empty(jobs: Jobs) -> None:
    assert jobs.page(PageRequest()) == Page(())


def test_open_jobs_that_nobody_has_written_since_are_found(jobs: Jobs) -> None:
    for job_id, state, minute in (
        ("j-new", "running", 5),
        ("j-late", "running", 2),
        ("j-first", "waiting", 1),
        ("j-done", "done", 1),
        ("j-aborted", "aborted", 1),
    ):
        jobs.add(a_job(job_id, state=state, updated_at=NOON + minute * MINUTE))
    assert [job.id for job in jobs.untouched(NOON + 5 * MINUTE)] == ["j-first", "j-late"]
    jobs.put(a_job("j-late", state="running", version=2, updated_at=NOON + 6 * MINUTE))
    jobs.put(a_job("j-first", state="done", version=2, updated_at=NOON + 6 * MINUTE))
    assert [job.id for job in jobs.untouched(NOON + 5 * MINUTE)] == []


def test_a_job_and_its_parts_are_forgotten_thirty_days_after_its_last_write(
    dynamodb: DynamoDBClient,
) -> None:
    jobs = DynamoJobs(dynamodb, TABLE)
    jobs.add(a_job())
    jobs.put(a_job(version=2, parts=1, updated_at=NOON + timedelta(days=1)), ("1 d-1.1.hello",))
    items = dynamodb.scan(TableName=TABLE)["Items"]
    expire = [datetime.fromtimestamp(int(item["expires_ttl"]["N"]), UTC) for item in items]
    assert expire == [datetime(2026, 4, 2, 12, tzinfo=UTC)] * 2


def test_a_job_that_cannot_be_read_is_noted_and_left_out_of_lists(
    dynamodb: DynamoDBClient,
) -> None:
    unreadable = Unreadable()
    jobs = DynamoJobs(dynamodb, TABLE, unreadable)
    jobs.add(a_job())
    dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": "JOB#j-1"}, "sk": {"S": "JOB"}},
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": '{"id": "j-1", "state": "unheard-of"}'}},
    )
    assert jobs.page(PageRequest()).items == ()
    assert list(jobs.untouched(NOON + MINUTE)) == []
    assert len(unreadable.take()) == 1
    with pytest.raises(UnreadableError):
        jobs.get("j-1")
