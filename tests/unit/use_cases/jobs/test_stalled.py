"""Jobs that stand still are handed on after a wait that grows, and end where others go on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from countersign.model.job import Job
from countersign.simulation.world import START, World
from countersign.use_cases.grace import grace, swept_again
from countersign.use_cases.jobs.stalled import stalled_jobs, tend_stalled
from countersign.use_cases.queries.operations.jobs import show_job

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


def world_of(swept: int, **more: object) -> tuple[World, Job]:
    here = World()
    given = {"kind": "change_runs", "arguments": "{}", "by": "ben@acme.example", **more}
    job = Job.model_validate(
        {"id": "j-1", "created_at": START, "updated_at": START, "swept": swept, **given}
    )
    here.jobs.add(job)
    here.jobs.take_written()
    return here, job


@pytest.mark.parametrize(
    ("swept", "minutes"), [(0, 2), (1, 8), (2, 32), (3, 120), (4, 120), (5, 120), (9, 120)]
)
def test_the_wait_grows_to_two_hours(swept: int, minutes: int) -> None:
    assert grace(swept) == minutes * MINUTE
    here, job = world_of(swept)
    assert list(stalled_jobs(here.jobs, START + minutes * MINUTE)) == []
    assert list(stalled_jobs(here.jobs, START + minutes * MINUTE + TICK)) == [job]


@pytest.mark.parametrize(
    ("swept", "works", "after"),
    [(0, True, 1), (7, True, 8), (8, True, 9), (0, False, 1), (4, False, 5), (5, False, 5),
     (8, False, 8)],
)  # fmt: skip
def test_while_a_lane_is_off_only_the_wait_grows(swept: int, works: bool, after: int) -> None:
    assert swept_again(swept, works=works) == after


@pytest.mark.parametrize(
    ("swept", "beat", "finding"),
    [
        (7, START, "handed_on"),
        (8, START, "failed"),
        (8, START + MINUTE, "failed"),
        (9, START, "failed"),
        (8, START - TICK, "handed_on"),
        (8, None, "handed_on"),
    ],
)
def test_a_job_that_was_lost_nine_times_fails_where_its_lane_performs_others(
    swept: int, beat: datetime | None, finding: str
) -> None:
    here, job = world_of(swept, delay=30)
    if beat is not None:
        here.heartbeats.beat("lane document", beat)
    now = START + 3 * 60 * MINUTE
    assert tend_stalled(here.jobs, here.heartbeats, job, now) == finding
    there = show_job(here.jobs, "j-1")
    assert (there.version, there.updated_at) == (job.version + 1, now)
    if finding == "failed":
        assert (there.state, there.ended_at, there.reason) == (
            "failed",
            now,
            "it was handed to its lane 9 times and did not come forward, while the lane performed "
            "others; the lane's dead letters and log say why",
        )
    else:
        assert (there.state, there.delay, there.ended_at) == (job.state, 0, None)
        assert [message.version for message in here.jobs.take_written()] == [job.version + 1]
