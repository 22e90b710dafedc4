"""A mail that waits for the account's daily quota: no try is used up, and the timeline says it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.lifecycle import (
    Chain,
    after_failure,
    begins_to_wait_for_quota,
    conclude,
    finished,
    update,
)
from countersign.errors import OutageError, QuotaError, TransientError
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.pipeline import Version
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.simulation.world import START
from tests.builders import mail, pipeline, stage

HOUR = timedelta(hours=1)
HALF = timedelta(minutes=30)


def run(**more: Any) -> Run:
    given = {
        "document": "d1", "entry": 4, "rule": "a", "pipeline": "contracts",
        "pipeline_version": 7, "stage": "sent", "kind": "send_email", "lane": "email",
        "state": "running", "planned_at": START, "attempts": 3, "cause": "anna", **more,
    }  # fmt: skip
    return Run.model_validate(given)


FULL = QuotaError("Amazon SES: daily quota exceeded")


def refused(was: Run, error: OutageError = FULL) -> Run:
    return after_failure(was, error, passing=True, now=START)


def test_it_is_tried_again_within_the_hour_and_says_when() -> None:
    waits = refused(run(put_off=5, generation=2, lease_until=START))
    due = waits.due
    assert due is not None
    assert START + HALF <= due < START + HOUR
    assert waits == run(
        state="ready",
        generation=3,
        attempts=2,
        put_off=6,
        quota_since=START,
        due=due,
        reason="waits for the account's daily quota of mails, without using up a try: Amazon SES: "
        "daily quota exceeded; the quota counts the last 24 hours, so the mail is tried again "
        f"every 30 to 60 minutes, next at {due:%Y-%m-%d %H:%M} UTC",
    )


def test_since_when_it_waits_is_kept_until_it_waits_for_something_else() -> None:
    before = run(quota_since=START - HOUR)
    assert refused(before).quota_since == START - HOUR
    assert refused(before, OutageError("the lane is off")).quota_since is None
    busy = after_failure(before, TransientError("busy"), passing=True, now=START)
    assert (busy.quota_since, busy.state) == (None, "ready")
    assert finished(before, "done", None, now=START).quota_since is None


@pytest.mark.parametrize(
    ("before", "after", "begins"),
    [(None, START, True), (START, START, False), (START, None, False), (None, None, False)],
)
def test_it_begins_to_wait_once(before: Any, after: Any, begins: bool) -> None:
    assert begins_to_wait_for_quota(run(quota_since=before), run(quota_since=after)) is begins


def test_that_it_begins_to_wait_is_a_warning_on_the_timeline_and_no_other_try_is() -> None:
    program = CompiledPipeline(Version(number=7, pipeline=pipeline(stage("sent", mail("a")))))
    home = Document(
        id="d1", pipeline="contracts", stage="sent", entry=4, version=9, since=START,
        created_at=START, planned_with=(7,),
    )  # fmt: skip
    chain = Chain(lambda number: program, home, ())
    was = run()
    waits = refused(was)
    assert conclude(was, waits, chain, now=START) == Transaction(
        document=home.model_copy(update={"version": 10}),
        was_version=9,
        updates=(update(was, waits),),
        log=(
            LogEntry(
                at=START,
                kind="warning",
                text=f"a: {waits.reason}",
                by="rule:a",
                entry=4,
                cause="anna",
            ),
        ),
    )
    again = refused(run(quota_since=START - HOUR))
    later = run(quota_since=START - HOUR)
    assert conclude(later, again, chain, now=START) == Transaction(updates=(update(later, again),))
