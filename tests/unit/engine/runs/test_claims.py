"""What a lane may do with a run it is asked for: begin, come again, end it, or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.runs.lifecycle import (
    Claim,
    ClosedClaim,
    EarlyClaim,
    OpenClaim,
    VoidClaim,
    claim,
)
from countersign.model.message import RunMessage
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
