"""Back-tests: what a draft would have done otherwise with real documents, and why."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.actor import user
from countersign.model.connection import FieldMapping
from countersign.model.mail_event import MailEvent
from countersign.model.pipeline import Pipeline
from countersign.rules.base import Edit
from countersign.simulation.backtest.differences import EffectDifference
from countersign.simulation.backtest.slices import DocumentBacktest, backtest_slice, candidates
from countersign.simulation.backtest.summary import BacktestSummary, EffectTotal, UnfitTotal
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, call_by_code, make
from tests.builders import ANNA, KLARA, envelope, event, mail, pipeline, signed, stage, trigger
from tests.builders import world as connected
from tests.unit.simulation.backtest_scene import OWN, prepared, results_of, told

DAY = timedelta(days=1)
FIELDS = (FieldMapping(source="total", field="amount"),)
REMIND = mail("remind", time={"after": {"days": 3}})
SIGNED = trigger("signed_by_all", "signed")


def written(*rules: dict[str, Any], done: dict[str, Any] | None = None, **more: Any) -> Pipeline:
    """Draft, sent with these rules, and signed with a trigger."""
    return pipeline(
        stage("draft"),
        stage("sent", *rules, triggers=[trigger("sent")]),
        stage("signed", kind="success", triggers=[done or SIGNED]),
        **{**OWN, **more},
    )


PUBLISHED = written(mail("hello"), REMIND)


def lived(
    published: Pipeline = PUBLISHED, *, days: int = 10, total: str = "900", ends: bool = True
) -> World:
    """A world with a contract that was sent, and signed by both after five days; ten days ago."""
    here = connected(published, fields=FIELDS)
    state = envelope(custom_fields={"total": total})
    here.tell("docusign", [event("document.sent", state=state)])
    here.advance(5 * DAY)
    if ends:
        minute = 5 * 24 * 60
        whole = envelope("completed", signers=signed(ANNA, KLARA, at=here.now))
        here.tell("docusign", [event("document.completed", minute=minute, state=whole)])
    here.advance((days - 5) * DAY)
    return here


def one_result(here: World, draft: Pipeline, days: int = 30) -> DocumentBacktest:
    (result,) = results_of(here, draft, days=days).values()
    return result


def test_the_published_pipeline_as_a_draft_changes_nothing() -> None:
    here = lived()
    result = one_result(here, PUBLISHED)
    assert result == DocumentBacktest(
        document=result.document,
        title="Service agreement",
        differences=(),
        stage_published="signed",
        stage_draft="signed",
        unfit=None,
        notes=(
            "a message is not kept any more, or cannot be read; the timeline says what it reported "
            "(2 times)",
        ),
    )


AMOUNT = {"field": "amount", "op": "greater", "value": 5000}
LATE = mail("remind", time={"after": {"days": 7}})
TO_BOTH = mail("hello", settings={**mail("hello")["settings"], "cc": ["boss@acme.example"]})
NOTED = {"id": "tell", "kind": "call_web_address", "settings": {"url": "https://crm.acme.example"}}
TASK = {"id": "check", "kind": "create_task", "settings": {"title": "Check", "assignee": ANNA}}

CASES: dict[str, tuple[Pipeline, list[tuple[str, str, str, str]]]] = {
    "a rule that is gone": (
        written(mail("hello")),
        [("removed", "mail", "remind", "with the draft there is no rule remind")],
    ),
    "a rule that is new": (
        written(mail("hello"), REMIND, mail("more")),
        [("added", "mail", "more", "as published there is no rule more")],
    ),
    "another recipient": (
        written(TO_BOTH, REMIND),
        [("changed", "mail", "hello", "other recipients")],
    ),
    "another time, at which the contract was signed": (
        written(mail("hello"), LATE),
        [
            (
                "removed",
                "mail",
                "remind",
                "with the draft the rule remind is cancelled: the document left the stage sent "
                "before it began",
            )
        ],
    ),
    "an earlier time": (
        written(mail("hello"), mail("remind", time={"after": {"days": 2}})),
        [("changed", "mail", "remind", "another time")],
    ),
    "another subject at another time": (
        written(
            mail("hello"),
            mail(
                "remind",
                time={"after": {"days": 2}},
                settings={**mail("x")["settings"], "subject": "Please sign"},
            ),
        ),
        [("changed", "mail", "remind", "another time and another subject")],
    ),
    "a trigger before it is gone": (
        pipeline(
            stage("draft"),
            stage("sent", mail("hello"), REMIND, triggers=[trigger("viewed", "sent")]),
            stage("signed", kind="success", triggers=[SIGNED]),
            **OWN,
        ),
        [
            (
                "removed",
                "move",
                "trigger:sent",
                "with the draft the trigger sent did not fire",
            ),
            (
                "removed",
                "mail",
                "hello",
                "with the draft the document did not come into the stage sent",
            ),
            (
                "removed",
                "mail",
                "remind",
                "with the draft the document did not come into the stage sent",
            ),
            ("changed", "move", "trigger:signed", "from another stage"),
        ],
    ),
    "a condition that does not hold": (
        written(mail("hello", condition=AMOUNT), REMIND),
        [
            (
                "removed",
                "mail",
                "hello",
                "with the draft the rule hello is skipped: amount 900 is not greater than 5,000",
            )
        ],
    ),
    "a trigger with a condition": (
        written(mail("hello"), REMIND, done={**SIGNED, "condition": AMOUNT}),
        [
            (
                "removed",
                "move",
                "trigger:signed",
                "with the draft the trigger signed did not match: amount 900 is not greater than "
                "5,000",
            )
        ],
    ),
    "a trigger that is gone": (
        written(mail("hello"), REMIND, done=trigger("voided")),
        [
            (
                "removed",
                "move",
                "trigger:signed",
                "with the draft there is no trigger signed",
            )
        ],
    ),
    "a call and a task": (
        written(mail("hello"), REMIND, NOTED, TASK),
        [
            ("added", "task", "check", "as published there is no rule check"),
            ("added", "call", "tell", "as published there is no rule tell"),
        ],
    ),
}


@pytest.mark.parametrize(("draft", "expected"), CASES.values(), ids=CASES)
def test_what_would_have_gone_otherwise_is_told_with_its_reason(
    draft: Pipeline, expected: list[tuple[str, str, str, str]]
) -> None:
    assert told([one_result(lived(), draft)]) == expected


def test_a_difference_says_what_happened_in_words() -> None:
    result = one_result(lived(), written(TO_BOTH, REMIND))
    (difference,) = result.differences
    assert difference == EffectDifference(
        change="changed",
        kind="mail",
        by="hello",
        at=lived().documents.timeline(result.document)[0].at,
        published='2026-03-02 09:00: mail "hello" to klara@kunde.example by the rule hello',
        draft='2026-03-02 09:00: mail "hello" to klara@kunde.example, boss@acme.example by the '
        "rule hello",
        reason="other recipients",
    )


def test_where_a_document_ends_is_told() -> None:
    result = one_result(lived(), written(mail("hello"), REMIND, done=trigger("voided")))
    assert (result.stage_published, result.stage_draft) == ("signed", "sent")


# --- the period


def test_only_the_period_is_looked_at_and_what_was_planned_before_stays() -> None:
    """The draft is published three and a half days ago: the reminder of the third day was planned
    long before; what the arrival in the last stage plans is the draft's."""
    published = written(mail("hello"), REMIND)
    thanks = stage("signed", mail("thanks"), kind="success", triggers=[SIGNED])
    draft = pipeline(
        stage("draft"), stage("sent", mail("other"), triggers=[trigger("sent")]), thanks, **OWN
    )
    here = lived(published, days=8)
    assert told(results_of(here, draft, days=6).values()) == [
        ("added", "mail", "thanks", "as published there is no rule thanks"),
    ]
    assert told(results_of(here, draft, days=30).values()) == [
        ("removed", "mail", "hello", "with the draft there is no rule hello"),
        ("added", "mail", "other", "as published there is no rule other"),
        ("removed", "mail", "remind", "with the draft there is no rule remind"),
        ("added", "mail", "thanks", "as published there is no rule thanks"),
    ]


