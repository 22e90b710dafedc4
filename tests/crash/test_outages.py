"""A weekend without a database: webhooks and reports wait, and nobody has to bring them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.crash.outages import Outage
from tests.crash.run import live
from tests.crash.scenario import scenario

WEEKEND = Outage("database", timedelta(seconds=1), timedelta(hours=72))


@pytest.mark.parametrize(("seed", "queue"), [(1, "parked"), (5, "parked"), (10, "feedback")])
def test_no_message_becomes_a_dead_letter_in_an_outage_of_the_database(
    seed: int, queue: str
) -> None:
    life = scenario(seed)
    acts = tuple(act for act in life.acts if act.what not in ("poison", "spoil"))
    alone = replace(life, acts=acts, rates={}, outages=(WEEKEND,))
    outcome = live(alone, tell=True)
    assert outcome.violations == ()
    waits = [line for line in outcome.story if queue in line and "is put back" in line]
    assert len(waits) > 200
    given_up = [line for line in outcome.story if "is given up" in line]
    assert [line for line in given_up if "parked" in line or "feedback" in line] == []


def test_what_is_away_from_the_very_beginning_is_there_while_the_scenario_is_set_up() -> None:
    away = Outage("parameters", timedelta(0), timedelta(hours=2))
    outcome = live(replace(scenario(1), outages=(away,)), tell=True)
    assert outcome.violations == ()
    assert any("the parameters is away" in line for line in outcome.story)
