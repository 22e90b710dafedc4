"""A rule run: one rule (or timed trigger) for one stage entry, from plan to conclusion."""

import re
from datetime import datetime
from typing import Literal

from pydantic import Field

from countersign.model.base import Instant, Model
from countersign.model.condition import Verdict
from countersign.model.document import Document
from countersign.model.run_purpose import RunPurpose, purpose_of

RunState = Literal[
    "waiting",
    "no_date",
    "ready",
    "running",
    "awaiting",
    "done",
    "skipped",
    "failed",
    "in_doubt",
    "cancelled",
]
"""``waiting`` for the rule above; ``no_date``: its date field is empty; ``ready``: its time is
known; ``running``: claimed by a lane; ``awaiting``: it has taken effect, and a person has to
answer; ``in_doubt``: the outside gave no answer; the rest are conclusions."""

CONCLUDED: frozenset[str] = frozenset({"done", "skipped", "failed", "cancelled"})
NOT_BEGUN: frozenset[str] = frozenset({"waiting", "no_date", "ready"})
WITHDRAWN: frozenset[str] = frozenset({"no_date", "cancelled"})
"""What becomes of a run that was ready and is not wanted at its time; its schedule is withdrawn."""
TROUBLED: frozenset[str] = frozenset({"failed", "in_doubt"})
"""What a person may have tried again, skipped or counted as done."""

REPEAT = "~"
"""Stands before the number of a repeated run. No id of a rule has it."""

_KEY = re.compile(
    r"(?P<document>.+)\.(?P<entry>[0-9]+)\.(?P<rule>(?:trigger\.)?[a-z0-9_-]+)"
    rf"(?:{REPEAT}(?P<repeat>[0-9]+))?"
)

Lane = Literal["email", "web", "document"]


class RunKey(Model):
    """Where a run is found: document, stage entry, rule."""

    document: str
    entry: int
    rule: str
    repeat: int = 0
    """How often a date that has moved has armed the rule again within the stage entry."""

    @property
    def part(self) -> str:
        """The rule, and how often it was repeated: what is unique within the entry."""
        return self.rule if not self.repeat else f"{self.rule}{REPEAT}{self.repeat}"

    def __str__(self) -> str:
        return f"{self.document}.{self.entry}.{self.part}"

    @classmethod
    def read(cls, text: str) -> "RunKey | None":
        """The key that is written so; None for what is none."""
        parts = _KEY.fullmatch(text)
        if parts is None:
            return None
        return cls(
            document=parts["document"],
            entry=int(parts["entry"]),
            rule=parts["rule"],
            repeat=int(parts["repeat"] or 0),
        )


MailState = Literal["open", "sending", "sent", "failed", "left_out"]
"""``sending``: it is claimed, and it is not known yet whether the mail service took it;
``left_out``: there was no reason to write to its recipient any more."""


class RunMail(Model):
    """One of the mails of a run that sends several: each is claimed and handed over on its own."""

    signer: str | None = None
    """The id of the signer it goes to; None for the mail to all other recipients."""
    to: str = ""
    """The addresses it goes to, as people read them; filled in when it is made."""
    state: MailState = "open"
    message_id: str | None = None
    """The mail service's id of it, as far as it is known."""
    reason: str | None = None
    """Why it failed or was left out."""


