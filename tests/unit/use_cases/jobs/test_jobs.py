"""Jobs: started, worked on slice by slice, aborted, lost and handed on again; nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.operations.jobs import MemoryJobs
from countersign.errors import ConflictError, NotFoundError, PermanentError, UnavailableError
from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.model.message import JobMessage
from countersign.model.page import PageRequest
from countersign.model.run import Run
from countersign.model.run_change import RunChange
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.jobs.kinds.base import JobServices
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.queries.operations.jobs import list_jobs, show_job
from countersign.use_cases.queries.runs import RunFilter
from countersign.use_cases.runs.change_run import RunRequest, change_run
from countersign.use_cases.runs.sweep import sweep
from tests.builders import connection, envelope, event, mail, pipeline, stage, subjects
from tests.unit.use_cases.jobs.slices import dying

BEN = "ben@acme.example"
DAY = timedelta(days=1)
READY = RunFilter(states=("ready",), pipeline="contracts")
WAITS = mail("hello", time={"after": {"days": 3}})


def world_of(number: int, *rules: dict[str, Any]) -> World:
    """A world with so many documents, each with a mail that is due in three days."""
    here = World()
    publish(here, *(rules or (WAITS,)))
    send(here, number)
    return here


def publish(here: World, *rules: dict[str, Any]) -> None:
    stages = stage("sent", *rules), stage("left")
    here.publish(pipeline(*stages, senders=["contracts@acme.example"]))
    here.connect(connection())


def send(here: World, number: int) -> None:
    for n in range(number):
        state = envelope(id=f"env-{n}")
        here.tell(
            "docusign", [event("document.sent", key=f"sent {n}", envelope=f"env-{n}", state=state)]
        )


def start(here: World, filter_: RunFilter = READY, job_id: str = "j-1", **change: Any) -> Job:
    wanted = ChangeRuns(change=RunChange(**change), filter=filter_)
    return start_job(here.jobs, job_id, wanted, user(BEN), now=here.now)


def job_of(here: World, job_id: str = "j-1") -> Job:
    return show_job(here.jobs, job_id)


def runs(here: World) -> list[Run]:
    return sorted(here.state.runs.values(), key=lambda run: run.document)


def counts(job: Job) -> tuple[str, int, int, int]:
    return job.state, job.matched, job.done, job.refused


def changed_lines(here: World, document: str) -> list[str]:
    return [line.text for line in here.documents.timeline(document) if line.kind == "run"]


# --- what a job does


def test_a_job_changes_every_run_that_its_filter_matches() -> None:
    here = world_of(60)
    start(here, action="now")
    assert counts(job_of(here)) == ("waiting", 0, 0, 0)
    here.settle()
    job = job_of(here)
    assert counts(job) == ("done", 60, 60, 0)
    assert (job.ended_at, job.place, job.by) == (START, None, BEN)
    assert subjects(here) == ["hello"] * 60
    line = here.documents.timeline(runs(here)[0].document)[-1]
    assert (line.text, line.by, line.cause) == (
        "ben@acme.example ran the rule hello now; it was ready",
        BEN,
        "job j-1",
    )


def test_each_run_is_shifted_once_though_it_matches_still() -> None:
    here = world_of(130)
    start(here, action="shift", by=timedelta(hours=1))
    here.settle()
    assert counts(job_of(here)) == ("done", 130, 130, 0)
    assert {run.due for run in runs(here)} == {datetime(2026, 3, 5, 10, tzinfo=UTC)}
    assert {run.generation for run in runs(here)} == {2}


def test_a_job_that_finds_nothing_is_done() -> None:
    here = world_of(2)
    start(here, RunFilter(states=("failed",)), action="retry")
    here.settle()
    assert counts(job_of(here)) == ("done", 0, 0, 0)


def test_what_takes_no_change_is_counted_with_the_first_reasons() -> None:
    here = world_of(14, WAITS, mail("below"))
    start(here, RunFilter(states=("waiting",), pipeline="contracts"), action="now")
    here.settle()
    job = job_of(here)
    assert counts(job) == ("done", 14, 0, 14)
    first = sorted(here.state.documents)
    assert len(job.refusals) == 10
    assert job.refusals[0].item in {f"{document}.1.below" for document in first}
    assert "it waits for hello; change that run, or skip this one" in job.refusals[0].reason


def test_what_has_changed_since_it_was_found_is_left_alone() -> None:
    here = world_of(1)
    start(here, action="shift", by=DAY)
    (message,) = here.jobs.take_written()
    assert work_on_job(here.job_services, message).result == "went_on"
    (run,) = runs(here)
    shift = RunChange(action="shift", by=-DAY)
    change_run(here.store, RunRequest(run=run.key, change=shift, by=user("carla@acme.example")))
    here.settle()
    assert counts(job_of(here)) == ("done", 1, 0, 1)
    assert job_of(here).refusals == (
        JobRefusal(item=str(run.key), reason=f"the run {run.key} has changed since; it is ready"),
    )
    assert runs(here)[0].due == START + 2 * DAY


def test_failed_runs_of_a_stage_that_was_left_are_not_tried_again_in_bulk() -> None:
    here = World(mailbox=MemoryMailer(refusal=lambda _: PermanentError("no recipient")))
    publish(here, mail("hello"))
    send(here, 2)
    first, second = sorted(here.state.documents)
    here.edit(first, Edit(stage="left"), by=BEN)
    here.mailbox = MemoryMailer()
    start(here, RunFilter(), action="retry")
    here.settle()
    assert counts(job_of(here)) == ("done", 2, 1, 1)
    assert [(run.document, run.state) for run in runs(here)] == [
        (first, "failed"),
        (second, "done"),
    ]


# --- bad input


@pytest.mark.parametrize(
    ("filter_", "text"),
    [
        (RunFilter(states=("done",)), "runs in the state done are not listed; expected ready"),
        (RunFilter(states=("waiting",)), "runs in the state waiting are listed by pipeline"),
        (RunFilter(pipeline="leases"), 'there is no pipeline "leases"; published are'),
        (RunFilter(document="d-9"), "there is no document d-9"),
    ],
)
def test_a_job_whose_filter_can_match_nothing_fails_with_the_reason(
    filter_: RunFilter, text: str
) -> None:
    here = world_of(1)
    start(here, filter_, action="skip")
    here.settle()
    job = job_of(here)
    assert (job.state, job.ended_at) == ("failed", START)
    assert (job.reason or "").startswith(text)


@pytest.mark.parametrize(
    ("job", "text"),
    [
        ({"kind": "paint_walls"}, 'job kind "paint_walls" is unknown; this version has '),
        ({"arguments": "{}"}, "the settings of the job kind change_runs cannot be read by this"),
        ({"arguments": "[1,"}, "the settings of the job kind change_runs cannot be read by this"),
    ],
)
def test_a_job_that_this_version_does_not_know_fails(job: dict[str, Any], text: str) -> None:
    here = world_of(0)
    given = {"kind": "change_runs", "arguments": "{}", **job}
    here.jobs.add(Job(id="j-1", by=BEN, created_at=START, updated_at=START, **given))
    here.settle()
    assert job_of(here).state == "failed"
    assert (job_of(here).reason or "").startswith(text)


@pytest.mark.parametrize(
    ("length", "kept"), [(499, "{}"), (500, "{}"), (501, "{:.499}…"), (900, "{:.499}…")]
)
def test_five_hundred_characters_of_a_reason_are_kept(length: int, kept: str) -> None:
    here = world_of(0)
    known = (
        "backfill, change_runs, erase_person, move_documents, rebuild_statistics, remove_pipeline, "
        "upgrade_table"
    )
    least = f'job kind "" is unknown; this version has {known}'
    kind = "x" * (length - len(least))
    here.jobs.add(
        Job(id="j-1", kind=kind, arguments="", by=BEN, created_at=START, updated_at=START)
    )
    here.settle()
    reason = f'job kind "{kind}" is unknown; this version has {known}'
    assert job_of(here).reason == kept.format(reason)


def test_what_is_no_run_among_those_that_were_found_is_refused_and_the_others_are_changed() -> None:
    here = world_of(1)
    [there] = runs(here)
    start(here, action="shift", by=DAY)
    found = job_of(here).model_copy(update={"version": 2, "parts": 1, "place": "change:0:0"})
    here.jobs.put(found, ["1 nonsense", f"{there.generation} {there.key}"])
    here.settle()
    assert counts(job_of(here)) == ("done", 0, 1, 1)
    assert job_of(here).refusals == (
        JobRefusal(item="nonsense", reason='"nonsense" is not a valid run'),
    )


def test_a_job_that_is_not_there_is_told() -> None:
    here = world_of(0)
    text = "there is no job j-9; jobs are kept for 30 days"
    with pytest.raises(NotFoundError, match=text):
        show_job(here.jobs, "j-9")
    with pytest.raises(NotFoundError, match=text):
        abort_job(here.jobs, "j-9", user(BEN), now=START)
    message = JobMessage(job="j-9", version=1)
    assert work_on_job(here.job_services, message).reason == "there is no such job"


def test_the_same_job_is_started_once_and_another_of_its_id_is_refused() -> None:
    here = world_of(1)
    assert start(here, action="now") == start(here, action="now")
    with pytest.raises(ConflictError, match="there is another job j-1; give another id"):
        start(here, action="skip")
    here.settle()
    assert subjects(here) == ["hello"]


# --- messages that come twice, and two who work at once


def test_a_message_of_an_earlier_version_does_nothing() -> None:
    here = world_of(30)
    start(here, action="shift", by=DAY)
    (first,) = here.jobs.take_written()
    work_on_job(here.job_services, first)
    again = work_on_job(here.job_services, first)
    assert (again.result, again.reason) == ("void", "it is running, in its 2. version")


class Twice(MemoryJobs):
    """Somebody else works on the same slice while its end is about to be written."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def put(self, job: Job, part: Any = None) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        super().put(job, part)


