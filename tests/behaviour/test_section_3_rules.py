"""semantics, section 3: arrival, order, leaving, re-entry and time of rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryPipelines
from countersign.model.actor import user
from countersign.model.audit import AuditEntry
from countersign.model.document import Document
from countersign.model.incoming_message import IncomingMessage
from countersign.model.pipeline import Head
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.runs.backfill import backfill
from countersign.use_cases.runs.migrate_runs import migrate_runs, migrations
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
    to_stage,
    trigger,
    world,
)

SENDERS = ["contracts@acme.example"]
HOUR = timedelta(hours=1)
BEN = "ben@acme.example"


def start(*stages: dict[str, Any], **more: Any) -> tuple[World, Document]:
    """A world whose document is in the first stage, its envelope sent."""
    here = world(pipeline(*stages, senders=SENDERS, **more))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def move(here: World, document: Document, to: str) -> Document:
    """A person moves the document."""
    return here.edit(document.id, Edit(stage=to), by=BEN)


def after(hours: int) -> dict[str, Any]:
    """The time of a rule: so many hours after its turn."""
    return {"after": {"hours": hours}}


def broken(rule_id: str, **more: Any) -> dict[str, Any]:
    """A rule that mails a client, of whom this document has none."""
    settings = {"from": SENDERS[0], "to": ["role:nobody"], "subject": rule_id, "text": "x"}
    return mail(rule_id, **more) | {"settings": settings}


# --- arrival: by trigger, by hand, by a rule, by creation in the stage; all start the rules


def test_arrival_by_creation_starts_the_rules() -> None:
    here, _ = start(stage("draft", mail("hello")))
    assert subjects(here) == ["hello"]


def test_arrival_by_hand_by_trigger_and_by_rule_starts_the_rules() -> None:
    here, document = start(
        stage("draft"),
        stage("by-hand", mail("one")),
        stage("by-trigger", mail("two"), to_stage("on", "by-rule"), triggers=[trigger("viewed")]),
        stage("by-rule", mail("three")),
    )
    move(here, document, "by-hand")
    here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    assert subjects(here) == ["one", "two", "three"]


def test_stages_that_are_skipped_do_not_run() -> None:
    here, document = start(stage("a"), stage("b", mail("skipped")), stage("c", mail("reached")))
    move(here, document, "c")
    assert subjects(here) == ["reached"]


def test_setting_the_stage_a_document_is_in_does_nothing() -> None:
    here, document = start(stage("draft", mail("hello")))
    after_move = move(here, document, "draft")
    assert (after_move.entry, subjects(here)) == (1, ["hello"])


def test_a_rule_added_later_runs_for_documents_already_here_only_on_request() -> None:
    here, document = start(stage("draft", mail("old")))
    here.publish(pipeline(stage("draft", mail("old"), mail("new")), senders=SENDERS))
    here.advance(HOUR)
    assert subjects(here) == ["old"]
    program = here.programs.current("contracts")
    assert backfill(here.store, program, "new", user(BEN)) == (document.id,)
    here.settle()
    assert subjects(here) == ["old", "new"]
    assert backfill(here.store, program, "new", user(BEN)) == ()


# --- order: chains and independent rules


def test_a_chain_waits_for_the_delay_of_the_rule_above() -> None:
    here, document = start(
        stage(
            "draft",
            mail("first", time=after(2)),
            mail("second"),
            mail("third", time=after(1)),
            mail("alone", execution="independent"),
        )
    )
    assert states(here, document) == {
        "first": "ready",
        "second": "waiting",
        "third": "waiting",
        "alone": "done",
    }
    here.advance(2 * HOUR)
    assert subjects(here) == ["alone", "first", "second"]
    here.advance(HOUR)
    assert subjects(here) == ["alone", "first", "second", "third"]


def test_a_rule_after_an_independent_one_waits_for_it() -> None:
    here, document = start(
        stage(
            "draft",
            mail("first"),
            mail("alone", execution="independent", time=after(3)),
            mail("behind-it"),
        )
    )
    assert states(here, document) == {"first": "done", "alone": "ready", "behind-it": "waiting"}


@pytest.mark.parametrize(
    ("above", "state"),
    [
        (mail("above", condition={"field": "amount", "op": "greater", "value": 1}), "skipped"),
        (broken("above"), "failed"),
        (mail("above"), "done"),
    ],
    ids=["false-condition", "failure", "done"],
)
def test_neither_a_failure_nor_a_false_condition_holds_up_the_chain(
    above: dict[str, Any], state: str
) -> None:
    here, document = start(stage("draft", above, mail("below")))
    assert states(here, document) == {"above": state, "below": "done"}


def test_stop_the_chain_ends_the_whole_chain_and_no_other() -> None:
    here, document = start(
        stage(
            "draft",
            broken("above", on_failure="stop"),
            mail("below"),
            mail("further-below"),
            mail("alone", execution="independent"),
        )
    )
    assert states(here, document) == {
        "above": "failed",
        "below": "cancelled",
        "further-below": "cancelled",
        "alone": "done",
    }
    assert run_of(here, document, "further-below").reason == "the chain was stopped: above failed"


def test_a_rule_that_is_switched_off_is_no_link_of_the_chain() -> None:
    here, document = start(stage("draft", mail("off", enabled=False), mail("on")))
    assert states(here, document) == {"on": "done"}


# --- inside a rule: first the time, then the condition on fresh values


def test_the_condition_is_judged_when_the_time_has_come_on_fresh_values() -> None:
    rule = mail("big", time=after(2), condition={"field": "amount", "op": "greater", "value": 5000})
    here, document = start(stage("draft", rule))
    here.advance(HOUR)
    here.edit(document.id, Edit(values={"amount": 9000}), by=BEN)
    here.advance(HOUR)
    assert states(here, document) == {"big": "done"}


def test_a_skipped_rule_says_which_value_it_found_and_which_it_wanted() -> None:
    rule = mail("big", condition={"field": "amount", "op": "greater", "value": 5000})
    here, document = start(stage("draft"), stage("sent", rule))
    here.edit(document.id, Edit(values={"amount": 3200}, stage="sent"), by=BEN)
    run = run_of(here, document, "big")
    assert (run.state, run.reason) == ("skipped", "amount 3,200 is not greater than 5,000")


# --- leaving


def test_leaving_cancels_what_has_not_begun() -> None:
    here, document = start(
        stage("draft", mail("timed", time=after(2)), mail("waiting")), stage("sent")
    )
    move(here, document, "sent")
    here.advance(3 * HOUR)
    assert subjects(here) == []
    assert run_of(here, document, "timed").state == "cancelled"


def test_keep_lets_a_rule_run_after_leaving() -> None:
    here, document = start(
        stage("draft", mail("kept", time=after(2), on_leave="keep")), stage("sent")
    )
    move(here, document, "sent")
    here.advance(3 * HOUR)
    assert subjects(here) == ["kept"]


def test_a_kept_rule_gets_its_turn_when_the_rule_above_is_cancelled_by_leaving() -> None:
    here, document = start(
        stage(
            "draft",
            mail("timed", time=after(48)),
            mail("also-cancelled"),
            mail("kept", on_leave="keep"),
        ),
        stage("sent"),
    )
    move(here, document, "sent")
    assert subjects(here) == ["kept"]
    assert states(here, document, 1) == {
        "timed": "cancelled",
        "also-cancelled": "cancelled",
        "kept": "done",
    }


def test_change_stage_ends_the_rest_of_the_stages_rules() -> None:
    here, document = start(
        stage("draft", to_stage("on", "sent"), mail("never")), stage("sent", mail("there"))
    )
    assert subjects(here) == ["there"]
    assert states(here, document, 1) == {"on": "done", "never": "cancelled"}


def test_stopping_the_rules_of_a_stage_leaves_the_triggers_that_wait() -> None:
    asleep = trigger("no_reaction", "asleep", settings={"stage": "sent", "after": {"days": 3}})
    here = world(
        pipeline(
            stage("sent", mail("later", time={"after": {"days": 9}})),
            stage("reminded", triggers=[asleep]),
            senders=["contracts@acme.example"],
        )
    )
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.edit(document.id, Edit(stop_rules=True), by=BEN)
    assert states(here, document) == {"later": "cancelled", "trigger.asleep": "ready"}
    here.advance(timedelta(days=3))
    assert here.document(document.id).stage == "reminded"


def test_stop_rules_cancels_what_has_not_begun_in_this_entry() -> None:
    here, document = start(
        stage(
            "draft",
            mail("later", time=after(2), execution="independent"),
            {"id": "stop", "kind": "stop_rules", "execution": "independent"},
        )
    )
    here.advance(3 * HOUR)
    assert states(here, document) == {"later": "cancelled", "stop": "done"}


def test_a_person_can_stop_the_rules_of_one_document() -> None:
    here, document = start(stage("draft", mail("later", time=after(2)), mail("below")))
    here.edit(document.id, Edit(stop_rules=True), by=BEN)
    here.advance(3 * HOUR)
    assert states(here, document) == {"later": "cancelled", "below": "cancelled"}
    assert run_of(here, document, "below").reason == f"{BEN} stopped the rules of the stage"


# --- re-entry


def test_reentry_runs_the_list_again_as_a_new_stage_entry_and_keeps_the_history() -> None:
    here, document = start(stage("draft", mail("hello")), stage("sent"))
    move(here, document, "sent")
    move(here, document, "draft")
    assert subjects(here) == ["hello", "hello"]
    assert [states(here, document, n) for n in (1, 2, 3)] == [
        {"hello": "done"},
        {},
        {"hello": "done"},
    ]


def test_once_per_document_runs_on_the_first_arrival_only() -> None:
    here, document = start(stage("draft", mail("hello", on_reentry="once")), stage("sent"))
    move(here, document, "sent")
    move(here, document, "draft")
    assert subjects(here) == ["hello"]
    run = run_of(here, document, "hello")
    assert (run.state, run.reason) == (
        "skipped",
        "it runs once per document, and ran for an earlier stage entry",
    )


def test_once_per_document_still_runs_when_the_first_arrival_was_left_before_its_time() -> None:
    rule = mail("hello", on_reentry="once", time=after(2))
    here, document = start(stage("draft", rule), stage("sent"))
    move(here, document, "sent")
    move(here, document, "draft")
    here.advance(3 * HOUR)
    assert subjects(here) == ["hello"]


# --- time: date fields


DATED = {
    "fields": {"contract_end": {"type": "date"}},
}


def end_of_contract(**time: Any) -> dict[str, Any]:
    """A rule on a date field."""
    return mail("renew", time=time)


def test_an_empty_date_field_parks_the_run_visibly_and_filling_it_arms_it() -> None:
    rule = end_of_contract(before={"field": "contract_end", "days": 30}, at="09:00")
    here, document = start(stage("draft", rule), **DATED)
    run = run_of(here, document, "renew")
    assert (run.state, run.reason) == (
        "no_date",
        "30 days before contract_end, at 09:00: the field contract_end is empty",
    )
    here.edit(document.id, Edit(values={"contract_end": "2026-05-31"}), by=BEN)
    run = run_of(here, document, "renew")
    assert run.state == "ready"
    assert run.due is not None
    assert run.due.isoformat() == "2026-05-01T07:00:00+00:00"  # 09:00 in Berlin, in summer


def test_a_run_moves_when_its_field_changes_and_the_old_message_is_harmless() -> None:
    here, document = start(stage("draft", end_of_contract(on={"field": "contract_end"})), **DATED)
    here.edit(document.id, Edit(values={"contract_end": "2026-03-05"}), by=BEN)
    here.edit(document.id, Edit(values={"contract_end": "2026-03-09"}), by=BEN)
    here.advance(timedelta(days=4))
    assert subjects(here) == []
    here.advance(timedelta(days=4))
    assert subjects(here) == ["renew"]


def test_emptying_the_field_parks_the_run_again() -> None:
    here, document = start(stage("draft", end_of_contract(on={"field": "contract_end"})), **DATED)
    here.edit(document.id, Edit(values={"contract_end": "2026-03-05"}), by=BEN)
    here.edit(document.id, Edit(values={"contract_end": None}), by=BEN)
    here.advance(timedelta(days=9))
    assert states(here, document) == {"renew": "no_date"}


def test_a_date_in_the_past_runs_at_once() -> None:
    here, document = start(stage("draft", end_of_contract(on={"field": "contract_end"})), **DATED)
    here.edit(document.id, Edit(values={"contract_end": "2020-01-01"}), by=BEN)
    assert subjects(here) == ["renew"]


def test_a_kept_run_of_an_earlier_stage_moves_with_its_field_too() -> None:
    rule = end_of_contract(on={"field": "contract_end"}) | {"on_leave": "keep"}
    here, document = start(stage("draft", rule), stage("sent"), **DATED)
    move(here, document, "sent")
    here.edit(document.id, Edit(values={"contract_end": "2026-03-05"}), by=BEN)
    here.advance(timedelta(days=4))
    assert subjects(here) == ["renew"]


# --- time triggers


def test_a_timer_that_fires_nothing_is_skipped_and_says_why() -> None:
    wanted = {"field": "amount", "op": "greater", "value": 1000}
    settings = {"stage": "draft", "after": {"days": 3}}
    here = world(
        pipeline(
            stage("draft"),
            stage("asleep", triggers=[trigger("no_reaction", settings=settings, condition=wanted)]),
        )
    )
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.edit(document.id, Edit(values={"amount": "500"}), by=BEN)
    here.advance(timedelta(days=4))
    (timer,) = here.documents.runs(document.id)
    assert (timer.state, here.document(document.id).stage) == ("skipped", "draft")
    assert timer.reason


def test_no_reaction_moves_a_document_that_stayed_too_long() -> None:
    here, document = start(
        stage("draft"),
        stage(
            "asleep",
            triggers=[trigger("no_reaction", settings={"stage": "draft", "after": {"days": 3}})],
        ),
    )
    here.advance(timedelta(days=2))
    assert here.document(document.id).stage == "draft"
    here.advance(timedelta(days=1))
    assert here.document(document.id).stage == "asleep"


def test_no_reaction_is_cancelled_by_leaving_and_counts_anew_on_return() -> None:
    here, document = start(
        stage("draft"),
        stage("sent"),
        stage(
            "asleep",
            triggers=[trigger("no_reaction", settings={"stage": "draft", "after": {"days": 3}})],
        ),
    )
    here.advance(timedelta(days=2))
    move(here, document, "sent")
    move(here, document, "draft")
    here.advance(timedelta(days=2))
    assert here.document(document.id).stage == "draft"
    here.advance(timedelta(days=1))
    assert here.document(document.id).stage == "asleep"


def test_date_reached_moves_the_document_and_follows_its_field() -> None:
    reached = trigger(
        "date_reached", settings={"time": {"before": {"field": "contract_end", "days": 1}}}
    )
    here, document = start(stage("draft"), stage("ending", triggers=[reached]), **DATED)
    here.edit(document.id, Edit(values={"contract_end": "2026-03-05"}), by=BEN)
    here.edit(document.id, Edit(values={"contract_end": "2026-03-09"}), by=BEN)
    here.advance(timedelta(days=4))
    assert here.document(document.id).stage == "draft"
    here.advance(timedelta(days=3))
    assert here.document(document.id).stage == "ending"


# --- pause


def test_a_paused_pipeline_applies_what_came_meanwhile_in_order_on_resume() -> None:
    here, document = start(
        stage("draft", mail("timed", time=after(1))),
        stage("sent", mail("arrived"), triggers=[trigger("viewed")]),
    )
    pause(here.pipelines, "contracts")
    here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    here.tell("docusign", [event("signer.signed", KLARA, minute=2)])
    here.advance(2 * HOUR)
    assert (here.document(document.id).stage, subjects(here)) == ("draft", [])
    resumed = resume(here.receiver, here.pipelines, "contracts")
    here.settle()
    assert resumed.messages == 2
    assert (here.document(document.id).stage, subjects(here)) == ("sent", ["arrived"])


def test_what_comes_while_a_pipeline_is_being_resumed_is_applied_too() -> None:
    here = world(pipeline(stage("draft"), stage("seen", triggers=[trigger("viewed")])))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    late = IncomingMessage(
        pipeline="contracts",
        connection="docusign",
        received_at=here.now,
        authenticity="signed",
        events=(event("document.viewed", KLARA, minute=1),),
    )

    class Opening(MemoryPipelines):
        def set_paused(self, pipeline: str, paused: bool, entry: AuditEntry | None = None) -> Head:
            here.held.add(late)
            return super().set_paused(pipeline, paused, entry)

    here.pipelines.set_paused("contracts", True)
    resumed = resume(here.receiver, Opening(here.state), "contracts")
    assert (resumed.messages, list(here.held.list("contracts"))) == (1, [])
    assert here.document(document.id).stage == "seen"


def test_timed_rules_wait_while_paused_and_run_on_resume() -> None:
    here, document = start(stage("draft", mail("timed", time=after(1))))
    pause(here.pipelines, "contracts")
    here.advance(2 * HOUR)
    assert states(here, document) == {"timed": "ready"}
    assert resume(here.receiver, here.pipelines, "contracts").runs == 1
    here.settle()
    assert subjects(here) == ["timed"]


# --- publishing and work under way


def test_runs_stay_on_the_version_they_were_planned_with() -> None:
    here, _document = start(stage("draft", mail("old", time=after(2))))
    here.publish(pipeline(stage("draft", mail("new", time=after(1))), senders=SENDERS))
    here.advance(3 * HOUR)
    assert subjects(here) == ["old"]


def test_runs_can_be_moved_to_a_new_version_after_showing_which() -> None:
    here, document = start(
        stage(
            "draft",
            mail("sooner", time=after(9), execution="independent"),
            mail("gone", time=after(9), execution="independent"),
            mail("below"),
        )
    )
    here.publish(
        pipeline(
            stage(
                "draft",
                mail("sooner", time=after(1), execution="independent"),
                mail("below"),
            ),
            senders=SENDERS,
        )
    )
    program = here.programs.current("contracts")
    found = {one.was.rule: one for one in migrations(here.store, program)}
    assert found["gone"].text == "version 2 has no rule gone in the stage draft"
    assert {rule: one.outcome for rule, one in found.items()} == {
        "sooner": "rescheduled",
        "gone": "cancelled",
        "below": "goes_on",
    }
    assert found["sooner"].run.due == here.now + HOUR
    assert states(here, document)["gone"] == "ready"
    migrate_runs(here.store, program)
    here.advance(HOUR)
    assert states(here, document) == {"sooner": "done", "gone": "cancelled", "below": "done"}


def test_a_connections_fields_are_written_into_the_document_or_told_why_not() -> None:
    here = world(
        pipeline(stage("draft")),
        fields=[
            {"source": "Price", "field": "amount"},
            {"source": "Due", "field": "number"},
        ],
    )
    state = envelope(custom_fields={"Price": "a lot", "Due": "4711"})
    document = here.tell("docusign", [event("document.sent", state=state)])
    assert (document.amount, document.number) == (None, "4711")
    warnings = [x.text for x in here.documents.timeline(document.id) if x.kind == "warning"]
    assert len(warnings) == 1
    assert warnings[0].startswith('the custom field "Price" of the envelope was not taken over: ')
    assert connection().fields == ()


def test_what_a_person_edited_is_not_undone_by_the_same_custom_field_told_again() -> None:
    here = world(pipeline(stage("draft")), fields=[{"source": "Price", "field": "amount"}])
    state = envelope(custom_fields={"Price": "500"})
    document = here.tell("docusign", [event("document.sent", state=state)])
    here.edit(document.id, Edit(values={"amount": 900}), by=BEN)
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1, state=state)])
    assert after.amount == 900
    raised = envelope(custom_fields={"Price": "700"})
    last = here.tell("docusign", [event("document.viewed", minute=2, state=raised)])
    assert last.amount == 900
    told = [one.text for one in here.documents.timeline(last.id) if one.kind == "warning"]
    assert told == [
        'the custom field "Price" of the envelope says "700", but amount stays as a person set '
        "it; empty the field to take the next value from the envelope"
    ]


def test_a_trigger_judges_the_fields_that_its_own_message_brings() -> None:
    big = trigger("sent", condition={"field": "amount", "op": "greater", "value": 100})
    here = world(
        pipeline(stage("draft"), stage("big", triggers=[big])),
        fields=[{"source": "Price", "field": "amount"}],
    )
    state = envelope(custom_fields={"Price": "500"})
    assert here.tell("docusign", [event("document.sent", state=state)]).stage == "big"


def test_the_timeline_tells_what_led_to_what() -> None:
    filled = {"id": "fill", "kind": "change_fields", "settings": {"values": {"number": "5"}}}
    here = world(
        pipeline(
            stage("draft"),
            stage("seen", to_stage("go", "next"), triggers=[trigger("viewed")]),
            stage("next", filled),
        )
    )
    here.tell("docusign", [event("document.sent", state=envelope())])
    document = here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    causes = [line.cause for line in here.documents.timeline(document.id)[-4:]]
    heard = "provider:docusign document.viewed"
    assert causes == [
        heard,
        f"{heard} > trigger:viewed",
        f"{heard} > trigger:viewed > go",
        f"{heard} > trigger:viewed > go > fill",
    ]
