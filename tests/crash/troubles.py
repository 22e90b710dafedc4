"""What else may befall a scenario: each part by its own numbers, and in some seeds only."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import mail
from tests.crash.acts import TIME_RATES, Act, Scenario
from tests.crash.chance import Chance, gap
from tests.crash.filing import with_files


def with_troubles(seed: int, made: Scenario) -> Scenario:
    """The seed's scenario with what else befalls it."""
    made = _with_removals(Chance(f"removals of {seed}"), made)
    made = _with_poison(Chance(f"poison of {seed}"), made)
    made = _with_rates(Chance(f"rates of {seed}"), made)
    made = _with_time(Chance(f"time of {seed}"), made)
    made = _with_reopenings(Chance(f"reopenings of {seed}"), made)
    made = _with_changes(Chance(f"changes of {seed}"), made)
    return with_files(Chance(f"files of {seed}"), made)


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
        queue = chance.choice(("email", "web", "document", "feedback", "parked", "stream"))
        spoilt = Act(gap(chance), "spoil", (sort, number))
        act = chance.choice((spoilt, Act(gap(chance), "poison", (queue, number))))
        acts.insert(chance.randint(1, len(acts)), act)
    return replace(made, acts=tuple(acts))


def _with_changes(chance: Chance, made: Scenario) -> Scenario:
    """Now and then people run now what waits, shift it or skip it: one by one, or by a job."""
    if chance.random() < 0.6:
        return made
    acts = list(made.acts)
    for _ in range(chance.choice((1, 2, 4))):
        hours = chance.choice((-1, 1, 2, 26, 24 * 7))
        act = Act(gap(chance), "change", (chance.choice(("now", "shift", "shift", "skip")), hours))
        acts.insert(chance.randint(1, len(acts)), act)
    for _ in range(chance.choice((0, 0, 1, 2))):
        action = chance.choice(("now", "shift", "skip", "skip waiting", "retry", "accept"))
        act = Act(gap(chance), "job", (action, chance.choice((1, 26))))
        acts.insert(chance.randint(1, len(acts)), act)
        if chance.random() < 0.2:
            acts.insert(chance.randint(1, len(acts)), Act(gap(chance), "abort job"))
    return replace(made, acts=tuple(acts))


def _with_rates(chance: Chance, made: Scenario) -> Scenario:
    """Now and then the mail service takes so many mails a second, or so many a day."""
    if chance.random() < 0.88:
        return made
    drawn = chance.random()
    if drawn < 0.3:
        return replace(made, mail_quota=chance.randint(1, 6))
    made = replace(made, mail_rate=chance.choice((1, 1, 2, 5, 14)))
    if drawn < 0.75:
        return made
    # Many mails in the same second, and now and then nothing else that goes wrong.
    quiet = chance.random() < 0.5
    first = {**mail("b0"), "execution": "independent"}
    pipelines = []
    for pipeline in made.pipelines:
        head, *rest = pipeline["stages"]
        head = {**head, "rules": [*head["rules"], first]}
        pipelines.append({**pipeline, "stages": [head, *rest]})
    burst = Act(gap(chance), "burst", (chance.randint(5, 25),))
    acts = [*made.acts]
    acts.insert(chance.randint(1, len(acts)), burst)
    made = replace(made, pipelines=tuple(pipelines), acts=tuple(acts))
    return replace(made, rates={}, outages=()) if quiet else made


def _with_time(chance: Chance, made: Scenario) -> Scenario:
    """Now and then functions are ended by their time; now and then messages come together."""
    made = replace(made, batches=chance.random() < 0.4)
    if not made.rates or chance.random() < 0.7:
        return made
    killed = {sort: rate * chance.choice((0.5, 1, 3)) for sort, rate in TIME_RATES.items()}
    return replace(made, rates={**made.rates, **killed})


def _with_reopenings(chance: Chance, made: Scenario) -> Scenario:
    """Now and then envelopes end and are opened again, or a signer hands on."""
    if chance.random() < 0.8:
        return made
    acts = list(made.acts)
    ends = ("expired", "voided", "declined")
    for _ in range(chance.choice((1, 1, 2, 3))):
        who = chance.randrange(2)
        first = chance.choice((*ends, "handed on"))
        words = (first, "reopened", chance.choice((*ends, "signed", "signed", "handed on")))
        places = sorted(chance.choices(range(1, len(acts) + 1), k=3), reverse=True)
        for word, place in zip(reversed(words), places, strict=True):
            acts.insert(place, Act(gap(chance), "envelope", (who, word, chance.randrange(3))))
    return replace(made, acts=tuple(acts))


def _rarely(chance: Chance) -> bool:
    return chance.random() < 0.25
