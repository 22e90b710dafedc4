"""Which stages can be reached, and which rules chase a document for ever."""

from __future__ import annotations

import pytest

from countersign.engine.validation.stage_graph import Edge, cycles, unreachable
from countersign.model.pipeline import Pipeline

PIPELINE = Pipeline.model_validate({"pipeline": "p", "stages": [{"id": one} for one in "abcd"]})


def way(steps: str, *, free: bool = True) -> Edge:
    """``a>b`` by the rule of the same name."""
    return Edge(rule=steps, start=steps[0], end=steps[-1], free=free)


CIRCLES = {
    "nothing but forwards": (["a>b", "b>c"], []),
    "there and back": (["a>b", "b>a"], [["a>b", "b>a"]]),
    "each stage by the shortest way round": (
        ["a>b", "b>c", "c>d", "d>a", "b>d"],
        [["a>b", "b>d", "d>a"], ["c>d", "d>a", "a>b", "b>c"]],
    ),
    "two circles": (["a>b", "b>a", "c>d", "d>c"], [["a>b", "b>a"], ["c>d", "d>c"]]),
    "a circle behind a way into it": (["a>b", "b>c", "c>b"], [["b>c", "c>b"]]),
    "to its own stage, which does nothing": (["a>a"], []),
}


@pytest.mark.parametrize(("ways", "expected"), CIRCLES.values(), ids=CIRCLES)
def test_a_circle_is_told_once_and_by_its_shortest_way(
    ways: list[str], expected: list[list[str]]
) -> None:
    found = [[one.rule for one in circle] for circle in cycles(map(way, ways), PIPELINE)]
    assert found == expected


def test_a_rule_that_can_be_held_up_makes_no_circle() -> None:
    assert list(cycles([way("a>b"), way("b>a", free=False)], PIPELINE)) == []


REACHED = {
    "nothing leads on": ([], {}, ("b", "c", "d")),
    "by a rule": (["a>c"], {}, ("b", "d")),
    "by a rule of a stage that nothing leads to": (["c>d"], {}, ("b", "c", "d")),
    "by a trigger": ([], {"b": "a", "d": "b"}, ("c",)),
    "by a trigger that watches what nothing leads to": ([], {"d": "c"}, ("b", "c", "d")),
    "by a rule of a stage that a trigger leads to": (["d>b"], {"d": "ac"}, ("c",)),
}


@pytest.mark.parametrize(("ways", "triggered", "expected"), REACHED.values(), ids=REACHED)
def test_a_stage_is_reached_by_triggers_and_rules_of_stages_that_are(
    ways: list[str], triggered: dict[str, str], expected: tuple[str, ...]
) -> None:
    sources = {stage: frozenset(watched) for stage, watched in triggered.items()}
    assert unreachable(PIPELINE, map(way, ways), sources) == expected
