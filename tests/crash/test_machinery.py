"""The simulation's own machinery: chance by name, shrinking, queues that keep their promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from countersign.adapters.dynamodb import items
from countersign.errors import UnreadableError
from countersign.model.document import Document
from countersign.model.pipeline import Head
from countersign.model.run import Run
from countersign.model.task import Task
from countersign.simulation.world import START
from tests.builders import connection
from tests.crash.acts import Scenario
from tests.crash.fate import Fate
from tests.crash.poison import DAMAGES
from tests.crash.run import live, live_seed
from tests.crash.scenario import scenario
from tests.crash.shrink import smallest

RUN = Run(
    document="d1", entry=1, rule="hello", pipeline="contracts", pipeline_version=1, stage="sent",
    kind="send_email", lane="email", state="ready", planned_at=START, due=START,
)  # fmt: skip
DOCUMENT = Document(
    id="d1", pipeline="contracts", stage="sent", since=START, created_at=START, status="sent"
)
TASK = Task(
    document="d1", id="1.ask", entry=1, rule="ask", pipeline="contracts", pipeline_version=1,
    stage="sent", title="Look at it", assignee="ben@acme.example", created_at=START,
)  # fmt: skip
HEAD = Head(pipeline="contracts", version=1)
SORTS = ("crash before", "slow")
RATES = {"crash before": 0.3, "slow": 0.3}


def fates(places: list[str], spared: tuple[str, ...] = ()) -> dict[str, str | None]:
    """What strikes at these places, in this order."""
    fate = Fate(5, RATES, spared)
    return {place: fate.strike(place, SORTS) for place in places}


def test_the_same_place_has_the_same_fate_whatever_happened_before() -> None:
    places = [f"place {n}" for n in range(50)]
    assert fates(places[::-1]) == dict(reversed(fates(places).items()))
    assert set(fates(places).values()) == {"crash before", "slow", None}


def test_sparing_one_place_leaves_the_fate_of_the_others() -> None:
    places = [f"place {n}" for n in range(50)]
    struck = next(place for place, sort in fates(places).items() if sort)
    assert fates(places, (struck,)) == fates(places) | {struck: None}


@pytest.mark.parametrize("needed", [{3}, {3, 17}, {0, 9, 19}, set(range(20))])
def test_shrinking_leaves_what_is_needed_to_fail(needed: set[int]) -> None:
    given = replace(scenario(1), acts=())

    def made_of(parts: Sequence[int]) -> Scenario:
        return replace(given, seed=sum(2**part for part in parts))

    def fails(tried: Scenario) -> bool:
        return all(tried.seed >> part & 1 for part in needed)

    assert set(smallest(tuple(range(20)), made_of, fails)) == needed


def test_seeds_differ_in_what_is_done_and_what_goes_wrong() -> None:
    given = [scenario(seed) for seed in range(40)]
    assert len({one.acts for one in given}) == 40
    sorts = [frozenset(one.rates) for one in given]
    assert frozenset() in sorts
    assert max(map(len, sorts)) > 15


def test_without_faults_nothing_strikes_and_a_seed_still_lives() -> None:
    quiet = replace(scenario(3), rates={}, calm_after=timedelta(0))
    outcome = live(quiet)
    assert (outcome.law, outcome.places) == (None, ())
    assert outcome.changes > 0
    assert live_seed(3).places != ()


def test_some_seeds_call_an_address_in_every_way_and_most_do_not() -> None:
    calls = {
        seed: [
            rule["settings"]
            for stage in scenario(seed).pipelines[0]["stages"]
            for rule in stage["rules"]
            if rule["kind"] == "call_web_address"
        ]
        for seed in range(60)
    }
    assert 0 < sum(map(bool, calls.values())) < 30
    settings = [one for found in calls.values() for one in found]
    assert {one["repeatable"] for one in settings} == {True, False}
    assert {name for one in settings for name in one["answer"]} == {"end", "amount", "note"}
    assert {bool(one["answer"]) for one in settings} == {True, False}


def test_some_seeds_have_each_trouble_and_most_have_none_of_it() -> None:
    given = [scenario(seed) for seed in range(200)]

    def number(*whats: str) -> int:
        return sum(any(act.what in whats for act in one.acts) for one in given)

    assert 5 < number("remove connection") < 100
    assert 5 < number("spoil", "poison") < 100
    assert 1 < number("burst") < 50
    assert 5 < sum(bool(one.mail_rate or one.mail_quota) for one in given) < 100
    assert 20 < sum(one.batches for one in given) < 150
    assert 20 < sum(one.second is not None for one in given) < 100
    assert 5 < sum("killed" in one.rates for one in given) < 100
    words = [{act.with_[1] for act in one.acts if act.what == "envelope"} for one in given]
    assert 5 < sum("reopened" in found for found in words) < 100
    assert 1 < sum("handed on" in found for found in words) < 100


@pytest.mark.parametrize(
    ("sort", "number"), [(sort, n) for sort, all_of in DAMAGES.items() for n in range(len(all_of))]
)
def test_no_damage_of_an_item_can_be_read(sort: str, number: int) -> None:
    given = {
        "run": (RUN, items.dump_run(RUN)),
        "document": (DOCUMENT, items.dump_document(DOCUMENT)),
        "task": (TASK, items.dump_task(TASK)),
        "connection": (connection(), items.dump_connection(connection())),
        "pipeline": (HEAD, items.dump_head(HEAD)),
    }
    value, item = given[sort]
    assert items.parse(type(value), item) == value
    with pytest.raises(UnreadableError):
        items.parse(type(value), DAMAGES[sort][number](item))


def test_a_write_that_arrives_late_is_judged_by_what_its_function_could_read() -> None:
    """A run is failed for a file that is missing, and the file is added before that is written."""
    assert live_seed(4041001).violations == ()


def test_pairs_of_mails_that_are_hours_apart_may_each_be_refused_once() -> None:
    assert live_seed(4050371).violations == ()


def test_a_run_may_wait_for_the_head_of_its_pipeline() -> None:
    assert live_seed(900002362).violations == ()
