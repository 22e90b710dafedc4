"""Who signs after one signer has handed on to another, in whatever order that is heard of."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from countersign.model.document import Document, HandOver
from countersign.model.signing_event import SignerRef, SigningEvent
from tests.builders import ANNA, KLARA, envelope, event, pipeline, stage, world

PIPELINE = pipeline(stage("draft"))
MAX = "max@kunde.example"
NORA = "nora@kunde.example"


def hand_over(before: str, after: str, minute: int) -> SigningEvent:
    previous = SignerRef(email=before)
    return event("signer.reassigned", after, minute=minute, previous_signer=previous)


def told(*events: SigningEvent) -> Document:
    """The document after these messages, one after the other."""
    here = world(PIPELINE)
    for one in events:
        document = here.tell("docusign", [one])
    return document


def to_sign(document: Document) -> list[tuple[str | None, int | None, str]]:
    return [(one.email, one.order, one.status) for one in document.signers]


def listing(minute: int, kind: str = "document.sent", **changes: Any) -> SigningEvent:
    return event(kind, minute=minute, state=envelope(**changes))


def test_a_hand_over_that_is_heard_of_before_any_list_names_who_signs_now() -> None:
    after = told(hand_over(KLARA, MAX, 5))
    assert [one.email for one in after.signers] == [MAX]


@pytest.mark.parametrize("minute", [2, 4, 5])
def test_a_list_that_is_not_younger_does_not_bring_back_who_handed_on(minute: int) -> None:
    after = told(hand_over(KLARA, MAX, 5), listing(minute))
    assert sorted(to_sign(after), key=str) == [(ANNA, 1, "waiting"), (MAX, 2, "waiting")]


def test_whoever_takes_over_has_the_part_of_who_handed_on() -> None:
    approver = {"id": "2", "email": KLARA, "order": 2, "role": "Legal", "action": "approve"}
    signers = [envelope().signers[0].model_dump(), approver]
    after = told(hand_over(KLARA, MAX, 5), listing(2, signers=signers))
    found = next(one for one in after.signers if one.email == MAX)
    assert (found.order, found.role, found.action) == (2, "Legal", "approve")


def test_who_handed_on_is_remembered_by_all_that_is_known_of_them() -> None:
    known = listing(2).state
    assert known is not None
    klara = known.signers[1].model_copy(
        update={"role": "Client", "phone": "+49 89 1234", "has_own_id": True}
    )
    by_name = SignerRef(name="Ben", email="ben@acme.example")
    handed = event(
        "signer.reassigned",
        minute=5,
        signer=SignerRef(id="7", email=MAX),
        previous_signer=SignerRef(email=KLARA),
    )
    other = event(
        "signer.reassigned",
        minute=6,
        signer=SignerRef(email=NORA),
        previous_signer=SignerRef(email="ben@acme.example"),
    )
    after = told(
        listing(2, signers=[klara.model_dump(), {"name": by_name.name, "email": by_name.email}]),
        handed,
        other,
    )
    assert after.hand_overs == (
        HandOver(
            by=SignerRef(
                id="2", name="Klara", email=KLARA, phone="+49 89 1234", role="Client", order=2
            ),
            to=SignerRef(id="7", email=MAX),
            at=handed.occurred_at,
        ),
        HandOver(by=by_name, to=SignerRef(email=NORA), at=other.occurred_at),
    )


def test_a_list_of_after_a_hand_over_says_who_is_there() -> None:
    after = told(hand_over(KLARA, MAX, 5), listing(6), listing(2))
    assert [one.email for one in after.signers] == [ANNA, KLARA]


def test_of_two_who_handed_on_and_are_known_by_their_addresses_alone_neither_is_back() -> None:
    after = told(hand_over(KLARA, MAX, 5), hand_over(ANNA, NORA, 6), listing(2))
    assert sorted(to_sign(after), key=str) == [(MAX, 2, "waiting"), (NORA, 1, "waiting")]


def test_a_part_of_a_list_of_after_a_hand_over_does_not_say_who_is_there() -> None:
    one = [envelope().signers[0].model_dump()]
    part = listing(6, "document.viewed", signers=one, all_signers=False)
    after = told(listing(1), hand_over(KLARA, MAX, 5), part, listing(2))
    assert [one.email for one in after.signers] == [ANNA, MAX]


def test_a_step_before_the_hand_over_that_is_heard_later_brings_nobody_back() -> None:
    viewed = event("document.viewed", KLARA, minute=2)
    after = told(listing(1), hand_over(KLARA, MAX, 5), viewed)
    assert to_sign(after) == [(ANNA, 1, "waiting"), (MAX, 2, "waiting")]


@pytest.mark.parametrize("kind", ["document.viewed", "signer.declined", "signer.notified"])
def test_nor_does_it_once_a_whole_list_of_after_has_said_who_is_there(kind: str) -> None:
    """The list makes the document forget the hand-over: whom it does not name was there before."""
    now_max = envelope().signers[1].model_copy(update={"id": "7", "email": MAX, "name": "Max"})
    signers = [envelope().signers[0].model_dump(), now_max.model_dump()]
    newest = listing(6, "document.expired", status="expired", signers=signers)
    step = event(kind, KLARA, minute=2, signer=SignerRef(id="2", email=KLARA, name="Klara"))
    reopening = event("document.modified", minute=3, detail={"change": "reactivated"})
    for before in ((), (listing(1),), (listing(1), hand_over(KLARA, MAX, 5))):
        after = told(*before, newest, step, reopening)
        assert [one.email for one in after.signers] == [ANNA, MAX]


@pytest.mark.parametrize("kind", ["document.viewed", "signer.declined", "signer.notified"])
def test_whom_the_list_of_a_completed_envelope_does_not_name_has_not_signed(kind: str) -> None:
    """A step of before that list is of somebody who was there then, not of one who signed."""
    now_max = envelope().signers[1].model_copy(update={"id": "7", "email": MAX, "name": "Max"})
    signers = [
        one.model_copy(update={"status": "signed"}) for one in (envelope().signers[0], now_max)
    ]
    newest = listing(6, "document.completed", status="completed", signers=signers)
    step = event(kind, KLARA, minute=2, signer=SignerRef(id="2", email=KLARA, name="Klara"))
    for before in ((), (listing(1),), (listing(1), hand_over(KLARA, MAX, 5))):
        after = told(*before, newest, step)
        assert to_sign(after) == [(ANNA, 1, "signed"), (MAX, 2, "signed")]


def test_a_signature_that_is_heard_of_late_is_known_though_a_later_list_does_not_name_it() -> None:
    only_anna = [envelope().signers[0].model_dump()]
    signature = event("signer.signed", KLARA, minute=2, signer=SignerRef(id="2", email=KLARA))
    after = told(listing(6, signers=only_anna), signature)
    assert [(one.email, one.status) for one in after.signers] == [
        (ANNA, "waiting"),
        (KLARA, "signed"),
    ]


def test_a_step_of_after_the_list_is_of_somebody_who_came_since() -> None:
    only_anna = [envelope().signers[0].model_dump()]
    step = event("document.viewed", KLARA, minute=7, signer=SignerRef(id="2", email=KLARA))
    after = told(listing(6, signers=only_anna), step)
    assert [one.email for one in after.signers] == [ANNA, KLARA]


@pytest.mark.parametrize(
    ("kind", "status"), [("document.viewed", "viewed"), ("signer.signed", "signed")]
)
def test_a_step_of_after_the_hand_over_is_of_somebody_who_came_back(kind: str, status: str) -> None:
    step = event(kind, KLARA, minute=9, signer=SignerRef(id="2", email=KLARA))
    after = told(listing(1), hand_over(KLARA, MAX, 5), step)
    assert [(signer.email, signer.status) for signer in after.signers] == [
        (ANNA, "waiting"),
        (MAX, "waiting"),
        (KLARA, status),
    ]


def test_a_part_of_a_list_of_before_brings_nobody_back() -> None:
    one = [{"id": "2", "email": KLARA, "order": 2}]
    part = event(
        "document.viewed", KLARA, minute=2, state=envelope(None, signers=one, all_signers=False)
    )
    after = told(hand_over(KLARA, MAX, 5), part)
    assert [one.email for one in after.signers] == [MAX]
    assert after.signers[0].status == "waiting"


def test_what_who_handed_on_had_seen_is_not_said_of_who_takes_over() -> None:
    signers = [one.model_dump() for one in envelope().signers]
    signers[1]["status"] = "viewed"
    after = told(hand_over(KLARA, MAX, 5), listing(2, signers=signers))
    assert {one.email: one.status for one in after.signers} == {ANNA: "waiting", MAX: "waiting"}


def test_an_old_list_in_which_all_others_signed_does_not_complete_the_envelope() -> None:
    signers = [one.model_dump() for one in envelope().signers]
    signers[0]["status"] = "signed"
    after = told(
        hand_over(KLARA, MAX, 5), listing(2, "signer.signed", status=None, signers=signers)
    )
    assert after.status == "sent"
    assert {one.email: one.status for one in after.signers} == {ANNA: "signed", MAX: "waiting"}


def _order(messages: tuple[SigningEvent, ...]) -> str:
    return " ".join(f"{one.occurred_at:%M}" for one in messages)


ONWARDS = (listing(1), hand_over(KLARA, MAX, 5), hand_over(MAX, NORA, 7))
HANDED = [envelope().signers[0].model_dump(), {"id": "7", "email": MAX, "status": "signed"}]
BACK = (listing(1), hand_over(KLARA, MAX, 5), hand_over(MAX, KLARA, 7))


@pytest.mark.parametrize("messages", list(itertools.permutations(ONWARDS)), ids=_order)
def test_who_takes_over_may_hand_on_too_in_any_order(messages: tuple[SigningEvent, ...]) -> None:
    assert {one.email: one.order for one in told(*messages).signers} == {ANNA: 1, NORA: 2}


@pytest.mark.parametrize(
    "messages",
    list(
        itertools.permutations(
            (
                listing(5),
                hand_over(KLARA, MAX, 5),
                event("signer.signed", MAX, minute=5, state=envelope(signers=HANDED)),
            )
        )
    ),
    ids=lambda messages: " ".join(one.kind for one in messages),
)
def test_within_one_second_who_took_over_and_signed_has_signed_in_any_order(
    messages: tuple[SigningEvent, ...],
) -> None:
    """Each message has the list as it was when it was made, and all have the same second."""
    assert {one.email: one.status for one in told(*messages).signers} == {
        ANNA: "waiting",
        MAX: "signed",
    }


@pytest.mark.parametrize("messages", list(itertools.permutations(BACK)), ids=_order)
def test_who_gets_it_back_is_to_sign_in_any_order(messages: tuple[SigningEvent, ...]) -> None:
    assert {one.email: one.order for one in told(*messages).signers} == {ANNA: 1, KLARA: 2}


def test_one_of_two_with_the_same_mailbox_hands_on_and_the_other_stays() -> None:
    office = "office@kunde.example"
    signers = [{"id": str(n), "email": office, "name": f"Signer {n}", "order": n} for n in (1, 2)]
    handed = event(
        "signer.reassigned",
        MAX,
        minute=5,
        previous_signer=SignerRef(id="2", email=office),
    )
    after = told(handed, listing(2, signers=signers))
    assert {(one.name, one.email) for one in after.signers} == {("Signer 1", office), (None, MAX)}


def test_where_two_may_have_handed_on_both_stay() -> None:
    office = "office@kunde.example"
    signers = [{"id": str(n), "email": office, "name": f"Signer {n}", "order": n} for n in (1, 2)]
    handed = event("signer.reassigned", MAX, minute=5, previous_signer=SignerRef(email=office))
    after = told(listing(2, signers=signers), handed)
    assert [(one.name, one.email) for one in after.signers] == [
        ("Signer 1", office),
        ("Signer 2", office),
    ]


def test_an_end_that_is_known_does_not_hide_who_handed_on_before_it() -> None:
    voided = event("document.voided", minute=9)
    after = told(listing(1), voided, hand_over(KLARA, MAX, 5))
    assert [one.email for one in after.signers] == [ANNA, MAX]


def test_who_took_over_keeps_the_place_that_the_message_s_own_list_gives() -> None:
    people = [
        {"id": "7", "email": MAX, "order": 1},
        {"id": "2", "email": NORA, "order": 2},
    ]
    handed = event(
        "signer.reassigned",
        MAX,
        minute=5,
        previous_signer=SignerRef(email=ANNA),
        state=envelope(signers=people),
    )
    assert to_sign(told(listing(1), handed)) == [(MAX, 1, "waiting"), (NORA, 2, "waiting")]


DONE = [
    {"id": "1", "email": ANNA, "status": "signed"},
    {"id": "7", "email": MAX, "status": "signed"},
]
AT_ONCE = (
    listing(5),
    hand_over(KLARA, MAX, 5),
    listing(5, "document.completed", status="completed", signers=DONE),
)
WITHOUT_A_LIST = (listing(1), hand_over(KLARA, MAX, 5), event("document.completed", minute=9))


@pytest.mark.parametrize(
    "messages",
    [*itertools.permutations(AT_ONCE), *itertools.permutations(WITHOUT_A_LIST)],
    ids=lambda messages: " ".join(f"{one.occurred_at:%M} {one.kind}" for one in messages),
)
def test_who_handed_on_before_the_end_has_not_signed_in_any_order(
    messages: tuple[SigningEvent, ...],
) -> None:
    """That an envelope is completed says that all have signed: those who were left to sign."""
    after = told(*messages)
    assert after.status == "completed"
    assert {one.email: one.status for one in after.signers} == {ANNA: "signed", MAX: "signed"}


def test_a_hand_over_that_names_nobody_after_another_one_changes_nothing() -> None:
    heard = (listing(1), hand_over(KLARA, MAX, 5))
    to_nobody = event("signer.reassigned", minute=7, previous_signer=SignerRef(email=ANNA))
    assert to_sign(told(*heard, to_nobody)) == to_sign(told(*heard))


@pytest.mark.parametrize("kind", ["signer.reassigned", "document.modified"])
def test_whom_a_message_after_the_end_names_has_not_signed_by_that(kind: str) -> None:
    """It does not say that one of the signers has handed on to NORA."""
    heard = (listing(1), event("document.completed", minute=9))
    after = told(*heard, event(kind, NORA, minute=7))
    assert to_sign(after) == to_sign(told(*heard)) == [(ANNA, 1, "signed"), (KLARA, 2, "signed")]


def test_whose_own_signature_is_told_has_not_handed_on_before_it() -> None:
    heard = (
        listing(1),
        event("signer.signed", KLARA, minute=7),
        event("document.completed", minute=9),
    )
    after = told(*heard, hand_over(KLARA, MAX, 5))
    assert to_sign(after) == to_sign(told(*heard)) == [(ANNA, 1, "signed"), (KLARA, 2, "signed")]


def test_a_whole_list_of_after_a_hand_over_says_who_has_signed() -> None:
    signed = [one.model_dump() | {"status": "signed"} for one in envelope().signers]
    completed = listing(9, "document.completed", status="completed", signers=signed)
    after = told(listing(1), completed, hand_over(KLARA, MAX, 5))
    assert to_sign(after) == [(ANNA, 1, "signed"), (KLARA, 2, "signed")]
