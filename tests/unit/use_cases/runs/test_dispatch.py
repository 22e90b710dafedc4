"""What the stream tells of a run: it is sent once a generation, and withdrawn when replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.queues.run_queues import MemoryRunQueues
from countersign.errors import UnavailableError
from countersign.model.message import JobMessage, RunMessage
from countersign.model.run import Run, RunRecord
from countersign.use_cases.runs.dispatch import dispatch

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
READY = Run(
    document="d1",
    entry=1,
    rule="hello",
    pipeline="contracts",
    pipeline_version=1,
    stage="sent",
    kind="send_email",
    lane="email",
    state="ready",
    planned_at=NOW,
    due=LATER,
)


def anew(run: Run = READY, **more: Any) -> Run:
    return run.model_copy(update=more)


def scheduled() -> MemoryRunQueues:
    """The run's message waits in a schedule."""
    lanes = MemoryRunQueues()
    assert dispatch(lanes, [RunRecord(old=None, new=READY)], NOW) == [True]
    return lanes


def generations(lanes: MemoryRunQueues) -> list[tuple[int, datetime]]:
    return [(one.message.generation, one.due) for one in lanes.waiting]


def test_a_run_that_became_ready_is_sent_for_its_time() -> None:
    assert generations(scheduled()) == [(READY.generation, LATER)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, {"state": "waiting", "due": None}),
        (None, {"state": "running"}),
        ({}, {"swept": 1}),
        ({}, {"reason": "another reason"}),
    ],
)
def test_what_did_not_become_ready_is_not_sent(
    old: dict[str, Any] | None, new: dict[str, Any]
) -> None:
    lanes = MemoryRunQueues()
    was = None if old is None else anew(**old)
    assert dispatch(lanes, [RunRecord(old=was, new=anew(**new))], NOW) == [False]
    assert lanes.waiting == ()


def test_a_new_generation_takes_the_place_of_what_is_scheduled() -> None:
    lanes = scheduled()
    next_one = anew(generation=READY.generation + 1, due=LATER + timedelta(hours=1))
    assert dispatch(lanes, [RunRecord(old=READY, new=next_one)], NOW) == [True]
    assert generations(lanes) == [(next_one.generation, next_one.due)]


@pytest.mark.parametrize("state", ["cancelled", "no_date", "running"])
def test_the_schedule_of_a_run_that_is_not_ready_any_more_is_withdrawn(state: str) -> None:
    lanes = scheduled()
    assert dispatch(lanes, [RunRecord(old=READY, new=anew(state=state))], NOW) == [False]
    assert lanes.waiting == ()


def test_what_says_nothing_new_of_the_time_leaves_the_schedule() -> None:
    lanes = scheduled()
    assert dispatch(lanes, [RunRecord(old=READY, new=anew(swept=1))], NOW) == [False]
    assert generations(lanes) == [(READY.generation, LATER)]


def test_what_was_due_before_is_not_withdrawn_since_no_schedule_is_left() -> None:
    withdrawn: list[object] = []

    class RunQueues(MemoryRunQueues):
        def withdraw(self, message: Any) -> None:
            withdrawn.append(message)

    at_once = anew(due=NOW)
    dispatch(RunQueues(), [RunRecord(old=at_once, new=anew(at_once, state="running"))], NOW)
    assert withdrawn == []


def test_what_one_change_of_a_batch_schedules_and_the_next_replaces_is_withdrawn() -> None:
    lanes = MemoryRunQueues()
    second = anew(generation=READY.generation + 1, due=LATER + timedelta(hours=1))
    batch = [RunRecord(old=None, new=READY), RunRecord(old=READY, new=second)]
    assert dispatch(lanes, batch, NOW) == [True, True]
    assert generations(lanes) == [(second.generation, second.due)]


def test_what_a_queue_does_not_take_fails_its_own_change_alone() -> None:
    class Full(MemoryRunQueues):
        def send_all(self, deliveries: Any, *, now: datetime) -> Any:
            super().send_all(deliveries[1:], now=now)
            return (UnavailableError("the queue is full"), *(None for _ in deliveries[1:]))

    lanes = Full()
    batch = [
        RunRecord(old=None, new=anew(state="waiting", due=None)),
        RunRecord(old=None, new=READY),
        RunRecord(old=None, new=anew(rule="other")),
    ]
    outcomes = dispatch(lanes, batch, NOW)
    assert [str(one) for one in outcomes] == ["False", "the queue is full", "True"]
    assert [one.message.rule for one in lanes.waiting] == ["other"]


def test_a_schedule_that_cannot_be_withdrawn_fails_its_own_change_alone() -> None:
    class Stuck(MemoryRunQueues):
        def withdraw(self, message: RunMessage) -> None:
            raise UnavailableError(f"the schedule of {message.rule} stays")

    lanes = Stuck()
    gone = anew(state="cancelled")
    batch = [RunRecord(old=READY, new=gone), RunRecord(old=None, new=anew(rule="other"))]
    outcomes = dispatch(lanes, batch, NOW)
    assert [str(one) for one in outcomes] == [f"the schedule of {READY.rule} stays", "True"]
    assert [one.message.rule for one in lanes.waiting] == ["other"]


JOB = JobMessage(job="j-1", version=3)


def test_a_job_that_goes_on_is_sent_to_its_lane_among_runs() -> None:
    lanes = MemoryRunQueues()
    unchanged = RunRecord(old=READY, new=READY)
    outcomes = dispatch(lanes, [unchanged, JOB, RunRecord(old=None, new=READY)], NOW)
    assert outcomes == [False, True, True]
    assert lanes.take_jobs() == (JOB,)
    assert generations(lanes) == [(1, LATER)]


class NoJobs(MemoryRunQueues):
    def send_job(self, message: JobMessage) -> None:
        raise UnavailableError("no answer")


def test_a_job_that_cannot_be_sent_comes_again_alone() -> None:
    outcomes = dispatch(NoJobs(), [JOB, RunRecord(old=None, new=READY)], NOW)
    assert isinstance(outcomes[0], UnavailableError)
    assert outcomes[1] is True
