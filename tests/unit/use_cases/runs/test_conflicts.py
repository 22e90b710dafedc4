"""Who loses against somebody else's change waits a little before each new try, and ends in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.errors import ConflictError
from countersign.model.document import Document
from countersign.model.mail_event import MailEvent
from countersign.model.transaction import Transaction
from countersign.simulation.world import World
from countersign.use_cases.effects.email import EmailEffect
from countersign.use_cases.messages.apply_message import apply_to_envelope
from countersign.use_cases.messages.mail_events import record_mail_event
from countersign.use_cases.runs.document_lane import perform_document_run
from countersign.use_cases.runs.effect_lanes import perform_effect_run
from tests.builders import (
    connection,
    envelope,
    event,
    incoming,
    mail,
    pipeline,
    run_of,
    stage,
    to_stage,
)

SENDERS = ["contracts@acme.example"]
HOUR = timedelta(hours=1)


class Contested(MemoryDocuments):
    """Documents of which somebody else is first so often, from the given commit on."""

    def __init__(self, state: MemoryState) -> None:
        super().__init__(state)
        self.conflicts = 0
        self.after = 0

    def commit(self, change: Transaction) -> None:
        if self.after:
            self.after -= 1
        elif self.conflicts:
            self.conflicts -= 1
            raise ConflictError("somebody else was first")
        super().commit(change)


def contested(rule: dict[str, object]) -> tuple[World, Contested, Document]:
    """A document with a run that is due in an hour."""
    here = World()
    here.publish(pipeline(stage("draft", rule), stage("sent"), senders=SENDERS))
    here.connect(connection())
    here.documents = documents = Contested(here.state)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    return here, documents, document


@pytest.mark.parametrize("conflicts", [0, 1, 3, 7, 8])
def test_a_lane_waits_longer_with_each_conflict_and_gives_up_after_the_eighth(
    conflicts: int,
) -> None:
    here, documents, document = contested(to_stage("on", "sent", time={"after": {"hours": 1}}))
    here.now += HOUR
    (waiting,) = here.lanes.take_due(here.now)
    documents.conflicts, waited = conflicts, list[int]()
    performer = replace(here.performer, store=replace(here.store, backoff=waited.append))
    if conflicts == 8:
        with pytest.raises(ConflictError) as raised:
            perform_document_run(performer, waiting.message)
        assert (
            str(raised.value)
            == f"the run {waiting.message.key} changed 8 times meanwhile; try again"
        )
    else:
        assert perform_document_run(performer, waiting.message).result == "done"
    assert waited == list(range(conflicts))
    assert here.document(document.id).stage == ("draft" if conflicts == 8 else "sent")


@pytest.mark.parametrize("conflicts", [1, 3, 7])
def test_how_a_mail_ended_is_written_whatever_else_moves(conflicts: int) -> None:
    here, documents, document = contested(mail("hello", time={"after": {"hours": 1}}))
    here.now += HOUR
    (waiting,) = here.lanes.take_due(here.now)
    documents.after, documents.conflicts, waited = 1, conflicts, list[int]()
    performer = replace(here.performer, store=replace(here.store, backoff=waited.append))
    mailbox = MemoryMailer()
    assert (
        perform_effect_run(
            performer,
            waiting.message,
            EmailEffect(mailbox, here.attachments),
        ).result
        == "done"
    )
    assert waited == list(range(conflicts))
    assert len(mailbox.sent) == 1
    assert run_of(here, document, "hello").state == "done"


@pytest.mark.parametrize("conflicts", [1, 4])
def test_a_message_waits_longer_with_each_conflict(conflicts: int) -> None:
    here, documents, document = contested(mail("hello", time={"after": {"hours": 1}}))
    secrets = here.secrets.get("docusign")
    assert secrets is not None
    documents.conflicts, waited = conflicts, list[int]()
    told = [event("document.viewed", minute=1)]
    receiver = replace(here.receiver, store=replace(here.store, backoff=waited.append))
    name, became = apply_to_envelope(receiver, incoming(secrets, *told))
    assert (name, became, waited) == (document.id, "applied", list(range(conflicts)))


@pytest.mark.parametrize("conflicts", [1, 4])
def test_a_report_waits_longer_with_each_conflict(conflicts: int) -> None:
    here, documents, document = contested(mail("hello"))
    run = run_of(here, document, "hello")
    report = MailEvent(
        kind="opened",
        at=here.now,
        message_id=run.result["message_id"],
        run=run.key,
        recipients=("klara@kunde.example",),
    )
    documents.conflicts, waited = conflicts, list[int]()
    recorder = replace(here.recorder, store=replace(here.store, backoff=waited.append))
    assert record_mail_event(recorder, report) == "recorded"
    assert waited == list(range(conflicts))
