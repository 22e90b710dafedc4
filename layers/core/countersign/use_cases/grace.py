"""How long what should have happened is waited for, and how often it is set going again."""

from __future__ import annotations

from datetime import timedelta

GRACE = timedelta(minutes=2)
"""How late a ready run may be. Schedules are precise to a minute, queues to seconds."""
LONGEST_GRACE = timedelta(hours=2)
"""A lane that is far behind has its messages still; so the wait grows each time, up to this."""

MAX_LOST = 8
"""How often what nobody performs is sent to its lane again, in about half a day, although the lane
performs others."""
FULL_GRACE = 5
"""After so many times the wait is at its longest, and grows no more."""


def grace(swept: int) -> timedelta:
    """How late is too late for what was set going so often."""
    grown: timedelta = GRACE * 4 ** min(swept, FULL_GRACE)
    return min(grown, LONGEST_GRACE)


def swept_again(swept: int, *, works: bool) -> int:
    """How often it was set going, once more; where its lane is off, the wait grows and nothing is
    used up."""
    return swept + 1 if works else max(swept, min(swept + 1, FULL_GRACE))
