"""Runs in tight corners: what happens while a mail is on its way, or within one decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import PermanentError
from countersign.model.actor import user
from countersign.model.message import Email
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import save
from tests.builders import (
    ANNA,
    KLARA,
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    signed,
    stage,
    states,
    subjects,
    trigger,
    world,
)

BEN = "ben@acme.example"
DATED: dict[str, Any] = {"fields": {"contract_end": {"type": "date"}}}


def sent(*stages: dict[str, Any], **more: Any) -> tuple[World, str]:
    """A world whose document is in the first stage, its envelope sent."""
    here = world(pipeline(*stages, senders=["contracts@acme.example"], **more))
    return here, here.tell("docusign", [event("document.sent", state=envelope())]).id


def while_sending(wanted: Edit, *stages: dict[str, Any]) -> tuple[World, str]:
    """The same, where somebody saves a change while the first mail is with the mail service."""
    changes = [wanted]

    def meanwhile(email: Email) -> None:
        if changes:
            document = email.run.document
            save(here.store, document, changes.pop(), user(BEN))

    here = World(mailbox=MemoryMailer(refusal=meanwhile))
    here.publish(pipeline(*stages, senders=["contracts@acme.example"]))
    here.connect(connection())
    return here, here.tell("docusign", [event("document.sent", state=envelope())]).id


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Edit(stop_rules=True), {"first": "done", "below": "cancelled", "last": "cancelled"}),
        (Edit(stage="sent"), {"first": "done", "below": "cancelled", "last": "done"}),
        (Edit(values={"amount": 5}), {"first": "done", "below": "done", "last": "done"}),
    ],
    ids=["rules-stopped", "stage-left", "field-changed"],
)
def test_what_is_saved_while_a_mail_is_sent_does_not_keep_it_from_being_concluded(
    wanted: Edit, expected: dict[str, str]
) -> None:
    here, document = while_sending(
        wanted,
        stage("draft", mail("first"), mail("below"), mail("last", on_leave="keep")),
        stage("sent"),
    )
    assert states(here, document) == expected


@pytest.mark.parametrize(
    ("on_leave", "state", "mails"), [("cancel", "cancelled", []), ("keep", "done", ["late"])]
)
def test_a_stage_that_is_left_between_the_reading_and_the_claim_starts_no_rule(
    on_leave: str, state: str, mails: list[str]
) -> None:
    late = mail("late", time={"after": {"hours": 1}}, on_leave=on_leave)
    here, document = sent(stage("draft", late), stage("sent"))
    commit = here.state.commit

    def leave_first(change: Transaction) -> None:
        here.state.commit = commit  # type: ignore[method-assign]
        save(here.store, document, Edit(stage="sent"), user(BEN))
        commit(change)

    here.state.commit = leave_first  # type: ignore[method-assign]
    here.advance(timedelta(hours=1))
    assert (states(here, document, 1), subjects(here)) == ({"late": state}, mails)


def test_a_kept_rule_gets_its_turn_when_one_message_leads_through_its_stage() -> None:
    here, document = sent(
        stage("draft"),
        stage(
            "half",
            mail("cancelled"),
            mail("also-cancelled"),
            mail("kept", on_leave="keep"),
            mail("after-it"),
            mail("kept-too", on_leave="keep"),
            triggers=[trigger("signed_by_company")],
        ),
        stage("signed", triggers=[trigger("signed_by_all")]),
    )
    whole = envelope("completed", signers=signed(ANNA, KLARA))
    here.tell("docusign", [event("document.completed", minute=1, state=whole)])
    assert subjects(here) == ["kept", "kept-too"]
    assert states(here, document, 2) == {"kept": "done", "kept-too": "done"}


def test_stop_rules_also_stops_the_rule_right_below_it() -> None:
    stop = {"id": "stop", "kind": "stop_rules"}
    here, document = sent(stage("draft", stop, mail("below"), mail("further-below")))
    assert states(here, document) == {
        "stop": "done",
        "below": "cancelled",
        "further-below": "cancelled",
    }


def test_a_field_that_comes_with_the_first_message_arms_the_rules_of_the_first_stage() -> None:
    rule = mail("renew", time={"before": {"field": "contract_end", "days": 30}})
    here = world(
        pipeline(stage("draft", rule), senders=["contracts@acme.example"], **DATED),
        fields=[{"source": "End", "field": "contract_end"}],
    )
    state = envelope(custom_fields={"End": "2026-05-31"})
    document = here.tell("docusign", [event("document.sent", state=state)])
    assert run_of(here, document, "renew").state == "ready"


def test_a_run_moves_with_its_field_after_a_version_without_its_rule_was_published() -> None:
    rule = mail("renew", time={"on": {"field": "contract_end"}})
    here, document = sent(stage("draft", rule), **DATED)
    here.edit(document, Edit(values={"contract_end": "2026-03-05"}), by=BEN)
    here.publish(pipeline(stage("draft"), **DATED))
    here.edit(document, Edit(values={"contract_end": "2026-03-09"}), by=BEN)
    here.advance(timedelta(days=5))
    assert subjects(here) == []
    here.advance(timedelta(days=5))
    assert subjects(here) == ["renew"]


def test_a_kept_rule_gets_its_turn_after_a_version_that_keeps_nothing_was_published() -> None:
    late = mail("late", time={"after": {"days": 2}})
    here, document = sent(stage("draft", late, mail("kept", on_leave="keep")), stage("sent"))
    here.publish(pipeline(stage("draft"), stage("sent")))
    here.edit(document, Edit(stage="sent"), by=BEN)
    assert subjects(here) == ["kept"]


@pytest.mark.parametrize(("below", "reads"), [((), 0), ((mail("then"),), 1)])
def test_the_rest_of_the_stage_is_only_read_where_a_chain_is_stopped(
    below: tuple[dict[str, Any], ...], reads: int
) -> None:
    class Counting(MemoryDocuments):
        read = 0

        def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
            self.read += 1
            return super().runs(document, entry)

    here = World(mailbox=MemoryMailer(refusal=lambda _: PermanentError("no such address")))
    documents = Counting(here.state)
    here.documents = documents
    here.publish(
        pipeline(
            stage("sent", mail("hello", on_failure="stop"), *below),
            senders=["contracts@acme.example"],
        )
    )
    here.connect(connection())
    here.tell("docusign", [event("document.sent", state=envelope())])
    assert documents.read == reads
