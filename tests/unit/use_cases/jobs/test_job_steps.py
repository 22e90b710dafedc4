"""What a job keeps between its slices, and what working on one answers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from countersign.model.actor import user
from countersign.model.job import JobResult
from countersign.model.message import JobMessage
from countersign.model.run_change import RunChange
from countersign.model.statistics import CounterKey
from countersign.simulation.world import START, World
from countersign.use_cases.documents.move import DocumentMove
from countersign.use_cases.jobs.kinds import rebuild_statistics as rebuilding
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.jobs.kinds.move_documents import MoveDocuments
from countersign.use_cases.jobs.kinds.rebuild_statistics import RebuildStatistics
from countersign.use_cases.jobs.kinds.remove_pipeline import RemovePipeline
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.queries.operations.jobs import show_job
from countersign.use_cases.queries.runs import RunFilter
from tests.builders import ANNA, connection, pipeline, stage
from tests.unit.use_cases.jobs import test_remove_pipeline as removing
from tests.unit.use_cases.jobs.test_jobs import READY, Twice, world_of
from tests.unit.use_cases.jobs.test_rebuild_statistics import start as start_rebuild
from tests.unit.use_cases.jobs.test_rebuild_statistics import world_of as world_of_scene
from tests.unit.use_cases.statistics.scene import MONDAY
from tests.unit.use_cases.statistics.test_rebuild import many

BY = user(str(ANNA))


def next_slice(here: World) -> JobResult:
    """Work on the one slice whose message is written."""
    (message,) = here.jobs.take_written()
    return work_on_job(here.job_services, message)


# --- what working on one answers


def test_of_a_job_that_is_not_there_nothing_is_done() -> None:
    here = world_of(0)
    assert work_on_job(here.job_services, JobMessage(job="j-9", version=1)) == JobResult(
        result="void", job="j-9", reason="there is no such job"
    )


def test_each_slice_says_what_became_of_the_job() -> None:
    here = world_of(1)
    wanted = ChangeRuns(change=RunChange(action="skip"), filter=READY)
    start_job(here.jobs, "j-1", wanted, BY, now=here.now)
    (first,) = here.jobs.take_written()
    results = [work_on_job(here.job_services, first)]
    assert work_on_job(here.job_services, first) == JobResult(
        result="void", job="j-1", kind="change_runs", reason="it is running, in its 2. version"
    )
    while show_job(here.jobs, "j-1").is_open:
        results.append(next_slice(here))
    assert {(one.job, one.kind, one.reason) for one in results} == {("j-1", "change_runs", None)}
    assert [one.result for one in results][-2:] == ["went_on", "done"]


def test_a_slice_that_was_overtaken_says_by_whom() -> None:
    here, jobs = world_of(2), Twice()
    here.jobs = jobs
    wanted = ChangeRuns(change=RunChange(action="skip"), filter=READY)
    start_job(here.jobs, "j-1", wanted, BY, now=here.now)
    (find,) = jobs.take_written()
    jobs.meanwhile = lambda: work_on_job(here.job_services, find)
    assert work_on_job(here.job_services, find) == JobResult(
        result="void",
        job="j-1",
        kind="change_runs",
        reason="somebody else worked on the same slice",
    )
    (change,) = jobs.take_written()
    jobs.meanwhile = lambda: abort_job(jobs, "j-1", user("carla@acme.example"), now=START)
    assert work_on_job(here.job_services, change) == JobResult(
        result="aborted", job="j-1", kind="change_runs", reason="aborted by carla@acme.example"
    )


def test_a_job_that_fails_says_why() -> None:
    here = world_of(0)
    wanted = ChangeRuns(change=RunChange(action="skip"), filter=RunFilter(document="d-9"))
    start_job(here.jobs, "j-1", wanted, BY, now=here.now)
    result = next_slice(here)
    assert (result.result, result.job, result.kind) == ("failed", "j-1", "change_runs")
    assert (result.reason or "").startswith("there is no document d-9")


def test_a_slice_that_comes_forward_forgets_how_often_its_job_was_lost() -> None:
    here = world_of(1)
    wanted = ChangeRuns(change=RunChange(action="skip"), filter=READY)
    start_job(here.jobs, "j-1", wanted, BY, now=here.now)
    (message,) = here.jobs.take_written()
    here.jobs.put(show_job(here.jobs, "j-1").model_copy(update={"swept": 5, "version": 2}))
    (lost,) = here.jobs.take_written()
    here.now += timedelta(minutes=5)
    work_on_job(here.job_services, lost)
    job = show_job(here.jobs, "j-1")
    assert (job.state, job.swept, job.version) == ("running", 0, 3)
    assert (job.created_at, job.updated_at) == (START, START + timedelta(minutes=5))
    assert message.version == 1


# --- what a job keeps


def test_a_job_keeps_its_settings_but_those_that_nobody_gave() -> None:
    here = world_of(0)
    wanted = ChangeRuns(change=RunChange(action="skip"), filter=RunFilter(failed=True))
    job = start_job(here.jobs, "j-1", wanted, BY, now=here.now)
    assert (job.kind, job.arguments) == (
        "change_runs",
        '{"change":{"action":"skip"},"filter":{"failed":true}}',
    )


def test_the_job_of_a_move_moves_the_same_documents_there() -> None:
    move = DocumentMove(pipeline="contracts", stage="signed", documents=("d-1", "d-2"))
    job = MoveDocuments.of(move, "as agreed")
    assert job == MoveDocuments(
        pipeline="contracts", stage="signed", documents=("d-1", "d-2"), comment="as agreed"
    )
    assert job.move == move


# --- removing a pipeline


@pytest.mark.parametrize(
    ("other", "excluded"),
    [
        (RemovePipeline(pipeline="contracts"), True),
        (RemovePipeline(pipeline="contracts", entry="7"), True),
        (RemovePipeline(pipeline="leases"), False),
        (RebuildStatistics(pipeline="contracts"), False),
    ],
    ids=str,
)
def test_only_the_removal_of_the_same_pipeline_keeps_one_from_beginning(
    other: RemovePipeline | RebuildStatistics, excluded: bool
) -> None:
    assert RemovePipeline(pipeline="contracts").excludes(other) is excluded


@pytest.mark.parametrize(
    ("mine", "other", "excluded"),
    [
        (None, RebuildStatistics(pipeline="leases"), True),
        (None, RebuildStatistics(), True),
        ("contracts", RebuildStatistics(), True),
        ("contracts", RebuildStatistics(pipeline="contracts"), True),
        ("contracts", RebuildStatistics(pipeline="leases"), False),
        (None, RemovePipeline(pipeline="contracts"), False),
    ],
    ids=str,
)
def test_a_rebuild_keeps_another_of_the_same_pipeline_from_beginning(
    mine: str | None, other: RemovePipeline | RebuildStatistics, excluded: bool
) -> None:
    assert RebuildStatistics(pipeline=mine).excludes(other) is excluded


def test_one_that_could_not_be_removed_is_not_looked_for_again() -> None:
    here = removing.world_of(25)
    here.state.spoiled.add(("document", "d-001"))
    removing.start(here)
    results = list[str]()
    places = list[str | None]()
    while show_job(here.jobs, "j-1").is_open:
        results.append(next_slice(here).result)
        places.append(show_job(here.jobs, "j-1").place)
    assert places == ["remove:0:0", "remove:0:10", "remove:0:20", "drop:", "drop:"]
    assert results == ["went_on", "went_on", "went_on", "went_on", "failed"]
    assert removing.job_of(here) == ("failed", 25, 24, 1)


def test_what_was_removed_is_looked_for_once_more_before_the_pipeline_goes() -> None:
    here = removing.world_of(12)
    removing.start(here)
    places = list[str | None]()
    while show_job(here.jobs, "j-1").is_open:
        next_slice(here)
        places.append(show_job(here.jobs, "j-1").place)
    assert places == ["remove:0:0", "remove:0:10", "find:1:", "drop:", None]


def test_a_connection_that_is_made_while_messages_are_dropped_keeps_the_pipeline() -> None:
    here = removing.world_of(1)
    removing.start(here)
    while show_job(here.jobs, "j-1").place != "drop:":
        next_slice(here)
    here.connect(connection())
    assert next_slice(here).result == "failed"
    assert here.pipelines.head("contracts") is not None
    assert [one.outcome for one in removing.entries(here)] == ["failed"]


# --- rebuilding statistics


def test_a_rebuild_keeps_how_far_it_is_pipeline_by_pipeline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rebuilding, "BATCHES", 1)
    here = world_of_scene(many(25))
    here.publish(pipeline(stage("draft"), pipeline="leases"))
    start_rebuild(here)
    steps = list[tuple[str | None, int, int]]()
    while show_job(here.jobs, "j-1").is_open:
        next_slice(here)
        job = show_job(here.jobs, "j-1")
        steps.append((job.place, job.delay, job.done))
        here.now += timedelta(seconds=job.delay)
    contracts = '{"pipeline":"contracts","epoch":2,"begun_at":"2026-03-02T13:00:00Z"'
    leases = '{"pipeline":"leases","epoch":2,"begun_at":"2026-03-02T13:02:00Z"'
    twentieth = '"after":"sent#2026-03-02T12:00:00.000000Z#d-19"'
    assert steps == [
        ('{"pipeline":"contracts"}', 0, 0),
        (f"{contracts}}}", 0, 0),
        (f'{contracts},"moved":20,{twentieth}}}', 0, 20),
        (f'{contracts},"passes":1}}', 0, 25),
        (f'{contracts},"passes":1,{twentieth}}}', 0, 25),
        (f'{contracts},"everybody_knows":true}}', 120, 25),
        (f'{contracts},"everybody_knows":true,{twentieth}}}', 0, 25),
        (f'{contracts},"everybody_knows":true,"left_over":0}}', 0, 25),
        ('{"pipeline":"leases"}', 0, 25),
        (f"{leases}}}", 0, 25),
        (f'{leases},"everybody_knows":true}}', 120, 25),
        (f'{leases},"everybody_knows":true,"left_over":0}}', 0, 25),
        (None, 0, 25),
    ]


def test_a_pass_that_has_moved_documents_in_several_slices_is_followed_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What one pass has moved adds up; only a pass that has moved nothing is the last one."""
    monkeypatch.setattr(rebuilding, "BATCHES", 1)
    scene = many(60)
    here = world_of_scene(scene)
    start_rebuild(here)
    moved = list[int]()
    while show_job(here.jobs, "j-1").is_open:
        next_slice(here)
        place = json.loads(show_job(here.jobs, "j-1").place or "{}")
        moved.append(place.get("moved", 0))
    assert moved[:6] == [0, 0, 20, 40, 0, 0]


