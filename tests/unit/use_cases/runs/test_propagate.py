"""A change that means more for a document's runs than one transaction takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.engine.runs.lifecycle import update
from countersign.errors import ConflictError, PermanentError
from countersign.model.actor import user
from countersign.model.document import Document, FieldValue
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run, RunKey, RunRecord
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make, save
from countersign.use_cases.queries.show import show
from countersign.use_cases.runs.change_run import resolve_run
from countersign.use_cases.runs.dispatch import dispatch
from tests.builders import connection, event, mail, pipeline, run_of, stage, to_stage, trigger

BEN = "ben@acme.example"
LEASE = "lease"
MANY = 300
QUOTA = 100
"""Items of one DynamoDB transaction, by its service quota."""
SENDERS = ["contracts@acme.example"]
FIELDS = {"end": {"type": "date"}, "start": {"type": "date"}}
TIMES = (
    {"on": {"field": "end"}, "at": "09:00"},
    {"before": {"field": "end", "days": 2}},
    {"after": {"field": "end", "hours": 3}},
    {"on": {"field": "start"}},
)
REMINDING = pipeline(
    stage("draft"),
    stage("sent", *(mail(f"r{n}", on_leave="keep", execution="independent", time=time)
                    for n, time in enumerate(TIMES))),
    senders=SENDERS,
    fields=FIELDS,
)  # fmt: skip
"""Every entry of ``sent`` leaves four parked runs behind, three of which hang on one field."""


class Died(BaseException):
    """The function that ran has died."""


@dataclass(slots=True)
class Trouble:
    """What happens at the commits: nothing, unless told."""

    at: int = 0
    """The number of the commit at which it happens, from 1."""
    what: Literal["conflict", "dies before", "dies after"] = "conflict"
    commits: int = 0


class Troubled(MemoryDocuments):
    """Documents at which something goes wrong once."""

    def __init__(self, state: MemoryState, trouble: Trouble) -> None:
        super().__init__(state)
        self.trouble = trouble

    def commit(self, change: Transaction) -> None:
        trouble = self.trouble
        trouble.commits += 1
        if trouble.commits == trouble.at:
            if trouble.what == "conflict":
                raise ConflictError("somebody else was first")
            if trouble.what == "dies before":
                raise Died
        super().commit(change)
        if (trouble.commits, trouble.what) == (trouble.at, "dies after"):
            raise Died


def made(wanted: Pipeline, most: int = QUOTA) -> World:
    """A world with a document in its first stage, in which so much fits into one transaction."""
    here = World()
    here.state.most_items = most
    here.publish(wanted)
    make(here.store, NewDocument(id=LEASE, pipeline="contracts", values={}), user(BEN))
    here.settle()
    return here


def entered(here: World, target: str, times: int) -> World:
    """The document enters a stage so often, and leaves it in between."""
    for _ in range(times):
        for name in (target, "draft"):
            here.edit(LEASE, Edit(stage=name), by=BEN)
    return here


@cache
def parked() -> MemoryState:
    """The state after a stage was entered again and again, with an empty field each time."""
    return entered(made(REMINDING), "sent", MANY // 3).state


def with_parked(most: int = QUOTA, trouble: Trouble | None = None) -> World:
    """A world of its own with three hundred runs parked on one field, and others on another."""
    here, found = made(REMINDING, most), parked()
    for name in ("documents", "runs", "logs"):
        getattr(here.state, name).update(getattr(found, name))
    here.now = max(run.planned_at for run in found.runs.values())
    here.documents = Troubled(here.state, trouble or Trouble())
    return here


def fill(here: World, **values: FieldValue) -> None:
    """A person saves fields; nothing else has time to happen."""
    save(here.store, LEASE, Edit(values=values), user(BEN))


def hand_out(here: World) -> None:
    """The stream hands on what became ready."""
    for old, new in here.state.take_ready():
        dispatch(here.lanes, [RunRecord(old=old, new=new)], here.now)


def rules(here: World) -> dict[RunKey, tuple[Any, ...]]:
    """How each run of a rule stands."""
    return {
        key: (run.state, run.due, run.date_field, run.reason)
        for key, run in here.state.runs.items()
        if run.rule != "_backlog"
    }


def rest(here: World) -> Run:
    """The document's run that does what was left."""
    return here.state.runs[RunKey(document=LEASE, entry=0, rule="_backlog")]


