"""A run that is performed again, and one whose document has left its stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.document import Document
from countersign.model.run import Run, RunMail
from countersign.model.run_result import RunResult

NOW = datetime(2026, 4, 13, 7, tzinfo=UTC)
LATER = NOW + timedelta(minutes=12)


def run(**more: Any) -> Run:
    given = {
        "document": "offer",
        "entry": 2,
        "rule": "greet",
        "pipeline": "sales",
        "pipeline_version": 3,
        "stage": "open",
        "kind": "send_email",
        "lane": "email",
        "state": "running",
        "planned_at": NOW,
        **more,
    }
    return Run.model_validate(given)


def document(entry: int) -> Document:
    return Document(
        id="offer", pipeline="sales", stage="open", entry=entry, since=NOW, created_at=NOW
    )


SENT = (RunMail(signer="s1", state="sent"),)


@pytest.mark.parametrize(
    ("entry", "more", "left"),
    [
        (2, {}, False),
        (3, {}, True),
        (1, {}, True),
        (3, {"on_leave": "keep"}, False),
        (3, {"mails": SENT}, True),
        (3, {"state": "done"}, True),
    ],
)
def test_a_run_has_left_its_stage_with_its_document_unless_it_is_kept(
    entry: int, more: dict[str, Any], left: bool
) -> None:
    assert run(**more).left_stage(document(entry)) is left


def test_a_run_that_is_ready_again_is_claimed_by_nobody_and_keeps_its_counts() -> None:
    counts = {"attempts": 4, "put_off": 2, "swept": 1, "slot": NOW, "quota_since": NOW}
    before = run(generation=5, due=NOW, lease_until=LATER, reason="old", **counts)
    assert before.ready_again(due=LATER, reason="tried once more") == run(
        state="ready", generation=6, due=LATER, reason="tried once more", **counts
    )
    assert before.ready_again(due=LATER, reason=None).reason is None


def test_new_tries_count_from_nothing() -> None:
    before = run(
        attempts=4, put_off=2, swept=1, slot=NOW, quota_since=NOW, doubt_until=NOW, generation=5
    )
    assert before.with_new_tries() == run(generation=5)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_whoever_read_a_run_before_has_an_older_generation(stored: int, own: int) -> None:
    before, after = run(generation=stored, reason="stored"), run(generation=own, reason="own")
    newer = after.newer_than(before)
    assert newer.generation == stored + 1
    assert newer.reason == "own"


@pytest.mark.parametrize(
    ("more", "result", "quota"),
    [
        ({"state": "done"}, "done", False),
        ({"state": "skipped"}, "skipped", False),
        ({"state": "failed"}, "failed", False),
        ({"state": "cancelled"}, "cancelled", False),
        ({"state": "in_doubt"}, "in_doubt", False),
        ({"state": "awaiting"}, "awaiting", False),
        ({"state": "ready"}, "retried", False),
        ({"state": "ready", "quota_since": NOW}, "retried", True),
        ({"state": "running", "quota_since": NOW}, "retried", False),
    ],
)
def test_a_delivery_ended_as_it_left_its_run(
    more: dict[str, Any], result: str, quota: bool
) -> None:
    ended = RunResult.of(run(repeat=1, reason="why", **more))
    assert (ended.result, ended.quota, ended.run) == (result, quota, "offer.2.greet~1")
    assert (ended.kind, ended.reason) == ("send_email", "why")
    assert ended.note == ("why" if result == "cancelled" else None)
