"""Runs that move to a newer version keep their order, also where it has fewer rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import ConflictError
from countersign.model.pipeline import Pipeline
from countersign.model.run import RunMail, RunState
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.use_cases.runs.migrate_runs import migrate_runs
from tests.builders import (
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    world,
)

HOUR = timedelta(hours=1)
FIRST = mail("first", time={"after": {"hours": 2}})


def published(*rules: dict[str, Any], **more: Any) -> Pipeline:
    return pipeline(stage("draft", *rules), senders=["contracts@acme.example"], **more)


@pytest.mark.parametrize(
    ("left_out", "then", "in_order"),
    [
        (
            ["second"],
            {"first": "ready", "second": "cancelled", "third": "waiting"},
            ["first", "third"],
        ),
        (
            ["second", "third"],
            {"first": "ready", "second": "cancelled", "third": "cancelled"},
            ["first"],
        ),
        (
            ["first", "second"],
            {"first": "cancelled", "second": "cancelled", "third": "done"},
            ["third"],
        ),
        (["first"], {"first": "cancelled", "second": "done", "third": "done"}, ["second", "third"]),
    ],
)
def test_a_rule_below_one_that_is_gone_waits_for_the_one_above_it(
    left_out: list[str], then: dict[str, RunState], in_order: list[str]
) -> None:
    rules = [FIRST, mail("second"), mail("third")]
    here = world(published(*rules))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.publish(published(*(rule for rule in rules if rule["id"] not in left_out)))
    program = here.programs.current("contracts")
    migrate_runs(here.store, program)
    here.settle()
    assert states(here, document) == then
    here.advance(2 * HOUR)
    assert subjects(here) == in_order


def test_a_field_moves_runs_that_were_moved_to_a_version_since_replaced() -> None:
    dated = mail("reminder", time={"on": {"field": "end"}, "at": "12:00"})
    fields = {"end": {"type": "date"}}
    here = world(published(FIRST, fields=fields))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    moved_to = [{**dated, "id": "first"}]
    here.publish(published(*moved_to, fields=fields))
    program = here.programs.current("contracts")
    migrate_runs(here.store, program)
    here.publish(published(FIRST, fields=fields))
    here.edit(document.id, Edit(values={"end": "2026-03-05"}), by="ben@acme.example")
    run = run_of(here, document, "first")
    assert (run.state, run.due) == ("ready", datetime(2026, 3, 5, 11, tzinfo=UTC))


def test_only_a_run_whose_turn_has_come_gets_another_time() -> None:
    later = {"after": {"hours": 3}}
    rules = [FIRST, mail("second", time={"after": {"hours": 1}}), mail("third")]
    here = world(published(*rules))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.publish(published({**FIRST, "time": later}, mail("second", time=later), mail("third")))
    program = here.programs.current("contracts")
    moved = migrate_runs(here.store, program)
    assert [(one.was.rule, one.text) for one in moved] == [
        ("first", f"goes on with version 2, now due {here.now + 3 * HOUR}"),
        ("second", "goes on with version 2"),
        ("third", "goes on with version 2"),
    ]
    assert states(here, document) == {"first": "ready", "second": "waiting", "third": "waiting"}
    assert run_of(here, document, "second").due is None


def test_any_number_of_runs_of_a_document_moves() -> None:
    many = [mail(f"m{n}", execution="independent", time=FIRST["time"]) for n in range(12)]
    here = world(published(*many))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.publish(published(*many))
    program = here.programs.current("contracts")
    assert len(migrate_runs(here.store, program)) == 12
    assert {run.pipeline_version for run in here.documents.runs(document.id)} == {2}
    assert migrate_runs(here.store, program) == ()


@pytest.mark.parametrize("elsewhere", [True, False])
def test_whoever_read_a_run_before_it_was_moved_cannot_write_it_back(elsewhere: bool) -> None:
    """Its generation only ever rises, so that a message of before is void."""
    here = world(published(FIRST))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    before = run_of(here, document, "first")
    here.publish(published({**FIRST, "time": {"after": {"hours": 3}}} if elsewhere else FIRST))
    migrate_runs(here.store, here.programs.current("contracts"))
    after = run_of(here, document, "first")
    assert (after.pipeline_version, after.generation > before.generation) == (2, True)


class Busy(MemoryDocuments):
    """Documents of which somebody else changes one again and again."""

    busy = ""

    def commit(self, change: Transaction) -> None:
        if change.document is not None and change.document.id == self.busy:
            raise ConflictError("somebody else was first")
        super().commit(change)


def test_a_document_that_never_comes_to_rest_holds_up_no_other() -> None:
    here = world(published(FIRST))
    documents = [
        here.tell("docusign", [event("document.sent", envelope=name, state=envelope(id=name))])
        for name in ("e-1", "e-2", "e-3")
    ]
    here.publish(published(FIRST))
    here.documents = Busy(here.state)
    here.documents.busy = documents[1].id
    moved = migrate_runs(here.store, here.programs.current("contracts"))
    assert {one.was.document for one in moved} == {documents[0].id, documents[2].id}
    versions = [run_of(here, document, "first").pipeline_version for document in documents]
    assert versions == [2, 1, 2]


SENT = (RunMail(signer="s1", state="sent"), RunMail(signer="s2"))


@pytest.mark.parametrize(
    ("mails", "on_leave", "due"),
    [
        ((), "keep", datetime(2026, 3, 2, 14, tzinfo=UTC)),
        (SENT, "cancel", datetime(2026, 3, 2, 11, tzinfo=UTC)),
        (SENT[1:], "keep", datetime(2026, 3, 2, 14, tzinfo=UTC)),
    ],
)
def test_what_has_begun_to_send_keeps_its_time_and_what_becomes_of_it_on_leaving(
    mails: tuple[RunMail, ...], on_leave: str, due: datetime
) -> None:
    here = world(published(FIRST))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    before = run_of(here, document, "first")
    here.state.runs[before.key] = before.model_copy(update={"mails": mails})
    later = mail("first", time={"after": {"hours": 5}}, on_leave="keep")
    here.publish(published(later))
    (move,) = migrate_runs(here.store, here.programs.current("contracts"))
    after = run_of(here, document, "first")
    assert (after.on_leave, after.due, after.pipeline_version) == (on_leave, due, 2)
    assert after.generation == before.generation + 1
    now_due = f", now due {due}" if on_leave == "keep" else ""
    assert move.text == f"goes on with version 2{now_due}"
    assert migrate_runs(here.store, here.programs.current("contracts")) == ()


@pytest.mark.parametrize("without", ["the rule", "the rule, switched off"])
def test_a_run_whose_rule_is_gone_is_cancelled_and_says_why(without: str) -> None:
    here = world(published(FIRST))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    rest = [] if without == "the rule" else [{**FIRST, "enabled": False}]
    here.publish(published(*rest))
    (move,) = migrate_runs(here.store, here.programs.current("contracts"))
    run = run_of(here, document, "first")
    text = "version 2 has no rule first in the stage draft"
    assert (run.state, run.reason, move.text) == ("cancelled", text, text)
    assert (move.was.rule, move.was.state) == ("first", "ready")
