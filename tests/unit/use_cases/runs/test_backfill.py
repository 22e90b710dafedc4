"""A trigger that waits for a time is armed for documents that were there before it, on request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import ConflictError, InvalidCursorError, PermanentError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.page import PageRequest
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.queries.show import show
from countersign.use_cases.runs.backfill import (
    Backfill,
    LeftOut,
    Planner,
    backfill,
    backfill_of,
    page_backfill,
    plan_for,
)
from countersign.use_cases.runs.migrate_runs import migrations
from tests.builders import mail, pipeline, run_of, stage, states, trigger

BEN = "ben@acme.example"
DAY = timedelta(days=1)
ASLEEP = trigger("no_reaction", "asleep", settings={"stage": "new", "after": {"days": 10}})
ENDS = trigger("date_reached", "ends", settings={"time": {"on": {"field": "ends"}}})
FIRST = (stage("new"), stage("open"), stage("late"))


def published(*stages: dict[str, Any]) -> Pipeline:
    return pipeline(*stages, senders=["contracts@acme.example"], fields={"ends": {"type": "date"}})


def start(**documents: dict[str, Any]) -> World:
    """A world with these documents in the first stage of a pipeline without triggers."""
    here = World()
    here.publish(published(*FIRST))
    for name, values in documents.items():
        make(here.store, NewDocument(id=name, pipeline="contracts", values=values), user(BEN))
    return here


def arm(here: World, name: str) -> tuple[str, ...]:
    program = here.programs.current("contracts")
    found = backfill(here.store, program, name, user(BEN))
    here.settle()
    return found


def with_trigger(*triggers: dict[str, Any], **more: Any) -> Pipeline:
    return published(stage("new"), stage("open"), stage("late", triggers=triggers, **more))


def added_later(here: World, document: str) -> list[tuple[str, str]]:
    shown = show(here.documents, here.pipelines, here.programs, document)
    return [(one.name, one.words) for one in shown.added_later]


def test_a_timer_that_is_armed_later_counts_from_the_arrival() -> None:
    here = start(a={})
    here.advance(4 * DAY)
    here.publish(with_trigger(ASLEEP))
    here.advance(DAY)
    assert states(here, "a") == {}
    assert arm(here, "asleep") == ("a",)
    run = run_of(here, here.document("a"), "trigger.asleep")
    assert (run.state, run.due) == ("ready", here.now + 5 * DAY)
    assert run.cause == f"{BEN} armed it for documents already here"
    here.advance(6 * DAY)
    assert here.document("a").stage == "late"


def test_a_document_that_has_waited_for_longer_moves_at_once() -> None:
    here = start(a={})
    here.advance(30 * DAY)
    here.publish(with_trigger(ASLEEP))
    assert arm(here, "asleep") == ("a",)
    assert here.document("a").stage == "late"


def test_a_date_trigger_is_armed_in_every_stage_that_it_watches_and_only_where_it_may_fire() -> (
    None
):
    here = start(a={"ends": "2026-04-01"}, b={"ends": "2026-04-01"}, c={}, d={})
    here.edit("b", Edit(stage="open"), by=BEN)
    here.edit("d", Edit(stage="late"), by=BEN)
    here.publish(with_trigger(ENDS))
    assert arm(here, "ends") == ("a", "c", "b")
    assert [states(here, name, here.document(name).entry) for name in "abcd"] == [
        {"trigger.ends": "ready"},
        {"trigger.ends": "ready"},
        {"trigger.ends": "no_date"},
        {},
    ]
    here.edit("c", Edit(values={"ends": "2026-04-02"}), by=BEN)
    here.advance(35 * DAY)
    assert [here.document(name).stage for name in "abc"] == ["late", "late", "late"]


def test_arming_twice_arms_once() -> None:
    here = start(a={})
    here.publish(with_trigger(ASLEEP))
    assert arm(here, "asleep") == ("a",)
    assert arm(here, "asleep") == ()
    assert arm(here, "trigger.asleep") == ()


def test_documents_that_came_later_have_it_already() -> None:
    here = start(a={})
    here.publish(with_trigger(ASLEEP))
    make(here.store, NewDocument(id="b", pipeline="contracts", values={}), user(BEN))
    assert arm(here, "asleep") == ("a",)


def test_a_rule_of_the_same_name_goes_first() -> None:
    here = start(a={})
    here.publish(
        published(
            stage("new", mail("asleep", time={"after": {"days": 1}})),
            stage("open"),
            stage("late", triggers=[ASLEEP]),
        )
    )
    assert arm(here, "asleep") == ("a",)
    assert states(here, "a") == {"asleep": "ready"}
    assert arm(here, "trigger.asleep") == ("a",)
    assert states(here, "a") == {"asleep": "ready", "trigger.asleep": "ready"}


@pytest.mark.parametrize(
    ("waits", "name", "text"),
    [
        (ASLEEP, "awake", 'version 2 has no rule "awake" that is switched on'),
        (
            ASLEEP | {"enabled": False},
            "asleep",
            'version 2 has no trigger "asleep" that is switched on',
        ),
        (
            trigger("viewed"),
            "viewed",
            'the trigger "viewed" is not armed in any stage: it waits for something that happens, '
            "or only in stages that it may not move documents out of",
        ),
    ],
)
def test_what_cannot_be_armed_is_refused(waits: dict[str, Any], name: str, text: str) -> None:
    here = start(a={})
    here.publish(with_trigger(waits))
    with pytest.raises(PermanentError) as error:
        arm(here, name)
    assert str(error.value) == text


def test_no_timer_is_armed_for_documents_in_a_final_stage() -> None:
    here = start(a={"ends": "2026-04-01"}, b={"ends": "2026-04-01"})
    here.edit("b", Edit(stage="open"), by=BEN)
    here.publish(
        published(stage("new"), stage("open", kind="success"), stage("late", triggers=[ENDS]))
    )
    assert arm(here, "ends") == ("a",)
    assert added_later(here, "b") == []


def test_show_tells_what_was_added_after_the_arrival() -> None:
    here = start(a={})
    here.publish(
        published(
            stage("new", mail("hello", name="Say hello")),
            stage("open"),
            stage("late", triggers=[ASLEEP | {"name": "Nobody signs"}, trigger("viewed")]),
        )
    )
    assert added_later(here, "a") == [
        (
            "Say hello",
            "does not run for this document, because it was added after its arrival; "
            "`countersign pipelines backfill contracts hello` changes that",
        ),
        (
            "Nobody signs",
            "is not armed for this document, because it was added after its arrival; "
            "`countersign pipelines backfill contracts trigger.asleep` changes that",
        ),
    ]
    arm(here, "trigger.asleep")
    arm(here, "hello")
    assert added_later(here, "a") == []


def test_moving_runs_leaves_a_timer_that_was_armed_later_at_its_time() -> None:
    here = start(a={})
    here.advance(4 * DAY)
    here.publish(with_trigger(ASLEEP))
    arm(here, "asleep")
    longer = ASLEEP | {"settings": {"stage": "new", "after": {"days": 12}}}
    here.publish(with_trigger(longer))
    program = here.programs.current("contracts")
    (move,) = migrations(here.store, program)
    assert move.updates[0].run.due == here.now + 8 * DAY


def test_a_document_that_changes_all_the_while_is_left_and_not_counted() -> None:
    class Restless(MemoryDocuments):
        def commit(self, change: Transaction) -> None:
            raise ConflictError("somebody else was first")

    here = start(a={})
    here.publish(with_trigger(ASLEEP))
    here.documents = Restless(here.state)
    assert arm(here, "asleep") == ()
    here.documents = MemoryDocuments(here.state)
    assert arm(here, "asleep") == ("a",)


def test_a_rule_that_is_run_later_is_planned_with_all_that_it_says() -> None:
    here = start(a={})
    here.advance(4 * DAY)
    once = mail(
        "hello", on_reentry="once", on_leave="keep", time={"after": {"days": 1}, "at": "09:00"}
    )
    first = mail("first", time={"after": {"days": 9}})
    here.publish(published(stage("new", first, once), stage("open"), stage("late")))
    assert arm(here, "first") == ("a",)
    assert arm(here, "hello") == ("a",)
    assert run_of(here, here.document("a"), "hello") == Run(
        document="a",
        entry=1,
        rule="hello",
        position=1,
        pipeline="contracts",
        pipeline_version=2,
        stage="new",
        kind="send_email",
        lane="email",
        state="ready",
        planned_at=here.now,
        due=START.replace(hour=8) + 5 * DAY,
        on_leave="keep",
        once=True,
        reason="1 day after its turn, at 09:00: Sat 2026-03-07 09:00 Europe/Berlin",
        cause=f"{BEN} ran it for documents already here",
    )
    assert not run_of(here, here.document("a"), "first").once


def test_a_timer_that_is_armed_later_is_planned_with_all_that_it_says() -> None:
    here = start(a={})
    here.advance(4 * DAY)
    here.publish(
        published(
            stage("new", mail("hello", time={"after": {"days": 9}})),
            stage("open"),
            stage("late", triggers=[ASLEEP]),
        )
    )
    arm(here, "hello")
    arm(here, "asleep")
    assert run_of(here, here.document("a"), "trigger.asleep") == Run(
        document="a",
        entry=1,
        rule="trigger.asleep",
        position=1,
        pipeline="contracts",
        pipeline_version=2,
        stage="new",
        kind="no_reaction",
        lane="document",
        state="ready",
        planned_at=START,
        due=START + 10 * DAY,
        reason="10 days after its turn: Thu 2026-03-12 10:00 Europe/Berlin",
        cause=f"{BEN} armed it for documents already here",
    )


def test_what_has_left_or_is_gone_when_it_is_looked_at_is_left_out() -> None:
    class Behind(MemoryDocuments):
        """An index that still has documents where they were."""

        def in_stage(self, pipeline: str, stage: str | None = None) -> Iterator[Document]:
            yield from before

    here = start(a={}, b={}, c={})
    before = tuple(here.documents.in_stage("contracts", "new"))
    here.edit("b", Edit(stage="open"), by=BEN)
    del here.state.documents["c"]
    here.publish(with_trigger(ASLEEP))
    here.documents = Behind(here.state)
    assert arm(here, "asleep") == ("a",)


# --- one document at a time, as a job does it


def with_rule(number: int) -> tuple[World, Backfill]:
    """A world whose pipeline has got a rule that its documents have not run."""
    here = start(**{f"d{n}": {} for n in range(number)})
    rule = mail("hello", time=LATER)
    here.publish(published(stage("new", rule), stage("open"), stage("late")))
    return here, backfill_of(here.programs.current("contracts"), "hello")


LATER = {"after": {"days": 3}}
BY_BEN = Planner(by=user(BEN))


def test_what_a_job_planned_before_is_not_planned_again_and_is_no_refusal() -> None:
    here, wanted = with_rule(1)
    job = Planner(by=user(BEN), job="j-1")
    assert plan_for(here.store, wanted, "d0", job) is None
    assert run_of(here, here.document("d0"), "hello").job == "j-1"
    assert plan_for(here.store, wanted, "d0", job) is None
    has_it = LeftOut("has_it", "the document has a run of hello in this stage entry")
    assert plan_for(here.store, wanted, "d0", Planner(by=user(BEN), job="j-2")) == has_it
    assert plan_for(here.store, wanted, "d0", BY_BEN) == has_it
    assert len(here.state.runs) == 1


def test_it_is_planned_in_the_stage_entry_in_which_the_document_was_found() -> None:
    here, wanted = with_rule(1)
    moved = "the document has been moved meanwhile; it is in the stage new"
    assert plan_for(here.store, wanted, "d0", BY_BEN, 2) == LeftOut("gone", moved)
    assert plan_for(here.store, wanted, "d0", BY_BEN, 1) is None


def test_a_document_in_another_stage_or_that_was_removed_gets_none() -> None:
    here, wanted = with_rule(1)
    here.edit("d0", Edit(stage="open"), by=BEN)
    moved = "the document has been moved meanwhile; it is in the stage open"
    assert plan_for(here.store, wanted, "d0", BY_BEN) == LeftOut("gone", moved)
    assert plan_for(here.store, wanted, "none", BY_BEN) == LeftOut(
        "gone", "the document was removed"
    )


@pytest.mark.parametrize(("ahead", "full"), [(79, False), (80, True)])
def test_a_stage_entry_has_eighty_runs_ahead_at_most(ahead: int, full: bool) -> None:
    here, wanted = with_rule(1)
    assert plan_for(here.store, wanted, "d0", BY_BEN) is None
    run = run_of(here, here.document("d0"), "hello")
    here.state.runs.clear()
    states = ("waiting", "no_date", "ready")
    for number in range(ahead):
        update = {"rule": f"r{number}", "state": states[number % 3]}
        other = run.model_copy(update=update)
        here.state.runs[other.key] = other
    over = run.model_copy(update={"rule": "over", "state": "done"})
    here.state.runs[over.key] = over
    left = plan_for(here.store, wanted, "d0", BY_BEN)
    text = "the document has 80 runs ahead; expected fewer than 80"
    assert left == (LeftOut("full", text) if full else None)


@pytest.mark.parametrize("place", ["1/", "x/", "-1/", "/"])
def test_a_place_behind_the_last_stage_is_refused(place: str) -> None:
    here, wanted = with_rule(1)
    with pytest.raises(InvalidCursorError, match="this is not a valid cursor"):
        page_backfill(here.store, here.pages, wanted, PageRequest(place))


def test_a_page_says_who_would_get_it_who_has_it_and_where_it_goes_on() -> None:
    here, wanted = with_rule(3)
    plan_for(here.store, wanted, "d1", BY_BEN)
    pages, after = [], None
    while True:
        page = page_backfill(here.store, here.pages, wanted, PageRequest(after, 2))
        pages.append(([one.id for one in page.found], page.have_it, dict(page.full)))
        if (after := page.next) is None:
            break
    assert pages == [(["d0"], 1, {}), (["d2"], 0, {})]
