"""Outages: for minutes or days a part of the outside takes nothing from anybody.

Unlike a fault of a single call, an outage meets everybody who calls, for as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from countersign.errors import OutageError, UnavailableError
from tests.crash.chance import Chance

What = Literal[
    "database",
    "mail service",
    "queues",
    "parameters",
    "email lane",
    "web lane",
    "document lane",
    "feedback lane",
    "parked lane",
    "broken email lane",
    "broken document lane",
    "signing provider",
    "file store",
]
"""What is away. A lane that is off lets its messages lie; one that is broken fails each of them."""

OF_FILES: frozenset[What] = frozenset({"signing provider", "file store"})
"""What is only asked where there are files."""

PORTS: Mapping[str, What] = {
    "documents": "database",
    "pipelines": "database",
    "connections": "database",
    "held messages": "database",
    "turns": "database",
    "heartbeats": "database",
    "mailbox": "mail service",
    "sending slots": "database",
    "lanes": "queues",
    "secrets": "parameters",
    "named secrets": "parameters",
    "api tokens": "parameters",
    "files": "file store",
}
"""What stands behind each port that can be away as a whole."""

LENGTHS = (
    timedelta(minutes=10),
    timedelta(hours=2),
    timedelta(hours=11),
    timedelta(hours=17),
    timedelta(hours=72),
)
"""From ten minutes to a weekend; a queue keeps a message for four days."""
SAID = "is away for everybody"
"""What the error of an outage says, so that a law knows it again."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Something is away for a while."""

    what: What
    begins: timedelta
    """How long after the start of the scenario."""
    length: timedelta

    def __str__(self) -> str:
        return f"{self.what} is away from {self.begins} on for {self.length}"


class Outages:
    """What is away when."""

    def __init__(self, outages: tuple[Outage, ...], start: datetime) -> None:
        self._times = [
            (one.what, start + one.begins, start + one.begins + one.length) for one in outages
        ]

    @property
    def end(self) -> datetime | None:
        """When the last one is over."""
        return max((end for _, _, end in self._times), default=None)

    def over(self, what: str, now: datetime) -> datetime | None:
        """When it will be there again, if it is away now."""
        if not self._times:
            return None
        return max(
            (end for name, begin, end in self._times if name == what and begin <= now < end),
            default=None,
        )

    def error(self, port: str, now: datetime) -> OutageError | None:
        """What a call of the port raises, if what stands behind it is away."""
        what = PORTS.get(port) if self._times else None
        if what is None or self.over(what, now) is None:
            return None
        text = f"the {what} {SAID}"
        return OutageError(text) if what == "mail service" else UnavailableError(text)


def outages(chance: Chance, span: timedelta) -> tuple[Outage, ...]:
    """One or two outages that begin within the span."""
    names: tuple[What, ...] = tuple(one for one in get_args(What) if one not in OF_FILES)
    return tuple(
        Outage(chance.choice(names), span * chance.random(), chance.choice(LENGTHS))
        for _ in range(chance.choice((1, 1, 2)))
    )