def test_documents_that_ended_before_the_period_are_left_out() -> None:
    here = lived(days=40)
    assert results_of(here, written(), days=30) == {}
    assert len(results_of(here, written(), days=36)) == 1
    open_one = lived(days=40, ends=False)
    assert len(results_of(open_one, written(), days=1)) == 1


@pytest.mark.parametrize("days", [0, -1, 366])
def test_the_period_has_limits(days: int) -> None:
    with pytest.raises(PermanentError, match=f"over {days} days; expected 1 to 365"):
        prepared(lived(), PUBLISHED, days=days)


# --- a draft that does not fit


def test_a_pipeline_that_is_not_published_has_no_documents_to_test_with() -> None:
    with pytest.raises(NotFoundError, match='no pipeline "leases"; published are contracts'):
        prepared(lived(), PUBLISHED.model_copy(update={"pipeline": "leases"}))


def test_a_draft_without_the_stage_of_a_document_does_not_fit_it() -> None:
    draft = pipeline(stage("start"), stage("signed", triggers=[SIGNED]), **OWN)
    here = lived()
    result = one_result(here, draft, days=7)
    assert (result.unfit, result.differences, result.stage_draft) == (
        'the document is in the stage "sent", which the draft lacks',
        (),
        None,
    )
    summary = BacktestSummary().with_results([result])
    assert (summary.fits, summary.unfit, summary.same) == (False, 1, 0)
    assert summary.reasons == (
        UnfitTotal(
            reason='the document is in the stage "sent", which the draft lacks',
            documents=1,
            example=result.document,
        ),
    )
    # A document that begins with the draft never comes into the stage that is gone.
    assert one_result(here, draft, days=30).unfit is None


