"""How runs end, fail, wait and are tried again: each as a whole value."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.lifecycle import (
    Chain,
    after_error,
    after_failure,
    begin,
    conclude,
    finished,
    in_doubt,
    is_left,
    is_too_late,
    lease_ended,
    needs_more,
    stop,
    update,
    with_document_version,
)
from countersign.errors import (
    InDoubtError,
    OutageError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from countersign.model.condition import Verdict
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.model.run import Run, RunMail
from countersign.model.transaction import Precondition, RunUpdate, Transaction
from countersign.simulation.world import START
from tests.builders import mail, pipeline, stage

NOW = START + timedelta(days=1)
SECOND = timedelta(seconds=1)
VERDICT = Verdict(outcome="false")


def run(rule: str = "a", state: str = "running", **more: Any) -> Run:
    given = {
        "document": "d1", "entry": 4, "rule": rule, "pipeline": "contracts",
        "pipeline_version": 7, "stage": "sent", "kind": "send_email", "lane": "email",
        "state": state, "planned_at": START, **more,
    }  # fmt: skip
    return Run.model_validate(given)


def document(entry: int = 4, **more: Any) -> Document:
    given = {"id": "d1", "pipeline": "contracts", "stage": "sent", "entry": entry, **more}
    return Document.model_validate({"since": START, "created_at": START, "version": 9, **given})


def program(*rules: dict[str, Any]) -> CompiledPipeline:
    wanted = pipeline(
        stage("sent", *rules),
        senders=["contracts@acme.example"],
        fields={"end": {"type": "date"}},
    )
    return CompiledPipeline(Version(number=7, pipeline=wanted))


LEASED: dict[str, Any] = {"lease_until": NOW + SECOND, "doubt_until": NOW}


def test_a_run_that_ends_keeps_what_it_left_behind() -> None:
    was = run(result={"message_id": "m"}, verdict=VERDICT, reason="old", **LEASED)
    assert finished(was, "done", None, now=NOW, result={"to": "x"}) == run(
        state="done", concluded_at=NOW, verdict=VERDICT, result={"message_id": "m", "to": "x"}
    )
    other = Verdict(outcome="unknown")
    assert finished(was.model_copy(update={"verdict": other}), "skipped", "why", now=NOW) == run(
        state="skipped", concluded_at=NOW, verdict=other, reason="why", result={"message_id": "m"}
    )


def after(error: Exception, was: Run, *, passing: bool = True) -> tuple[Run, timedelta | None]:
    """The run without its time, and how far off that is."""
    then = after_failure(was, error, passing=passing, now=NOW)
    pause = None if then.due is None else then.due - NOW
    return then.model_copy(update={"due": None}), pause


@pytest.mark.parametrize(
    ("attempts", "least"),
    [(1, 10), (2, 30), (3, 120), (4, 600), (5, 1_800), (6, 3_600), (7, 10_800), (8, 21_600)],
)
def test_pauses_grow_with_each_try(attempts: int, least: int) -> None:
    was = run(attempts=attempts, put_off=3, slot=NOW, generation=5, **LEASED)
    then, pause = after(TransientError("no answer"), was)
    assert then == run(
        state="ready", attempts=attempts, generation=6, doubt_until=NOW,
        reason=f"try {attempts} failed temporarily: no answer",
    )  # fmt: skip
    assert pause is not None
    assert timedelta(seconds=least) <= pause < timedelta(seconds=2 * least)
    # Runs that are refused together come apart, each always to the same place.
    others = {after(TransientError("x"), run(f"r{n}", attempts=attempts))[1] for n in range(9)}
    assert len(others) == 9
    assert after(TransientError("x"), was)[1] == pause
    assert after(TransientError("x"), was.model_copy(update={"generation": 6}))[1] != pause


def test_each_pause_is_drawn_out_by_the_same_share_of_the_run() -> None:
    """Up to twice as long; so their lengths are to each other as the shortest ones are."""
    tried = [run(attempts=n) for n in range(1, 9)]
    pauses = [after(TransientError("x"), was)[1] or 0 * SECOND for was in tried]
    assert [pause / pauses[0] for pause in pauses] == pytest.approx(
        [1, 3, 12, 60, 180, 360, 1080, 2160], rel=1e-6
    )
    put_off = [run(attempts=1, put_off=n) for n in range(10)]
    outage = [after(OutageError("off"), was)[1] or 0 * SECOND for was in put_off]
    assert [pause / pauses[0] for pause in outage] == pytest.approx(
        [1, 3, 6, 12, 30, 60, 90, 180, 180, 180], rel=1e-6
    )


def test_the_ninth_try_is_the_last() -> None:
    was = run(attempts=9, **LEASED)
    assert after_failure(was, TransientError("no answer"), passing=True, now=NOW) == run(
        state="failed", attempts=9, concluded_at=NOW, reason="no answer (after 9 tries)"
    )


@pytest.mark.parametrize(("attempts", "told"), [(1, "bad"), (2, "bad (after 2 tries)")])
def test_a_lasting_fault_is_not_tried_again(attempts: int, told: str) -> None:
    was = run(attempts=attempts)
    expected = run(state="failed", attempts=attempts, concluded_at=NOW, reason=told)
    assert after_failure(was, PermanentError("bad"), passing=False, now=NOW) == expected
    assert after_error(was, PermanentError("bad"), now=NOW) == expected
    outage = OutageError("off")
    assert after_failure(was, outage, passing=False, now=NOW).state == "failed"


@pytest.mark.parametrize(
    ("wish", "least", "most"),
    [
        (None, 10, 20),
        (timedelta(seconds=5), 10, 20),
        (timedelta(minutes=5), 300, 310),
        (timedelta(days=1), 86_400, 86_410),
        (timedelta(days=9), 86_400, 86_410),
    ],
)
def test_what_the_outside_asks_for_is_waited_for_up_to_a_day(
    wish: timedelta | None, least: int, most: int
) -> None:
    _, pause = after(TransientError("busy", after=wish), run(attempts=1))
    assert pause is not None
    assert timedelta(seconds=least) <= pause < timedelta(seconds=most)


@pytest.mark.parametrize(
    ("put_off", "least"),
    [(0, 10), (1, 30), (2, 60), (3, 120), (4, 300), (5, 600), (6, 900), (7, 1_800), (99, 1_800)],
)
def test_an_outage_uses_up_no_try(put_off: int, least: int) -> None:
    was = run(attempts=3, put_off=put_off, slot=NOW, generation=5, **LEASED)
    then, pause = after(OutageError("the lane is off"), was)
    assert then == run(
        state="ready", attempts=2, put_off=put_off + 1, generation=6, doubt_until=NOW,
        reason="waits, without using up a try: the lane is off",
    )  # fmt: skip
    assert pause is not None
    assert timedelta(seconds=least) <= pause < timedelta(seconds=2 * least)


@pytest.mark.parametrize(
    ("wish", "pause"),
    [(timedelta(minutes=3), timedelta(minutes=3)), (timedelta(days=2), timedelta(days=1)),
     (timedelta(), timedelta())],
)  # fmt: skip
def test_one_with_a_place_in_the_row_waits_for_that(wish: timedelta, pause: timedelta) -> None:
    slot = NOW + timedelta(minutes=3)
    then, waits = after(ThrottledError("slow", after=wish, slot=slot), run(attempts=1))
    assert (waits, then.slot, then.attempts) == (pause, slot, 0)


def test_what_is_in_doubt_waits_for_a_report_or_for_a_person() -> None:
    was = run(attempts=1, **LEASED)
    hour = NOW + timedelta(hours=1)
    assert in_doubt(was, "why", now=NOW) == run(
        state="in_doubt", attempts=1, doubt_until=hour, reason="why"
    )
    web = was.model_copy(update={"lane": "web"})
    assert in_doubt(web, "why", now=NOW).doubt_until is None
    known = web.model_copy(update={"repeatable": True})
    assert in_doubt(known, "why", now=NOW).doubt_until == NOW
    for swept, until in ((1, hour), (2, None), (3, None)):
        swept_ = was.model_copy(update={"swept": swept})
        assert in_doubt(swept_, "why", now=NOW).doubt_until == until
    assert lease_ended(was, now=NOW) == run(
        state="in_doubt", attempts=1, doubt_until=hour,
        reason="the function that performed it ended without a report; it may have taken effect",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "reason"),
    [(InDoubtError("no answer"), "no answer"), (KeyError("x"), "KeyError: 'x'")],
)
def test_what_nobody_knows_is_in_doubt_and_repeated_only_where_that_does_no_harm(
    error: Exception, reason: str
) -> None:
    then = after_error(run(attempts=1), error, now=NOW)
    assert (then.state, then.reason) == ("in_doubt", reason)
    for attempts, state in ((1, "ready"), (8, "ready"), (9, "in_doubt")):
        assert after_error(run(attempts=attempts, repeatable=True), error, now=NOW).state == state
    soon = run(attempts=1, repeatable=True, not_after=NOW + 9 * SECOND)
    assert after_error(soon, error, now=NOW).state == "in_doubt"
    later = run(attempts=1, repeatable=True, not_after=NOW + 20 * SECOND)
    assert after_error(later, error, now=NOW).state == "ready"


def test_what_is_due_before_a_moment_is_too_late_after_it() -> None:
    one = run(not_after=NOW)
    assert not is_too_late(one, now=NOW)
    assert is_too_late(one, now=NOW + SECOND)
    assert not is_too_late(run(), now=NOW)


@pytest.mark.parametrize(
    ("entry", "more", "left"),
    [
        (4, {}, False),
        (5, {}, True),
        (5, {"on_leave": "keep"}, False),
        (5, {"mails": (RunMail(state="sent", to="x@y.example"),)}, False),
    ],
)
def test_a_run_ends_with_its_stage_unless_it_is_kept_or_has_begun(
    entry: int, more: dict[str, Any], left: bool
) -> None:
    assert is_left(run(**more), document(entry)) is left


# --- transactions


def test_a_claim_holds_the_document_to_its_stage_and_its_date() -> None:
    def claimed(**more: Any) -> Transaction:
        return begin(run(**more), run(state="ready", generation=3), document())

    begun = RunUpdate(run=run(), was="ready", was_generation=3)
    assert claimed() == Transaction(stay=Precondition(document="d1", entry=4), updates=(begun,))
    once = claimed(once=True, on_leave="keep")
    assert (once.stay, once.once) == (None, (run().key,))
    dated = claimed(date_field="end", on_leave="keep")
    assert dated.stay == Precondition(document="d1", version=9)
    assert claimed(date_field="end").stay == Precondition(document="d1", entry=4, version=9)


def test_an_update_is_on_condition_of_the_state_generation_and_lease_before() -> None:
    was, then = run(generation=3, lease_until=NOW), run(state="done")
    assert update(was, then) == RunUpdate(run=then, was="running", was_generation=3, was_lease=NOW)
    ready = was.model_copy(update={"state": "ready"})
    assert update(ready, then) == RunUpdate(run=then, was="ready", was_generation=3)


CHAIN = program(
    mail("a", on_failure="stop"), mail("b"), mail("c", time={"on": {"field": "end"}}), mail("d")
)


def chain(**states: str) -> list[Run]:
    """Runs of these rules below a, each waiting for the one above unless told."""
    names = ["a", "b", "c", "d"]
    return [
        run(name, states.get(name, "waiting"), after=names[n], next=(*names[n + 2 :], None)[0])
        for n, name in enumerate(names[1:])
    ]


def concluded(state: str, below: list[Run], entry: int = 4, **more: Any) -> Transaction:
    was = run("a", "running", next="b", **more)
    done = was.model_copy(update={"state": state, "concluded_at": NOW})
    return conclude(was, done, Chain(lambda version: CHAIN, document(entry), below), now=NOW)


def followed(change: Transaction) -> list[tuple[str, str, str | None]]:
    return [(one.run.rule, one.run.state, one.run.reason) for one in change.updates[1:]]


@pytest.mark.parametrize("state", ["done", "skipped", "cancelled"])
def test_the_rule_below_gets_its_turn(state: str) -> None:
    change = concluded(state, chain())
    assert followed(change) == [("b", "ready", None)]
    assert change.updates[1].run.due == NOW
    assert (change.document, change.stay) == (None, None)


def test_a_failed_rule_stops_the_chain_where_it_says_so() -> None:
    text = "the chain was stopped: a failed"
    assert followed(concluded("failed", chain())) == [
        ("b", "cancelled", text), ("c", "cancelled", text), ("d", "cancelled", text),
    ]  # fmt: skip
    assert followed(concluded("failed", chain(c="done"))) == [("b", "cancelled", text)]


def test_what_was_taken_out_of_a_chain_is_passed_over() -> None:
    change = concluded("done", chain(b="cancelled"))
    assert [(one.run.rule, one.run.state) for one in change.updates[1:]] == [("c", "no_date")]
    # It begins to hang on a field, so that the document is touched.
    assert change.document == document(entry=4, version=10)
    assert change.was_version == 9
    assert followed(concluded("done", chain(b="ready"))) == []
    assert followed(concluded("done", chain(b="cancelled", c="running"))) == []


def test_below_a_stage_that_was_left_only_kept_rules_get_their_turn() -> None:
    left = "the document left the stage sent before it began"
    below = chain()
    below[1] = below[1].model_copy(update={"on_leave": "keep"})
    change = concluded("done", below, entry=5)
    assert followed(change)[0] == ("b", "cancelled", left)
    assert followed(change)[1][:2] == ("c", "no_date")
    assert len(followed(change)) == 2


def test_the_rule_below_is_armed_by_its_own_version() -> None:
    """While a pipeline's runs are moved to another version, two of a chain may be of two."""
    rules = {7: [mail("a"), mail("b")], 6: [mail("a"), mail("b", time={"after": {"hours": 3}})]}
    versions = {number: program(*found) for number, found in rules.items()}
    was = run("a", "running", next="b")
    done = was.model_copy(update={"state": "done", "concluded_at": NOW})
    for number, hours in ((7, 0), (6, 3)):
        below = run("b", "waiting", after="a", pipeline_version=number)
        change = conclude(was, done, Chain(versions.__getitem__, document(), [below]), now=NOW)
        assert change.updates[1].run.due == NOW + timedelta(hours=hours)