class Run(Model):
    """One rule for one stage entry of one document."""

    document: str
    entry: int
    rule: str
    """The rule's id, or the name of what else the run is for (``model/run_purpose.py``)."""
    repeat: int = 0
    """As in its key. A repeated run stands alone: what waited below the first had its turn."""
    position: int = 0
    """Place in the plan of its entry, from 0."""
    pipeline: str
    pipeline_version: int
    """The version it was planned with and is performed with."""
    stage: str
    kind: str
    lane: Lane
    state: RunState
    generation: int = 1
    """Grows each time the run becomes ready anew; a message of an older generation is void."""
    planned_at: Instant
    due: Instant | None = None
    not_after: Instant | None = None
    """The last moment at which it may begin: what is due before a date never runs after it. None
    where any later one will do."""
    date_field: str | None = None
    """The date field its time hangs on."""
    date_field_version: int = 0
    """The document's version whose field set its time; 0 where its time hangs on no field."""
    after: str | None = None
    """The rule above it in its chain."""
    next: str | None = None
    """The rule below it in its chain."""
    on_leave: Literal["cancel", "keep"] = "cancel"
    once: bool = False
    """Once per document: a mark is claimed together with the run."""
    attempts: int = 0
    put_off: int = 0
    """How often it was refused, as everybody was, since its last try that counted."""
    quota_since: Instant | None = None
    """Since when it waits for the account's daily quota of mails, if it does."""
    slot: Instant | None = None
    """Its place in the row of those who send, where the mail service takes so many a second."""
    repeatable: bool = False
    """Whether its effect, once begun, may be asked for again: the receiver knows the repetition."""
    swept: int = 0
    """How often a sweep set it going again, since a person last did."""
    lease_until: Instant | None = None
    """Until when the claiming function may be working on it."""
    doubt_until: Instant | None = None
    """For an ``unknown`` run: until when the outside's own report is waited for. Then it is tried
    again where it may be; otherwise, and where this is None, only a person can tell."""
    started_at: Instant | None = None
    concluded_at: Instant | None = None
    reason: str | None = None
    """Why it is in its state, in a sentence."""
    verdict: Verdict | None = None
    """How its condition was judged, clause by clause."""
    mails: tuple[RunMail, ...] = ()
    """For a rule that sends several mails: who they go to, fixed when the first of them is
    claimed, and what became of each. Empty for one mail."""
    result: dict[str, str] = Field(default_factory=dict)
    """What the effect left behind, for example ``{"message_id": …}``."""
    cause: str | None = None
    """What caused the arrival: the chain of causes, newest last."""
    job: str | None = None
    """The job that planned it or changed it last, if a person did not change it since."""

    @property
    def state_in_words(self) -> str:
        """The state as people read it: ``in doubt``, ``no date``."""
        return self.state.replace("_", " ")

    @property
    def key(self) -> RunKey:
        return RunKey(document=self.document, entry=self.entry, rule=self.rule, repeat=self.repeat)

    @property
    def purpose(self) -> RunPurpose:
        """What it is for: a rule, a trigger's timer, the backlog, or the mail about a task."""
        return purpose_of(self.rule)

    @property
    def sent_mails(self) -> tuple[RunMail, ...]:
        """Those of its several mails that the mail service took."""
        return tuple(mail for mail in self.mails if mail.state == "sent")

    @property
    def was_taken_out(self) -> bool:
        """Whether it left its chain before it had its turn: the runs below wait for those above."""
        had_time = self.due is not None or self.date_field is not None
        return self.state == "cancelled" or (self.state == "skipped" and not had_time)

    @property
    def is_half_sent(self) -> bool:
        """Whether some of its mails are sent and it is not concluded: it has begun then, so that
        neither leaving the stage nor a date that moves ends it."""
        return bool(self.sent_mails) and self.state not in CONCLUDED

    @property
    def ends_on_leaving(self) -> bool:
        """Whether it is not to begin any more once its document has left the stage entry."""
        return self.on_leave == "cancel" and not self.sent_mails

    def left_stage(self, document: Document) -> bool:
        """Whether its document has left the stage entry, and the run is not kept past it."""
        return self.entry != document.entry and self.on_leave == "cancel"

    def newer_than(self, before: "Run") -> "Run":
        """The run as the next generation of what is stored: messages that ask for ``before`` are
        void, and nobody who has read that can write it back."""
        return self.model_copy(update={"generation": before.generation + 1})

    def ready_again(self, *, due: datetime, reason: str | None) -> "Run":
        """The run once it is to be performed again: in a new generation, claimed by nobody."""
        update = {"state": "ready", "due": due, "lease_until": None, "reason": reason}
        return self.model_copy(update=update).newer_than(self)

    def with_new_tries(self) -> "Run":
        """The run with none of its tries counted, and nothing of what they waited for."""
        return self.model_copy(
            update={
                "attempts": 0,
                "put_off": 0,
                "quota_since": None,
                "slot": None,
                "swept": 0,
                "doubt_until": None,
            }
        )


class RunRecord(Model):
    """A run before and after a change, as the table's stream tells it."""

    old: Run | None
    new: Run
