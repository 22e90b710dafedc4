"""Unresolved runs are listed oldest first, those that a filter matches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError
from countersign.simulation.world import START, World
from countersign.use_cases.queries.runs import RunFilter, unresolved_runs, unresolved_since
from tests.unit.use_cases.queries.scene import disordered, put, run


def listed(here: World, **wanted: Any) -> list[str]:
    runs = unresolved_runs(here.documents, here.pipelines, RunFilter(**wanted))
    return [str(unresolved.key) for unresolved in runs]


@pytest.fixture
def here() -> World:
    """Runs in every state, of two documents, of which one has gone to the other pipeline."""
    made = disordered()
    put(made, "d-1")
    put(made, "d-2", pipeline="leases")
    run(made, "d-1", "hello", "failed", 30)
    run(made, "d-1", "remind", "in_doubt", 10)
    run(made, "d-1", "archive", "done", 5)
    run(made, "d-2", "hello", "failed", 20, pipeline="leases")
    run(made, "d-2", "before", "in_doubt", 40)
    run(made, "d-2", "later", "waiting", 0, pipeline="leases")
    return made


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["d-1.1.remind", "d-2.1.hello", "d-1.1.hello", "d-2.1.before"]),
        ({"failed": True}, ["d-2.1.hello", "d-1.1.hello"]),
        ({"in_doubt": True}, ["d-1.1.remind", "d-2.1.before"]),
        (
            {"failed": True, "in_doubt": True},
            ["d-1.1.remind", "d-2.1.hello", "d-1.1.hello", "d-2.1.before"],
        ),
        ({"pipeline": "contracts"}, ["d-1.1.remind", "d-1.1.hello", "d-2.1.before"]),
        ({"pipeline": "leases"}, ["d-2.1.hello"]),
        ({"document": "d-2"}, ["d-2.1.hello", "d-2.1.before"]),
        ({"document": "d-2", "pipeline": "leases"}, ["d-2.1.hello"]),
        ({"document": "d-1", "failed": True}, ["d-1.1.hello"]),
        ({"document": "d-1", "pipeline": "leases"}, []),
        ({"pipeline": "leases", "in_doubt": True}, []),
    ],
    ids=str,
)
def test_what_the_filter_matches_is_listed_oldest_first(
    here: World, wanted: dict[str, Any], found: list[str]
) -> None:
    assert listed(here, **wanted) == found


def test_runs_of_the_same_moment_stand_by_their_keys() -> None:
    here = disordered()
    for document, rule in (("d-2", "a"), ("d-1", "b"), ("d-3", "c"), ("d-1", "a")):
        put(here, document)
        run(here, document, rule, "failed", 7)
    assert listed(here) == ["d-1.1.a", "d-1.1.b", "d-2.1.a", "d-3.1.c"]
    assert listed(here, document="d-1") == ["d-1.1.a", "d-1.1.b"]


def test_a_run_is_unresolved_since_it_ended_or_began_or_was_planned() -> None:
    here = disordered()
    put(here, "d-1")
    began, planned = START + timedelta(minutes=20), START + timedelta(minutes=30)
    times = {"planned_at": planned, "started_at": began}
    ended = run(here, "d-1", "ended", "failed", 40, **times)
    lost = run(here, "d-1", "lost", "in_doubt", 0, concluded_at=None, **times)
    never = run(here, "d-1", "never", "failed", 0, concluded_at=None, planned_at=planned)
    assert [unresolved_since(failed) - START for failed in (ended, lost, never)] == [
        timedelta(minutes=40),
        timedelta(minutes=20),
        timedelta(minutes=30),
    ]
    assert listed(here) == ["d-1.1.lost", "d-1.1.never", "d-1.1.ended"]


def test_where_no_run_needs_anybody_none_is_listed() -> None:
    here = disordered()
    put(here, "d-1")
    run(here, "d-1", "hello", "done", 0)
    assert [listed(here), listed(here, document="d-1"), listed(here, pipeline="leases")] == [
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"pipeline": "nda"}, 'there is no pipeline "nda"; published are'),
        ({"document": "d-9"}, "there is no document d-9"),
        ({"pipeline": "nda", "document": "d-1"}, 'there is no pipeline "nda"; published are'),
        ({"pipeline": ""}, 'there is no pipeline ""; published are'),
    ],
    ids=str,
)
def test_unknown_names_are_errors(here: World, wanted: dict[str, str], says: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        listed(here, **wanted)
    assert str(raised.value).startswith(says)