def services(here: World, jobs: Twice) -> JobServices:
    here.jobs = jobs
    return here.job_services


def test_of_two_who_work_on_the_same_slice_one_counts() -> None:
    here, jobs = world_of(30), Twice()
    both = services(here, jobs)
    start(here, action="shift", by=DAY)
    for _ in range(4):
        (message,) = jobs.take_written()

        def meanwhile(asked: JobMessage = message) -> None:
            work_on_job(both, asked)

        jobs.meanwhile = meanwhile
        assert work_on_job(both, message).result == "void"
        if not job_of(here).is_open:
            break
    assert counts(job_of(here)) == ("done", 30, 30, 0)
    assert {run.due for run in runs(here)} == {START + 4 * DAY}
    assert [len(changed_lines(here, document)) for document in here.state.documents] == [1] * 30


def test_a_slice_that_dies_in_the_middle_is_finished_later_and_nothing_is_done_twice() -> None:
    here = dying(world_of(30))
    start(here, action="shift", by=DAY)
    (find,) = here.jobs.take_written()
    work_on_job(here.job_services, find)
    (change,) = here.jobs.take_written()
    here.left = 7
    assert work_on_job(here.job_services, change).result == "went_on"
    assert counts(job_of(here)) == ("running", 30, 7, 0)
    (change,) = here.jobs.take_written()
    here.left = 0
    with pytest.raises(UnavailableError):
        work_on_job(here.job_services, change)
    here.left = 1_000_000
    here.settle()
    assert job_of(here).state == "running"  # nobody has delivered the message again yet
    work_on_job(here.job_services, change)
    here.settle()
    assert counts(job_of(here)) == ("done", 30, 30, 0)
    assert {run.due for run in runs(here)} == {START + 4 * DAY}


