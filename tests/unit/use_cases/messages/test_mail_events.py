"""What the mail service reports: runs in doubt are resolved, documents hear of their mails once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import InDoubtError, UnreadableError
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.log import LogEntry
from countersign.model.mail_event import FeedbackKind, MailEvent
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.ports import RunRead, RunSnapshot
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.triggers.link_clicked import LinkClicked
from countersign.triggers.mail_bounced import MailBounced
from countersign.use_cases.messages.mail_events import read_reported, record_mail_event
from countersign.use_cases.pipelines.pause import pause, resume
from tests.builders import (
    KLARA,
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    trigger,
)

SENDERS = ["contracts@acme.example"]
PROOFS: tuple[FeedbackKind, ...] = (
    "sent", "delivered", "delayed", "bounced", "complained", "opened", "clicked",
)  # fmt: skip
REFUSALS: tuple[FeedbackKind, ...] = ("rejected", "rendering_failed")


def no_answer(_: object) -> Exception:
    return InDoubtError("SES gave no answer")


def start(*stages: dict[str, Any], doubt: bool = False) -> tuple[World, Document]:
    """A world whose document is in the first stage; with ``doubt``, no mail is answered."""
    here = World(mailbox=MemoryMailer(refusal=no_answer if doubt else None))
    here.publish(pipeline(*stages, senders=SENDERS))
    here.connect(connection())
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def report(run: Run, kind: FeedbackKind, **more: Any) -> MailEvent:
    given: dict[str, Any] = {
        "kind": kind,
        "at": START + timedelta(seconds=2),
        "message_id": "memory-1",
        "run": run.key,
        "recipients": (KLARA,),
    }
    return MailEvent.model_validate(given | more)


def told(here: World, document: Document, kind: str) -> list[LogEntry]:
    return [line for line in here.documents.timeline(document.id) if line.event == kind]


TWO = stage("sent", mail("hello"), mail("then"))


@pytest.mark.parametrize("kind", PROOFS)
def test_a_run_in_doubt_is_done_once_any_report_proves_its_mail(kind: FeedbackKind) -> None:
    here, document = start(TWO, doubt=True)
    assert states(here, document) == {"hello": "in_doubt", "then": "waiting"}
    here.mailbox = MemoryMailer()
    assert here.report(report(run_of(here, document, "hello"), kind)) == "resolved"
    run = run_of(here, document, "hello")
    assert (run.state, run.doubt_until, run.result) == (
        "done",
        None,
        {"message_id": "memory-1", "to": KLARA},
    )
    assert run.reason == f"the mail service reported the mail as {kind}"
    assert subjects(here) == ["then"]


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("doubt", [True, False])
def test_a_mail_that_was_taken_and_then_refused_fails_its_run(
    kind: FeedbackKind, doubt: bool
) -> None:
    here, document = start(TWO, doubt=doubt)
    here.mailbox = MemoryMailer()
    assert here.report(report(run_of(here, document, "hello"), kind, detail="Virus")) == "resolved"
    run = run_of(here, document, "hello")
    assert run.state == "failed"
    assert run.reason == "the mail service refused to send the mail: Virus"
    assert [line.reason for line in told(here, document, "mail.rejected")] == ["Virus"]
    assert states(here, document)["then"] == "done"


def test_a_refusal_may_stop_the_chain() -> None:
    here, document = start(
        stage("sent", mail("hello", on_failure="stop"), mail("then")), doubt=True
    )
    here.report(report(run_of(here, document, "hello"), "rejected"))
    assert states(here, document) == {"hello": "failed", "then": "cancelled"}


def test_a_report_frees_what_waits_below_a_rule_that_was_taken_out() -> None:
    here, document = start(
        stage("sent", mail("hello"), mail("then"), mail("last")), stage("next"), doubt=True
    )
    run, then = run_of(here, document, "hello"), run_of(here, document, "then")
    here.state.runs[then.key] = then.model_copy(update={"state": "cancelled"})
    here.mailbox = MemoryMailer()
    here.report(report(run, "delivered"))
    assert states(here, document) == {"hello": "done", "then": "cancelled", "last": "done"}


def test_what_the_lane_has_told_itself_the_report_does_not_tell_again() -> None:
    here, document = start(stage("sent", mail("hello")))
    before = (here.document(document.id), here.documents.runs(document.id))
    assert here.report(report(run_of(here, document, "hello"), "sent")) == "known"
    assert (here.document(document.id), here.documents.runs(document.id)) == before


def test_a_report_on_a_mail_that_was_refused_says_nothing_of_the_next_try() -> None:
    here, document = start(stage("sent", mail("hello")), doubt=True)
    run = run_of(here, document, "hello")
    here.report(report(run, "rejected"))
    refused = run_of(here, document, "hello")
    for kind in ("sent", "rejected"):
        again = refused.model_copy(update={"state": "running", "generation": 2})
        here.state.runs[run.key] = again
        here.report(report(run, kind, at=START + timedelta(seconds=9)))
        assert run_of(here, document, "hello") == again


def test_a_try_that_seemed_to_fail_and_did_send_is_not_repeated() -> None:
    here, document = start(stage("sent", mail("hello")), doubt=True)
    here.advance(timedelta(minutes=61))
    here.state.take_ready()
    ready = run_of(here, document, "hello").model_copy(
        update={"state": "ready", "generation": 2, "due": here.now + timedelta(minutes=1)}
    )
    here.state.runs[ready.key] = ready
    assert here.report(report(ready, "sent")) == "resolved"
    assert states(here, document) == {"hello": "done"}


@pytest.mark.parametrize(
    ("kind", "happening", "text"),
    [
        ("delivered", "mail.delivered", f"the mail of hello was delivered to {KLARA}"),
        (
            "delayed",
            "mail.delayed",
            f"the mail of hello to {KLARA} is delayed; the mail service goes on trying",
        ),
        ("bounced", "mail.bounced", f"the mail of hello to {KLARA} came back"),
        ("complained", "mail.complained", f"{KLARA} marked the mail of hello as unwanted"),
        ("opened", "mail.opened", f"the mail of hello to {KLARA} was opened"),
        (
            "clicked",
            "mail.clicked",
            f"a link in the mail of hello to {KLARA} was clicked: https://acme.example/x",
        ),
    ],
)
def test_the_timeline_hears_of_each_report_once(
    kind: FeedbackKind, happening: str, text: str
) -> None:
    here, document = start(stage("sent", mail("hello")))
    told_ = report(
        run_of(here, document, "hello"), kind, link="https://acme.example/x", detail="550 5.1.1"
    )
    version = here.document(document.id).version
    assert here.report(told_) == "recorded"
    assert here.report(told_) == "duplicate"
    (line,) = told(here, document, happening)
    assert line == LogEntry(
        at=here.now,
        kind="event",
        text=text,
        by="mail service",
        entry=1,
        event=happening,
        key=told_.key,
        occurred_at=told_.at,
        signer=KLARA,
        reason="550 5.1.1",
        cause=f"provider:docusign document.sent > hello > {happening}",
    )
    assert here.document(document.id).version == version + 1


def test_two_openings_are_two_lines() -> None:
    here, document = start(stage("sent", mail("hello")))
    run = run_of(here, document, "hello")
    for second in (5, 9):
        here.report(report(run, "opened", at=START + timedelta(seconds=second)))
    assert len(told(here, document, "mail.opened")) == 2


def test_a_report_on_a_run_that_does_not_exist_is_passed_over() -> None:
    here, document = start(stage("sent", mail("hello")))
    run = run_of(here, document, "hello").model_copy(update={"document": "gone"})
    assert here.report(report(run, "delivered")) == "unmatched"


# --- triggers


@pytest.mark.parametrize(
    ("kind", "settings", "reported", "more", "moves"),
    [
        ("mail_opened", {}, "opened", {}, True),
        ("mail_opened", {"rule": "hello"}, "opened", {}, True),
        ("mail_opened", {"rule": "other"}, "opened", {}, False),
        ("mail_opened", {}, "clicked", {}, False),
        ("link_clicked", {}, "clicked", {"link": "https://acme.example/a"}, True),
        (
            "link_clicked",
            {"url_prefix": "https://acme.example/a"},
            "clicked",
            {"link": "https://acme.example/a?b"},
            True,
        ),
        (
            "link_clicked",
            {"url_prefix": "https://acme.example/b"},
            "clicked",
            {"link": "https://acme.example/a"},
            False,
        ),
        ("mail_bounced", {}, "bounced", {}, True),
        ("mail_bounced", {}, "complained", {}, True),
        ("mail_bounced", {}, "delayed", {}, False),
    ],
)
def test_a_report_moves_the_document_where_a_trigger_waits_for_it(
    kind: str, settings: dict[str, Any], reported: FeedbackKind, more: dict[str, Any], moves: bool
) -> None:
    waits = trigger(kind, settings=settings)
    here, document = start(
        stage("sent", mail("hello"), mail("other")), stage("next", triggers=[waits])
    )
    here.report(report(run_of(here, document, "hello"), reported, **more))
    assert here.document(document.id).stage == ("next" if moves else "sent")


@pytest.mark.parametrize(
    ("kind", "detail", "reason"),
    [
        (
            LinkClicked(url_prefix="https://acme.example/"),
            {"rule": "a", "link": "https://other.example/"},
            "the link was https://other.example/, not one that begins with https://acme.example/",
        ),
        (MailBounced(rule="b"), {"rule": "a"}, "it is about the mail of a, not of b"),
    ],
)
def test_a_trigger_says_why_it_passes_a_report_over(
    kind: LinkClicked | MailBounced, detail: dict[str, str], reason: str
) -> None:
    _, document = start(stage("sent"))
    happening = DocumentEvent(kind="mail.clicked", at=START, detail=detail)
    assert kind.misses(happening, document) == reason


def test_mails_that_are_opened_by_themselves_do_not_keep_a_circle_going() -> None:
    opened = [trigger("mail_opened", name, allow_return=True) for name in ("to-a", "to-b")]
    here, document = start(
        stage("a", mail("in-a"), triggers=opened[:1]), stage("b", mail("in-b"), triggers=opened[1:])
    )
    for second in range(30):
        newest = here.documents.runs(document.id)[-1]
        here.report(report(newest, "opened", at=START + timedelta(seconds=second)))
    timeline = here.documents.timeline(document.id)
    assert [line.kind for line in timeline].count("moved") == 20
    assert any(line.kind == "stopped" for line in timeline)


def test_a_paused_pipeline_hears_of_its_mails_when_it_is_resumed() -> None:
    here, document = start(
        stage("sent", mail("hello")), stage("next", triggers=[trigger("mail_opened")]), doubt=True
    )
    run = run_of(here, document, "hello")
    pause(here.pipelines, "contracts")
    assert here.report(report(run, "opened")) == "postponed"
    assert states(here, document) == {"hello": "done"}
    assert here.document(document.id).stage == "sent"
    assert resume(here.receiver, here.pipelines, "contracts").messages == 1
    assert here.document(document.id).stage == "next"
    assert list(here.held.list("contracts")) == []


class Read(MemoryDocuments):
    """Documents that note how they are read."""

    def __init__(self, here: World) -> None:
        super().__init__(here.state)
        self.reads = list[str]()

    def read_run(self, message: RunMessage) -> RunSnapshot:
        self.reads.append(message.rule)
        return super().read_run(message)

    def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
        self.reads.append(" ".join(one.run.rule for one in wanted))
        return super().read_runs(wanted)


def recorded(here: World, *reports: MailEvent) -> list[str]:
    """What becomes of the reports of one batch."""
    known = read_reported(here.recorder, reports)
    return [record_mail_event(here.recorder, one, known=known) for one in reports]


def test_the_reports_of_a_batch_are_read_together() -> None:
    here, document = start(stage("sent", mail("hello"), mail("then")))
    batch = [
        report(run_of(here, document, rule), kind, pipeline="contracts", message_id=f"memory-{n}")
        for n, rule in enumerate(("hello", "then"), 1)
        for kind in ("sent", "delivered")
    ]
    here.documents = read = Read(here)
    assert recorded(here, *batch) == ["known", "recorded", "known", "recorded"]
    assert read.reads == ["hello then"]
    assert len(told(here, document, "mail.delivered")) == 2


def test_what_has_changed_since_a_batch_was_read_is_read_again() -> None:
    here, document = start(stage("sent", mail("hello"), mail("then")))
    delivered = report(run_of(here, document, "hello"), "delivered", pipeline="contracts")
    known = read_reported(here.recorder, [delivered])
    here.edit(document.id, Edit(values={"title": "Lease"}), by="anna")
    assert record_mail_event(here.recorder, delivered, known=known) == "recorded"
    assert here.document(document.id).title == "Lease"
    assert len(told(here, document, "mail.delivered")) == 1


def test_a_batch_that_cannot_be_read_together_is_read_one_by_one() -> None:
    class Unreadable(Read):
        def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
            found = super().read_runs(wanted)
            if any(one.run.rule == "then" for one in wanted):
                raise UnreadableError("the run then", "no state")
            return found

    here, document = start(stage("sent", mail("hello"), mail("then")))
    first, second = (
        report(run_of(here, document, rule), "delivered", pipeline="contracts")
        for rule in ("hello", "then")
    )
    here.documents = Unreadable(here)
    known = read_reported(here.recorder, [first, second])
    assert record_mail_event(here.recorder, first, known=known) == "recorded"
    with pytest.raises(UnreadableError):
        record_mail_event(here.recorder, second, known=known)


@pytest.mark.parametrize("pipeline_id", ["contracts", None])
def test_a_report_in_a_batch_frees_what_waits_below(pipeline_id: str | None) -> None:
    here, document = start(TWO, doubt=True)
    here.mailbox = MemoryMailer()
    sent = report(run_of(here, document, "hello"), "sent", pipeline=pipeline_id)
    assert recorded(here, sent) == ["resolved"]
    here.settle()
    assert states(here, document) == {"hello": "done", "then": "done"}


def test_a_report_on_a_document_that_is_removed_meanwhile_is_unheard() -> None:
    class Removed(MemoryDocuments):
        def read_run(self, message: RunMessage) -> RunSnapshot:
            self.remove(message.document)
            return super().read_run(message)

    here, document = start(TWO, doubt=True)
    asked = report(run_of(here, document, "hello"), "delivered")
    here.documents = Removed(here.state)
    assert here.report(asked) == "unmatched"
    assert here.report(asked) == "unmatched"


def test_a_report_on_a_document_that_is_half_removed_is_unheard() -> None:
    class HalfRemoved(MemoryDocuments):
        def read_run(self, message: RunMessage) -> RunSnapshot:
            return super().read_run(message).model_copy(update={"document": None})

    here, document = start(TWO, doubt=True)
    asked = report(run_of(here, document, "hello"), "delivered")
    here.documents = HalfRemoved(here.state)
    assert here.report(asked) == "unmatched"


@pytest.mark.parametrize("written", [KLARA, KLARA.upper(), "klara@KUNDE.example"])
def test_who_opened_a_mail_is_known_however_the_address_is_written(written: str) -> None:
    here, document = start(stage("sent", mail("hello")))
    here.report(report(run_of(here, document, "hello"), "opened", recipients=(written,)))
    (line,) = told(here, document, "mail.opened")
    assert line.signer == KLARA


@pytest.mark.parametrize("state", ["ready", "done", "skipped"])
def test_a_late_report_on_an_earlier_mail_leaves_what_a_person_has_settled(state: str) -> None:
    """Tried again by a person and not begun yet, or concluded: the report says nothing of it."""
    here, document = start(stage("sent", mail("hello")), doubt=True)
    run = run_of(here, document, "hello")
    settled: dict[str, Any] = {"state": state, "generation": 3, "doubt_until": None}
    if state == "ready":
        settled |= {"started_at": None, "attempts": 0, "due": here.now + timedelta(hours=1)}
    here.state.runs[run.key] = run.model_copy(update=settled)
    before = run_of(here, document, "hello")
    assert here.report(report(run, "delivered", message_id="an earlier one")) == "recorded"
    assert run_of(here, document, "hello") == before


# --- links that are keys

FILE_TOKEN = "Zk3-q9Xw_0aB7cD2eF4gH6iJ8kL1mN3oP5qR7sT9uV"
FILE_LINK = f"https://hooks.example/files/{FILE_TOKEN}"


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("prefix", ["https://hooks.example/files/", "https://other.example/"])
def test_of_a_link_to_a_file_that_was_clicked_nobody_learns_the_token(
    paused: bool, prefix: str
) -> None:
    clicked = trigger("link_clicked", settings={"url_prefix": prefix})
    here, document = start(stage("sent", mail("hello")), stage("read", triggers=[clicked]))
    run = run_of(here, document, "hello")
    if paused:
        pause(here.pipelines, "contracts")
    here.report(report(run, "clicked", link=FILE_LINK))
    if paused:
        assert FILE_TOKEN not in repr(vars(here.held))
        resume(here.receiver, here.pipelines, "contracts")
    lines = [line for line in here.documents.timeline(document.id) if line.event == "mail.clicked"]
    assert [line.text for line in lines] == [
        f"a link in the mail of hello to {KLARA} was clicked: https://hooks.example/files/…"
    ]
    assert FILE_TOKEN not in repr(here.documents.timeline(document.id))
    assert FILE_TOKEN not in repr(vars(here.state))
    moved = here.document(document.id).stage == "read"
    assert moved == (prefix == "https://hooks.example/files/")
