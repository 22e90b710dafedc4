"""Loads of webhooks: each is posted once, and a late answer is a figure like any other."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import Spent

LATE = 30.0
"""Seconds after which API Gateway would have answered 503 in the function's place.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""
GIVE_UP = 300.0
"""Seconds after which an answer is no longer waited for."""
SEND_AGAIN = frozenset({429, *range(500, 600)})
"""Answers after which a provider sends the same webhook again; here, nobody does."""


class Webhook(NamedTuple):
    """A signed request; ``number`` is the contract's, which its mail will name."""

    number: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Posted:
    """One webhook that was sent; times are seconds since 1970."""

    number: str
    sent: float
    accepted: float | None
    """None where no answer came, or one after which a provider sends again."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load of webhooks."""

    posted: Sequence[Posted]
    mailed: Mapping[str, float]
    """When each mail came, by the contract's number; those that came at all."""
    finished: int = 0
    """How many webhooks were finished: the run concluded, the reports on its mail recorded."""
    ended: float = 0.0
    """When the last of these reports was recorded, in seconds since 1970."""
    cpu: Spent | None = None
    """CPU of the whole stack, until then."""
    memory: float | None = None
    """Megabytes of the whole stack at the end."""

    @property
    def began(self) -> float:
        """When the first webhook was sent, in seconds since 1970."""
        return min(one.sent for one in self.posted)

    @property
    def rate(self) -> float:
        """Accepted a second."""
        ends = [one.accepted for one in self.posted if one.accepted is not None]
        return len(ends) / (max(ends) - self.began) if ends else 0.0

    @property
    def finish_rate(self) -> float:
        """Finished a second."""
        return self.finished / (self.ended - self.began) if self.finished else 0.0

    @property
    def last_mail(self) -> float:
        """Seconds from the first POST to the last mail."""
        return max(self.mailed.values(), default=self.began) - self.began

    @property
    def last_report(self) -> float:
        """Seconds from the first POST until the last report was recorded."""
        return max(0.0, self.ended - self.began)

    @property
    def answers(self) -> list[float]:
        """Milliseconds from each POST to its answer, of those that were accepted."""
        return [(one.accepted - one.sent) * 1e3 for one in self.posted if one.accepted is not None]

    @property
    def mails(self) -> list[float]:
        """Milliseconds from each POST to its mail, of those that came."""
        return [
            (self.mailed[one.number] - one.sent) * 1e3
            for one in self.posted
            if one.number in self.mailed
        ]

    @property
    def missing(self) -> list[str]:
        """The numbers that were accepted and of which no mail came."""
        return [
            one.number
            for one in self.posted
            if one.accepted is not None and one.number not in self.mailed
        ]


def paced(webhooks: Iterable[Webhook], a_second: float) -> Iterator[Webhook]:
    """The webhooks, so many a second at most."""
    started = time.monotonic()
    for place, webhook in enumerate(webhooks):
        time.sleep(max(0.0, started + place / a_second - time.monotonic()))
        yield webhook


def post(
    url: str,
    webhooks: Iterable[Webhook],
    connections: int,
    *,
    give_up: float = GIVE_UP,
    accepted: Callable[[str], None] = lambda number: None,
) -> list[Posted]:
    """Post all, each connection the next that is left once its last is answered.

    ``give_up`` is the most to wait for an answer, in seconds; ``accepted`` hears of each that is.
    ``RuntimeError`` if one is refused for good: then the scene is at fault, not the speed.
    """
    target, left, lock = urlsplit(url), iter(webhooks), threading.Lock()
    posted: list[Posted] = []
    refused: list[str] = []

    def take() -> Webhook | None:
        with lock:
            return next(left, None)

    def work() -> None:
        line = http.client.HTTPConnection(target.netloc, timeout=give_up)
        while (webhook := take()) is not None:
            sent = time.time()
            status, said = _answer(line, target.path, webhook)
            answered = time.time() if status == http.client.OK else None
            posted.append(Posted(webhook.number, sent, answered))
            if answered is not None:
                accepted(webhook.number)
            elif status is not None and status not in SEND_AGAIN:
                refused.append(f"{webhook.number}: {status} {said[:200]!r}")
        line.close()

    with ThreadPoolExecutor(connections) as pool:
        for worker in [pool.submit(work) for _ in range(connections)]:
            worker.result()
    if refused:
        raise RuntimeError(f"{len(refused)} of {len(posted)} webhooks refused: {refused[:3]}")
    return posted


def _answer(
    line: http.client.HTTPConnection, path: str, webhook: Webhook
) -> tuple[int | None, bytes]:
    """Status and body of the answer; None if there was none, and the line is open for the next."""
    try:
        line.request("POST", path, webhook.body, dict(webhook.headers))
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        line.close()
        return None, b""


def lateness(loads: Iterable[Load], *, late: float = LATE) -> list[Figure]:
    """How many webhooks of all loads were answered late, how late, and what did not come at all.

    ``late`` is in seconds.
    """
    loads = list(loads)
    seconds = [taken / 1e3 for load in loads for taken in load.answers]
    failed = [one for load in loads for one in load.posted if one.accepted is None]
    missing = list(chain.from_iterable(load.missing for load in loads))
    unfinished = sum(len(load.answers) - load.finished for load in loads)
    return [
        Figure(
            name=f"webhooks answered later than {late:g} s, of {len(seconds) + len(failed):,}",
            value=sum(taken > late for taken in seconds),
            target=0,
        ),
        Figure(name="... the latest answer", value=max(seconds, default=0.0), unit="s"),
        Figure(name="webhooks without an answer, or with 429 or 5xx", value=len(failed), target=0),
        Figure(name="webhooks accepted whose mail did not come", value=len(missing), target=0),
        Figure(name="... that were not finished", value=unfinished, target=0),
    ]
