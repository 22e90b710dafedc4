"""What a lane may do with a run it is asked for: begin, come again, end it, or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.lifecycle import (
    Claim,
    ClosedClaim,
    EarlyClaim,
    OpenClaim,
    VoidClaim,
    claim,
)
from countersign.model.document import PendingUpdates
from countersign.model.message import RunMessage
from countersign.model.run import RunMail
from countersign.ports import RunSnapshot
from countersign.simulation.world import START
from countersign.use_cases.runs.document_lane import perform_document_run
from tests.builders import envelope, event, mail, pipeline, run_of, stage, world

MINUTE = timedelta(minutes=1)
LEASE = 2 * MINUTE
WANTED = pipeline(
    stage("draft", mail("reminder", time={"after": {"hours": 1}})),
    senders=["contracts@acme.example"],
)


def claimed(run_is: dict[str, Any], *, generation: int = 1, paused: bool = False) -> Claim:
    """What becomes of a message for a run that is like this."""
    here = world(WANTED)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    run = run_of(here, document, "reminder")
    message = RunMessage.of(run).model_copy(update={"generation": generation})
    head = here.pipelines.set_paused("contracts", paused)
    found = RunSnapshot(head=head, document=document, run=run.model_copy(update=run_is))
    program = here.programs.current("contracts")
    return claim(found, message, program, now=START + 60 * MINUTE, lease=LEASE)


@pytest.mark.parametrize(
    ("run_is", "more", "expected"),
    [
        ({}, {}, OpenClaim),
        # a queue counts in whole seconds
        ({"due": START + 60 * MINUTE + timedelta(seconds=1)}, {}, OpenClaim),
        ({"due": START + 61 * MINUTE}, {}, EarlyClaim),
        # a message of another generation is void, even when the run could begin
        ({"generation": 2}, {}, VoidClaim),
        ({}, {"generation": 2}, VoidClaim),
        ({"state": "waiting"}, {}, VoidClaim),
        ({"state": "done"}, {}, VoidClaim),
        ({"state": "in_doubt"}, {}, VoidClaim),
        ({}, {"paused": True}, VoidClaim),
        # whoever claimed it may be at it until the lease ends
        ({"state": "running", "lease_until": START + 61 * MINUTE}, {}, VoidClaim),
        ({"state": "running", "lease_until": START + 60 * MINUTE}, {}, ClosedClaim),
        ({"entry": 0}, {}, ClosedClaim),
        ({"entry": 0, "on_leave": "keep"}, {}, OpenClaim),
    ],
)
def test_what_may_be_done_with_a_run(
    run_is: dict[str, Any], more: dict[str, Any], expected: type[Claim]
) -> None:
    assert type(claimed(run_is, **more)) is expected


def test_a_message_that_comes_early_is_sent_again_for_when_the_run_is_due() -> None:
    here = world(WANTED)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    run = run_of(here, document, "reminder")
    here.lanes.withdraw(RunMessage.of(run))
    performed = perform_document_run(here.performer, RunMessage.of(run))
    assert performed.result == "early"
    (again,) = here.lanes.waiting
    assert (again.message, again.due) == (RunMessage.of(run), run.due)


@pytest.mark.parametrize(
    ("run_is", "more", "reason"),
    [
        ({"generation": 2}, {}, "generation 1 was replaced by 2"),
        ({"state": "running", "lease_until": START + 61 * MINUTE}, {},
         "another delivery of the same message is performing it"),
        ({"state": "running"}, {}, "another delivery of the same message is performing it"),
        ({"state": "in_doubt"}, {}, "the run is in doubt"),
        ({"state": "no_date"}, {}, "the run is no date"),
        ({}, {"paused": True}, "the pipeline is paused; the run goes on when it is resumed"),
    ],
)  # fmt: skip
def test_why_nothing_is_done_is_told(
    run_is: dict[str, Any], more: dict[str, Any], reason: str
) -> None:
    assert claimed(run_is, **more) == VoidClaim(reason)


def snapshot(**run_is: Any) -> tuple[RunSnapshot, RunMessage, CompiledPipeline]:
    """A run that could begin now, and the message that asks for it."""
    here = world(WANTED)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    run = run_of(here, document, "reminder").model_copy(update=run_is)
    head = here.pipelines.head("contracts")
    found = RunSnapshot(head=head, document=document, run=run)
    return found, RunMessage.of(run), here.programs.current("contracts")


@pytest.mark.parametrize("missing", ["run", "document"])
def test_a_message_for_what_is_gone_says_which_run_that_was(missing: str) -> None:
    found, message, program = snapshot()
    gone = found.model_copy(update={missing: None})
    assert claim(gone, message, program, now=START, lease=LEASE) == VoidClaim(
        f"there is no run {message.key}"
    )


def test_a_run_that_begins_is_claimed_until_its_lease_ends() -> None:
    found, message, program = snapshot(attempts=2, reason="try 2 failed temporarily: busy")
    now = START + 60 * MINUTE
    begun = claim(found, message, program, now=now, lease=LEASE)
    assert isinstance(begun, OpenClaim)
    assert found.run is not None
    assert begun.document == found.document
    assert begun.run == found.run.model_copy(
        update={
            "state": "running",
            "attempts": 3,
            "started_at": now,
            "lease_until": now + LEASE,
            "reason": None,
        }
    )


PASSED = {"due": START, "not_after": START + 59 * MINUTE, "reason": "before end"}
HALF = (RunMail(state="sent"), RunMail())


@pytest.mark.parametrize(
    ("run_is", "state", "reason"),
    [
        (PASSED, "skipped", "its time has passed: before end"),
        ({**PASSED, "mails": HALF}, "done", "its time has passed: before end"),
        ({"entry": 0}, "cancelled", "the document left the stage draft before it began"),
        ({"state": "running", "lease_until": START}, "in_doubt",
         "the function that performed it ended without a report; it may have taken effect"),
    ],
)  # fmt: skip
def test_a_run_that_does_not_begin_any_more_is_ended_with_the_reason(
    run_is: dict[str, Any], state: str, reason: str
) -> None:
    found, message, program = snapshot(**run_is)
    ended = claim(found, message, program, now=START + 60 * MINUTE, lease=LEASE)
    assert isinstance(ended, ClosedClaim)
    assert (ended.run.state, ended.run.reason, ended.document) == (state, reason, found.document)


def test_the_last_moment_at_which_it_may_begin_is_in_time() -> None:
    found, message, program = snapshot(due=START, not_after=START + 60 * MINUTE)
    assert isinstance(
        claim(found, message, program, now=START + 60 * MINUTE, lease=LEASE), OpenClaim
    )


@pytest.mark.parametrize(("mails", "begins"), [((), False), (HALF, True)])
def test_a_run_whose_date_has_changed_waits_until_it_is_rescheduled(
    mails: Any, begins: bool
) -> None:
    found, message, program = snapshot(date_field="end", date_field_version=1, mails=mails)
    assert found.document is not None
    pending = PendingUpdates(fields={"end": 2})
    home = found.document.model_copy(update={"pending_updates": pending})
    changed = found.model_copy(update={"document": home})
    claim_ = claim(changed, message, program, now=START + 60 * MINUTE, lease=LEASE)
    if begins:
        assert isinstance(claim_, OpenClaim)
    else:
        assert claim_ == VoidClaim("its date field end has changed; it will be rescheduled")
