"""The several mails of one run: what a delivery writes of each, whatever else was written since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.engine.runs.mail_series import (
    concluded,
    counted_as_sent,
    first_claim,
    go_on,
    handed_over,
    progress,
    reported,
    tried_again,
)
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.run import MailState, Run, RunMail

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEASE = timedelta(minutes=2)


def run(*mails: tuple[MailState, str | None]) -> Run:
    """A run whose delivery is at work, with mails in these states and with these ids."""
    return Run(
        document="d1",
        entry=1,
        rule="ask",
        pipeline="contracts",
        pipeline_version=1,
        stage="sent",
        kind="send_email",
        lane="email",
        state="running",
        generation=4,
        planned_at=NOW,
        started_at=NOW,
        lease_until=NOW + LEASE,
        mails=tuple(
            RunMail(to=f"{n}@kunde.example", state=state, message_id=name)
            for n, (state, name) in enumerate(mails)
        ),
    )


def states(after: Run) -> list[tuple[str, str | None]]:
    return [(mail.state, mail.message_id) for mail in after.mails]


OUTCOMES: tuple[Any, ...] = (
    {"message_id": "m-1"},
    PermanentError("the address is not valid"),
    TransientError("busy"),
    InDoubtError("no answer"),
)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("state", ["failed", "sent"])
def test_a_mail_that_was_reported_on_meanwhile_stays_as_reported(
    state: MailState, outcome: Any
) -> None:
    """The claim of the next one was written, though no answer came; then it is written again."""
    before = run((state, "m-1"), ("sending", None))
    after = handed_over(before, 0, outcome, now=NOW, lease=LEASE)
    assert states(after) == [(state, "m-1"), ("sending", None)]
    assert after.state == "running"


def test_the_last_one_that_was_reported_on_meanwhile_ends_the_run() -> None:
    before = run(("sent", "m-1"), ("failed", "m-2"))
    after = handed_over(before, 1, {"message_id": "m-2"}, now=NOW, lease=LEASE)
    assert states(after) == [("sent", "m-1"), ("failed", "m-2")]
    assert after.state == "failed"


def test_one_that_is_still_claimed_is_sent_and_the_next_one_claimed() -> None:
    after = handed_over(
        run(("sending", None), ("open", None)), 0, {"message_id": "m-1"}, now=NOW, lease=LEASE
    )
    assert states(after) == [("sent", "m-1"), ("sending", None)]
    assert after.state == "running"


# --- whole runs

TO = ("0@kunde.example", "1@kunde.example", "2@kunde.example")
TRIED: dict[str, Any] = {
    "attempts": 3,
    "put_off": 2,
    "quota_since": NOW,
    "slot": NOW,
    "swept": 1,
    "reason": "try 2 failed temporarily: busy",
}
"""What the mail before has left behind; the next one begins without it."""


def like(before: Run, *mails: RunMail, **more: Any) -> Run:
    """The run with these members and mails instead."""
    return Run.model_validate({**before.model_dump(), **more, "mails": mails or before.mails})


def one(number: int, state: MailState, name: str | None = None, why: str | None = None) -> RunMail:
    return RunMail(to=TO[number], state=state, message_id=name, reason=why)


def test_the_next_mail_is_claimed_with_tries_and_a_lease_of_its_own() -> None:
    before = like(run(("sent", "m-0"), ("open", None), ("open", None)), **TRIED)
    assert go_on(before, now=NOW + LEASE, lease=LEASE) == like(
        before,
        one(0, "sent", "m-0"), one(1, "sending"), one(2, "open"),
        attempts=1, put_off=0, quota_since=None, slot=None, swept=0, reason=None,
        lease_until=NOW + 2 * LEASE,
    )  # fmt: skip


def test_without_time_left_the_next_mail_is_left_to_the_next_delivery() -> None:
    before = like(run(("sent", "m-0"), ("open", None), ("open", None)), **TRIED)
    assert go_on(before, now=NOW + LEASE) == like(
        before,
        state="ready", generation=5, due=NOW + LEASE, lease_until=None, attempts=0, put_off=0,
        quota_since=None, slot=None, swept=0,
        reason="1 of 3 mails are sent; goes on with the next",
    )  # fmt: skip


def ended(before: Run, *mails: RunMail, **more: Any) -> Run:
    given = {"concluded_at": NOW, "lease_until": None, "quota_since": None, "reason": None, **more}
    return like(before, *mails, **given)


@pytest.mark.parametrize(
    ("mails", "more"),
    [
        ([one(0, "sent", "m-0"), one(1, "sent", "m-1")],
         {"state": "done", "result": {"mails": "2", "to": f"{TO[0]}, {TO[1]}"}}),
        ([one(0, "sent", "m-0"), one(1, "left_out", why="has no address")],
         {"state": "done", "result": {"mails": "1", "to": TO[0]},
          "reason": f"1 of 2 mails are sent; {TO[1]}: was not written to: has no address"}),
        ([one(0, "sent", "m-0"), one(1, "failed", why="mailbox full"),
          one(2, "left_out", why="has no address")],
         {"state": "failed", "result": {"mails": "1", "to": TO[0]},
          "reason": f"1 of 3 mails are sent; {TO[1]}: the mail failed: mailbox full"}),
        ([one(0, "failed", why="mailbox full")],
         {"state": "failed", "reason": f"0 of 1 mails are sent; {TO[0]}: the mail failed: "
          "mailbox full"}),
        ([RunMail(signer="s1", state="failed", reason="full")],
         {"state": "failed", "reason": "0 of 1 mails are sent; s1: the mail failed: full"}),
        ([one(0, "left_out", why="has signed"), one(1, "left_out", why="has signed"),
          one(2, "left_out", why="has no address")],
         {"state": "skipped", "reason": "has signed; has no address"}),
    ],
)  # fmt: skip
def test_a_run_ends_with_what_became_of_all_its_mails(
    mails: list[RunMail], more: dict[str, Any]
) -> None:
    before = like(run(), *mails)
    assert concluded(before, now=NOW) == ended(before, **more)


@pytest.mark.parametrize("state", ["sending", "failed"])
def test_a_person_counts_what_is_in_doubt_or_failed_and_the_rest_goes_on(state: MailState) -> None:
    before = run(("sent", "m-0"), (state, None), ("left_out", None))
    counted = one(1, "sent", why="counted as sent by anna")
    assert counted_as_sent(before, by="anna", now=NOW).mails == (
        one(0, "sent", "m-0"),
        counted,
        one(2, "left_out"),
    )
    rest = run((state, None), ("open", None))
    after = counted_as_sent(rest, by="anna", now=NOW)
    assert (after.state, after.due, [mail.state for mail in after.mails]) == (
        "ready", NOW, ["sent", "open"],
    )  # fmt: skip


def test_what_failed_or_is_in_doubt_is_open_again_without_its_reason() -> None:
    before = like(run(), one(0, "sent", "m-0"), one(1, "failed", "m-1", "full"), one(2, "sending"))
    assert tried_again(before) == (one(0, "sent", "m-0"), one(1, "open", "m-1"), one(2, "open"))


def test_a_run_begins_with_its_first_open_mail_or_ends_without_one() -> None:
    begun = run()
    mails = (one(0, "left_out", why="has signed"), one(1, "open"))
    assert first_claim(begun, mails, now=NOW) == like(begun, mails[0], one(1, "sending"))
    assert first_claim(begun, mails[:1], now=NOW) == ended(
        begun, mails[0], state="skipped", reason="has signed"
    )


@pytest.mark.parametrize(
    ("outcome", "states_", "state", "reason"),
    [
        ({"message_id": "m-9"}, [("sent", "m-9"), ("sending", None)], "running", None),
        (PermanentError("no such address"), [("failed", None), ("sending", None)], "running",
         None),
        (TransientError("busy"), [("open", None), ("open", None)], "ready",
         "try 1 failed temporarily: busy"),
        (InDoubtError("no answer"), [("sending", None), ("open", None)], "in_doubt", "no answer"),
    ],
)  # fmt: skip
def test_what_became_of_one_mail_says_how_the_run_goes_on(
    outcome: Any, states_: list[Any], state: str, reason: str | None
) -> None:
    before = like(run(("sending", None), ("open", None)), attempts=1)
    after = handed_over(before, 0, outcome, now=NOW, lease=LEASE)
    assert (states(after), after.state, after.reason) == (states_, state, reason)
    failed = [mail.reason for mail in after.mails if mail.state == "failed"]
    assert failed == [str(outcome)] * len(failed)


SENT = one(0, "sent", "m-0")
REFUSED = one(0, "failed", "m-0", "refused")


@pytest.mark.parametrize(
    ("before", "mail", "state", "generation"),
    [
        # The mail of which nobody knew is known now, so the next has its turn.
        (run(("sending", None), ("open", None)), SENT, "ready", 5),
        (run(("sending", None)), SENT, "done", 5),
        (run(("sending", None)), REFUSED, "failed", 5),
        (like(run(("sending", None), ("open", None)), state="in_doubt"), SENT, "ready", 5),
        # Another one is at work, or waits for its turn.
        (run(("open", None), ("sending", None)), SENT, "running", 5),
        (like(run(("open", None), ("open", None)), state="ready"), SENT, "ready", 5),
        (like(run(("open", None)), state="ready"), SENT, "done", 5),
        # It was concluded, and is so anew.
        (like(run(("sent", "m-0")), state="done"), REFUSED, "failed", 5),
        (like(run(("failed", "m-0")), state="failed"), SENT, "done", 5),
        (like(run(("open", None), ("failed", None)), state="skipped"), SENT, "skipped", 5),
    ],
)
def test_a_report_on_one_mail_leaves_the_run_in_a_new_generation(
    before: Run, mail: RunMail, state: str, generation: int
) -> None:
    after = reported(before, 0, mail, now=NOW)
    assert (after.state, after.generation, after.mails[0]) == (state, generation, mail)
    assert after.mails[1:] == before.mails[1:]
    assert after.concluded_at == (NOW if state in ("done", "failed") else None)


def test_how_far_it_is_is_told_of_several_mails_alone() -> None:
    assert progress(run(("sent", "m-0"), ("failed", None), ("open", None))) == (
        "1 of 3 mails are sent"
    )
    assert progress(run()) == ""
