"""What came during a pause is applied each for itself: one that cannot be is set aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import (
    ConflictError,
    NotFoundError,
    PermanentError,
    StaleRunError,
    UnavailableError,
)
from countersign.model.document import Document
from countersign.model.incoming_message import IncomingMessage
from countersign.model.mail_event import MAIL_SERVICE, MailEvent
from countersign.model.run import RunKey
from countersign.model.transaction import Transaction
from countersign.ports import EnvelopeSnapshot
from countersign.simulation.world import World
from countersign.use_cases.messages.apply_message import apply_to_envelope
from countersign.use_cases.messages.held_messages import drop_set_aside, retry_set_aside
from countersign.use_cases.pipelines.pause import pause, resume
from tests.builders import KLARA, connection, envelope, event, mail, pipeline, stage, trigger

GONE = "the connection pandadoc has been removed; create it again, then run "
GONE += "countersign held-messages retry contracts"


def paused() -> tuple[World, Document]:
    """A paused pipeline with a document, for which a message of a removed connection waits."""
    here = World()
    here.publish(pipeline(stage("sent"), stage("seen", triggers=[trigger("viewed")])))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    pause(here.pipelines, "contracts")
    here.held.add(waiting(here, "pandadoc"))
    here.now += timedelta(minutes=1)
    here.receive("docusign", [event("document.viewed", KLARA, minute=1)])
    return here, document


def waiting(here: World, of: str, **more: Any) -> IncomingMessage:
    events = (event("document.viewed", KLARA, minute=3, envelope="env-other"),)
    given = {"events": events, **more}
    return IncomingMessage(
        pipeline="contracts", connection=of, received_at=here.now, authenticity="signed", **given
    )


def resumed(here: World) -> Any:
    done = resume(here.receiver, here.pipelines, "contracts")
    here.settle()
    return done


def aside(here: World) -> list[str]:
    return [one.reason for one in here.held.list_aside("contracts")]


def is_open(here: World) -> bool:
    head = here.pipelines.head("contracts")
    return head is not None and not head.paused


def test_a_message_whose_connection_is_gone_keeps_nobody_elses() -> None:
    here, document = paused()
    done = resumed(here)
    assert (done.messages, is_open(here)) == (1, True)
    assert done.problems == (
        "a message of pandadoc of 2026-03-02 09:00:00 UTC was not applied: "
        f"{GONE}; it is set aside",
    )
    assert here.document(document.id).stage == "seen"
    assert (aside(here), list(here.held.list("contracts"))) == ([GONE], [])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (PermanentError("no such version"), "no such version"),
        (RecursionError("too deep"), "RecursionError at "),
        (KeyError("klara@client.example"), "KeyError at "),
    ],
)
def test_whatever_a_message_breaks_is_its_own_affair_and_quotes_nobody(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, reason: str
) -> None:
    here, document = paused()
    here.connect(connection(id="pandadoc"))
    commit = here.documents.commit

    def breaks(change: Any) -> None:
        if change.document is not None and change.document.id != document.id:
            raise fault
        commit(change)

    monkeypatch.setattr(here.documents, "commit", breaks)
    assert resumed(here).messages == 1
    assert (is_open(here), here.document(document.id).stage) == (True, "seen")
    (told,) = aside(here)
    assert told.startswith(reason)
    assert "klara" not in told


def test_a_report_on_a_mail_is_set_aside_too(monkeypatch: pytest.MonkeyPatch) -> None:
    here, document = paused()
    run = RunKey(document=document.id, entry=1, rule="hello")
    report = MailEvent(kind="opened", at=here.now, message_id="m", run=run, recipients=())
    message = waiting(here, MAIL_SERVICE, events=(), feedback=report)
    here.held.add(message)

    def breaks(wanted: object) -> None:
        raise PermanentError("an item of another version")

    monkeypatch.setattr(here.documents, "read_runs", breaks)
    assert resumed(here).messages == 1
    assert aside(here) == [GONE, "an item of another version"]


def test_a_document_that_does_not_rest_is_left_to_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, document = paused()

    def conflicts(change: Any) -> None:
        raise ConflictError("changed by somebody else")

    with monkeypatch.context() as patched:
        patched.setattr(here.documents, "commit", conflicts)
        done = resumed(here)
    assert (done.messages, is_open(here), len(done.problems)) == (0, True, 2)
    assert (aside(here), len(list(here.held.list("contracts")))) == ([GONE], 1)
    assert here.sweep().messages == 1
    assert here.document(document.id).stage == "seen"


def test_an_outage_is_no_messages_fault_and_the_pipeline_stays_paused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, document = paused()

    def away(*names: str) -> EnvelopeSnapshot:
        raise UnavailableError("the database does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(here.documents, "read_arrival", away)
        with pytest.raises(UnavailableError):
            resumed(here)
    assert (is_open(here), aside(here)) == (False, [])
    assert len(list(here.held.list("contracts"))) == 2
    assert resumed(here).messages == 1
    assert here.document(document.id).stage == "seen"


def test_the_sweep_sets_aside_as_well_and_says_so_once() -> None:
    here, document = paused()
    here.pipelines.set_paused("contracts", False)
    swept = here.sweep()
    assert swept.messages == 1
    assert [problem for problem in swept.problems if GONE in problem] == list(swept.problems)
    assert here.document(document.id).stage == "seen"
    assert here.sweep().problems == ()


def test_what_was_set_aside_is_applied_once_its_reason_is_gone() -> None:
    here, _ = paused()
    resumed(here)
    (still,) = retry_set_aside(here.receiver, "contracts")
    assert still.reason == GONE
    here.connect(connection(id="pandadoc"))
    (done,) = retry_set_aside(here.receiver, "contracts")
    assert (done.reason, aside(here)) == (None, [])
    assert [one.envelope for one in here.documents.in_stage("contracts", "seen")] != []
    assert list(retry_set_aside(here.receiver, "contracts")) == []


def test_one_that_was_set_aside_and_conflicts_stays_there_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, _ = paused()
    resumed(here)
    here.connect(connection(id="pandadoc"))

    def conflicts(change: Any) -> None:
        raise ConflictError("changed by somebody else")

    monkeypatch.setattr(here.documents, "commit", conflicts)
    (still,) = retry_set_aside(here.receiver, "contracts")
    assert still.reason is not None
    assert still.reason.startswith("the document of envelope env-other changed ")
    assert aside(here) == [GONE]


def two_aside() -> tuple[World, str, str]:
    """A pipeline of which two messages were set aside, and their ids."""
    here, _ = paused()
    here.held.add(waiting(here, "signnow"))
    resumed(here)
    first, second = (one.message.digest for one in here.held.list_aside("contracts"))
    return here, first, second


def ids_aside(here: World) -> list[str]:
    return [one.message.digest for one in here.held.list_aside("contracts")]


def test_the_one_that_is_named_is_dropped_and_the_other_stays() -> None:
    here, first, second = two_aside()
    (dropped,) = drop_set_aside(here.receiver, "contracts", first)
    assert (dropped.message.digest, ids_aside(here)) == (first, [second])


def test_the_one_that_is_named_is_tried_again_and_the_other_stays() -> None:
    here, first, second = two_aside()
    for name in ("pandadoc", "signnow"):
        here.connect(connection(id=name))
    (tried,) = retry_set_aside(here.receiver, "contracts", second)
    assert (tried.message.digest, tried.reason, ids_aside(here)) == (second, None, [first])


def test_what_still_cannot_be_applied_keeps_its_place_and_says_why() -> None:
    here, first, second = two_aside()
    tried = list(retry_set_aside(here.receiver, "contracts"))
    assert [one.message.digest for one in tried] == [first, second]
    assert all("has been removed; create it again" in (one.reason or "") for one in tried)
    assert ids_aside(here) == [first, second]


@pytest.mark.parametrize("name", ["nonsense", ""])
def test_a_message_that_was_not_set_aside_is_not_found(name: str) -> None:
    here, first, second = two_aside()
    text = f"no message {name} of contracts was set aside"
    with pytest.raises(NotFoundError) as missing:
        drop_set_aside(here.receiver, "contracts", name)
    assert str(missing.value) == text
    with pytest.raises(NotFoundError, match=text):
        list(retry_set_aside(here.receiver, "contracts", name))
    with pytest.raises(NotFoundError):
        drop_set_aside(here.receiver, "leases", first)
    assert ids_aside(here) == [first, second]


def test_what_nobody_wants_any_more_is_dropped() -> None:
    here, _ = paused()
    resumed(here)
    assert [one.reason for one in drop_set_aside(here.receiver, "contracts")] == [GONE]
    assert aside(here) == []


def test_resuming_sends_the_runs_of_its_own_pipeline_though_some_are_taken_meanwhile() -> None:
    class Taken(MemoryDocuments):
        first = True

        def commit(self, change: Transaction) -> None:
            if change.updates and self.first:
                self.first = False
                raise StaleRunError("somebody performs it")
            super().commit(change)

    here = World()
    hello = [mail(f"m{n}", execution="independent") for n in range(3)]
    for name, of in (("a-first", "adobe"), ("contracts", "docusign")):
        wanted = pipeline(stage("sent", *hello), senders=["contracts@acme.example"])
        here.publish(wanted.model_copy(update={"pipeline": name}))
        here.connect(connection(id=of, provider="docusign", pipeline=name))
        pause(here.pipelines, name)
        message = event("document.sent", state=envelope())
        waits = waiting(here, of, events=(message,)).model_copy(update={"pipeline": name})
        apply_to_envelope(here.receiver, waits, even_if_paused=True)
    assert len(list(here.documents.due(here.now))) == 6
    here.documents = Taken(here.state)
    assert resume(here.receiver, here.pipelines, "contracts").runs == 2
