"""The numbers of one seed, from which its scenario is drawn."""

from __future__ import annotations

from random import Random


class Chance(Random):
    """One seed's numbers, and what the seed is about: what it does more often than others."""

    def __init__(self, seed: int | str) -> None:
        super().__init__(seed)
        self.about = self.choice(("anything", "anything", "dates", "leaving"))
