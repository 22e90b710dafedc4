"""One seed's run, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.crash.acts import Scenario
from tests.crash.endings import look_at_end
from tests.crash.erasing import erase_in_the_end
from tests.crash.laws import Violation
from tests.crash.scenario import scenario
from tests.crash.universe import lived

ERASED_OF = 4
"""Of so many seeds one erases persons in its end: it takes a quarter of a seed's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one scenario."""

    scenario: Scenario
    violations: tuple[Violation, ...]
    faults: Counter[str]
    places: tuple[str, ...]
    """Where faults struck, in order."""
    changes: int
    story: tuple[str, ...] = ()

    @property
    def law(self) -> str | None:
        """The first law that was broken."""
        return self.violations[0].law if self.violations else None


def live(given: Scenario, *, tell: bool = False) -> Outcome:
    """Run a scenario to its end, or until a law is broken."""
    universe = lived(given, tell=tell)
    if not universe.state.violations:
        look_at_end(universe)
    if not universe.state.violations:
        universe.statistics.look_at_end()
        if given.seed % ERASED_OF == 0:
            erase_in_the_end(universe)
    return Outcome(
        scenario=given,
        violations=tuple(universe.state.violations),
        faults=universe.faults,
        places=tuple(place for place, _ in universe.fate.struck),
        changes=len(universe.state.written),
        story=tuple(universe.story or ()),
    )


def live_seed(seed: int) -> Outcome:
    """Run a seed."""
    return live(scenario(seed))
