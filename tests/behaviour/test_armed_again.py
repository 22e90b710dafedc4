"""semantics, section 3: a date that moves arms a rule that was done again, if it says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import Run, RunKey
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.tasks import complete
from countersign.use_cases.queries.show import show
from countersign.use_cases.runs.document_lane import perform_document_run
from tests.builders import (
    envelope,
    event,
    mail,
    pipeline,
    stage,
    subjects,
    trigger,
    world,
)

BEN = "ben@acme.example"
DATED: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "fields": {"ends": {"type": "date"}, "starts": {"type": "date"}, "plan": {"type": "text"}},
}
MONTH_BEFORE = {"before": {"field": "ends", "months": 1}, "at": "09:00"}


def start(*stages: dict[str, Any], ends: str = "2026-06-30") -> tuple[World, Document]:
    """A world on 2 March 2026 with a document in the first stage that ends in June."""
    here = world(pipeline(*stages, **DATED))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    return here, fill(here, document, ends=ends)


def until(here: World, text: str) -> None:
    here.advance(datetime.fromisoformat(text).replace(tzinfo=UTC) - here.now)


def fill(here: World, document: Document, **values: str | None) -> Document:
    return here.edit(document.id, Edit(values=dict(values)), by=BEN)


def move(here: World, document: Document, to: str) -> Document:
    return here.edit(document.id, Edit(stage=to), by=BEN)


def repeats(here: World, document: Document, rule: str = "renew") -> list[tuple[int, str]]:
    """Each run of the rule: how often it was repeated, and its state."""
    return [(run.repeat, run.state) for run in runs(here, document, rule)]


def runs(here: World, document: Document, rule: str = "renew") -> list[Run]:
    return [run for run in here.documents.runs(document.id) if run.rule == rule]


def test_a_contract_that_is_renewed_year_by_year_is_reminded_of_every_year() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    for year in (2026, 2027, 2028):
        until(here, f"{year}-05-30T06:59")
        assert len(subjects(here)) == year - 2026
        until(here, f"{year}-05-30T07:00")  # 09:00 in Berlin
        assert len(subjects(here)) == year - 2026 + 1
        fill(here, document, ends=f"{year + 1}-06-30")
    assert repeats(here, document) == [(0, "done"), (1, "done"), (2, "done"), (3, "ready")]


def test_each_repetition_is_a_run_of_its_own_with_its_own_key() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    until(here, "2026-06-01T09:00")
    fill(here, document, ends="2027-06-30")
    first, second = runs(here, document)
    assert [str(first.key), str(second.key)] == [
        f"{document.id}.1.renew",
        f"{document.id}.1.renew~1",
    ]
    assert (first.state, first.due) == ("done", datetime(2026, 5, 30, 7, tzinfo=UTC))
    assert (second.state, second.due) == ("ready", datetime(2027, 5, 30, 7, tzinfo=UTC))
    assert second.cause == "provider:docusign document.sent > ends has changed"


def test_without_again_a_rule_that_is_done_stays_done() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE)))
    until(here, "2026-06-01T09:00")
    fill(here, document, ends="2027-06-30")
    assert repeats(here, document) == [(0, "done")]


@pytest.mark.parametrize(
    "ends",
    ["2026-06-30", "2026-07-01", "2026-06-10", "2025-06-30", None],
    ids=["as it was", "a day later", "earlier", "long gone", "empty"],
)
def test_a_date_whose_time_has_passed_arms_nothing(ends: str | None) -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends=ends)
    assert repeats(here, document) == [(0, "done")]


def test_a_date_that_moves_twice_moves_the_same_run() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    fill(here, document, ends="2028-01-31")
    fill(here, document, starts="2027-01-01")
    assert repeats(here, document) == [(0, "done"), (1, "ready")]
    assert runs(here, document)[1].due == datetime(2027, 12, 31, 8, tzinfo=UTC)
    until(here, "2028-06-05T09:00")
    assert subjects(here) == ["renew", "renew"]


def test_a_date_that_is_emptied_and_filled_anew_arms_it() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends=None)
    fill(here, document, ends="2027-06-30")
    assert repeats(here, document) == [(0, "done"), (1, "ready")]


def test_what_was_skipped_by_its_condition_is_judged_anew() -> None:
    large = {"field": "amount", "op": "greater", "value": 1000}
    rule = mail("renew", time=MONTH_BEFORE, again=True, condition=large)
    here, document = start(stage("signed", rule))
    here.edit(document.id, Edit(values={"amount": 500}), by=BEN)
    until(here, "2026-06-05T09:00")
    here.edit(document.id, Edit(values={"amount": 5000, "ends": "2027-06-30"}), by=BEN)
    until(here, "2027-06-05T09:00")
    assert repeats(here, document) == [(0, "skipped"), (1, "done")]


def test_what_was_stopped_stays_stopped() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    here.edit(document.id, Edit(stop_rules=True), by=BEN)
    fill(here, document, ends="2027-06-30")
    assert repeats(here, document) == [(0, "cancelled")]


def test_a_repeated_run_can_be_stopped() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    here.edit(document.id, Edit(stop_rules=True), by=BEN)
    fill(here, document, ends="2028-06-30")
    assert repeats(here, document) == [(0, "done"), (1, "cancelled")]


def test_leaving_the_stage_ends_a_repeated_run() -> None:
    rule = mail("renew", time=MONTH_BEFORE, again=True)
    here, document = start(stage("signed", rule), stage("filed"))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    move(here, document, "filed")
    until(here, "2027-06-05T09:00")
    assert subjects(here) == ["renew"]


def test_a_rule_that_was_done_in_a_stage_that_was_left_is_not_armed_again() -> None:
    rule = mail("renew", time=MONTH_BEFORE, again=True)
    here, document = start(stage("signed", rule), stage("filed"))
    until(here, "2026-06-05T09:00")
    move(here, document, "filed")
    fill(here, document, ends="2027-06-30")
    assert repeats(here, document) == [(0, "done")]


def test_a_kept_rule_is_armed_again_after_its_stage_was_left_and_only_its_newest_run() -> None:
    rule = mail("renew", time=MONTH_BEFORE, again=True, on_leave="keep")
    here, document = start(stage("signed", rule), stage("filed"))
    until(here, "2026-06-05T09:00")
    move(here, document, "filed")
    move(here, document, "signed")  # its time has passed, and it runs at once
    move(here, document, "filed")
    assert subjects(here) == ["renew", "renew"]
    fill(here, document, ends="2027-06-30")
    assert [(run.entry, run.repeat, run.state) for run in runs(here, document)] == [
        (1, 0, "done"),
        (3, 0, "done"),
        (3, 1, "ready"),
    ]
    until(here, "2027-06-05T09:00")
    assert subjects(here) == ["renew", "renew", "renew"]


def test_once_per_document_goes_with_again_within_the_stage_entry_that_had_it() -> None:
    rule = mail("renew", time=MONTH_BEFORE, again=True, on_reentry="once")
    here, document = start(stage("signed", rule), stage("filed"))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    until(here, "2027-06-05T09:00")
    assert subjects(here) == ["renew", "renew"]
    move(here, document, "filed")
    move(here, document, "signed")
    assert runs(here, document)[-1].state == "skipped"
    assert subjects(here) == ["renew", "renew"]


def test_what_waited_below_has_had_its_turn_and_is_not_repeated() -> None:
    rule = mail("renew", time=MONTH_BEFORE, again=True)
    here, document = start(stage("signed", rule, mail("below")))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    until(here, "2027-06-05T09:00")
    assert subjects(here) == ["renew", "below", "renew"]


def test_a_repeated_run_is_performed_once_however_often_its_message_comes() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    messages = [RunMessage.of(run) for run in runs(here, document)]
    until(here, "2027-06-05T09:00")
    for message in messages * 2:
        waiting = perform_document_run(here.performer, message)
        assert (waiting.result, waiting.reason) == ("void", "the run is done")
    assert subjects(here) == ["renew", "renew"]


def test_a_rule_that_moves_its_own_date_comes_every_year() -> None:
    later = {
        "id": "renew",
        "kind": "compute_field",
        "time": {"on": {"field": "ends"}},
        "again": True,
        "settings": {"field": "ends", "value": "{{ document.ends | plus_months: 12 }}"},
    }
    here, document = start(stage("signed", later))
    until(here, "2028-12-31T09:00")
    assert here.document(document.id).fields["ends"] == "2029-06-30"
    assert repeats(here, document) == [(0, "done"), (1, "done"), (2, "done"), (3, "ready")]


def test_each_repetition_makes_a_task_of_its_own() -> None:
    rule = {
        "id": "renew",
        "kind": "create_task",
        "time": MONTH_BEFORE,
        "again": True,
        "settings": {"title": "Talk about the renewal", "assignee": BEN, "wait": True},
    }
    here, document = start(stage("signed", rule))
    until(here, "2026-06-05T09:00")
    # The first task still waits for Ben; the contract is renewed nevertheless.
    fill(here, document, ends="2027-06-30")
    until(here, "2027-06-05T09:00")
    assert repeats(here, document) == [(0, "awaiting"), (1, "awaiting")]
    first, second = here.documents.tasks(document.id)
    assert [first.id, second.id] == ["1.renew", "1.renew~1"]
    complete(here.store, second.key, user(BEN))
    assert repeats(here, document) == [(0, "awaiting"), (1, "done")]


def test_a_trigger_whose_condition_did_not_hold_waits_for_the_next_date() -> None:
    large = {"field": "amount", "op": "greater", "value": 1000}
    ends = trigger("date_reached", "late", settings={"time": {"on": {"field": "ends"}}})
    here, document = start(stage("signed"), stage("over", triggers=[ends | {"condition": large}]))
    until(here, "2026-07-02T09:00")
    assert repeats(here, document, "trigger.late") == [(0, "skipped")]
    here.edit(document.id, Edit(values={"amount": 5000, "ends": "2026-08-31"}), by=BEN)
    until(here, "2026-09-01T09:00")
    assert here.document(document.id).stage == "over"


def test_a_new_version_does_not_take_it_from_runs_that_are_under_way() -> None:
    rule = mail("renew", time=MONTH_BEFORE, again=True)
    here, document = start(stage("signed", rule))
    here.publish(pipeline(stage("signed", rule | {"again": False}), **DATED))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    assert [(run.repeat, run.pipeline_version) for run in runs(here, document)] == [(0, 1), (1, 1)]


def test_a_failed_repetition_is_known_by_its_key() -> None:
    rule = mail("renew", time=MONTH_BEFORE, again=True)
    rule["settings"] = {**rule["settings"], "to": ["role:director"]}
    here, document = start(stage("signed", rule))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    until(here, "2027-06-05T09:00")
    assert [str(run.key) for run in here.documents.troubled()] == [
        f"{document.id}.1.renew",
        f"{document.id}.1.renew~1",
    ]
    key = RunKey(document=document.id, entry=1, rule="renew", repeat=1)
    assert here.documents.run(key) == runs(here, document)[1]


def test_show_tells_the_repetitions_apart() -> None:
    here, document = start(stage("signed", mail("renew", time=MONTH_BEFORE, again=True)))
    until(here, "2026-06-05T09:00")
    fill(here, document, ends="2027-06-30")
    (entry,) = show(here.documents, here.pipelines, here.programs, document.id).entries
    assert [(run.name, run.repeat, run.words) for run in entry.runs] == [
        ("renew", 0, "done 2026-05-30 09:00 Europe/Berlin"),
        (
            "renew (repeat 1)",
            1,
            "ready, due 2027-05-30 09:00 Europe/Berlin: 1 month before ends, at 09:00",
        ),
    ]


def test_a_deadline_that_the_provider_extends_arms_the_reminder_again() -> None:
    soon = {"before": {"field": "expires", "weeks": 1}}
    here = world(pipeline(stage("sent", mail("renew", time=soon, again=True)), **DATED))

    def expires(day: str, minute: int) -> Document:
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        happened = event("document.modified", minute=minute, state=envelope(expires_at=at))
        return here.tell("docusign", [happened])

    document = expires("2026-04-01", 1)
    until(here, "2026-03-26T09:00")
    assert subjects(here) == ["renew"]
    expires("2026-05-01", 24 * 60 * 24)
    assert repeats(here, document) == [(0, "done"), (1, "ready")]
    until(here, "2026-04-24T12:00")
    assert subjects(here) == ["renew", "renew"]


def test_a_rule_counted_after_a_date_is_armed_again_too() -> None:
    later = {"after": {"field": "ends", "days": 3}}
    here, document = start(
        stage("signed", mail("renew", time=later, again=True)), ends="2026-03-05"
    )
    until(here, "2026-03-09T09:00")
    fill(here, document, ends="2026-03-07")
    until(here, "2026-03-10T09:00")
    assert subjects(here) == ["renew", "renew"]
    assert repeats(here, document) == [(0, "done"), (1, "done")]


def test_what_does_not_fit_into_the_change_of_the_date_is_armed_afterwards() -> None:
    rules = [mail(f"r{n}", time=MONTH_BEFORE, again=True, execution="independent")
             for n in range(9)]  # fmt: skip
    here, document = start(stage("signed", *rules))
    until(here, "2026-06-05T09:00")
    here.state.most_items = 6
    fill(here, document, ends="2027-06-30")
    here.settle()
    assert all(repeats(here, document, f"r{n}") == [(0, "done"), (1, "ready")] for n in range(9))
    assert here.document(document.id).pending_updates is None
