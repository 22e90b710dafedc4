"""The mail lane reads what a batch of messages needs together, and sends each mail as if alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.queues.run_queues import QueuedMessage
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import UnavailableError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.message import Email, RunMessage
from countersign.model.run_result import RunResult
from countersign.model.transaction import Transaction
from countersign.ports import RunRead, RunSnapshot
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import save
from countersign.use_cases.effects.email import EmailEffect
from countersign.use_cases.pipelines.pause import pause
from countersign.use_cases.runs.effect_lanes import begin_batch, perform_effect_run
from tests.builders import connection, envelope, event, mail, pipeline, run_of, stage, states

SENDERS = ["contracts@acme.example"]
SECOND = timedelta(seconds=1)


class Noted(MemoryDocuments):
    """Documents that note what is asked of them."""

    def __init__(self, here: World) -> None:
        super().__init__(here.state)
        self.asked = list[str]()

    def read_run(self, message: RunMessage) -> RunSnapshot:
        self.asked.append(f"read {message.rule}")
        return super().read_run(message)

    def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
        self.asked.append("read " + " ".join(one.run.rule for one in wanted))
        return super().read_runs(wanted)

    def commit(self, change: Transaction) -> None:
        self.asked.append("commit")
        super().commit(change)


def independent(rule_id: str, **more: Any) -> dict[str, Any]:
    return mail(rule_id, execution="independent", time={"after": {"hours": 1}}, **more)


def due(*rules: dict[str, Any]) -> tuple[World, Document, tuple[QueuedMessage, ...]]:
    """A document with runs that are all due, and their messages."""
    here = World()
    fields = {"score": {"type": "number"}}
    stages = stage("draft", *rules), stage("sent")
    here.publish(pipeline(*stages, senders=SENDERS, fields=fields))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.now += timedelta(hours=1)
    return here, document, here.lanes.take_due(here.now)


def perform(
    here: World,
    batch: Sequence[QueuedMessage],
    mailbox: MemoryMailer,
    between: Callable[[], object] = lambda: None,
) -> list[RunResult]:
    """What becomes of the messages of one invocation; ``between`` happens once they are read."""
    messages = [one.message for one in batch]
    begun = begin_batch(here.performer, "email", messages)
    between()
    effect = EmailEffect(mailbox, here.attachments)
    return [perform_effect_run(here.performer, one, effect, begun) for one in messages]


def test_a_batch_is_read_together_and_each_mail_is_claimed_and_concluded_by_itself() -> None:
    here, document, batch = due(*map(independent, ("one", "two", "three")))
    here.documents = noted = Noted(here)
    mailbox = MemoryMailer()
    assert [one.result for one in perform(here, batch, mailbox)] == ["done"] * 3
    assert noted.asked == ["read one two three", *["commit"] * 6]
    assert [one.subject for one in mailbox.sent] == ["one", "two", "three"]
    assert states(here, document) == dict.fromkeys(("one", "two", "three"), "done")


def test_a_condition_counts_by_the_document_as_it_is_when_its_mail_is_claimed() -> None:
    high = {"all": [{"field": "score", "op": "greater", "value": 5}]}
    low = {"all": [{"field": "score", "op": "less", "value": 6}]}
    here, document, batch = due(
        independent("high", condition=high), independent("low", condition=low)
    )
    save(here.store, document.id, Edit(values={"score": 1}), user("anna"))
    mailbox = MemoryMailer()

    def raised() -> None:
        save(here.store, document.id, Edit(values={"score": 9}), user("anna"))

    results = perform(here, batch, mailbox, raised)
    assert [one.result for one in results] == ["done", "skipped"]
    assert [one.subject for one in mailbox.sent] == ["high"]


def test_a_document_that_left_since_the_batch_was_read_gets_no_mail() -> None:
    here, document, batch = due(independent("one"))
    mailbox = MemoryMailer()

    def leave() -> None:
        save(here.store, document.id, Edit(stage="sent"), user("anna"))

    assert [one.result for one in perform(here, batch, mailbox, leave)] == ["cancelled"]
    assert mailbox.sent == []


@pytest.mark.parametrize(("after", "sent"), [(SECOND / 2, 1), (SECOND, 0)])
def test_that_a_pipeline_was_paused_is_known_a_second_later(after: timedelta, sent: int) -> None:
    here, _, batch = due(independent("one"))
    mailbox = MemoryMailer()

    def pauses() -> None:
        pause(here.pipelines, "contracts")
        here.now += after

    perform(here, batch, mailbox, pauses)
    assert len(mailbox.sent) == sent


def test_a_message_that_comes_twice_in_a_batch_is_one_mail() -> None:
    here, _, batch = due(independent("one"))
    mailbox = MemoryMailer()
    assert [one.result for one in perform(here, batch * 2, mailbox)] == ["done", "void"]
    assert len(mailbox.sent) == 1


def test_what_would_wait_behind_slow_mails_is_put_back_at_once() -> None:
    here, document, batch = due(*map(independent, ("one", "two", "three")))

    def slow(_: Email) -> None:
        here.now += 5 * SECOND

    results = perform(here, batch, MemoryMailer(refusal=slow))
    assert [one.result for one in results] == ["done", "done", "put_back"]
    (waiting,) = here.lanes.waiting
    assert (waiting.message.rule, waiting.due, waiting.lane) == ("three", here.now, "email")
    assert run_of(here, document, "three").state == "ready"
    here.settle()
    assert run_of(here, document, "three").state == "done"


@pytest.mark.parametrize(
    ("seconds", "second"), [(7.999, "done"), (8, "put_back"), (8.001, "put_back")]
)
def test_further_mails_of_a_batch_begin_within_eight_seconds(seconds: float, second: str) -> None:
    here, document, batch = due(independent("one"), independent("two"))

    def slow(_: Email) -> None:
        here.now += seconds * SECOND

    results = perform(here, batch, MemoryMailer(refusal=slow))
    assert [one.result for one in results] == ["done", second]
    if second == "put_back":
        assert results[1] == RunResult(
            result="put_back",
            run=f"{document.id}.1.two",
            lane="email",
            reason="those before it in its batch took too long; it is in the queue again",
        )


def test_a_slow_read_puts_nothing_back() -> None:
    class Slow(Noted):
        def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
            here.now += 20 * SECOND
            return super().read_runs(wanted)

    here, _, batch = due(independent("one"), independent("two"))
    here.documents = Slow(here)
    assert [one.result for one in perform(here, batch, MemoryMailer())] == ["done", "done"]


def test_a_batch_that_cannot_be_read_together_is_performed_one_by_one() -> None:
    class Busy(Noted):
        def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
            raise UnavailableError("the database is busy")

    here, document, batch = due(independent("one"), independent("two"))
    here.documents = noted = Busy(here)
    assert [one.result for one in perform(here, batch, MemoryMailer())] == ["done", "done"]
    assert noted.asked == ["read one", "commit", "commit", "read two", "commit", "commit"]
    assert states(here, document) == {"one": "done", "two": "done"}
