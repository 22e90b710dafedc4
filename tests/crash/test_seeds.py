"""A fixed set of seeds, lived through each time the tests run: no law is broken."""

from __future__ import annotations

import pytest

from tests.crash.run import live, live_seed
from tests.crash.scenario import scenario
from tests.crash.shrink import shrink
from tests.crash.story import story

BLOCK = 100


@pytest.mark.parametrize("first", range(0, 12 * BLOCK, BLOCK))
def test_no_law_is_broken_by_the_seeds_from(first: int) -> None:
    for seed in range(first, first + BLOCK):
        outcome = live_seed(seed)
        assert outcome.law is None, story(shrink(outcome))


def test_a_seed_lives_the_same_life_again() -> None:
    first, second = (live(scenario(7), tell=True) for _ in range(2))
    assert len(first.story) > 20
    assert first == second
