"""Dead letters: explained by what became of them since, and re-driven where that is of use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.dead_letter import DeadLetter, DeadLetterQueue, LostChanges
from countersign.model.mail_event import MailEvent
from countersign.model.message import JobMessage, RunMessage
from countersign.model.run import Run, RunState
from countersign.simulation.world import START, World
from countersign.use_cases.messages.dead_letters import (
    DeadLetterFinding,
    drop,
    drop_one,
    examine,
    redrive,
    redrive_one,
)

KEY = {"document": "d1", "entry": 1, "rule": "hello"}
RUN = Run(
    **KEY,  # type: ignore[arg-type]
    pipeline="contracts",
    pipeline_version=1,
    stage="sent",
    kind="send_email",
    lane="email",
    state="ready",
    planned_at=START,
    due=START,
)
MESSAGE = RunMessage.of(RUN)
REPORT = MailEvent(
    kind="delivered", at=START, message_id="m1", run=RUN.key, recipients=("klara@kunde.example",)
)


def letter(**more: Any) -> DeadLetter:
    given = {"queue": "email", "id": "l1", "receipt": "r1", "sent_at": START, "body": "{}", **more}
    return DeadLetter.model_validate(given)


def world(letter: DeadLetter, run: Run | None = None) -> World:
    here = World()
    here.dead_letters.resting = [letter]
    if run is not None:
        here.state.runs[run.key] = run
    return here


def examined(here: World) -> list[DeadLetterFinding]:
    return list(examine(here.documents, here.dead_letters, here.dead_letters.queues))


CASES: list[tuple[DeadLetter, Run | None, str, str, str]] = [
    (
        letter(job=JobMessage(job="j-1", version=4), queue="document"),
        None,
        "job j-1",
        "the sweep hands it to its lane again, or has it fail; `jobs show` says how it is",
        "remove",
    ),
    (
        letter(run=MESSAGE),
        RUN,
        "run d1.1.hello",
        "the run is ready and was not performed",
        "send_back",
    ),
    (
        letter(run=MESSAGE, queue="schedule"),
        RUN,
        "run d1.1.hello",
        "the run is ready and was not performed",
        "send_back",
    ),
    (letter(run=MESSAGE), None, "run d1.1.hello", "there is no such run any more", "remove"),
    (
        letter(run=MESSAGE),
        RUN.model_copy(update={"generation": 3}),
        "run d1.1.hello",
        "it was replaced: the run is ready in its 3. generation",
        "remove",
    ),
    (
        letter(run=MESSAGE),
        RUN.model_copy(update={"state": "failed", "reason": "no recipient"}),
        "run d1.1.hello",
        "the run is failed: no recipient",
        "remove",
    ),
    (
        letter(webhook="docusign", queue="parked"),
        None,
        "webhook of docusign",
        "it was accepted and could not be committed",
        "send_back",
    ),
    (
        letter(feedback=REPORT, queue="feedback"),
        None,
        "report on d1.1.hello",
        "the mail of hello was delivered to klara@kunde.example, and that could not be recorded",
        "send_back",
    ),
    (
        letter(changes=LostChanges(number=7, since=START), queue="dispatch"),
        None,
        "7 changes of the state",
        "written from 2026-03-02 09:00 UTC on; "
        "the sweep sends their runs to the lanes once they are late",
        "remove",
    ),
    (
        letter(changes=LostChanges(number=7, since=START), queue="statistics"),
        None,
        "7 changes of the state",
        "written from 2026-03-02 09:00 UTC on; "
        "they are not counted; run: countersign statistics rebuild --replace",
        "remove",
    ),
    (
        letter(reason="it cannot be read: no JSON"),
        None,
        "message l1",
        "it cannot be read: no JSON",
        "leave",
    ),
]


@pytest.mark.parametrize(("found", "run", "about", "text", "cure"), CASES)
def test_a_dead_letter_says_what_has_become_of_it(
    found: DeadLetter, run: Run | None, about: str, text: str, cure: str
) -> None:
    here = world(found, run)
    (one,) = examined(here)
    assert (one.about, one.text, one.cure) == (about, text, cure)
    assert examined(here) == [one], "it rests there as before"


@pytest.mark.parametrize(("found", "run", "about", "text", "cure"), CASES)
def test_redriving_does_what_was_said(
    found: DeadLetter, run: Run | None, about: str, text: str, cure: str
) -> None:
    here = world(found, run)
    letters = here.dead_letters
    (one,) = redrive(here.documents, letters, letters.queues)
    assert one.cure == cure
    assert [sent for sent, _ in letters.sent_back] == ([found] if cure == "send_back" else [])
    assert letters.resting == ([found] if cure == "leave" else [])


def test_a_run_goes_back_to_its_own_lane() -> None:
    here = world(letter(run=MESSAGE, queue="schedule"), RUN)
    list(redrive(here.documents, here.dead_letters, ("schedule",)))
    assert here.dead_letters.sent_back == [(letter(run=MESSAGE, queue="schedule"), "email")]


def test_other_queues_are_left_alone() -> None:
    here = world(letter(run=MESSAGE), RUN)
    assert list(redrive(here.documents, here.dead_letters, ("parked", "document"))) == []
    assert here.dead_letters.resting == [letter(run=MESSAGE)]


@pytest.mark.parametrize("state", ["running", "in_doubt", "done", "skipped", "cancelled"])
def test_only_a_ready_run_is_sent_back(state: RunState) -> None:
    here = world(letter(run=MESSAGE), RUN.model_copy(update={"state": state}))
    assert [one.cure for one in examined(here)] == ["remove"]


# --- runs that this version cannot read


def unreadable() -> World:
    """A dead letter about a run that cannot be read, between two about runs that can."""
    here = World()
    runs = [RUN.model_copy(update={"rule": rule}) for rule in ("above", "hello", "below")]
    here.state.runs = {run.key: run for run in runs}
    here.state.spoiled.add(runs[1].key)
    here.dead_letters.resting = [
        letter(id=f"l{number}", run=RunMessage.of(run)) for number, run in enumerate(runs)
    ]
    return here


def test_a_run_that_cannot_be_read_is_told_and_keeps_no_other_from_being_told() -> None:
    found = examined(unreadable())
    assert [(one.about, one.cure) for one in found] == [
        ("run d1.1.above", "send_back"),
        ("run d1.1.hello", "keep"),
        ("run d1.1.below", "send_back"),
    ]
    assert found[1].text == "d1.1.hello cannot be read by this version"


def test_redriving_leaves_what_asks_for_a_run_that_cannot_be_read_and_sends_the_rest() -> None:
    here = unreadable()
    told = list(redrive(here.documents, here.dead_letters, here.dead_letters.queues))
    assert [one.cure for one in told] == ["send_back", "keep", "send_back"]
    assert [one.id for one, _ in here.dead_letters.sent_back] == ["l0", "l2"]
    assert [one.id for one in here.dead_letters.resting] == ["l1"]


def test_dropping_leaves_what_asks_for_a_run_that_cannot_be_read() -> None:
    here = unreadable()
    here.dead_letters.resting.append(letter(id="l3", reason="it cannot be read"))
    told = list(drop(here.documents, here.dead_letters, here.dead_letters.queues))
    assert [one.letter.id for one in told] == ["l3"]
    assert [one.id for one in here.dead_letters.resting] == ["l0", "l1", "l2"]


def test_what_could_not_be_read_is_sent_back_once_it_can() -> None:
    here = unreadable()
    list(redrive(here.documents, here.dead_letters, here.dead_letters.queues))
    here.state.spoiled.clear()
    list(redrive(here.documents, here.dead_letters, here.dead_letters.queues))
    assert [one.id for one, _ in here.dead_letters.sent_back] == ["l0", "l2", "l1"]
    assert here.dead_letters.resting == []


def resting(*letters: DeadLetter, run: Run | None = None) -> World:
    here = world(letters[0], run)
    here.dead_letters.resting = [*letters]
    return here


def test_one_that_is_named_is_sent_back_and_the_others_stay_in_nobody_s_hands() -> None:
    first, second, third = (letter(id=f"l{n}", webhook="docusign", queue="parked") for n in "123")
    here = resting(first, second, third)
    letters = here.dead_letters
    finding = redrive_one(here.documents, letters, "parked", "l2")
    assert (finding.letter, finding.cure) == (second, "send_back")
    assert letters.sent_back == [(second, None)]
    assert [one.id for one in letters.hold("parked")] == ["l1", "l3"]


def test_a_run_that_is_named_goes_back_to_its_own_lane_or_is_removed() -> None:
    asked = letter(run=MESSAGE, queue="schedule")
    here = resting(asked, run=RUN)
    redrive_one(here.documents, here.dead_letters, "schedule", "l1")
    assert here.dead_letters.sent_back == [(asked, "email")]
    gone = resting(asked)
    assert redrive_one(gone.documents, gone.dead_letters, "schedule", "l1").cure == "remove"
    assert (gone.dead_letters.resting, gone.dead_letters.sent_back) == ([], [])


def test_what_cannot_be_sent_back_stays_and_says_why() -> None:
    odd = letter(reason="it cannot be read: no JSON")
    here = resting(odd)
    with pytest.raises(PermanentError) as refused:
        redrive_one(here.documents, here.dead_letters, "email", "l1")
    assert str(refused.value) == ("the dead letter cannot be redriven: it cannot be read: no JSON")
    assert [one.id for one in here.dead_letters.hold("email")] == ["l1"]


def test_what_asks_for_a_run_that_cannot_be_read_stays_and_says_why() -> None:
    here = resting(letter(run=MESSAGE), run=RUN)
    here.state.spoiled.add(RUN.key)
    with pytest.raises(PermanentError, match="the dead letter cannot be redriven: "):
        redrive_one(here.documents, here.dead_letters, "email", "l1")
    assert [one.id for one in here.dead_letters.hold("email")] == ["l1"]


@pytest.mark.parametrize("do", [redrive_one, drop_one])
@pytest.mark.parametrize(("queue", "letter_id"), [("email", "l9"), ("web", "l1")])
def test_one_that_does_not_rest_there_is_not_found_and_holds_up_nothing(
    do: Callable[..., DeadLetterFinding], queue: DeadLetterQueue, letter_id: str
) -> None:
    here = resting(letter())
    with pytest.raises(NotFoundError) as missing:
        do(here.documents, here.dead_letters, queue, letter_id)
    assert str(missing.value) == (
        f"there is no dead letter {letter_id} in {queue}; it is gone, or in somebody's hands"
    )
    assert [one.id for one in here.dead_letters.hold("email")] == ["l1"]


def test_one_that_is_named_is_dropped_whatever_it_asks_for() -> None:
    first, second = letter(id="l1", run=MESSAGE), letter(id="l2", run=MESSAGE)
    here = resting(first, second, run=RUN)
    assert drop_one(here.documents, here.dead_letters, "email", "l2").cure == "send_back"
    assert (here.dead_letters.resting, here.dead_letters.sent_back) == ([first], [])
    assert [one.id for one in here.dead_letters.hold("email")] == ["l1"]


def test_dropping_removes_what_can_only_be_looked_at_and_nothing_else() -> None:
    odd = letter(id="l1", reason="it cannot be read: no JSON")
    asks, void = letter(id="l2", webhook="docusign"), letter(id="l3", run=MESSAGE)
    here = resting(asks, odd, void)
    (dropped,) = drop(here.documents, here.dead_letters, ("email",))
    assert dropped.letter == odd
    assert here.dead_letters.resting == [asks, void]
    assert [one.id for one in here.dead_letters.hold("email")] == ["l2", "l3"]


def test_what_nobody_can_read_says_that_it_asks_for_nothing_known() -> None:
    (finding,) = examined(resting(letter()))
    assert (finding.text, finding.cure) == (
        "it asks for nothing that this version knows",
        "leave",
    )
    (changes,) = examined(resting(letter(changes=LostChanges(number=2), queue="dispatch")))
    assert changes.text == ("written; the sweep sends their runs to the lanes once they are late")