FILLED: tuple[dict[str, FieldValue], ...] = (
    {"end": "2026-05-01"},
    {"end": "2026-05-01", "start": "2026-04-01"},
)
CHANGES: dict[str, tuple[dict[str, FieldValue], ...]] = {
    "filled": FILLED[:1],
    "two fields filled": FILLED[1:],
    "changed": (*FILLED, {"end": "2026-07-01"}),
    "emptied": (*FILLED, {"end": None}),
    "one emptied, one filled": (*FILLED[:1], {"end": None, "start": "2026-04-01"}),
}


@pytest.mark.parametrize("at_once", [False, True], ids=["step by step", "in quick succession"])
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_any_number_of_runs_ends_where_one_transaction_would_have_put_them(
    changes: tuple[dict[str, FieldValue], ...], at_once: bool
) -> None:
    here, reference = with_parked(), with_parked(most=10_000)
    for values in changes:
        fill(reference, **values)
        fill(here, **values)
        if not at_once:
            here.settle()
    here.settle()
    assert rules(here) == rules(reference)
    assert len(rules(here)) == MANY + MANY // 3
    assert here.document(LEASE).pending_updates is None
    assert rest(here).state == "done"


def transactions() -> int:
    """How many there are from filling the field to the end."""
    trouble = Trouble()
    here = with_parked(trouble=trouble)
    fill(here, **FILLED[1])
    here.settle()
    return trouble.commits


