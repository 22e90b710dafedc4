"""Pacing mails: as fast as they come, until the mail service refuses one for its rate.

From then on, for as long as there are mails to pace, each takes the next free place in a row that
all processes share, and waits for it without using up a try. Accounts that are never refused pay
for none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from countersign.errors import ThrottledError, UnavailableError
from countersign.ports import SendingRate, SendingSlots

PACED_FOR = timedelta(minutes=15)
"""How long after a refusal, or after a mail that had a place, a process still paces."""
LONGEST_WAIT = timedelta(minutes=14)
"""A run waits for its place in steps of this: queues are precise to the second for 15 minutes,
schedules to the minute, and what comes all in one second is refused again."""
AHEAD = timedelta(milliseconds=50)
"""How much before its place a mail may go; more would make it the second one in its time."""
SHARE = 0.9
"""How much of the account's rate is given out: others may send from it, too."""
BREAK = timedelta(seconds=1)
"""What goes by after a refusal before the next place, at least; twice as long after each further
refusal without a mail that was taken in between."""
LONGEST_BREAK = timedelta(minutes=30)
ROW = "mail"


class MailPace:
    """The pace of one process's mails."""

    def __init__(
        self, slots: SendingSlots, rate: SendingRate, clock: Callable[[], datetime]
    ) -> None:
        self._slots, self._rate, self._clock = slots, rate, clock
        self._until: datetime | None = None
        self._refused = 0

    def admit(self, slot: datetime | None) -> None:
        """Let a mail go on whose place, if it has one, has come; ThrottledError where it must wait.

        UnavailableError where a place is needed and the database cannot answer.
        """
        now = self._clock()
        if slot is not None:
            self._until = now + PACED_FOR
        elif self._until is not None and now < self._until:
            slot = self._take(now)
        if slot is not None and slot > now + AHEAD:
            raise _waits("mails go at the pace of the account", slot, now)

    def refused(self, error: ThrottledError) -> ThrottledError:
        """The mail service's refusal, with a place for the mail that was refused."""
        now = self._clock()
        self._until = now + PACED_FOR
        pause = min(BREAK * 2 ** min(self._refused, 12), LONGEST_BREAK)
        self._refused += 1
        try:
            slot = self._take(now + pause)
        except UnavailableError:
            return error  # it waits as in an outage
        return _waits(str(error), slot, now)

    def taken(self) -> None:
        """The mail service has taken a mail."""
        self._refused = 0

    def _take(self, now: datetime) -> datetime:
        every = timedelta(seconds=1 / (self._rate.a_second() * SHARE))
        return self._slots.take(ROW, every, now)


def _waits(text: str, slot: datetime, now: datetime) -> ThrottledError:
    return ThrottledError(
        f"{text}; its turn is at {slot:%Y-%m-%d %H:%M:%S} UTC",
        after=min(slot - now, LONGEST_WAIT),
        slot=slot,
    )