def test_a_failed_rule_stops_the_chain_where_its_own_version_says_so() -> None:
    stops = program(mail("a", on_failure="stop"), mail("b"))
    goes_on = program(mail("a"), mail("b"))
    was = run("a", "running", next="b", pipeline_version=6)
    failed = was.model_copy(update={"state": "failed", "concluded_at": NOW})
    below = run("b", "waiting", after="a", pipeline_version=7)
    for versions, state in (
        ({6: stops, 7: goes_on}, "cancelled"),
        ({6: goes_on, 7: stops}, "ready"),
    ):
        change = conclude(was, failed, Chain(versions.__getitem__, document(), [below]), now=NOW)
        assert change.updates[1].run.state == state


def test_runs_of_another_entry_or_repeated_ones_are_not_below() -> None:
    other = chain()[0].model_copy(update={"entry": 3})
    again = chain()[0].model_copy(update={"repeat": 1})
    assert followed(concluded("done", [other, again])) == []


def test_what_did_not_begin_is_concluded_while_its_date_is_as_it_was_read() -> None:
    for state, stay in (("ready", Precondition(document="d1", version=9)), ("running", None)):
        was = run("d", state, date_field="end")
        skipped = was.model_copy(update={"state": "skipped"})
        assert (
            conclude(was, skipped, Chain(lambda version: CHAIN, document(), []), now=NOW).stay
            == stay
        )


