"""A mail service that takes so many mails a second, or a day, and the processes that share them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from countersign.errors import OutageError, ThrottledError
from countersign.model.run import Run
from countersign.use_cases.effects.mail_pace import MailPace
from tests.crash.kernel import Kernel
from tests.crash.outages import SAID

PROCESSES = 2
"""How many processes perform the mail lane."""
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BEFORE = timedelta(milliseconds=60)
"""How much before its place a mail may go."""
APART = timedelta(seconds=3)
"""How far apart two places are whose mails keep their order: queues count in whole seconds."""


class Limits:
    """What the mail service takes, and what it must be spared."""

    def __init__(self, kernel: Kernel, rate: int, quota: int) -> None:
        self._kernel = kernel
        self._rate, self._quota = rate, quota
        self._taken: deque[datetime] = deque()
        self.refused = 0
        self._slots: list[datetime] = []
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.number = 0

    def check(self) -> None:
        """Refuse what is too much now."""
        now, taken = self._kernel.now, self._taken
        while taken and taken[0] <= now - DAY:
            taken.popleft()
        if self._quota and len(taken) >= self._quota:
            raise OutageError(f"the daily quota of {self._quota} mails is used up; it {SAID}")
        if self._rate and sum(1 for at in taken if at > now - SECOND) >= self._rate:
            self.refused += 1
            raise ThrottledError(f"more than {self._rate} mails a second; it {SAID}")

    def take(self, run: Run | None) -> None:
        """A mail is taken; none goes before its place, nor overtakes another that has one."""
        now, state = self._kernel.now, self._kernel.state
        self._taken.append(now)
        self.number += 1
        self.first, self.last = self.first or now, now
        if run is None or run.slot is None or not self._rate:
            return
        if run.slot - BEFORE - state.skew > now:
            state.broken("pace", f"{run.key} goes at {now:%H:%M:%S}, before its place {run.slot}")
        if self._kernel.is_faultless:
            later = [slot for slot in self._slots if slot > run.slot + APART]
            if later:
                state.broken("pace", f"{run.key} with the place {run.slot} goes after {later[0]}")
            self._slots.append(run.slot)

    def look_at_end(self) -> None:
        """Few were refused: whoever has a place does not ask in vain.

        A pipeline that is resumed asks for all at once that had a place before.
        """
        if self._kernel.state.ever_paused:
            return
        if not (self._rate and self.first and self.last and self._kernel.is_faultless):
            return
        if self._quota or self.number < 8:
            return
        if self.refused > 3 + self.number // 2:
            text = f"{self.number} mails were refused {self.refused} times"
            self._kernel.state.broken("pace", text)


class Processes(MailPace):
    """Several processes, each of which knows only its own refusals."""

    def __init__(self, kernel: Kernel, paces: Sequence[MailPace]) -> None:
        self._kernel, self._paces = kernel, paces

    def _mine(self) -> MailPace:
        place = self._kernel.place
        return self._paces[int(self._kernel.fate.fixed(f"{place}: process") * len(self._paces))]

    def admit(self, slot: datetime | None) -> None:
        """See ``MailPace``."""
        self._mine().admit(slot)

    def refused(self, error: ThrottledError) -> ThrottledError:
        """See ``MailPace``."""
        return self._mine().refused(error)

    def taken(self) -> None:
        """See ``MailPace``."""
        self._mine().taken()
