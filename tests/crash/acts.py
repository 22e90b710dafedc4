"""What a scenario is made of: acts, rates of faults, and the words that pipelines use."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from countersign.model.run_purpose import KeptKind
from tests.crash.outages import Outage

PIPELINE = "contracts"
SECOND = "orders"
"""A second pipeline with rules of its own, and the connection that leads to it."""
SENDER = "contracts@acme.example"
CODE = "approved"
"""What people call a document by."""
MADE = "d-made-by-hand"
"""The document that a person makes."""
SIGNED_WITH = "hooks"
"""The name of the key that some calls are signed with."""
SIGNING_KEY = f"whsec_{b64encode(bytes(32)).decode()}"
BEN = "ben@acme.example"
CARLA = "carla@acme.example"
STAGES = ("s0", "s1", "s2", "s3")
DAYS = ("2026-03-04", "2026-03-09", "2026-03-29", "2026-03-31", "2026-10-25", "2026-10-27")
LATER_DAYS = ("2026-04-30", "2026-06-30", "2026-11-30", "2027-02-28")
STARTS = (
    datetime(2026, 3, 2, 9, tzinfo=UTC),
    datetime(2026, 3, 27, 15, tzinfo=UTC),  # summer time begins on the 29th
    datetime(2026, 10, 23, 20, tzinfo=UTC),  # and ends on the 25th
)

RATES: dict[str, float] = {
    # in any function, at any call of a port
    "crash before": 0.02,
    "crash after": 0.02,
    "meanwhile": 0.12,
    "slow": 0.03,
    # the database and the queues
    "unavailable": 0.03,
    "unavailable after writing": 0.03,
    "written later": 0.02,
    "conflict": 0.05,
    "torn": 0.10,
    "out of date": 0.15,
    "missing": 0.15,
    # messages
    "lost": 0.04,
    "twice": 0.12,
    "late": 0.12,
    "early": 0.08,
    "answer lost": 0.10,
    "never sent": 0.05,
    # the mail service
    "busy": 0.10,
    "refused": 0.06,
    "rejected": 0.04,
    "bounced": 0.10,
    "unforeseen": 0.05,
    "taken, no answer": 0.12,
    "not taken, no answer": 0.06,
}
"""How likely each sort of fault is where it can strike, in a seed that has it at all."""
WEB_RATES: dict[str, float] = {
    "answers 503": 0.12,
    "answers 429": 0.08,
    "answers 404": 0.06,
    "answers nonsense": 0.15,
    "gateway, taken": 0.12,
    "gateway, not taken": 0.06,
}
"""The same for the address that rules call; drawn for seeds that call it."""
FILE_RATES: dict[str, float] = {
    "still made": 0.20,
    "token refused": 0.03,
    "wrong page": 0.03,
    "answers 500": 0.12,
    "half a file": 0.06,
}
"""The same for the provider that is asked for files; drawn for seeds that have any."""
TIME_RATES: dict[str, float] = {"killed": 0.015}
"""The same for functions that are ended when their time is up."""

What = Literal[
    "envelope", "edit", "pause", "resume", "publish", "roll back", "move runs", "run here",
    "repair", "redrive", "forge", "example", "make", "pay",
    "call", "task", "life", "rotate", "remove connection", "connect anew", "spoil",
    "poison", "burst", "upload", "remove file", "lose file", "change", "job", "abort job",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody does."""

    after: timedelta
    """How long after the act before it."""
    what: What
    with_: tuple[Any, ...] = ()

    def __str__(self) -> str:
        told = " ".join(str(one) for one in self.with_)
        return f"{self.what} {told}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that makes a run; equal scenarios run alike on the same code."""

    seed: int
    start: datetime
    pipelines: tuple[dict[str, Any], ...]
    """As they are written; the first is published at the start, the others may be later."""
    acts: tuple[Act, ...]
    rates: dict[str, float]
    named: str | None
    """The document that the envelopes name as theirs, which a person may make."""
    real_mail: bool
    """Whether mails are written by their rule, with inserts, or simply by the test."""
    calm_after: timedelta
    """How long after the last act faults go on."""
    most_items: int
    """How many items a change is told to have at most: where it is few, runs that move or are freed
    are left for later, as they are where there are hundreds."""
    no_reports: bool = False
    """Whether the mail service's reports get lost on their way, all of them."""
    outages: tuple[Outage, ...] = ()
    on_the_wire: bool = False
    """Whether all that is kept and sent goes through the form it has on the wire."""
    skew: timedelta = timedelta(0)
    """How much the clocks of two functions differ at most."""
    mail_rate: int = 0
    """How many mails a second the mail service takes; any number where it is 0."""
    mail_quota: int = 0
    """How many it takes within 24 hours; any number where it is 0."""
    second: dict[str, Any] | None = None
    """A second pipeline that shares tables, queues, schedules and the mail service with the first;
    the second envelope belongs to it."""
    batches: bool = False
    """Whether queues hand over several messages at a time, and the stream has several shards."""
    connects_anew: bool = False
    """Whether who looks after the system connects in the end what was removed."""
    api: str = ""
    """The provider whose API is asked for the files of envelopes that come by the connection
    ``direct``; none where it is empty."""
    keep_files: tuple[KeptKind, ...] = ()
    """What that connection keeps without being asked."""
    spared: frozenset[str] = frozenset()
    """Places where a fault would strike and is left out, to make the story shorter."""
