"""What is counted of a document follows from its facts, in whichever steps they are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.engine.statistics.counting import (
    added,
    counts_of,
    uncounted,
    whole,
    with_document,
    with_runs,
)
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run, RunMail
from countersign.model.statistics import CountedRun, CounterKey, PendingCount

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def document(**more: Any) -> Document:
    given = {"id": "d-1", "pipeline": "contracts", "stage": "signed", "since": NOON + DAY}
    return Document.model_validate({**given, "created_at": NOON, "version": 3, **more})


def line(kind: str, after: timedelta = timedelta(0), **more: Any) -> LogEntry:
    return LogEntry.model_validate({"at": NOON + after, "kind": kind, "entry": 1, **more})


def run(rule: str = "mail", state: str = "done", **more: Any) -> Run:
    given = {
        **{"document": "d-1", "entry": 2, "rule": rule, "state": state, "kind": "send_email"},
        **{"pipeline": "contracts", "pipeline_version": 1, "stage": "sent", "lane": "email"},
        **{"planned_at": NOON, "concluded_at": NOON + DAY},
    }
    return Run.model_validate({**given, **more})


LINES = (
    line("created", to_stage="draft"),
    line("moved", HOUR, from_stage="draft", to_stage="sent"),
    line("event", HOUR, event="mail.bounced"),
    line("event", HOUR, event="mail.opened"),
    line("moved", DAY, from_stage="sent", to_stage="signed"),
)


def numbers(found: Any) -> dict[tuple[date | None, str], int]:
    return {(key.day, key.name): number for key, number in found.items()}


def test_a_document_is_counted_on_the_days_on_which_it_came_and_went() -> None:
    counted = whole(document(), LINES, (), 1)
    assert numbers(counts_of(counted)) == {
        (MONDAY, "created"): 1,
        (MONDAY, "cohort/reached/draft"): 1,
        (MONDAY, "cohort/reached/sent"): 1,
        (MONDAY, "cohort/reached/signed"): 1,
        (MONDAY, "arrived/draft"): 1,
        (MONDAY, "left/draft"): 1,
        (MONDAY, "stay/draft/3444"): 1,
        (MONDAY, "arrived/sent"): 1,
        (TUESDAY, "left/sent"): 1,
        (TUESDAY, "stay/sent/77935"): 1,
        (TUESDAY, "arrived/signed"): 1,
        (None, "present/signed"): 1,
        (MONDAY, "mail/bounced"): 1,
    }


def test_a_stage_that_is_entered_twice_is_reached_once() -> None:
    back = line("moved", 2 * DAY, from_stage="signed", to_stage="sent")
    counted = whole(document(stage="sent"), (*LINES, back), (), 1)
    found = numbers(counts_of(counted))
    assert found[MONDAY, "cohort/reached/sent"] == 1
    assert (found[MONDAY, "arrived/sent"], found[WEDNESDAY, "arrived/sent"]) == (1, 1)
    assert found[None, "present/sent"] == 1
    assert (None, "present/signed") not in found


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"status": "sent"}, {}),
        ({"sent_at": NOON}, {(MONDAY, "sent"): 1, (MONDAY, "cohort/sent"): 1}),
        (
            {"status": "declined", "status_at": NOON + DAY, "sent_at": NOON},
            {
                (MONDAY, "sent"): 1,
                (MONDAY, "cohort/sent"): 1,
                (TUESDAY, "ended/declined"): 1,
                (MONDAY, "cohort/ended/declined"): 1,
            },
        ),
        (
            {"status": "completed", "status_at": NOON + 2 * DAY, "completed_at": NOON + DAY}
            | {"sent_at": NOON},
            {
                (MONDAY, "sent"): 1,
                (MONDAY, "cohort/sent"): 1,
                (TUESDAY, "ended/completed"): 1,
                (MONDAY, "cohort/ended/completed"): 1,
                (TUESDAY, "signing/77935"): 1,
            },
        ),
        (
            {"status": "completed"},
            {(MONDAY, "ended/completed"): 1, (MONDAY, "cohort/ended/completed"): 1},
        ),
    ],
)
def test_envelopes_are_counted_by_the_providers_clock(
    more: dict[str, Any], expected: dict[tuple[date, str], int]
) -> None:
    before = numbers(counts_of(whole(document(), LINES, (), 1)))
    found = numbers(counts_of(whole(document(**more), LINES, (), 1)))
    assert {key: number for key, number in found.items() if key not in before} == expected


def test_signatures_are_timed_from_when_their_signers_were_notified() -> None:
    signers = [
        {"id": "1", "party": "company", "status": "signed", "signed_at": NOON + DAY},
        {"id": "2", "party": "client", "status": "signed", "signed_at": NOON + DAY}
        | {"notified_at": NOON + DAY - HOUR},
        {"id": "3", "action": "approve", "status": "signed", "signed_at": NOON},
        {"id": "4", "party": "client", "status": "declined"},
    ]
    found = numbers(counts_of(whole(document(signers=signers, sent_at=NOON), LINES, (), 1)))
    assert {key: n for key, n in found.items() if key[1].startswith("sign")} == {
        (TUESDAY, "signature/company"): 1,
        (TUESDAY, "signer/company/77935"): 1,
        (TUESDAY, "signature/client"): 1,
        (TUESDAY, "signer/client/3444"): 1,
    }
    untimed = whole(document(signers=signers[:1]), LINES, (), 1)
    assert untimed.signatures[0].seconds is None


MAILS = (RunMail(to="a", state="sent"), RunMail(to="b", state="sent"), RunMail(to="c"))


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        (run(), "2.mail", ("send_email", "mail", "done", 0)),
        (run(result={"message_id": "m"}), "2.mail", ("send_email", "mail", "done", 1)),
        (run(mails=MAILS), "2.mail", ("send_email", "mail", "done", 2)),
        (run(state="failed", mails=MAILS), "2.mail", ("send_email", "mail", "failed", 2)),
        (
            run(state="failed", result={"message_id": "m"}),
            "2.mail",
            ("send_email", "mail", "failed", 0),
        ),
        (run(state="skipped", repeat=2), "2.mail~2", ("send_email", "mail", "skipped", 0)),
        (run(state="in_doubt"), "2.mail", ("send_email", "mail", "in_doubt", 0)),
        (
            run("_task-3-call", kind="task_mail"),
            "2._task-3-call",
            ("task_mail", "call", "done", 0),
        ),
        (
            run("_keep-3-signed_pdf", kind="keep_file", lane="web"),
            "2._keep-3-signed_pdf",
            ("keep_file", "keep_file", "done", 0),
        ),
        (run(state="cancelled"), "2.mail", None),
        (run(state="ready"), "2.mail", None),
        (run("trigger.late", "done"), "2.trigger.late", None),
        (run("_backlog", "done"), "2._backlog", None),
    ],
)
def test_runs_are_counted_by_what_became_of_them(
    given: Run, name: str, expected: tuple[str, str, str, int] | None
) -> None:
    found = whole(document(), LINES, [given], 1).runs
    wanted: dict[str, CountedRun] = {}
    if expected is not None:
        kind, rule, state, mails = expected
        values = {"kind": kind, "rule": rule, "state": state, "day": TUESDAY, "mails": mails}
        wanted = {name: CountedRun.model_validate(values)}
    assert found == wanted


def test_a_run_that_is_retried_is_not_counted_until_it_ends_again() -> None:
    failed = whole(document(), LINES, [run(state="failed")], 1)
    again = with_runs(failed, {"2.mail": run(state="ready")})
    assert added(failed, again) == (PendingCount(1, TUESDAY, "run/failed/send_email/mail", -1),)
    assert with_runs(failed, {"2.mail": None}) == again


def test_a_removed_document_is_counted_apart_and_is_nowhere_now() -> None:
    counted = whole(document(), LINES, [run()], 4)
    removed = counted.model_copy(update={"removed_at": NOON + DAY})
    before, after = counts_of(counted), counts_of(removed)
    assert {key.epoch for key in before} == {4}
    assert {key.epoch for key in after} == {0}
    assert numbers(before) == numbers(after) | {(None, "present/signed"): 1}


def test_what_was_pending_is_added_with_what_is_new() -> None:
    before = whole(document(), LINES, (), 1)
    pending = (PendingCount(1, MONDAY, "created", 1), PendingCount(1, MONDAY, "sent", -1))
    found = added(before.model_copy(update={"pending": pending}), before)
    assert found == pending


def test_another_epoch_takes_all_from_the_old_one() -> None:
    before = whole(document(), LINES[:1], (), 1)
    found = added(before, before.model_copy(update={"epoch": 2}))
    assert sum(count.number for count in found) == 0
    assert {count.epoch: count.number for count in found if count.name == "created"} == {
        1: -1,
        2: 1,
    }


def test_of_what_was_never_counted_there_is_nothing() -> None:
    assert counts_of(uncounted(document(), 1)) == {}


STAGES = st.sampled_from(["draft", "sent", "signed"])


@given(st.lists(STAGES, max_size=6), st.lists(st.integers(0, 7), max_size=4))
def test_counting_in_steps_is_counting_at_once(moves: list[str], cuts: list[int]) -> None:
    stages = ["draft", *moves]
    lines = [line("created", to_stage="draft")]
    lines += [
        line("moved", HOUR * place, from_stage=old, to_stage=new)
        for place, (old, new) in enumerate(zip(stages, moves, strict=False))
    ]
    counted = uncounted(document(), 1)
    start = 0
    for cut in sorted({*cuts, len(lines)}):
        if start < cut <= len(lines):
            version = document(version=cut, stage=stages[cut - 1])
            counted = with_document(counted, version, lines[start:cut])
            start = cut
    assert counted == whole(document(version=len(lines), stage=stages[-1]), lines, (), 1)
    present = CounterKey(1, None, f"present/{stages[-1]}")
    assert {key: n for key, n in counts_of(counted).items() if key.day is None} == {present: 1}
