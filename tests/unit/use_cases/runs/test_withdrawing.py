"""What no longer can run is withdrawn at the scheduler, as far as its run is written."""

from __future__ import annotations

from countersign.model.actor import user
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import mail, pipeline, stage

BEN = "ben@acme.example"
LEASE = "lease"


def scheduled() -> World:
    """A rule that waits in a schedule for a date field."""
    here = World()
    rule = mail("reminder", time={"on": {"field": "end"}, "at": "09:00"})
    stop = {"id": "stop", "kind": "stop_rules", "execution": "independent",
            "time": {"after": {"days": 1}}}  # fmt: skip
    here.publish(
        pipeline(
            stage("draft", rule, stop),
            stage("next"),
            senders=["contracts@acme.example"],
            fields={"end": {"type": "date"}},
        )
    )
    make(
        here.store,
        NewDocument(id=LEASE, pipeline="contracts", values={"end": "2026-05-01"}),
        user(BEN),
    )
    here.settle()
    return here


def dates(here: World) -> list[str]:
    """The rules that wait in a schedule."""
    return [one.message.rule for one in here.lanes.waiting if one.scheduled]


def test_a_run_whose_date_is_emptied_is_withdrawn() -> None:
    here = scheduled()
    assert dates(here) == ["stop", "reminder"]
    here.edit(LEASE, Edit(values={"end": None}), by=BEN)
    assert dates(here) == ["stop"]


def test_a_run_that_moves_with_its_date_leaves_no_schedule_behind() -> None:
    here = scheduled()
    here.edit(LEASE, Edit(values={"end": "2026-06-01"}), by=BEN)
    assert [f"{one.due:%m-%d}" for one in here.lanes.waiting] == ["03-03", "06-01"]


def test_a_run_that_is_stopped_is_withdrawn() -> None:
    here = scheduled()
    here.edit(LEASE, Edit(stop_rules=True), by=BEN)
    assert dates(here) == []


def test_the_schedule_of_a_run_whose_stage_was_left_comes_once_and_is_void() -> None:
    here = scheduled()
    here.edit(LEASE, Edit(stage="next"), by=BEN)
    assert dates(here) == ["stop", "reminder"]
    here.now = max(one.due for one in here.lanes.waiting)
    here.settle()
    assert here.lanes.waiting == ()
    assert here.mailbox.sent == []
