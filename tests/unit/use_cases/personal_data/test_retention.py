"""Retention: documents that ended so long ago are removed by the sweep, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import ConflictError, UnavailableError
from countersign.model.actor import user
from countersign.model.pipeline import KeptFor
from countersign.model.stored_file import announced
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.personal_data.retention import is_over
from countersign.use_cases.pipelines.pause import pause
from countersign.use_cases.runs.sweep import sweep
from tests.builders import ANNA, mail, pipeline, stage, to_stage, world

DAY = timedelta(days=1)
FINAL = (
    stage("draft"),
    stage("done", kind="success"),
    stage("lost", kind="failure"),
)
BERLIN = ZoneInfo("Europe/Berlin")


def kept_for(days: int, *stages: dict[str, Any]) -> World:
    retention = {"final_after": {"days": days}}
    return world(pipeline(*(stages or FINAL), retention=retention, senders=["@a.example"]))


def put(here: World, name: str, place: str, **values: object) -> None:
    make(
        here.store,
        NewDocument(id=name, pipeline="contracts", values=values, stage=place),
        user(ANNA),
    )
    here.settle()


def ids(here: World) -> list[str]:
    return sorted(here.state.documents)


def test_a_document_is_removed_once_it_was_final_for_so_long() -> None:
    here = kept_for(20)
    for name, place in (("d1", "done"), ("d2", "lost"), ("d3", "draft")):
        put(here, name, place)
    here.files.put("d1", "f-1", b"%PDF-")
    here.advance(20 * DAY - timedelta(seconds=1))
    assert here.sweep().removed == ()
    here.advance(timedelta(hours=2))
    assert here.sweep().removed == ("d1", "d2")
    assert ids(here) == ["d3"]
    assert here.documents.timeline("d1") == ()
    file = announced("a.pdf", "contract", b"%PDF-").stored("f-1", at=START, by=ANNA)
    assert here.files.get("d1", file) is None
    assert here.documents.runs("d1") == ()


def test_time_counts_from_the_arrival_in_the_final_stage() -> None:
    here = kept_for(30)
    put(here, "d1", "draft")
    here.advance(40 * DAY)
    here.edit("d1", Edit(stage="done"), by=ANNA)
    assert here.sweep().removed == ()
    here.advance(29 * DAY)
    assert here.sweep().removed == ()
    here.advance(2 * DAY)
    assert here.sweep().removed == ("d1",)


def test_without_retention_nothing_is_removed() -> None:
    here = world(pipeline(*FINAL))
    put(here, "d1", "done")
    here.advance(5_000 * DAY)
    assert here.sweep().removed == ()
    assert ids(here) == ["d1"]


def test_a_document_is_kept_while_a_rule_of_it_is_still_to_come() -> None:
    later = mail("later", time={"after": {"days": 60}})
    task = {
        "id": "check",
        "kind": "create_task",
        "execution": "independent",
        "settings": {"title": "Check", "assignee": ANNA, "wait": True},
    }
    here = kept_for(30, stage("draft"), stage("done", later, task, kind="success"))
    put(here, "d1", "done")
    here.advance(31 * DAY)
    assert here.sweep().removed == ()
    here.advance(31 * DAY)
    assert [run.state for run in here.documents.runs("d1")] == ["failed", "awaiting"]
    assert here.sweep().removed == ()
    here.complete_task(here.documents.tasks("d1")[0].key, by=ANNA)
    here.advance(timedelta(hours=1))
    assert here.sweep().removed == ("d1",)


def test_a_run_that_failed_does_not_keep_its_document() -> None:
    here = kept_for(30, stage("draft"), stage("done", mail("hello"), kind="success"))
    put(here, "d1", "done")
    assert [run.state for run in here.documents.runs("d1")] == ["failed"]
    here.advance(31 * DAY)
    assert here.sweep().removed == ("d1",)


def test_a_paused_pipeline_loses_nothing() -> None:
    here = kept_for(30)
    put(here, "d1", "done")
    pause(here.pipelines, "contracts")
    here.advance(31 * DAY)
    assert here.sweep().removed == ()


def test_so_many_are_removed_at_once_and_the_next_sweep_goes_on() -> None:
    here = kept_for(30)
    for number in range(130):
        put(here, f"d{number:03}", "done")
    here.advance(31 * DAY)
    assert len(here.sweep().removed) == 100
    assert len(here.sweep().removed) == 30
    # Then an hour passes before anybody looks again.
    put(here, "later", "done")
    here.state.documents["later"] = here.document("later").model_copy(update={"since": START})
    here.advance(timedelta(minutes=59))
    assert here.sweep().removed == ()
    here.advance(timedelta(minutes=1))
    assert here.sweep().removed == ("later",)


def test_a_sweep_whose_time_is_up_leaves_the_rest_to_the_next() -> None:
    here = kept_for(30)
    for number in range(3):
        put(here, f"d{number}", "done")
    here.advance(31 * DAY)
    looks = iter([False, False, False, True])
    swept = sweep(replace(here.sweeper, time_is_up=lambda: next(looks, True)))
    assert len(swept.removed) < 3
    assert len(here.sweep().removed) == 3 - len(swept.removed)


class Moving(MemoryDocuments):
    """Somebody moves a document out of its final stage right after it was listed."""

    def __init__(self, here: World) -> None:
        super().__init__(here.state)
        self._here = here

    def runs(self, document: str, entry: int | None = None) -> Any:
        self._here.edit(document, Edit(stage="draft"), by=ANNA)
        return super().runs(document, entry)


def test_a_document_that_moves_on_meanwhile_stays() -> None:
    here = kept_for(30)
    put(here, "d1", "done")
    here.advance(31 * DAY)
    applier = here.sweeper.applier
    store = replace(applier.store, documents=Moving(here))
    swept = sweep(replace(here.sweeper, applier=replace(applier, store=store)))
    assert (swept.removed, swept.problems) == ((), ())
    assert here.document("d1").stage == "draft"
    assert here.documents.timeline("d1") != ()


class Failing(MemoryDocuments):
    """One of the documents cannot be removed now."""

    def remove(self, document: str) -> None:
        if document == "d1":
            raise UnavailableError("the database gives no answer")
        super().remove(document)


def test_one_that_cannot_be_removed_is_told_and_keeps_no_other() -> None:
    here = kept_for(30)
    put(here, "d1", "done")
    put(here, "d2", "done")
    here.advance(31 * DAY)
    applier = here.sweeper.applier
    store = replace(applier.store, documents=Failing(here.state))
    swept = sweep(replace(here.sweeper, applier=replace(applier, store=store)))
    assert swept.removed == ("d2",)
    assert swept.problems == ("document d1: the database gives no answer",)


@pytest.mark.parametrize(
    ("kept", "since", "over_at"),
    [
        ({"days": 1}, datetime(2026, 3, 28, 9, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ({"days": 1}, datetime(2026, 1, 1, 0, tzinfo=UTC), datetime(2026, 1, 2, 0, tzinfo=UTC)),
        (
            {"months": 1},
            datetime(2026, 1, 31, 12, tzinfo=UTC),
            datetime(2026, 2, 28, 12, tzinfo=UTC),
        ),
        ({"months": 120}, datetime(2026, 5, 1, tzinfo=UTC), datetime(2036, 5, 1, tzinfo=UTC)),
    ],
)
def test_days_and_months_are_those_of_the_calendar(
    kept: dict[str, int], since: datetime, over_at: datetime
) -> None:
    wanted = KeptFor.model_validate(kept)
    assert not is_over(wanted, since, over_at - timedelta(seconds=1), BERLIN)
    assert is_over(wanted, since, over_at, BERLIN)


def test_a_time_beyond_all_calendars_never_comes() -> None:
    late = datetime(9990, 1, 1, tzinfo=UTC)
    assert not is_over(KeptFor(months=1_200), late, late, BERLIN)
    assert not is_over(KeptFor(days=36_500), late, late, BERLIN)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({}, "either days or months; found none"),
        ({"days": 1, "months": 1}, "either days or months; found days and months"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"months": 1_201}, "less than or equal to 1200"),
        ({"years": 1}, "not permitted"),
        ({"days": "soon"}, "valid integer"),
    ],
)
def test_what_is_no_length_of_time_is_refused(wanted: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        pipeline(*FINAL, retention={"final_after": wanted})


def test_conflicts_are_left_to_the_next_time() -> None:
    here = kept_for(30)
    put(here, "d1", "done")
    here.advance(31 * DAY)

    class Contended(MemoryDocuments):
        def remove(self, document: str) -> None:
            raise ConflictError("somebody else changes it")

    applier = here.sweeper.applier
    store = replace(applier.store, documents=Contended(here.state))
    swept = sweep(replace(here.sweeper, applier=replace(applier, store=store)))
    assert (swept.removed, swept.problems) == ((), ())


def test_a_rule_that_returns_a_document_keeps_it() -> None:
    here = kept_for(
        30,
        stage("draft"),
        stage("done", to_stage("back", "draft", time={"after": {"days": 10}}), kind="success"),
    )
    put(here, "d1", "done")
    here.advance(31 * DAY)
    assert here.sweep().removed == ()
    assert here.document("d1").stage == "draft"