@pytest.mark.parametrize(
    ("one", "below", "entry", "more"),
    [
        (run("b", "done", next="c"), None, 4, False),
        (run("b", "done", next="c"), run("c", "cancelled"), 4, True),
        (run("b", "done", next="c"), run("c", "waiting"), 4, False),
        (run("b", "failed", next="c"), None, 4, False),
        (run("a", "failed", next="b"), None, 4, True),
        (run("a", "done", next="b"), None, 4, False),
        (run("b", "done", next="c"), None, 5, True),
        (run("b", "done"), run("c", "cancelled"), 5, False),
        (run("b", "ready", next="c"), run("c", "cancelled"), 5, False),
    ],
)
def test_the_whole_chain_is_read_only_where_more_than_the_next_rule_is_concerned(
    one: Run, below: Run | None, entry: int, more: bool
) -> None:
    assert needs_more(one, below, CHAIN, document(entry)) is more


def test_a_touched_document_knows_the_versions_its_runs_are_on() -> None:
    home = document(planned_with=(5, 7))
    assert with_document_version(home, Transaction()) == Transaction(
        document=document(planned_with=(5, 7), version=10), was_version=9
    )
    moved = with_document_version(home, Transaction(), version=8).document
    assert moved is not None
    assert moved.planned_with == (5, 7, 8)
    same = with_document_version(home, Transaction(), version=5).document
    assert same is not None
    assert same.planned_with == (5, 7)


def test_stopping_cancels_what_has_not_begun_but_for_timers_and_mails_about_tasks() -> None:
    runs = [
        run("a", "waiting"), run("b", "ready", on_leave="keep"), run("c", "no_date"),
        run("d", "running"), run("e", "done"), run("trigger.t", "ready"), run("_task-1-a", "ready"),
    ]  # fmt: skip
    stopped = stop(runs, "ben", now=NOW)
    assert [(one.run.rule, one.was) for one in stopped] == [
        ("a", "waiting"), ("b", "ready"), ("c", "no_date"),
    ]  # fmt: skip
    assert stopped[0].run == run(
        "a", "cancelled", reason="ben stopped the rules of the stage", concluded_at=NOW
    )
