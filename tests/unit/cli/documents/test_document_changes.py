"""What a change of a document shows of the runs that were planned before it."""

from __future__ import annotations

import json

import pytest

from tests.builders import mail, pipeline, stage
from tests.unit.cli.desk import Desk

REMINDING = pipeline(
    stage("here", mail("remind", time={"before": {"field": "end", "days": 3}, "at": "09:00"})),
    stage("later"),
    senders=["contracts@acme.example"],
    fields={"end": {"type": "date"}},
    time_zone="Europe/Berlin",
)


@pytest.fixture
def desk() -> Desk:
    """A document whose reminder is due three days before its end."""
    made = Desk()
    made.world.publish(REMINDING.model_copy(update={"pipeline": "leases"}))
    created = made("documents", "create", "leases", "end=2026-06-30", "--output", "json")
    made.other = json.loads(created.stdout)["document"]
    return made


def test_a_date_that_moves_shows_when_its_timers_are_due_now_in_the_pipelines_zone(
    desk: Desk,
) -> None:
    edited = desk("documents", "edit", desk.other, "end=2026-12-31")
    assert (
        edited.output == "anna@acme.example changed end\n  remind: ready, due 2026-12-28 09:00:00\n"
    )


def test_a_date_that_is_emptied_shows_that_its_timers_wait_for_it(desk: Desk) -> None:
    edited = desk("documents", "edit", desk.other, "end=")
    assert edited.output == "anna@acme.example changed end\n  remind: no date\n"


def test_a_document_that_is_moved_shows_what_ended_in_the_stage_it_left(desk: Desk) -> None:
    moved = desk("documents", "stop", desk.other)
    assert moved.output == (
        "anna@acme.example stopped the rules of the stage here\n  remind: cancelled\n"
    )


def test_programs_get_the_same_with_times_in_utc(desk: Desk) -> None:
    edited = desk("documents", "edit", desk.other, "end=2026-12-31", "--output", "json")
    assert json.loads(edited.stdout)["updated"] == [
        {
            "run": f"{desk.other}.1.remind",
            "rule": "remind",
            "state": "ready",
            "due": "2026-12-28T08:00:00Z",
        }
    ]


def test_a_change_that_moves_nothing_shows_no_run(desk: Desk) -> None:
    edited = desk("documents", "edit", desk.other, "title=Lease 9")
    assert edited.output == "anna@acme.example changed title\n"
