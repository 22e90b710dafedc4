"""A mail service that takes so many mails a second, or a day, and the processes that share them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
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


PACED_FOR = timedelta(minutes=15)
"""How long mails keep to the pace after one was refused; who comes later than that begins anew."""


@dataclass(slots=True)
class _Burst:
    """Mails of which each was asked for while the pace was still kept."""

    last: datetime
    taken: int = 0
    refused: int = 0


class Limits:
    """What the mail service takes, and what it must be spared."""

    def __init__(self, kernel: Kernel, rate: int, quota: int) -> None:
        self._kernel = kernel
        self._rate, self._quota = rate, quota
        self._taken: deque[datetime] = deque()
        self._bursts: list[_Burst] = []
        self._slots: list[datetime] = []

    def check(self) -> None:
        """Refuse what is too much now."""
        now, taken = self._kernel.now, self._taken
        while taken and taken[0] <= now - DAY:
            taken.popleft()
        if self._quota and len(taken) >= self._quota:
            raise OutageError(f"the daily quota of {self._quota} mails is used up; it {SAID}")
        if self._rate and sum(1 for at in taken if at > now - SECOND) >= self._rate:
            self._burst().refused += 1
            raise ThrottledError(f"more than {self._rate} mails a second; it {SAID}")

    def take(self, run: Run | None) -> None:
        """A mail is taken; none goes before its place, nor overtakes another that has one."""
        now, state = self._kernel.now, self._kernel.state
        self._taken.append(now)
        self._burst().taken += 1
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
        if self._quota or not (self._rate and self._kernel.is_faultless):
            return
        for burst in self._bursts:
            if burst.taken >= 8 and burst.refused > 3 + burst.taken // 2:
                text = f"{burst.taken} mails were refused {burst.refused} times"
                self._kernel.state.broken("pace", text)

    def _burst(self) -> _Burst:
        now = self._kernel.now
        if not self._bursts or now - self._bursts[-1].last > PACED_FOR:
            self._bursts.append(_Burst(now))
        self._bursts[-1].last = now
        return self._bursts[-1]


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