class Mute(MemoryJobs):
    """What a worker writes is lost with the worker."""

    dies = False

    def put(self, job: Job, part: Any = None) -> None:
        if self.dies:
            raise UnavailableError("the function ended")
        super().put(job, part)


def test_a_slice_whose_end_could_not_be_written_counts_what_it_did_before() -> None:
    here, jobs = world_of(3), Mute()
    here.jobs = jobs
    start(here, action="shift", by=DAY)
    (find,) = jobs.take_written()
    work_on_job(here.job_services, find)
    (change,) = jobs.take_written()
    jobs.dies = True
    with pytest.raises(UnavailableError):
        work_on_job(here.job_services, change)
    assert {run.due for run in runs(here)} == {START + 4 * DAY}
    jobs.dies = False
    assert work_on_job(here.job_services, change).result == "done"
    assert counts(job_of(here)) == ("done", 3, 3, 0)
    assert {run.due for run in runs(here)} == {START + 4 * DAY}


def test_a_slice_ends_when_its_time_is_up_and_the_next_goes_on() -> None:
    here = world_of(4)
    start(here, action="now")
    (find,) = here.jobs.take_written()
    hurried = replace(here.job_services, time_is_up=lambda: True)
    work_on_job(hurried, find)
    done = []
    while messages := here.jobs.take_written():
        work_on_job(hurried, messages[0])
        done.append(job_of(here).done)
    assert done == [1, 2, 3, 4]


