"""Envelopes that are reopened after their end: what is known does not depend on the order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from countersign.model.document import Document
from countersign.model.signing_event import SigningEvent
from countersign.simulation.world import START, World
from tests.builders import ANNA, KLARA, envelope, event, pipeline, stage, trigger, world

PIPELINE = pipeline(stage("draft"))
ENDING = pipeline(
    stage("draft"),
    stage("over", kind="failure", triggers=[trigger("expired"), trigger("voided", "v")]),
)


def reopened(minute: int, change: str = "reactivated") -> SigningEvent:
    """The provider opens the envelope again."""
    return event("document.modified", minute=minute, detail={"change": change})


def heard(here: World, document: Document) -> list[tuple[str | None, str | None]]:
    """Each happening on the timeline, and what it was to the document."""
    lines = here.documents.timeline(document.id)
    return [(one.event, one.applied) for one in lines if one.kind == "event"]


@pytest.mark.parametrize("change", ["reactivated", "restarted", "revived"])
@pytest.mark.parametrize("end", ["expired", "voided", "declined", "completed"])
def test_an_end_that_comes_after_the_reopening_it_came_before_ends_nothing(
    end: str, change: str
) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [reopened(9, change)])
    after = here.tell("docusign", [event(f"document.{end}", minute=5, reason="too late")])
    assert (after.status, after.reason, after.completed_at) == ("sent", None, None)
    assert heard(here, after)[-1] == (f"document.{end}", "late")


def test_an_end_that_is_told_late_moves_no_document() -> None:
    here = world(ENDING)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [reopened(9)])
    after = here.tell("docusign", [event("document.expired", minute=5)])
    assert after.stage == "draft"
    assert here.tell("docusign", [event("document.voided", minute=20)]).stage == "over"


def test_a_state_of_before_the_reopening_ends_nothing_either() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [reopened(9)])
    told = event("comment.added", minute=6, state=envelope("expired"))
    assert here.tell("docusign", [told]).status == "sent"


def test_what_is_opened_again_after_two_ends_is_open() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.expired", minute=5)])
    here.tell("docusign", [event("document.voided", minute=7, reason="a new offer")])
    after = here.tell("docusign", [reopened(9)])
    assert (after.status, after.reason) == ("sent", None)
    assert heard(here, after)[-1] == ("document.modified", "new")


def test_what_had_been_delivered_is_delivered_when_it_is_opened_again() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.delivered", minute=3)])
    here.tell("docusign", [event("document.expired", minute=5)])
    after = here.tell("docusign", [reopened(9)])
    assert (after.status, after.status_at) == ("delivered", START + timedelta(minutes=9))


def test_an_end_after_the_reopening_holds() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.expired", minute=5)])
    here.tell("docusign", [reopened(9)])
    after = here.tell("docusign", [event("document.voided", minute=12, reason="a new offer")])
    assert (after.status, after.reason) == ("voided", "a new offer")


@pytest.mark.parametrize(
    "end",
    [
        event("document.expired", minute=5),
        event("document.declined", minute=5, reason="too dear"),
        event("other", minute=5, state=envelope("voided")),
        event("comment.added", minute=5, state=envelope("expired")),
    ],
    ids=lambda end: end.kind,
)
def test_an_end_of_the_second_of_the_reopening_came_before_it(end: SigningEvent) -> None:
    """What is opened again had ended; nothing ends it a second time within the second."""
    for order in permutations([end, reopened(5)]):
        here = world(PIPELINE)
        here.tell("docusign", [event("document.sent", state=envelope())])
        for one in order:
            after = here.tell("docusign", [one])
        assert (after.status, after.reason) == ("sent", None)


@pytest.mark.parametrize("acted", [KLARA, ANNA])
def test_who_had_declined_may_sign_once_the_envelope_is_open_again(acted: str) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("signer.declined", acted, minute=4, reason="too dear")])
    here.tell("docusign", [event("document.declined", minute=4, reason="too dear")])
    opened = here.tell("docusign", [reopened(9, "restarted")])
    assert {one.email: (one.status, one.reason, one.declined_at) for one in opened.signers} == {
        ANNA: ("waiting", None, None),
        KLARA: ("waiting", None, None),
    }
    after = here.tell("docusign", [event("signer.signed", acted, minute=11)])
    signer = next(one for one in after.signers if one.email == acted)
    assert (signer.status, signer.signed_at) == ("signed", START + timedelta(minutes=11))


def test_a_signature_of_before_the_reopening_stays() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("signer.signed", ANNA, minute=2)])
    here.tell("docusign", [event("document.expired", minute=5)])
    after = here.tell("docusign", [reopened(9)])
    assert [one.status for one in after.signers] == ["signed", "waiting"]


def test_who_had_looked_at_it_has_still_looked_at_it() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("document.viewed", KLARA, minute=2)])
    here.tell("docusign", [event("signer.expired", KLARA, minute=5)])
    after = here.tell("docusign", [reopened(9)])
    assert [one.status for one in after.signers] == ["waiting", "viewed"]


LIVES = {
    "expired, then completed": [
        event("document.sent", minute=1, state=envelope()),
        event("signer.signed", ANNA, minute=2),
        event("document.expired", minute=5),
        reopened(9),
        event("signer.signed", KLARA, minute=12),
        event("document.completed", minute=12),
    ],
    "declined, and open since": [
        event("document.sent", minute=1, state=envelope()),
        event("document.delivered", minute=2),
        event("signer.declined", KLARA, minute=4, reason="too dear"),
        event("document.declined", minute=4, reason="too dear"),
        reopened(9, "restarted"),
    ],
    "declined, and signed all the same": [
        event("document.sent", minute=1, state=envelope()),
        event("signer.declined", KLARA, minute=4, reason="too dear"),
        event("document.declined", minute=4, reason="too dear"),
        reopened(9, "restarted"),
        event("signer.signed", KLARA, minute=11),
    ],
    "voided, revived, voided for good": [
        event("document.sent", minute=1, state=envelope()),
        event("document.voided", minute=4, reason="a slip"),
        reopened(9, "revived"),
        event("document.viewed", KLARA, minute=10),
        event("document.declined", minute=14, reason="too late"),
    ],
}
KNOWN = {
    "expired, then completed": ("completed", None, ["signed", "signed"]),
    "declined, and open since": ("delivered", None, ["waiting", "waiting"]),
    "declined, and signed all the same": ("sent", None, ["waiting", "signed"]),
    "voided, revived, voided for good": ("declined", "too late", ["waiting", "viewed"]),
}


@pytest.mark.parametrize("life", LIVES)
def test_a_life_with_a_reopening_comes_to_the_same_in_any_order(life: str) -> None:
    for order in permutations(LIVES[life][1:]):
        here = world(PIPELINE)
        for one in (LIVES[life][0], *order):
            after = here.tell("docusign", [one])
        told = (after.status, after.reason, [one.status for one in after.signers])
        assert told == KNOWN[life], [one.kind for one in order]