def test_a_move_to_a_stage_that_the_draft_lacks_is_told() -> None:
    here = World()
    here.publish(pipeline(stage("draft"), stage("aside"), stage("done")))
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    here.advance(DAY)
    here.edit("d-1", Edit(stage="aside"), by=ANNA)
    here.advance(DAY)
    result = one_result(here, pipeline(stage("draft"), stage("done")))
    assert told([result]) == [
        ("removed", "move", ANNA, f"with the draft {ANNA} did not move the document")
    ]
    assert result.notes == ('the stage "aside" does not exist; this pipeline has draft, done',)


def test_a_document_that_cannot_be_played_does_not_stop_the_others() -> None:
    here = lived()
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    here.state.logs["d-1"] = []
    results = results_of(here, written(mail("hello")))
    assert results["d-1"].unfit == "nothing is known of how it was made"
    assert [len(one.differences) for one in results.values() if one.unfit is None] == [1]


def test_a_document_that_is_gone_is_left_out() -> None:
    here = lived()
    test = prepared(here, PUBLISHED)
    ids = [*candidates(test), "d-gone"]
    here.documents.remove(ids[0])
    assert list(backtest_slice(test, ids)) == []


# --- what comes from outside


def test_a_task_that_the_draft_does_not_make_cannot_be_completed() -> None:
    wait = {**TASK, "settings": {"title": "Check", "assignee": ANNA, "wait": True}}
    completed = trigger("task_completed", "completed", settings={"task": "check"})
    published = pipeline(stage("draft", wait), stage("done", triggers=[completed]), **OWN)
    here = World()
    here.publish(published)
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    here.settle()
    here.advance(DAY)
    (task,) = here.documents.tasks("d-1")
    here.complete_task(task.key, by=ANNA)
    assert here.document("d-1").stage == "done"
    here.advance(DAY)
    result = one_result(here, pipeline(stage("draft"), stage("done"), **OWN))
    assert told([result]) == [
        ("removed", "task", "check", "with the draft there is no rule check"),
        ("removed", "move", "trigger:completed", "with the draft there is no trigger completed"),
    ]
    assert result.notes == (f"{ANNA} concluded a task of the rule check that is not there",)


def test_a_mail_that_was_opened_is_opened_again_where_it_is_sent() -> None:
    opened = trigger("mail_opened", "opened")
    track = {**mail("hello")["settings"], "track": True}
    published = written(mail("hello", settings=track), done=opened)
    here = connected(published)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.advance(DAY)
    run = here.documents.runs(document.id)[0]
    here.report(
        MailEvent(
            kind="opened",
            at=here.now,
            message_id=run.result["message_id"],
            run=run.key,
            recipients=(KLARA,),
        )
    )
    assert here.document(document.id).stage == "signed"
    assert one_result(here, published).differences == ()
    silent = written(mail("other"), done=opened)
    result = one_result(here, silent)
    assert ("removed", "move", "trigger:opened") in [one[:3] for one in told([result])]
    assert f"a mail of the rule hello to {KLARA} was reported that is not sent" in result.notes


