"""Settling runs that failed or are in doubt, by a person: retry, skip, accept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.engine.runs.by_person.resolve import Remedy
from countersign.errors import InDoubtError, NotFoundError, PermanentError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run, RunKey
from countersign.model.run_change import RunChange
from countersign.model.transaction import RunUpdate, Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.queries.runs import RunFilter, unresolved_runs
from countersign.use_cases.runs.change_run import RunRequest, change_run, resolve_run
from tests.builders import (
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

BEN = "ben@acme.example"
REMEDIES: tuple[Remedy, ...] = ("retry", "skip", "accept")


def refused(_: object) -> Exception:
    return PermanentError("the address is not verified")


def no_answer(_: object) -> Exception:
    return InDoubtError("SES gave no answer")


def start(*rules: dict[str, Any], doubt: bool = False) -> tuple[World, Document]:
    """A document whose first mail was refused, or is in doubt; later ones are sent."""
    here = World(mailbox=MemoryMailer(refusal=no_answer if doubt else refused))
    here.publish(pipeline(stage("sent", *rules), stage("next"), senders=["contracts@acme.example"]))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.mailbox = MemoryMailer()
    return here, document


def settle(here: World, run: Run | RunKey, remedy: Remedy) -> Run:
    key = run.key if isinstance(run, Run) else run
    after = resolve_run(here.store, key, remedy, user(BEN)).run
    here.settle()
    return after


CHAIN = (mail("hello", on_failure="stop"), mail("then"), mail("last"))


@pytest.mark.parametrize(
    ("remedy", "state", "sent"),
    [("retry", "done", ["hello"]), ("skip", "skipped", []), ("accept", "done", [])],
)
@pytest.mark.parametrize("doubt", [True, False])
def test_the_chain_goes_on_from_where_it_stood(
    remedy: Remedy, state: str, sent: list[str], doubt: bool
) -> None:
    """Also where the failure had stopped it."""
    here, document = start(*CHAIN, doubt=doubt)
    assert set(states(here, document).values()) <= {"failed", "cancelled", "in_doubt", "waiting"}
    settle(here, run_of(here, document, "hello"), remedy)
    assert states(here, document) == {"hello": state, "then": "done", "last": "done"}
    assert subjects(here) == [*sent, "then", "last"]
    assert unresolved_runs(here.documents, here.pipelines, RunFilter()) == ()


def test_a_retry_begins_anew() -> None:
    here, document = start(mail("hello"))
    run = run_of(here, document, "hello")
    here.advance(timedelta(hours=1))
    assert settle(here, run, "retry") == run.model_copy(
        update={
            "state": "ready",
            "generation": 2,
            "due": here.now,
            "attempts": 0,
            "started_at": None,
            "concluded_at": None,
            "reason": f"tried again by {BEN}; it was failed: {run.reason}",
        }
    )


def test_a_retry_that_fails_again_stops_the_chain_again() -> None:
    here, document = start(*CHAIN)
    here.mailbox = MemoryMailer(refusal=refused)
    settle(here, run_of(here, document, "hello"), "retry")
    assert states(here, document) == {"hello": "failed", "then": "cancelled", "last": "cancelled"}


@pytest.mark.parametrize(
    ("remedy", "text"),
    [
        ("retry", f"{BEN} had the rule hello tried again; it was failed"),
        ("skip", f"{BEN} skipped the rule hello; it was failed"),
        ("accept", f"{BEN} counted the rule hello as done; it was failed"),
    ],
)
def test_who_did_it_stands_on_the_timeline_and_on_the_run(remedy: Remedy, text: str) -> None:
    here, document = start(mail("hello"))
    run = run_of(here, document, "hello")
    after = settle(here, run, remedy)
    assert here.documents.timeline(document.id)[-1] == LogEntry(
        at=here.now,
        kind="resolved",
        text=text,
        by=BEN,
        entry=1,
        reason="the address is not verified",
        pipeline_version=1,
    )
    assert BEN in (after.reason or "")


LEFT = "though the stage sent was left; the document is in next now"


@pytest.mark.parametrize("doubt", [True, False])
def test_a_rule_whose_stage_was_left_is_carried_out_if_a_person_wants_it_and_says_so(
    doubt: bool,
) -> None:
    here, document = start(mail("hello"), mail("then"), doubt=doubt)
    here.edit(document.id, Edit(stage="next"), by=BEN)
    was = run_of(here, document, "hello")
    after = settle(here, was, "retry")
    assert (
        after.reason
        == f"tried again by {BEN}, {LEFT}; it was {was.state.replace('_', ' ')}: {was.reason}"
    )
    assert "hello" in subjects(here)
    assert states(here, document, 1)["hello"] == "done"
    told = here.documents.timeline(document.id)[-1].text
    assert told == (
        f"{BEN} had the rule hello tried again, {LEFT}; it was {was.state.replace('_', ' ')}"
    )


def test_what_was_stopped_below_it_does_not_run_in_a_stage_that_was_left() -> None:
    here, document = start(*CHAIN)
    here.edit(document.id, Edit(stage="next"), by=BEN)
    settle(here, run_of(here, document, "hello"), "retry")
    assert states(here, document, 1) == {"hello": "done", "then": "cancelled", "last": "cancelled"}
    assert subjects(here) == ["hello"]


def test_what_is_carried_out_after_its_stage_follows_its_date_no_more() -> None:
    here = World(mailbox=MemoryMailer(refusal=refused))
    keeps = mail("kept", on_leave="keep", time={"before": {"field": "end", "days": 1}})
    dated = mail("dated", time={"on": {"field": "end"}}, again=True, execution="independent")
    here.publish(
        pipeline(
            stage("sent", dated, keeps),
            stage("next"),
            fields={"end": {"type": "date"}},
            senders=["contracts@acme.example"],
        )
    )
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.edit(document.id, Edit(values={"end": here.now.date()}), by=BEN)
    assert run_of(here, document, "dated").state == "failed"
    here.edit(document.id, Edit(stage="next"), by=BEN)
    settle(here, run_of(here, document, "dated"), "retry")
    here.mailbox = MemoryMailer()
    here.edit(document.id, Edit(values={"end": date(2026, 8, 3)}), by=BEN)
    here.advance(timedelta(days=200))
    assert subjects(here) == []


def test_with_all_others_what_was_left_is_passed_over() -> None:
    here, document = start(mail("hello"))
    here.edit(document.id, Edit(stage="next"), by=BEN)
    run = run_of(here, document, "hello")
    with pytest.raises(PermanentError, match="passed over: the stage sent was left") as caught:
        resolve_run(here.store, run.key, "retry", user(BEN), even_if_left=False)  # fmt: skip
    assert str(caught.value).endswith(f"countersign runs retry {run.key}")
    assert run_of(here, document, "hello") == run
    resolve_run(here.store, run.key, "skip", user(BEN), even_if_left=False)  # fmt: skip
    assert states(here, document, 1) == {"hello": "skipped"}


def test_unless_told_what_was_left_is_tried_again() -> None:
    here, document = start(mail("hello"))
    here.edit(document.id, Edit(stage="next"), by=BEN)
    run = run_of(here, document, "hello")
    wanted = RunRequest(run=run.key, change=RunChange(action="retry"), by=user(BEN))
    changed = change_run(here.store, wanted)
    assert (changed.run.state, changed.after_leaving) == ("ready", True)


def test_of_what_is_still_in_its_stage_nothing_is_said_of_leaving() -> None:
    here, document = start(mail("hello"))
    run = run_of(here, document, "hello")
    changed = resolve_run(here.store, run.key, "retry", user(BEN))
    assert (changed.run.state, changed.after_leaving) == ("ready", False)


def test_what_a_job_did_before_is_not_done_again() -> None:
    here, document = start(mail("hello"), doubt=True)
    run = run_of(here, document, "hello")

    def asked(job: str | None) -> Run:
        change = RunChange(action="accept")
        wanted = RunRequest(run=run.key, change=change, by=user(BEN), job=job)
        return change_run(here.store, wanted).run

    first = asked("j-1")
    lines = len(here.documents.timeline(document.id))
    assert (first.state, first.job) == ("done", "j-1")
    assert asked("j-1") == first
    assert len(here.documents.timeline(document.id)) == lines
    with pytest.raises(PermanentError):
        asked("j-2")
    with pytest.raises(PermanentError):
        asked(None)
    assert here.documents.timeline(document.id)[-1].cause == "job j-1"


@pytest.mark.parametrize(("newer", "changed"), [(0, True), (1, False), (-1, False)])
def test_a_run_is_only_changed_in_the_generation_that_was_seen(newer: int, changed: bool) -> None:
    here, document = start(mail("hello"))
    run = run_of(here, document, "hello")
    wanted = RunRequest(
        run=run.key,
        change=RunChange(action="skip"),
        by=user(BEN),
        generation=run.generation + newer,
    )
    if changed:
        assert change_run(here.store, wanted).run.state == "skipped"
        return
    with pytest.raises(PermanentError) as refused:
        change_run(here.store, wanted)
    assert str(refused.value) == f"the run {run.key} has changed since; it is failed"


@pytest.mark.parametrize(
    ("key", "what"),
    [({"document": "d-9"}, "d-9.1.hello"), ({"entry": 2}, "2.hello"), ({"rule": "x"}, "1.x")],
)
def test_a_run_that_is_not_there_is_named(key: dict[str, Any], what: str) -> None:
    here, document = start(mail("hello"))
    wanted = run_of(here, document, "hello").key.model_copy(update=key)
    with pytest.raises(NotFoundError) as refused:
        resolve_run(here.store, wanted, "skip", user(BEN))
    assert str(refused.value) == f"there is no run {wanted}; expected document.entry.rule"
    assert str(wanted).endswith(what)


@pytest.mark.parametrize("rule", ["hello", "trigger.asleep"])
def test_what_only_means_something_in_its_stage_is_not_tried_again_after_it(rule: str) -> None:
    here, document = start(mail("hello"))
    here.edit(document.id, Edit(stage="next"), by=BEN)
    was = run_of(here, document, "hello")
    gone = was.model_copy(update={"rule": rule, "kind": "stop_rules"})
    here.state.runs[gone.key] = gone
    with pytest.raises(PermanentError, match="it only means something in the stage sent"):
        settle(here, gone, "retry")


def test_a_timer_that_failed_is_tried_again_in_its_stage_and_fires() -> None:
    overdue = trigger("no_reaction", "overdue", settings={"after": {"days": 3}, "stage": "sent"})
    here = World()
    here.publish(pipeline(stage("sent"), stage("late", triggers=[overdue])))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    (timer,) = here.documents.runs(document.id)
    failed = timer.model_copy(update={"state": "failed", "reason": "it was lost eight times"})
    change = RunUpdate(run=failed, was="ready", was_generation=timer.generation)
    here.documents.commit(Transaction(updates=(change,)))
    assert settle(here, failed, "retry").state == "ready"
    assert here.document(document.id).stage == "late"
    assert run_of(here, document, timer.rule).state == "done"


def test_what_is_kept_past_its_stage_is() -> None:
    here, document = start(mail("hello", on_leave="keep"))
    here.edit(document.id, Edit(stage="next"), by=BEN)
    settle(here, run_of(here, document, "hello"), "retry")
    assert states(here, document, 1) == {"hello": "done"}


def test_a_rule_that_runs_once_per_document_can_be_tried_again() -> None:
    here, document = start(mail("hello", on_reentry="once"))
    settle(here, run_of(here, document, "hello"), "retry")
    assert states(here, document) == {"hello": "done"}


@pytest.mark.parametrize("remedy", REMEDIES)
def test_what_is_not_in_trouble_is_left_alone(remedy: Remedy) -> None:
    here, document = start(mail("hello"))
    settle(here, run_of(here, document, "hello"), "accept")
    with pytest.raises(PermanentError, match="is done; only failed runs and runs in doubt can be"):
        settle(here, run_of(here, document, "hello"), remedy)


def test_a_run_that_does_not_exist_is_told() -> None:
    here, document = start(mail("hello"))
    with pytest.raises(NotFoundError, match=f"no run {document.id}.9.hello"):
        settle(here, RunKey(document=document.id, entry=9, rule="hello"), "retry")
