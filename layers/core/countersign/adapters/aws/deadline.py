"""The end of the invocation under way: no call begins that might last longer.

So a function ends by itself and tells what it has not done. Lambda ends it at its time-out without
a word, in the middle of a call whose outcome nobody learns then.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from countersign.errors import UnavailableError

AT_THE_END = 1
"""Seconds that stay for the log, the metrics and the answer."""


class Deadline:
    """When an invocation ends; there is no end until one has begun."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = math.inf
        self._kept: Mapping[str, float] = {}

    def begin(self, seconds: float, kept: Mapping[str, float] | None = None) -> None:
        """An invocation begins that may take so long.

        ``kept``: seconds that must be left behind a call of a service, for what its failure needs.
        """
        self._ends = self._clock() + seconds - AT_THE_END
        self._kept = kept or {}

    def left(self) -> float:
        """Seconds until nothing may be under way any more."""
        return self._ends - self._clock()

    def guard(self, client: Any, service: str, longest: float) -> None:
        """Let no call of an AWS client begin, nor be tried again, with less than so much left.

        Such a call raises UnavailableError; nothing was sent.
        """

        def refuse(**_: Any) -> None:
            if self.left() < longest + self._kept.get(service, 0):
                msg = "the time of the function is used up; nothing was sent"
                raise UnavailableError(msg)

        client.meta.events.register("before-send", refuse)