def test_a_write_that_met_another_transaction_is_made_again() -> None:
    """The table refuses it then, though nobody has written the job."""
    here, jobs = world_of(2), Twice()
    own = services(here, jobs)
    start(here, action="now")
    (find,) = jobs.take_written()

    def busy() -> None:
        raise ConflictError("job j-1 was changed by somebody else")

    jobs.meanwhile = busy
    with pytest.raises(ConflictError):
        work_on_job(own, find)
    assert work_on_job(own, find).result == "went_on"
    here.settle()
    assert counts(job_of(here)) == ("done", 2, 2, 0)


# --- aborting


def test_an_aborted_job_does_nothing_more_and_what_it_did_stays() -> None:
    here = world_of(60)
    start(here, action="skip")
    for _ in range(2):
        (message,) = here.jobs.take_written()
        work_on_job(here.job_services, message)
    aborted = abort_job(here.jobs, "j-1", user("carla@acme.example"), now=here.now)
    here.settle()
    late = work_on_job(here.job_services, JobMessage(job="j-1", version=aborted.version))
    assert late.result == "void"
    job = job_of(here)
    assert counts(job) == ("aborted", 60, 25, 0)
    assert (job.reason, job.ended_at) == ("aborted by carla@acme.example", START)
    assert sum(run.state == "skipped" for run in runs(here)) == 25


def test_what_was_under_way_while_it_was_aborted_is_counted() -> None:
    here, jobs = world_of(3), Twice()
    own = services(here, jobs)
    start(here, action="skip")
    (find,) = jobs.take_written()
    work_on_job(own, find)
    (change,) = jobs.take_written()
    jobs.meanwhile = lambda: abort_job(jobs, "j-1", user(BEN), now=START)
    assert work_on_job(own, change).result == "aborted"
    assert counts(job_of(here)) == ("aborted", 3, 3, 0)


@pytest.mark.parametrize("then", ["went on and aborted", "removed", "done"])
def test_a_slice_of_which_others_have_made_an_end_is_not_counted(then: str) -> None:
    here, jobs = world_of(3), Twice()
    own = services(here, jobs)
    start(here, action="skip")
    (find,) = jobs.take_written()

    def meanwhile() -> None:
        if then == "removed":
            jobs.jobs.pop("j-1")
            return
        work_on_job(own, find)
        if then == "went on and aborted":
            abort_job(jobs, "j-1", user(BEN), now=START)
            return
        (change,) = jobs.take_written()
        work_on_job(own, change)

    jobs.meanwhile = meanwhile
    late = work_on_job(own, find)
    assert (late.result, late.reason) == ("void", "somebody else worked on the same slice")
    if then != "removed":
        assert job_of(here).matched == 3


def test_a_job_that_has_ended_cannot_be_aborted() -> None:
    here = world_of(1)
    start(here, action="now")
    here.settle()
    with pytest.raises(PermanentError, match="the job j-1 has ended: it is done"):
        abort_job(here.jobs, "j-1", user(BEN), now=START)


# --- lost messages


def test_the_sweep_hands_on_a_job_whose_message_was_lost() -> None:
    here = world_of(3)
    start(here, action="now")
    here.jobs.take_written()
    here.advance(timedelta(minutes=2))
    assert here.sweep().jobs == ()
    here.advance(timedelta(minutes=1))
    assert here.sweep().jobs == (("j-1", "handed_on"),)
    assert counts(job_of(here)) == ("done", 3, 3, 0)


def lose(here: World, times: int, *, lane_works: bool) -> list[str]:
    """What sweeps find while every message of the job is lost, some three hours apart."""
    found: list[str] = []
    for _ in range(times):
        here.jobs.take_written()
        if lane_works:
            here.heartbeats.beat("lane document", here.now + timedelta(minutes=1))
        here.now += timedelta(hours=3)
        found += [finding for _, finding in sweep(here.sweeper).jobs]
    return found


def test_a_job_that_never_comes_forward_while_others_do_fails() -> None:
    here = world_of(0)
    start(here, action="now")
    assert lose(here, 9, lane_works=True) == ["handed_on"] * 8 + ["failed"]
    assert (job_of(here).reason or "").startswith("it was handed to its lane 9 times and did not")


def test_a_lane_that_is_off_fails_no_job() -> None:
    here = world_of(0)
    start(here, action="now")
    assert lose(here, 20, lane_works=False) == ["handed_on"] * 20
    here.settle()
    assert job_of(here).state == "done"


def test_jobs_are_listed_newest_first() -> None:
    here = world_of(0)
    for number in range(3):
        here.now += timedelta(minutes=1)
        start(here, job_id=f"j-{number}", action="now")
    assert [job.id for job in list_jobs(here.jobs, PageRequest(limit=2)).items] == ["j-2", "j-1"]
