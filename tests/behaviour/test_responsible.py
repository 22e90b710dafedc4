"""semantics, section 3: change responsible in turn, and to whoever is least busy."""

from __future__ import annotations

from typing import Any

from countersign.adapters.memory.queues.run_queues import QueuedMessage
from countersign.model.actor import user
from countersign.model.message import RunMessage
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import pipeline, stage
from tests.unit.use_cases.messages.test_races import watched

ANNA, BEN, CARLA, DORA = (f"{one}@acme.example" for one in ("anna", "ben", "carla", "dora"))
SALES = {"sales": [BEN, CARLA, DORA]}


def giving(mode: str, *users: str) -> dict[str, Any]:
    """A rule that makes one of these users responsible."""
    settings = {"users": list(users) or ["group:sales"], "mode": mode}
    return {"id": "give", "kind": "change_responsible", "settings": settings}


def with_rule(rule: dict[str, Any]) -> World:
    """A pipeline whose first stage has the rule."""
    here = World()
    here.publish(
        pipeline(stage("new", rule), stage("work"), stage("closed", kind="success"), groups=SALES)
    )
    return here


def arrive(here: World, name: str, by: str = ANNA) -> str | None:
    """Who is responsible for a new document once the rule has run."""
    make(here.store, NewDocument(id=name, pipeline="contracts", values={}), user(by))
    here.settle()
    return here.document(name).responsible


def test_in_turn_goes_round_the_users_in_listed_order() -> None:
    here = with_rule(giving("in_turn"))
    got = [arrive(here, f"d{number}") for number in range(7)]
    assert got == [BEN, CARLA, DORA, BEN, CARLA, DORA, BEN]


def test_every_rule_has_a_turn_of_its_own() -> None:
    other = giving("in_turn", DORA, CARLA) | {"id": "other"}
    here = World()
    here.publish(pipeline(stage("new", giving("in_turn"), other), groups=SALES))
    assert [arrive(here, name) for name in ("d1", "d2", "d3")] == [DORA, CARLA, DORA]
    edits = [line for line in here.documents.timeline("d2") if line.by == "rule:give"]
    assert [change.new for line in edits for change in line.changes] == [CARLA]


def test_a_transaction_that_must_be_made_anew_takes_no_second_turn() -> None:
    here, documents = watched(pipeline(stage("new", giving("in_turn")), groups=SALES))
    make(here.store, NewDocument(id="d1", pipeline="contracts", values={}), user(ANNA))

    def somebody_else_saves() -> None:
        here.edit("d1", Edit(values={"title": "Lease"}), by=ANNA)

    documents.at_commit.append(somebody_else_saves)
    here.settle()
    assert (here.document("d1").title, here.document("d1").responsible) == ("Lease", BEN)
    assert arrive(here, "d2") == CARLA


def test_the_same_message_again_takes_no_turn() -> None:
    here = with_rule(giving("in_turn"))
    arrive(here, "d1")
    message = RunMessage.of(here.documents.runs("d1")[0])
    again = QueuedMessage(lane="document", message=message, due=here.now, scheduled=False)
    assert here.deliver(again).result == "void"
    assert arrive(here, "d2") == CARLA


def test_least_busy_is_who_has_the_fewest_open_documents_in_listed_order() -> None:
    here = with_rule(giving("least_busy"))
    assert [arrive(here, f"d{number}") for number in range(4)] == [BEN, CARLA, DORA, BEN]
    # Ben's are done with, Carla gets one more.
    for name in ("d0", "d3"):
        here.edit(name, Edit(stage="closed"), by=ANNA)
    here.edit("d2", Edit(values={"responsible": CARLA}), by=ANNA)
    assert [arrive(here, f"e{number}") for number in range(4)] == [BEN, DORA, BEN, DORA]


def test_the_document_itself_is_not_counted_for_who_has_it() -> None:
    here = with_rule(giving("least_busy"))
    assert arrive(here, "d1", by=BEN) == BEN
    assert arrive(here, "d2", by=BEN) == CARLA


def test_names_are_compared_without_regard_to_case() -> None:
    here = with_rule(giving("least_busy", BEN, CARLA))
    arrive(here, "d1", by=ANNA)
    here.edit("d1", Edit(values={"responsible": BEN.upper()}), by=ANNA)
    assert arrive(here, "d2") == CARLA


def test_a_run_that_does_not_begin_takes_no_turn() -> None:
    skipped = giving("in_turn") | {
        "condition": {"field": "title", "op": "equals", "value": "Lease"}
    }
    here = with_rule(skipped)
    assert arrive(here, "d1") == ANNA
    make(
        here.store,
        NewDocument(id="d2", pipeline="contracts", values={"title": "Lease"}),
        user(ANNA),
    )
    here.settle()
    assert here.document("d2").responsible == BEN
