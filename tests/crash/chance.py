"""The numbers of one seed, from which its scenario is drawn."""

from __future__ import annotations

from datetime import timedelta
from random import Random


class Chance(Random):
    """One seed's numbers, and what the seed is about: what it does more often than others."""

    def __init__(self, seed: int | str) -> None:
        super().__init__(seed)
        self.about = self.choice(("anything", "anything", "dates", "leaving"))


def gap(chance: Chance) -> timedelta:
    """How long after the act before it something is done."""
    return chance.choice(
        (
            timedelta(0),
            timedelta(seconds=chance.randint(0, 5)),
            timedelta(seconds=chance.randint(1, 300)),
            timedelta(minutes=chance.randint(1, 120)),
            timedelta(hours=chance.randint(1, 40)),
        )
    )
