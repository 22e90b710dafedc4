"""What a person makes of a run that failed or is in doubt: each run as a whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.by_person.resolve import Instruction, Remedy, consequences, resolved
from countersign.engine.runs.lifecycle import Chain, update
from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.model.run import Run
from countersign.simulation.world import START
from tests.builders import mail, pipeline, stage, trigger

NOW = START + timedelta(days=1)
PROGRAM = CompiledPipeline(
    Version(
        number=7,
        pipeline=pipeline(
            stage("sent", mail("a", on_failure="stop"), mail("b"), mail("c")),
            stage(
                "late",
                triggers=[
                    trigger("no_reaction", "slow", settings={"stage": "sent", "after": {"days": 1}})
                ],
            ),
        ),
    )
)


def run(rule: str = "a", state: str = "failed", **more: Any) -> Run:
    given = {
        "document": "d1", "entry": 4, "rule": rule, "pipeline": "contracts",
        "pipeline_version": 7, "stage": "sent", "kind": "send_email", "lane": "email",
        "state": state, "planned_at": START, **more,
    }  # fmt: skip
    return Run.model_validate(given)


def document(entry: int = 4, at: str = "sent") -> Document:
    given = {"id": "d1", "pipeline": "contracts", "stage": at, "entry": entry, "version": 9}
    return Document.model_validate({"since": START, "created_at": START, **given})


def after(remedy: Remedy, was: Run, home: Document | None = None) -> Run:
    instruction = Instruction(remedy, "anna")
    return resolved(instruction, was, PROGRAM, home or document(), now=NOW)


TRIED: dict[str, Any] = {
    "generation": 3,
    "attempts": 4,
    "put_off": 2,
    "quota_since": START,
    "slot": START,
    "swept": 1,
    "doubt_until": START,
    "lease_until": START,
    "due": START,
    "not_after": START,
    "started_at": START,
    "concluded_at": START,
    "date_field": "end",
    "date_field_version": 5,
    "reason": "the address is not verified",
    "result": {"message_id": "m-1"},
}
READY: dict[str, Any] = {
    "state": "ready",
    "generation": 4,
    "due": NOW,
    "result": {"message_id": "m-1"},
}


def test_a_run_that_is_tried_again_has_all_its_tries_and_begins_whatever_its_date_is() -> None:
    assert after("retry", run(**TRIED)) == run(
        **READY,
        date_field="end",
        date_field_version=10,
        reason="tried again by anna; it was failed: the address is not verified",
    )
    assert after("retry", run(state="in_doubt", on_leave="keep")) == run(
        state="ready",
        generation=2,
        due=NOW,
        on_leave="keep",
        reason="tried again by anna; it was in doubt",
    )


def test_after_its_stage_was_left_it_follows_no_date_and_stays() -> None:
    assert after("retry", run(**TRIED), document(5, "late")) == run(
        **READY,
        on_leave="keep",
        reason="tried again by anna, though the stage sent was left; the document is in late now; "
        "it was failed: the address is not verified",
    )


ENDED = {
    "concluded_at": NOW,
    "lease_until": None,
    "doubt_until": None,
    "quota_since": None,
}


@pytest.mark.parametrize(
    ("remedy", "state", "words"),
    [("skip", "skipped", "skipped by anna"), ("accept", "done", "counted as done by anna")],
)
def test_a_run_that_a_person_concludes_keeps_what_is_known_of_it(
    remedy: Remedy, state: str, words: str
) -> None:
    reason = f"{words}; it was failed: the address is not verified"
    assert after(remedy, run(**TRIED)) == run(
        **{**TRIED, **ENDED, "state": state, "reason": reason}
    )


MAILS = (
    {"signer": "1", "state": "sent", "message_id": "m-1"},
    {"signer": "2", "state": "failed", "reason": "mailbox full"},
    {"signer": "3", "state": "sending"},
)


def test_of_several_mails_those_that_were_not_sent_are_tried_again_or_counted() -> None:
    was = run(state="in_doubt", mails=MAILS, reason="SES gave no answer")
    again = after("retry", was)
    assert [(one.state, one.message_id, one.reason) for one in again.mails] == [
        ("sent", "m-1", None),
        ("open", None, None),
        ("open", None, None),
    ]
    counted = after("accept", was)
    reason = "counted as sent by anna; it was in doubt: SES gave no answer"
    assert [(one.state, one.reason) for one in counted.mails] == [
        ("sent", None),
        ("sent", reason),
        ("sent", reason),
    ]
    assert (counted.state, counted.concluded_at) == ("done", NOW)


BACKLOG: dict[str, Any] = {"rule": "_backlog", "entry": 0, "kind": "backlog", "lane": "document"}
LEFT = document(5, "late")


@pytest.mark.parametrize(
    ("remedy", "was", "home", "text"),
    [
        ("skip", run(state="done"), document(),
         "the run d1.4.a is done; only failed runs and runs in doubt can be resolved"),
        ("skip", run(**BACKLOG), document(),
         "the run d1.0._backlog moves other runs of the document; it can only be tried again"),
        ("retry", run("gone"), document(), "version 7 has no rule gone in the stage sent"),
        ("retry", run("trigger.gone"), document(),
         "version 7 has no rule trigger.gone in the stage sent"),
        ("retry", run(kind="stop_rules"), LEFT,
         "the run d1.4.a cannot be tried again: it only means something in the stage sent, which "
         "was left; the document is in late now; skip it, or move the document back"),
        ("retry", run("trigger.slow", kind="no_reaction"), LEFT,
         "the run d1.4.trigger.slow cannot be tried again: it only means something in the stage "
         "sent, which was left; the document is in late now; skip it, or move the document back"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_the_reason(
    remedy: Remedy, was: Run, home: Document, text: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        after(remedy, was, home)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    "was",
    [
        run(**BACKLOG),
        run("_task-2-a"),
        run("_keep-3-signed_pdf"),
        run("trigger.slow", kind="no_reaction"),
        run(kind="stop_rules"),
    ],
    ids=lambda was: was.rule,
)
def test_what_is_of_no_rule_can_be_tried_again(was: Run) -> None:
    assert after("retry", was).state == "ready"


def test_what_a_failure_had_stopped_below_waits_again_or_has_its_turn() -> None:
    reason = "the chain was stopped: {} failed"
    stopped: dict[str, Any] = {"state": "cancelled", "concluded_at": START}
    first = run("a", next="b")
    second = run("b", after="a", next="c", reason=reason.format("a"), **stopped)
    third = run("c", after="b", reason=reason.format("a"), **stopped)
    other = run("d", reason=reason.format("x"), **stopped)
    # One that was armed again stands alone.
    again = run("b", "done", repeat=1)
    chain = Chain(lambda number: PROGRAM, document(), (first, second, third, other, again))
    waiting = run("c", "waiting", after="b", reason="waits for b")
    turns: dict[Remedy, Run] = {
        "retry": run("b", "waiting", after="a", next="c", reason="waits for a"),
        "skip": run("b", "ready", after="a", next="c", due=NOW),
    }
    for remedy, turn in turns.items():
        anew = after(remedy, first)
        assert consequences(first, anew, chain, now=NOW) == (
            update(first, anew),
            update(second, turn),
            update(third, waiting),
        )


def test_a_repeated_run_stands_alone() -> None:
    first = run("a", "done", next="b")
    again = run("a", next="b", repeat=1)
    below = run("b", "waiting", after="a")
    chain = Chain(lambda number: PROGRAM, document(), (first, again, below))
    skipped = after("skip", again)
    assert [one.run.key for one in consequences(again, skipped, chain, now=NOW)] == [
        skipped.key,
        below.key,
    ]
