"""What else may befall a scenario: each part by its own numbers, and in some seeds only."""

from __future__ import annotations

from dataclasses import replace

from tests.simulation.acts import Act, Scenario
from tests.simulation.chance import Chance, gap


def with_troubles(seed: int, made: Scenario) -> Scenario:
    """The seed's scenario with what else befalls it."""
    made = _with_removals(Chance(f"removals of {seed}"), made)
    return _with_poison(Chance(f"poison of {seed}"), made)


def _with_removals(chance: Chance, made: Scenario) -> Scenario:
    """Now and then people remove connections, and connect some of them anew."""
    if chance.random() < 0.85:
        return made
    acts = list(made.acts)
    for _ in range(chance.choice((1, 1, 2, 3))):
        removal = Act(gap(chance), "remove connection", (chance.randrange(100), _rarely(chance)))
        acts.insert(chance.randint(1, len(acts)), removal)
        if chance.random() < 0.6:
            anew = Act(gap(chance), "connect anew", (chance.randrange(100),))
            acts.insert(chance.randint(1, len(acts)), anew)
    return replace(made, acts=tuple(acts), connects_anew=chance.random() < 0.5)


def _with_poison(chance: Chance, made: Scenario) -> Scenario:
    """Now and then items are there that cannot be read, or messages that nobody understands."""
    if chance.random() < 0.8:
        return made
    acts = list(made.acts)
    for _ in range(chance.choice((1, 2, 3))):
        number = chance.randrange(1000)
        sort = chance.choice(("run", "run", "run", "document", "connection", "pipeline", "task"))
        queue = chance.choice(("email", "web", "document", "feedback", "parked"))
        poison = chance.choice((("spoil", (sort, number)), ("poison", (queue, number))))
        acts.insert(chance.randint(1, len(acts)), Act(gap(chance), *poison))
    return replace(made, acts=tuple(acts))


def _rarely(chance: Chance) -> bool:
    return chance.random() < 0.25
