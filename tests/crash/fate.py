"""Chance by name: the same seed gives the same fate to the same call, whatever else is left out.

A story can be made shorter only if the rest of it stays as it was. So each decision is drawn from
the seed and the name of the place where it falls, not from one stream of numbers.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Crash(BaseException):
    """The function's process ends here: no clean-up, no answer, no report."""


class Fate:
    """What chance has in store for one seed."""

    def __init__(self, seed: int, rates: Mapping[str, float], spared: Iterable[str] = ()) -> None:
        self._seed = f"{seed}/".encode()
        self.rates = rates
        """How likely each sort of fault is wherever it can strike, 0 to 1."""
        self._spared = frozenset(spared)
        self.calm = False
        """Whether nothing strikes any more."""
        self._asked: Counter[str] = Counter()
        self._bounds: dict[tuple[str, ...], tuple[tuple[float, str], ...]] = {}
        self.struck: list[tuple[str, str]] = []
        """The place and the sort of each fault, in order."""

    def strike(self, place: str, sorts: tuple[str, ...]) -> str | None:
        """The fault that strikes at this place this time, if any; at most one."""
        if self.calm or not (bounds := self._bounds_of(sorts)):
            return None
        place = self._this_time(place)
        drawn = self._draw(place)
        sort = next((sort for bound, sort in bounds if drawn < bound), None)
        if sort is None:
            return None
        if place in self._spared:
            return None
        self.struck.append((place, sort))
        return sort

    def _bounds_of(self, sorts: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
        """Each sort that this seed has, with the number below which it is the one."""
        found = self._bounds.get(sorts)
        if found is None:
            here = [sort for sort in sorts if sort in self.rates]
            bounds = accumulate(self.rates[sort] for sort in here)
            found = self._bounds[sorts] = tuple(zip(bounds, here, strict=True))
        return found

    def number(self, place: str) -> float:
        """A number from 0 to 1 for a decision that is no fault."""
        return self._draw(self._this_time(f"?{place}"))

    def fixed(self, name: str) -> float:
        """A number from 0 to 1 that is the same whenever it is asked for."""
        return self._draw(f"!{name}")

    def pick(self, place: str, among: Sequence[T]) -> T:
        """One of several."""
        return among[int(self.number(place) * len(among))]

    def _this_time(self, place: str) -> str:
        self._asked[place] += 1
        times = self._asked[place]
        return place if times == 1 else f"{place} ({times})"

    def _draw(self, place: str) -> float:
        digest = hashlib.blake2b(self._seed + place.encode(), digest_size=6).digest()
        return int.from_bytes(digest, "big") / 2**48
