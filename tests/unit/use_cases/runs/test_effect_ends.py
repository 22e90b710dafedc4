"""How an effect's run ends is decided on what was read for its claim, unless that has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import ConflictError, RanBeforeError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.message import Email, RunMessage
from countersign.model.transaction import Transaction
from countersign.ports import RunSnapshot
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import save
from countersign.use_cases.runs.migrate_runs import migrate_runs
from tests.builders import connection, envelope, event, mail, pipeline, run_of, stage, states

SENDERS = ["contracts@acme.example"]
LATER = {"after": {"days": 3}}


class Counted(MemoryDocuments):
    """Documents that note what is asked of them."""

    asked: list[str]

    def read_run(self, message: RunMessage) -> RunSnapshot:
        self.asked.append("read")
        return super().read_run(message)

    def commit(self, change: Transaction) -> None:
        self.asked.append("commit")
        super().commit(change)


def sending(*rules: dict[str, Any], meanwhile: Callable[[World, Document], object]) -> World:
    """A world that has sent the first mail of a draft, during which something else happened."""
    here = World()
    here.publish(pipeline(stage("draft", *rules), stage("sent"), senders=SENDERS))
    here.connect(connection())

    def happens(email: Email) -> None:
        here.mailbox = MemoryMailer()
        meanwhile(here, document)

    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.mailbox = MemoryMailer(refusal=happens)
    here.advance(timedelta(hours=1))
    return here


def first(**more: Any) -> dict[str, Any]:
    return mail("first", time={"after": {"hours": 1}}, **more)


def the_document(here: World) -> Document:
    (document,) = here.documents.in_stage("contracts")
    return document


def move_on(here: World, document: Document) -> object:
    return save(here.store, document.id, Edit(stage="sent"), user("anna"))


def test_a_mail_reads_once_and_writes_its_claim_and_its_end() -> None:
    here = World()
    here.publish(pipeline(stage("draft", first(), mail("second", time=LATER)), senders=SENDERS))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.documents = counted = Counted(here.state)
    counted.asked = []
    here.now += timedelta(hours=1)
    (waiting,) = here.lanes.take_due(here.now)
    assert here.deliver(waiting).result == "done"
    assert counted.asked == ["read", "commit", "commit"]
    assert states(here, document) == {"first": "done", "second": "ready"}


def test_what_stands_below_is_cancelled_where_the_document_leaves_during_the_mail() -> None:
    """Else it would wait three days, and the kept rule below it for as long."""
    here = sending(
        first(),
        mail("second", time=LATER),
        mail("third", on_leave="keep"),
        meanwhile=move_on,
    )
    document = the_document(here)
    assert states(here, document, 1) == {"first": "done", "second": "cancelled", "third": "done"}
    assert run_of(here, document, "second").reason == (
        "the document left the stage draft before it began"
    )


def test_a_run_below_that_was_moved_to_another_version_during_the_mail_stays_there() -> None:
    def publish_anew(here: World, _: Document) -> None:
        slower = mail("second", time={"after": {"days": 9}})
        here.publish(pipeline(stage("draft", first(), slower), stage("sent"), senders=SENDERS))
        migrate_runs(here.store, here.store.programs.get("contracts", 2))

    here = sending(first(), mail("second", time=LATER), meanwhile=publish_anew)
    second = run_of(here, the_document(here), "second")
    assert (second.state, second.pipeline_version) == ("ready", 2)
    assert second.due is not None
    assert second.due - here.now == timedelta(days=9)


def test_where_the_run_is_gone_after_the_mail_nothing_is_written() -> None:
    def goes(here: World, document: Document) -> None:
        here.state.runs.clear()

    here = sending(first(), meanwhile=goes)
    assert [result.result for result in here.performed] == ["done"]
    assert (here.state.runs, len(here.state.documents)) == ({}, 1)


# --- rules that run once per document


class Unquiet(MemoryDocuments):
    """Another entry's run has made the once-mark, and skipping this run conflicts each time."""

    commits = 0

    def commit(self, change: Transaction) -> None:
        self.commits += 1
        if self.commits == 1:
            raise RanBeforeError("it ran for an earlier stage entry")
        raise ConflictError("somebody changed it")


def test_a_run_that_cannot_be_skipped_as_repeated_says_which_run_kept_changing() -> None:
    here = World()
    rule = first(on_reentry="once")
    here.publish(pipeline(stage("draft", rule), stage("sent"), senders=SENDERS))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.now += timedelta(hours=1)
    (waiting,) = here.lanes.take_due(here.now)
    here.documents = unquiet = Unquiet(here.state)
    with pytest.raises(ConflictError) as gave_up:
        here.deliver(waiting)
    assert str(gave_up.value).startswith(f"the run {document.id}.1.first changed ")
    assert unquiet.commits > 2
    assert run_of(here, document, "first").state == "ready"
