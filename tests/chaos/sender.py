"""The signing provider: posts every message until it is accepted, and some a second time."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from countersign.cli.context import post
from countersign.errors import UnavailableError
from tests.chaos.scene import MESSAGES, SECRET, Envelope

AT_ONCE = 3
PAUSES = (0.3, 0.6, 1.2, 2.0)
"""Seconds before a message is posted again; the last for all further times."""
GIVE_UP = 90.0
"""Seconds after which a message counts as refused for good."""


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """A message that is to be posted so many seconds after the start."""

    at: float
    index: int
    name: str
    again: bool
    """Whether the same was sent before."""


def deliveries(count: int, *, span: float, again: float, random: Random) -> list[Delivery]:
    """The messages of so many envelopes, begun over ``span`` seconds; a share of them twice."""
    planned = []
    for index in range(count):
        at = random.uniform(0, span)
        for name in MESSAGES:
            planned.append(Delivery(at, index, name, again=False))
            at += random.uniform(0.2, 4)
    twice = random.sample(planned, round(len(planned) * again))
    planned += [
        Delivery(one.at + random.uniform(0, 10), one.index, one.name, again=True) for one in twice
    ]
    return sorted(planned)


class Sender:
    """Keeps what was answered."""

    def __init__(self, url: str, planned: Sequence[Delivery]) -> None:
        self._url = url
        self._left: Iterator[Delivery] = iter(planned)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.accepted: list[Delivery] = []
        self.refused: list[Delivery] = []
        self.secret = SECRET
        """What the provider signs with now."""
        self.anew = 0
        """Messages that were signed with another secret than the first, and accepted."""
        self.answers: Counter[str] = Counter()
        """How often each answer was had."""

    @contextmanager
    def sending(self, over: threading.Event) -> Iterator[None]:
        """Send in the background, until all are sent or it is ``over``."""
        started = time.monotonic()
        for _ in range(AT_ONCE):
            thread = threading.Thread(target=self._work, args=(started, over), daemon=True)
            thread.start()
            self._threads.append(thread)
        try:
            yield
        finally:
            over.set()
            for thread in self._threads:
                thread.join(timeout=30)

    @property
    def is_done(self) -> bool:
        """Whether every message was accepted, or given up."""
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self, started: float, over: threading.Event) -> None:
        while True:
            with self._lock:
                one = next(self._left, None)
            if one is None or over.wait(max(0.0, started + one.at - time.monotonic())):
                return
            taken = self._send(one, over)
            (self.accepted if taken else self.refused).append(one)

    def _send(self, one: Delivery, over: threading.Event) -> bool:
        """Post it until it is accepted; a provider that sends again does not sign anew."""
        secret = self.secret
        request = Envelope(one.index).message(one.name, datetime.now(UTC), secret)
        end, tries = time.monotonic() + GIVE_UP, 0
        while time.monotonic() < end:
            try:
                status, _ = post(self._url, request)
            except (UnavailableError, http.client.HTTPException, OSError):
                status = 0
            with self._lock:
                self.answers[str(status) if status else "none"] += 1
            if status == 200:
                with self._lock:
                    self.anew += secret != SECRET
                return True
            if over.wait(PAUSES[min(tries, len(PAUSES) - 1)]):
                return False
            tries += 1
        return False