@pytest.mark.parametrize("what", ["conflict", "dies before", "dies after"])
def test_nothing_is_lost_whatever_happens_between_two_transactions(
    what: Literal["conflict", "dies before", "dies after"],
) -> None:
    reference = with_parked(most=10_000)
    fill(reference, **FILLED[1])
    number = transactions()
    assert number == 1 + (MANY + MANY // 3 - (QUOTA - 3)) // (QUOTA - 2) + 1
    for at in range(1, number + 1):
        here = with_parked(trouble=Trouble(at=at, what=what))
        try:
            fill(here, **FILLED[1])
            here.settle()
        except Died:
            here.lanes.take_due(here.now)  # its message is lost with it
        if here.document(LEASE).fields == {}:
            fill(here, **FILLED[1])  # whoever saved it saw that it failed
        for _ in range(3):
            here.now += timedelta(minutes=10)
            here.sweep()
        assert {key: one[:3] for key, one in rules(here).items()} == {
            key: one[:3] for key, one in rules(reference).items()
        }, f"{what} {at}"


def test_what_comes_between_two_steps_counts_as_if_each_change_were_whole() -> None:
    here, reference = with_parked(), with_parked(most=10_000)
    steps: tuple[dict[str, FieldValue], ...] = (
        {"end": "2026-05-01"},
        {"start": "2026-04-01"},
        {"end": "2026-06-01"},
        {"start": None},
        {"end": None, "start": "2026-04-02"},
    )
    for values in steps:
        fill(reference, **values)
        fill(here, **values)
        # One step of what is left, and the next change comes.
        hand_out(here)
        for waiting in here.lanes.take_due(here.now):
            here.deliver(waiting)
    here.settle()
    assert rules(here) == rules(reference)


def test_no_run_starts_by_the_date_that_its_field_had_before() -> None:
    here = with_parked()
    fill(here, end="2026-03-01")  # has passed: everything on it is due
    here.state.most_items = 10_000
    hand_out(here)
    held = [one for one in here.lanes.take_due(here.now) if one.lane == "email"]
    here.state.most_items = QUOTA
    assert held
    fill(here, end=None)
    told = Counter(here.deliver(one).reason for one in held)
    waits = "its date field end has changed; it will be rescheduled"
    assert told[waits] + told["the run is parked"] + _replaced(told) == len(held)
    assert here.mailbox.sent == []
    here.settle()
    assert Counter(run.state for key, run in here.state.runs.items() if key.rule != "_backlog") == {
        "no_date": len(rules(here))
    }


def _replaced(told: Counter[str | None]) -> int:
    return sum(number for text, number in told.items() if "was replaced" in (text or ""))


def test_a_run_that_is_about_to_be_moved_says_so_and_what_moves_it_is_not_shown() -> None:
    here = with_parked()
    fill(here, end="2026-05-01")
    shown = show(here.documents, here.pipelines, here.programs, LEASE)
    words = Counter(run.words.partition(",")[0] for one in shown.entries for run in one.runs)
    behind = words["will be rescheduled: the field end has changed"]
    assert behind == MANY - (QUOTA - 3)
    assert all(run.rule != "_backlog" for one in shown.entries for run in one.runs)
    assert [one.entry for one in shown.entries] == list(range(2, 2 * MANY // 3 + 1, 2))


def test_stopping_the_rules_of_a_stage_leaves_what_moves_others() -> None:
    here = with_parked()
    fill(here, end="2026-05-01")
    save(here.store, LEASE, Edit(stop_rules=True), user(BEN))
    assert rest(here).state == "ready"


def test_what_moves_others_begins_each_step_in_a_new_generation() -> None:
    """A message of an earlier step that comes late finds another generation, and does nothing."""
    here = with_parked()
    fill(here, end="2026-05-01")
    seen = [rest(here).generation]
    while rest(here).state == "ready":
        hand_out(here)
        for waiting in here.lanes.take_due(here.now):
            here.deliver(waiting)
        seen.append(rest(here).generation)
    steps = seen[:-1]  # the last one ends it
    assert len(steps) > 2
    assert steps == sorted(set(steps))
    fill(here, end="2026-06-01")
    assert rest(here).generation > seen[-1]


def test_what_moves_others_goes_on_when_its_pipeline_is_resumed() -> None:
    here = with_parked()
    fill(here, end="2026-05-01")
    here.pipelines.set_paused("contracts", True)
    here.settle()
    assert rest(here).state == "ready"
    here.pipelines.set_paused("contracts", False)
    here.now += timedelta(minutes=5)
    here.sweep()
    assert (rest(here).state, here.document(LEASE).pending_updates) == ("done", None)


@pytest.mark.parametrize("remedy", ["skip", "accept"])
def test_what_moves_others_can_be_tried_again_but_not_left_out(remedy: Any) -> None:
    here = with_parked()
    fill(here, end="2026-05-01")
    found = rest(here)
    here.state.runs[found.key] = found.model_copy(update={"state": "failed", "reason": "lost"})
    here.state.take_ready()
    with pytest.raises(PermanentError, match="it can only be tried again"):
        resolve_run(here.store, found.key, remedy, user(BEN))
    resolve_run(here.store, found.key, "retry", user(BEN))
    here.settle()
    assert (rest(here).state, here.document(LEASE).pending_updates) == ("done", None)


def test_what_a_person_tries_again_begins_though_its_field_is_still_being_followed() -> None:
    here = with_parked()
    fill(here, end="2026-05-01")
    found = next(
        one
        for one in here.state.runs.values()
        if (one.state, one.date_field) == ("no_date", "end") and one.entry < 20
    )
    here.state.runs[found.key] = found.model_copy(update={"state": "failed", "reason": "lost"})
    here.state.take_ready()
    resolve_run(here.store, found.key, "retry", user(BEN))
    hand_out(here)
    (waiting,) = (one for one in here.lanes.take_due(here.now) if one.message.key == found.key)
    assert here.deliver(waiting).result != "void"


def test_runs_that_ended_with_their_stage_stay_as_they_are_when_their_date_moves() -> None:
    dated = {"on": {"field": "end"}, "at": "09:00"}
    here = made(
        pipeline(
            stage(
                "draft",
                mail("dies", time=dated),
                mail("kept", time=dated, on_leave="keep", execution="independent"),
            ),
            stage("sent"),
            senders=SENDERS,
            fields=FIELDS,
        )
    )
    here.edit(LEASE, Edit(values={"end": "2026-05-01"}), by=BEN)
    here.edit(LEASE, Edit(stage="sent"), by=BEN)
    before = {run.rule: run for run in here.documents.runs(LEASE, 1)}
    here.edit(LEASE, Edit(values={"end": "2026-06-01"}), by=BEN)
    after = {run.rule: run for run in here.documents.runs(LEASE, 1)}
    assert after["dies"] == before["dies"]
    assert after["kept"].due != before["kept"].due


# --- leaving a stage: long chains, whose kept rules get their turn


def chain(number: int, *last: dict[str, Any]) -> list[dict[str, Any]]:
    """A chain that waits for its first rule, and what stands at its end."""
    long = {"after": {"days": 300}}
    return [mail("c0", time=long), *(mail(f"c{n}") for n in range(1, number)), *last]


@pytest.mark.parametrize("length", [5, 40, 78])
def test_a_long_chain_hands_on_to_what_is_kept_though_the_next_stage_plans_many_runs(
    length: int,
) -> None:
    kept = mail("kept", on_leave="keep", time={"after": {"hours": 1}})
    many = (mail(f"m{n}", time={"after": {"days": 9}}) for n in range(80))
    here = made(
        pipeline(stage("draft", *chain(length, kept)), stage("sent", *many), senders=SENDERS)
    )
    here.edit(LEASE, Edit(stage="sent"), by=BEN)
    there = {run.rule: run.state for run in here.documents.runs(LEASE, 1)}
    assert there == {**{f"c{n}": "cancelled" for n in range(length)}, "kept": "ready"}
    assert len(here.documents.runs(LEASE, 2)) == 80
    assert here.document(LEASE).pending_updates is None
    assert bool(here.documents.runs(LEASE, 0)) == (length > 5)


@pytest.mark.parametrize("kept", [False, True])
def test_a_rule_that_changes_the_stage_may_stand_above_as_many_as_the_next_stage_plans(
    kept: bool,
) -> None:
    comment = {"id": "kept", "kind": "add_comment", "settings": {"text": "It was here."}}
    last = [{**comment, "on_leave": "keep"}] if kept else []
    many = (mail(f"m{n}", time={"after": {"days": 9}}) for n in range(79))
    below = [mail(f"c{n}") for n in range(78)]
    here = made(
        pipeline(
            stage("draft"),
            stage("half", to_stage("on", "sent"), *below, *last),
            stage("sent", *many),
            senders=SENDERS,
        )
    )
    document = here.edit(LEASE, Edit(stage="half"), by=BEN)
    assert (document.stage, document.entry, document.pending_updates) == ("sent", 3, None)
    shown = show(here.documents, here.pipelines, here.programs, LEASE)
    states = {run.rule: run.state for run in shown.entries[0].runs}
    expected = {"on": "done", **{f"c{n}": "cancelled" for n in range(78)}}
    assert states == {**expected, **({"kept": "done"} if kept else {})}


@pytest.mark.parametrize("length", [1, 40, 78])
def test_a_kept_rule_that_moves_a_document_later_hands_on_in_the_stage_it_comes_from(
    length: int,
) -> None:
    """By then that stage was left long ago, and nothing else looks after its chain."""
    moves = {**to_stage("on", "sent", time={"after": {"days": 1}}), "on_leave": "keep"}
    comment = {"id": "kept", "kind": "add_comment", "settings": {"text": "It was here."}}
    below = [*(mail(f"c{n}") for n in range(length)), {**comment, "on_leave": "keep"}]
    many = (mail(f"m{n}", time={"after": {"days": 9}}) for n in range(79))
    here = made(
        pipeline(
            stage("draft", moves, *below), stage("half"), stage("sent", *many), senders=SENDERS
        )
    )
    here.edit(LEASE, Edit(stage="half"), by=BEN)
    here.advance(timedelta(days=1, hours=1))
    document = here.document(LEASE)
    assert (document.stage, document.entry, document.pending_updates) == ("sent", 3, None)
    there = {run.rule: run.state for run in here.documents.runs(LEASE, 1)}
    assert there == {"on": "done", **{f"c{n}": "cancelled" for n in range(length)}, "kept": "done"}


@pytest.mark.parametrize("state", ["ready", "failed"])
def test_one_that_is_tried_again_does_not_hold_up_what_is_kept_below_those_that_had_their_turn(
    state: str,
) -> None:
    """Those below it had their turn when it failed; the dated one ends with its stage."""
    dated = mail("dated", time={"before": {"field": "end", "days": 2}})
    kept = {"id": "kept", "kind": "add_comment", "settings": {"text": "It was here."}}
    here = World(mailbox=MemoryMailer(refusal=lambda _: PermanentError("no such address")))
    stages = (stage("draft", mail("first"), dated, {**kept, "on_leave": "keep"}), stage("sent"))
    here.publish(pipeline(*stages, senders=SENDERS, fields={"end": {"type": "date"}}))
    wanted = NewDocument(id=LEASE, pipeline="contracts")
    make(here.store, wanted, user(BEN))
    here.settle()
    resolve_run(here.store, run_of(here, here.document(LEASE), "first").key, "retry", user(BEN))
    if state == "failed":
        here.settle()
    before = {run.rule: run.state for run in here.documents.runs(LEASE, 1)}
    assert before == {"first": state, "dated": "no_date", "kept": "waiting"}
    here.edit(LEASE, Edit(stage="sent"), by=BEN)
    after = {run.rule: run.state for run in here.documents.runs(LEASE, 1)}
    assert (after["dated"], after["kept"]) == ("cancelled", "done")


@pytest.mark.parametrize("most", range(15, 36))
def test_however_much_fits_a_chain_ends_where_it_would_have_ended(most: int) -> None:
    moves = {**to_stage("on", "sent", time={"after": {"days": 1}}), "on_leave": "keep"}
    comment = {"id": "kept", "kind": "add_comment", "settings": {"text": "It was here."}}
    below = [*(mail(f"c{n}") for n in range(12)), {**comment, "on_leave": "keep"}]
    many = (mail(f"m{n}", time={"after": {"days": 9}}) for n in range(4))
    here = made(
        pipeline(
            stage("draft"),
            stage("first", moves, *below),
            stage("half"),
            stage("sent", *many),
            senders=SENDERS,
        )
    )
    for name in ("first", "half"):
        here.edit(LEASE, Edit(stage=name), by=BEN)
    here.state.most_items = most
    here.advance(timedelta(days=1, hours=1))
    there = {run.rule: run.state for run in here.documents.runs(LEASE, 2)}
    assert there == {"on": "done", **{f"c{n}": "cancelled" for n in range(12)}, "kept": "done"}
    assert here.document(LEASE).pending_updates is None


# --- a message that leads through several stages


def leading(
    through: int, kept: int, last: int, **more: Any
) -> Callable[[int], tuple[World, Document]]:
    """A pipeline with so many kept rules in each stage but the last, and what a message does."""
    names = [f"s{n}" for n in range(through)]
    stages = [
        stage(
            name,
            *(mail(f"{name}k{n}", on_leave="keep", time={"after": {"days": 1}})
              for n in range(kept)),
            triggers=[trigger(kind, f"to-{name}") for kind in KINDS[n : n + 1] if n],
        )
        for n, name in enumerate(names)
    ]  # fmt: skip
    end = stage("end", *(mail(f"e{n}", time={"after": {"days": 1}}) for n in range(last)),
                triggers=[trigger("signed_by_all")])  # fmt: skip
    wanted = pipeline(*stages, end, senders=SENDERS, **more)

    def tell(most: int) -> tuple[World, Document]:
        here = World()
        here.state.most_items = most
        here.publish(wanted)
        here.connect(connection())
        here.receive("docusign", [event(kind, minute=n) for n, kind in enumerate(EVENTS)])
        (document,) = here.state.documents.values()
        return here, document

    return tell


KINDS = ("", "sent", "delivered", "declined")
EVENTS = ("document.sent", "document.delivered", "document.completed")


@pytest.mark.parametrize(("kept", "last"), [(2, 70), (20, 40), (26, 27), (40, 40), (0, 80)])
def test_a_message_that_leads_through_stages_is_applied_in_as_many_steps_as_it_needs(
    kept: int, last: int
) -> None:
    tell = leading(3, kept, last)
    (here, document), (reference, expected) = tell(QUOTA), tell(10_000)
    assert (document.stage, document.entry) == (expected.stage, expected.entry) == ("end", 4)
    assert rules(here) == rules(reference)
    keys = [one.key for one in here.documents.events(document.id)]
    assert keys == [event(kind, minute=n).key for n, kind in enumerate(EVENTS)]
    lines = [(one.kind, one.event) for one in here.documents.timeline(document.id)]
    assert lines == [(one.kind, one.event) for one in reference.documents.timeline(expected.id)]


def test_a_mail_that_moves_with_its_date_loses_its_place_in_the_row() -> None:
    """The place was of the time that it no longer has."""
    here = World()
    dated = mail("remind", time={"before": {"field": "end", "days": 3}, "at": "09:00"})
    here.publish(pipeline(stage("draft", dated), senders=SENDERS, fields={"end": {"type": "date"}}))
    make(
        here.store,
        NewDocument(id=LEASE, pipeline="contracts", values={"end": "2026-06-30"}),
        user(BEN),
    )
    here.settle()
    run = run_of(here, here.document(LEASE), "remind")
    placed = run.model_copy(update={"slot": run.due, "generation": run.generation + 1})
    here.documents.commit(Transaction(updates=(update(run, placed),)))
    here.edit(LEASE, Edit(values={"end": "2026-09-30"}), by=BEN)
    moved = run_of(here, here.document(LEASE), "remind")
    assert (moved.due, moved.slot) == (datetime(2026, 9, 27, 7, tzinfo=UTC), None)
