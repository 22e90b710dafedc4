"""The several mails of one run: what a delivery writes of each, whatever else was written since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.engine.runs.mail_series import handed_over
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