def test_a_call_by_a_code_is_known_by_what_it_fired() -> None:
    called = trigger("called_by_code", "called", settings={"code": "go"})
    published = pipeline(stage("draft"), stage("done", triggers=[called]))
    here = World()
    here.publish(published)
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), user(ANNA))
    for code in ("nothing", "go"):
        here.advance(DAY)
        call_by_code(here.store, "d-1", code, user(ANNA))
        here.settle()
    result = one_result(here, published)
    assert (result.differences, result.stage_draft) == ((), "done")
    assert result.notes == ("the document was called by a code that fired nothing; it is not kept",)


# --- without effect, in slices


def test_a_back_test_writes_and_sends_nothing() -> None:
    here = lived()
    before = copy.deepcopy(vars(here.state) | {"_lock": None})
    sent, waiting = list(here.mailbox.sent), here.lanes.waiting
    results_of(here, written(mail("other"), NOTED, TASK))
    after = vars(here.state) | {"_lock": None}
    assert {name: after[name] for name in before if name != "unreadable"} == {
        name: before[name] for name in before if name != "unreadable"
    }
    assert (here.mailbox.sent, here.lanes.waiting, here.web.calls) == (sent, waiting, [])


def population(number: int) -> World:
    """A world with so many contracts, of which every third is not signed."""
    here = connected(PUBLISHED, fields=FIELDS)
    for n in range(number):
        total = str(n * 1000)
        state = envelope(custom_fields={"total": total}, id=f"env-{n}", title=f"Contract {n}")
        told_of = event("document.sent", minute=n, state=state, envelope=f"env-{n}")
        here.tell("docusign", [told_of])
    here.advance(5 * DAY)
    for n in range(number):
        if n % 3:
            whole = envelope("completed", id=f"env-{n}", signers=signed(ANNA, KLARA, at=here.now))
            minute = 5 * 24 * 60 + n
            ended = event("document.completed", minute=minute, state=whole, envelope=f"env-{n}")
            here.tell("docusign", [ended])
    here.advance(5 * DAY)
    return here


DRAFT = written(mail("hello", condition=AMOUNT), REMIND, mail("extra"))


def test_slices_come_to_the_same_however_they_are_cut() -> None:
    here = population(9)
    test = prepared(here, DRAFT)
    ids = list(candidates(test))
    whole = list(backtest_slice(test, ids))
    parts: list[DocumentBacktest] = []
    for start in range(0, len(ids), 2):
        # Each step of a job begins anew.
        parts += backtest_slice(prepared(here, DRAFT), ids[start : start + 2])
    assert parts == whole
    stepwise = BacktestSummary()
    for one in parts:
        stepwise = stepwise.with_results([one])
    assert stepwise == BacktestSummary().with_results(whole)


def test_a_summary_counts_documents_and_effects() -> None:
    here = population(9)
    here.publish(PUBLISHED)
    results = results_of(here, DRAFT)
    summary = BacktestSummary().with_results(results.values())
    first = next(iter(results))
    assert (summary.documents, summary.same, summary.different, summary.unfit) == (9, 0, 9, 0)
    assert (summary.inexact, summary.fits, summary.reasons) == (9, True, ())
    skipped = [key for key, one in results.items() if len(one.differences) == 2]
    assert summary.totals == (
        EffectTotal(change="added", kind="mail", by="extra", documents=9, effects=9, example=first),
        EffectTotal(
            change="removed",
            kind="mail",
            by="hello",
            documents=6,
            effects=6,
            example=skipped[0],
        ),
    )


def test_results_and_summary_are_json_and_back() -> None:
    results = list(results_of(population(3), DRAFT).values())
    summary = BacktestSummary().with_results(results)
    for one in results:
        assert DocumentBacktest.model_validate_json(one.model_dump_json()) == one
    assert BacktestSummary.model_validate_json(summary.model_dump_json()) == summary


def test_the_draft_is_compared_with_the_version_that_is_published_now() -> None:
    here = lived(ends=False)
    here.publish(written(mail("hello"), REMIND, mail("third")))
    result = one_result(here, written(mail("hello"), REMIND, mail("third")))
    assert result.differences == ()
