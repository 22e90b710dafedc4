"""How much a transaction has to hold: what may be planned with one change, and how it is bounded.

One change writes at most, of the 100 items that DynamoDB allows:

- the document, its timeline and the aliases of an envelope: 3, and 3 more where a timeline is so
  long that it takes four items (``size_limits.MAX_LOG``)
- the keys of ``EVENTS_AT_ONCE`` events, and the raw message of the first: 11;
  or the run that decided, its once-mark and its task: 3
- what is planned: ``MAX_RUNS``, which publishing sees to, and ``DecisionBuilder`` where one
  message leads through several stages; or, where somebody stops a stage's rules, which moves
  nothing, the runs of that stage
- the run of the backlog: 1
- the runs that fetch the signed PDF and the audit trail: 2

What a change means for other runs takes the rest of the room, and what does not fit is left to
the run of the backlog (``use_cases/runs/propagate.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_RUNS = 80
"""Runs that one change may plan, and runs that have not ended in one stage entry."""

EVENTS_AT_ONCE = 10
"""Events of a message in one transaction; the rest of the message follows."""


@dataclass(frozen=True, slots=True)
class PlannedItems:
    """What an arrival in a stage plans."""

    rules: int = 0
    """Those that are switched on."""
    timers: int = 0
    """Of triggers that wait for this arrival."""
    kept: int = 0
    """Rules among them that are kept when the stage is left: they are planned even where the same
    message leads on to another stage."""

    @property
    def runs(self) -> int:
        return self.rules + self.timers


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The most that a single happening can plan, by the stage where it ends."""

    stage: int
    load: PlannedItems
    passed: int
    """Kept rules of the stages that it can lead through on the way there: the first stage, where an
    envelope's document is made, and one more, where a field is filled that a trigger watches."""

    @property
    def runs(self) -> int:
        return self.load.runs + self.passed


def next_of(loads: Sequence[PlannedItems]) -> int:
    """The most that one more fact of a message can plan, wherever the document is."""
    return max(
        load.runs + max((load.kept for n, load in enumerate(loads) if n != place), default=0)
        for place, load in enumerate(loads)
    )


def worst_of(loads: Sequence[PlannedItems]) -> tuple[WorstCase, ...]:
    """For each stage, in order: the most that a single happening can plan when it ends there."""
    cases = []
    for place, load in enumerate(loads):
        others = [load.kept for n, load in enumerate(loads) if n not in (0, place)]
        first = loads[0].kept if len(loads) > 1 else 0
        cases.append(WorstCase(place, load, first + max(others, default=0)))
    return tuple(cases)