def test_a_rebuild_gives_up_after_five_passes_that_moved_documents() -> None:
    here = world_of_scene(many(1))
    start_rebuild(here)
    results = list[JobResult]()
    while show_job(here.jobs, "j-1").is_open:
        results.append(next_slice(here))
        name = f"new-{len(results)}"
        update = {"id": name, "created_at": here.now - timedelta(minutes=5)}
        here.state.documents[name] = here.state.documents["d-00"].model_copy(update=update)
    # Two slices begin it, and each of five lists the documents.
    assert [result.result for result in results] == ["went_on"] * 6 + ["failed"]
    assert results[-1].reason == (
        "the documents of contracts were listed 5 times, and there were more to compare each "
        "time; run the rebuild again when fewer documents change"
    )


def test_two_hundred_differences_are_kept_in_one_part() -> None:
    scene = many(1)
    here = world_of_scene(scene)
    for number in range(201):
        key = CounterKey(1, MONDAY, f"arrived/{number:03}")
        here.statistics.counters["contracts"][key] = 1
    start_rebuild(here)
    while show_job(here.jobs, "j-1").is_open:
        next_slice(here)
        here.now += timedelta(minutes=2)
    parts = [here.jobs.part("j-1", number) for number in range(show_job(here.jobs, "j-1").parts)]
    assert [len(part) for part in parts] == [200, 1]
    assert json.loads(parts[0][0]) == [
        "contracts",
        "counter",
        "2026-03-02 arrived/000",
        "it holds 1 that no document has counted",
    ]
