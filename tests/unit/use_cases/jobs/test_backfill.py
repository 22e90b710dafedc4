"""The job that plans a rule for documents already here: each gets it once, or is refused."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.errors import InvalidCursorError, UnavailableError
from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.model.page import PageRequest
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.remove import remove_document
from countersign.use_cases.jobs.kinds import JOBS
from countersign.use_cases.jobs.kinds.backfill import BackfillRule
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.queries.operations.jobs import show_job
from countersign.use_cases.runs.backfill import BackfillPage, backfill_of, page_backfill
from tests.builders import mail, pipeline, stage, to_stage, trigger
from tests.unit.use_cases.jobs.slices import (
    Mute,
    counts,
    die_in_the_middle,
    dying,
    job_of,
    slice_of,
)

BEN = "ben@acme.example"
SENDERS = ["contracts@acme.example"]
LATER = mail("later", time={"after": {"days": 3}})
ENDS = trigger("date_reached", "ends", settings={"time": {"on": {"field": "ends"}}})


def world_of(number: int) -> World:
    """So many documents in the first stage, which has no rules yet."""
    here = World()
    publish(here)
    for n in range(number):
        add(here, f"d-{n:03}")
    return here


def publish(here: World, *rules: dict[str, Any], triggers: tuple[Any, ...] = ()) -> None:
    here.publish(
        pipeline(
            stage("new", *rules),
            stage("open"),
            stage("late", triggers=triggers),
            senders=SENDERS,
            fields={"ends": {"type": "date"}},
        )
    )


def add(here: World, name: str) -> None:
    make(here.store, NewDocument(id=name, pipeline="contracts"), user(BEN))


def start(here: World, rule: str = "later") -> Job:
    wanted = BackfillRule(pipeline="contracts", rule=rule)
    return start_job(here.jobs, "j-1", wanted, user(BEN), now=here.now)


def planned(here: World, rule: str = "later") -> list[str]:
    return sorted(run.document for run in here.state.runs.values() if run.rule == rule)


def everybody(number: int) -> list[str]:
    return [f"d-{n:03}" for n in range(number)]


def test_every_document_of_the_stage_gets_the_rule_once() -> None:
    here = world_of(130)
    publish(here, LATER)
    add(here, "d-new")
    here.edit("d-000", Edit(stage="open"), by=BEN)
    start(here)
    here.settle()
    assert counts(here) == ("done", 129, 129, 0)
    assert planned(here) == [*everybody(130)[1:], "d-new"]
    (run,) = here.documents.runs("d-001", 1)
    assert (run.state, run.job, run.cause) == (
        "ready",
        "j-1",
        "ben@acme.example ran it for documents already here",
    )
    assert JOBS.get("backfill").role == "administrator"


def test_a_timer_is_armed_in_every_stage_that_its_trigger_watches() -> None:
    here = world_of(3)
    here.edit("d-001", Edit(stage="open"), by=BEN)
    publish(here, triggers=(ENDS,))
    start(here, "ends")
    here.settle()
    assert counts(here) == ("done", 3, 3, 0)
    assert planned(here, "trigger.ends") == ["d-000", "d-001", "d-002"]


def test_a_second_backfill_finds_nobody() -> None:
    here = world_of(2)
    publish(here, LATER)
    start(here)
    here.settle()
    again = BackfillRule(pipeline="contracts", rule="later")
    start_job(here.jobs, "j-2", again, user(BEN), now=here.now)
    here.settle()
    job = show_job(here.jobs, "j-2")
    assert (job.state, job.matched, job.done) == ("done", 0, 0)


def test_what_changed_meanwhile_is_told_with_the_reason() -> None:
    here = world_of(4)
    publish(here, LATER)
    start(here)
    slice_of(here)
    remove_document(here.documents, here.files, "d-000")
    add_run(here, "d-002")
    here.edit("d-001", Edit(stage="open"), by=BEN)
    assert counts(here) == ("done", 4, 1, 3)
    assert job_of(here).refusals == (
        JobRefusal(item="d-000", reason="the document was removed"),
        JobRefusal(
            item="d-001",
            reason="the document has been moved meanwhile; it is in the stage open",
        ),
        JobRefusal(item="d-002", reason="the document has a run of later in this stage entry"),
    )
    assert planned(here) == ["d-002", "d-003"]


def add_run(here: World, document: str) -> None:
    """Plan the rule for one document, as another job does."""
    from countersign.use_cases.runs.backfill import Planner, plan_for

    wanted = backfill_of(here.programs.current("contracts"), "later")
    assert plan_for(here.store, wanted, document, Planner(by=user(BEN), job="j-9")) is None


def test_a_document_with_as_many_runs_ahead_as_there_may_be_is_refused() -> None:
    here = World()
    many = [mail(f"mail-{n}", time={"after": {"days": 3}}) for n in range(80)]
    publish(here, *many)
    add(here, "d-full")
    publish(here, *many[:-1], LATER)
    add(here, "d-new")
    here.publish(
        pipeline(stage("new", *many[:-2], LATER), stage("open"), stage("late"), senders=SENDERS)
    )
    found = page(here)
    text = "the document has 80 runs ahead; expected fewer than 80"
    assert (found.found, found.have_it, found.full) == ((), 1, {"d-full": text})
    start(here)
    here.settle()
    assert counts(here) == ("done", 1, 0, 1)
    assert job_of(here).refusals == (JobRefusal(item="d-full", reason=text),)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("later", 'version 2 has no rule "later" that is switched on'),
        ("trigger.ends", 'version 2 has no rule "trigger.ends" that is switched on'),
    ],
)
def test_a_job_whose_rule_was_removed_fails_with_the_reason(rule: str, text: str) -> None:
    here = world_of(1)
    publish(here, mail("hello"))
    start(here, rule)
    here.settle()
    assert (job_of(here).state, job_of(here).reason) == ("failed", text)


def test_an_aborted_job_keeps_what_it_has_planned_and_plans_no_more() -> None:
    here = world_of(40)
    publish(here, LATER)
    start(here)
    assert [slice_of(here), slice_of(here)] == ["went_on", "went_on"]
    abort_job(here.jobs, "j-1", user(BEN), now=here.now)
    here.settle()
    job = job_of(here)
    assert (job.state, job.done, job.left) == ("aborted", 25, 15)
    assert len(planned(here)) == 25


def test_a_slice_that_dies_in_the_middle_plans_nothing_twice_and_leaves_nobody_out() -> None:
    here = dying(world_of(30))
    publish(here, LATER)
    start(here)
    die_in_the_middle(here)
    assert counts(here) == ("done", 30, 30, 0)
    assert planned(here) == everybody(30)


def test_what_was_planned_before_the_instance_died_counts_though_the_rule_has_run_since() -> None:
    here = world_of(3)
    publish(here, to_stage("on", "open"))
    here.jobs = jobs = Mute()
    start(here, "on")
    slice_of(here)
    (message,) = here.jobs.take_written()
    jobs.meanwhile = here.settle
    with pytest.raises(UnavailableError, match="the instance is gone"):
        work_on_job(here.job_services, message)
    assert {one.stage for one in here.state.documents.values()} == {"open"}
    work_on_job(here.job_services, message)
    here.settle()
    assert counts(here) == ("done", 3, 3, 0)
    assert {one.entry for one in here.state.documents.values()} == {2}


# --- the preview


def page(here: World, rule: str = "later", after: str | None = None, limit: int = 100) -> Any:
    wanted = backfill_of(here.programs.current("contracts"), rule)
    return page_backfill(here.store, here.pages, wanted, PageRequest(after, limit))


def test_the_pages_of_a_preview_have_each_document_once_and_change_nothing() -> None:
    here = world_of(5)
    here.edit("d-001", Edit(stage="open"), by=BEN)
    publish(here, triggers=(ENDS,))
    add(here, "d-new")
    found, have_it, after = list[str](), 0, None
    while True:
        one: BackfillPage = page(here, "ends", after, 2)
        assert len(one.found) <= 2
        found += [document.id for document in one.found]
        have_it += one.have_it
        if (after := one.next) is None:
            break
    assert (sorted(found), have_it) == (everybody(5), 1)
    assert planned(here, "trigger.ends") == ["d-new"]


@pytest.mark.parametrize("place", ["7/", "x/", "-1/", "²/"])
def test_a_place_of_another_list_is_refused(place: str) -> None:
    here = world_of(1)
    publish(here, LATER)
    with pytest.raises(InvalidCursorError, match="this is not a valid cursor"):
        page(here, after=place)
