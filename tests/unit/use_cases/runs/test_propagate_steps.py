"""What of a change each transaction writes: as much as fits, the soonest first, the rest noted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.model.actor import user
from countersign.model.document import PendingUpdates
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make, save
from tests.builders import mail, pipeline, stage, to_stage

BEN = user("ben@acme.example")
LEASE = "lease"
HOUR = timedelta(hours=1)
Step = tuple[list[str], PendingUpdates | None]


class Watched(MemoryDocuments):
    """Documents that remember what was written."""

    def __init__(self, state: MemoryState) -> None:
        super().__init__(state)
        self.written: list[Transaction] = []

    def commit(self, change: Transaction) -> None:
        super().commit(change)
        self.written.append(change)


def start(wanted: Pipeline, most: int, **values: Any) -> tuple[World, Watched]:
    """A document in the first stage; from now on so many items fit into a transaction."""
    here = World()
    here.publish(wanted)
    make(here.store, NewDocument(id=LEASE, pipeline="contracts", values=values), BEN)
    here.settle()
    here.state.most_items = most
    documents = Watched(here.state)
    here.documents = documents
    return here, documents


def steps(documents: Watched) -> list[Step]:
    """The runs that each change of the document writes, as they are then, and what it leaves."""
    return [
        (
            [f"{run.rule} {run.state}" for run in _runs(change)],
            change.document.pending_updates,
        )
        for change in documents.written
        if change.document is not None
    ]


def _runs(change: Transaction) -> list[Run]:
    return [*(one.run for one in change.updates), *change.planned]


def published(*stages: dict[str, Any]) -> Pipeline:
    fields = {"end": {"type": "date"}}
    return pipeline(*stages, senders=["contracts@acme.example"], fields=fields)


def left(version: int) -> PendingUpdates:
    return PendingUpdates(fields={"end": version})


DATED = published(
    stage(
        "draft",
        *(
            mail(f"r{n}", execution="independent", time={"before": {"field": "end", "days": n}})
            for n in (1, 2, 3, 4, 5)
        ),
    )
)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (4, [
            (["r5 ready", "_backlog ready"], left(2)),
            (["_backlog ready", "r4 ready", "r3 ready"], left(2)),
            (["_backlog done", "r2 ready", "r1 ready"], None),
        ]),
        (5, [
            (["r5 ready", "r4 ready", "_backlog ready"], left(2)),
            (["_backlog done", "r3 ready", "r2 ready", "r1 ready"], None),
        ]),
        (7, [
            (["r5 ready", "r4 ready", "r3 ready", "r2 ready", "_backlog ready"], left(2)),
            (["_backlog done", "r1 ready"], None),
        ]),
        (8, [(["r5 ready", "r4 ready", "r3 ready", "r2 ready", "r1 ready"], None)]),
    ],
)  # fmt: skip
def test_runs_that_move_with_their_date_are_written_the_soonest_first(
    most: int, expected: list[Step]
) -> None:
    here, documents = start(DATED, most)
    end = here.now.date() + timedelta(days=60)
    save(here.store, LEASE, Edit(values={"end": end}), BEN)
    here.settle()
    assert steps(documents) == expected


def test_what_writes_the_rest_is_planned_as_a_run_of_no_entry_that_stays() -> None:
    here, documents = start(DATED, 4)
    save(here.store, LEASE, Edit(values={"end": here.now.date()}), BEN)
    (backlog,) = documents.written[0].planned
    assert backlog == Run(
        document=LEASE,
        entry=0,
        rule="_backlog",
        pipeline="contracts",
        pipeline_version=1,
        stage="draft",
        kind="backlog",
        lane="document",
        state="ready",
        planned_at=here.now,
        due=here.now,
        on_leave="keep",
        reason="runs of the document that are still to follow its last change",
    )


def test_what_writes_the_rest_has_all_its_tries_in_each_step() -> None:
    here, documents = start(DATED, 4)
    save(here.store, LEASE, Edit(values={"end": here.now.date()}), BEN)
    (backlog,) = documents.written[0].planned
    here.state.runs[backlog.key] = backlog.model_copy(update={"swept": 7})
    here.settle()
    again = documents.written[1].updates[0].run
    assert (again.rule, again.state, again.swept, again.due) == ("_backlog", "ready", 0, here.now)
    assert again.reason == backlog.reason


def test_what_changes_again_in_between_is_followed_from_the_newest_value() -> None:
    here, documents = start(DATED, 4)
    for days in (60, 90):
        end = here.now.date() + timedelta(days=days)
        save(here.store, LEASE, Edit(values={"end": end}), BEN)
    # The backlog's run is ready already, and needs no other.
    assert steps(documents) == [
        (["r5 ready", "_backlog ready"], left(2)),
        (["r5 ready"], left(3)),
    ]
    here.settle()
    assert here.document(LEASE).pending_updates is None
    runs = {run.rule: run.due for run in here.documents.runs(LEASE, 1)}
    first = runs["r5"]
    assert first is not None
    assert {name: due and (due - first).days for name, due in runs.items()} == {
        f"r{n}": 5 - n for n in (1, 2, 3, 4, 5)
    }


AGAIN = published(
    stage(
        "draft",
        *(
            mail(f"r{n}", execution="independent", again=True, time={"on": {"field": "end"}})
            for n in range(3)
        ),
    )
)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (4, [(["r0 ready", "_backlog ready"], left(2)),
             (["_backlog done", "r1 ready", "r2 ready"], None)]),
        (5, [(["r0 ready", "r1 ready", "_backlog ready"], left(2)),
             (["_backlog done", "r2 ready"], None)]),
        (6, [(["r0 ready", "r1 ready", "r2 ready"], None)]),
    ],
)  # fmt: skip
def test_rules_that_are_armed_again_are_planned_as_far_as_they_fit(
    most: int, expected: list[Step]
) -> None:
    here, documents = start(AGAIN, most, end="2026-03-02")
    save(here.store, LEASE, Edit(values={"end": "2026-06-02"}), BEN)
    here.settle()
    assert steps(documents) == expected
    assert {run.repeat for run in here.documents.runs(LEASE, 1)} == {0, 1}


KEPT = {"on_leave": "keep"}
CHAINS = published(
    stage(
        "draft",
        *(
            rule
            for n in range(3)
            for rule in (
                mail(f"a{n}", execution="independent", time={"after": {"days": 1}}),
                mail(f"k{n}", **KEPT),
            )
        ),
    ),
    stage("sent"),
)
LEAVING = PendingUpdates(entries=(1,))


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (4, [
            (["_backlog ready"], LEAVING),
            (["_backlog ready", "a0 cancelled", "k0 ready"], LEAVING),
            (["_backlog ready", "a1 cancelled", "k1 ready"], LEAVING),
            (["_backlog done", "a2 cancelled", "k2 ready"], None),
        ]),
        (6, [
            (["a0 cancelled", "k0 ready", "_backlog ready"], LEAVING),
            (["_backlog done", "a1 cancelled", "k1 ready", "a2 cancelled", "k2 ready"], None),
        ]),
        (8, [
            (["a0 cancelled", "k0 ready", "a1 cancelled", "k1 ready", "_backlog ready"], LEAVING),
            (["_backlog done", "a2 cancelled", "k2 ready"], None),
        ]),
        (9, [
            (["a0 cancelled", "k0 ready", "a1 cancelled", "k1 ready", "a2 cancelled", "k2 ready"],
             None),
        ]),
    ],
)  # fmt: skip
def test_each_chain_with_a_kept_rule_is_freed_as_a_whole(most: int, expected: list[Step]) -> None:
    here, documents = start(CHAINS, most)
    save(here.store, LEASE, Edit(stage="sent"), BEN)
    here.settle()
    assert steps(documents) == expected


def test_a_chain_without_a_kept_rule_stays_as_it_is() -> None:
    here, documents = start(
        published(
            stage("draft", mail("first", time={"after": {"days": 1}}), mail("second")),
            stage("sent"),
        ),
        20,
    )
    save(here.store, LEASE, Edit(stage="sent"), BEN)
    assert steps(documents) == [([], None)]
    assert {run.rule: run.state for run in here.documents.runs(LEASE, 1)} == {
        "first": "ready",
        "second": "waiting",
    }


@pytest.mark.parametrize("state", ["running", "in_doubt", "awaiting"])
def test_a_chain_that_hands_on_by_itself_holds_up_no_other(state: str) -> None:
    here, documents = start(CHAINS, 20)
    (first, *_) = here.documents.runs(LEASE, 1)
    here.state.runs[first.key] = first.model_copy(update={"state": state})
    save(here.store, LEASE, Edit(stage="sent"), BEN)
    assert steps(documents) == [
        (["a1 cancelled", "k1 ready", "a2 cancelled", "k2 ready"], None),
    ]


def test_a_rule_that_was_armed_again_stands_beside_its_chain() -> None:
    here, documents = start(CHAINS, 20)
    kept = next(run for run in here.documents.runs(LEASE, 1) if run.rule == "k1")
    again = kept.model_copy(update={"repeat": 1, "state": "done", "after": None})
    here.state.runs[again.key] = again
    save(here.store, LEASE, Edit(stage="sent"), BEN)
    chains = [f"{name} {state}" for n in range(3)
              for name, state in ((f"a{n}", "cancelled"), (f"k{n}", "ready"))]  # fmt: skip
    assert steps(documents) == [(chains, None)]


LEADING = published(
    stage(
        "draft",
        to_stage("go", "sent", time={"after": {"hours": 1}}),
        mail("b0"),
        mail("b1"),
        mail("b2", **KEPT),
    ),
    stage(
        "sent",
        *(mail(f"r{n}", execution="independent", time={"after": {"days": 1}}) for n in range(3)),
    ),
)
PLANNED = ["r0 ready", "r1 ready", "r2 ready"]
BELOW = ["b0 cancelled", "b1 cancelled", "b2 ready"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (
            9,
            [(["go done", *PLANNED, "_backlog ready"], LEAVING), (["_backlog done", *BELOW], None)],
        ),
        (10, [(["go done", *BELOW, *PLANNED], None)]),
    ],
)
def test_the_chain_under_a_rule_that_moves_is_left_for_later_where_it_does_not_fit(
    most: int, expected: list[Step]
) -> None:
    here, documents = start(LEADING, most)
    here.advance(HOUR)
    assert steps(documents) == expected
