"""How well a mention of a signer fits one who is known, trait by trait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.envelopes.hand_overs import handed_over
from countersign.engine.envelopes.signers import (
    Match,
    assign,
    find_signer,
    is_named,
    match,
    merge_state,
    signer_from_reference,
    with_signer,
)
from countersign.model.document import Document, HandOver
from countersign.model.signing_event import Envelope, Sender, Signer, SignerRef
from countersign.simulation.world import START
from tests.builders import connection, event

ANNA: dict[str, Any] = {"name": "Anna", "email": "anna@kunde.example"}
BEN: dict[str, Any] = {"name": "Ben", "email": "ben@kunde.example"}


def signer(signer_id: str = "made up", **said: Any) -> Signer:
    """A signer whom a document has an id of its own for."""
    return Signer(id=signer_id, has_own_id=False, **said)


def document(*signers: Signer, whole: bool = True, **more: Any) -> Document:
    """A document of these signers."""
    return Document(
        id="d1",
        pipeline="contracts",
        stage="s",
        since=START,
        created_at=START,
        signers=signers,
        signers_complete=whole,
        **more,
    )


LIKE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({**ANNA}, {**ANNA}),
    ({**ANNA}, {"email": "ANNA@kunde.example"}),
    ({**ANNA}, {"name": "anna"}),
    ({**ANNA, "order": 2}, {"name": "Anna", "order": 2}),
    ({**ANNA, "order": 2}, {"email": ANNA["email"], "name": "Anna", "order": 3}),
    ({**ANNA, "order": 2}, {"email": ANNA["email"], "name": "Other", "order": 2}),
    ({"phone": "+49 30 1"}, {"phone": "0049301"}),
    ({"phone": "+49 30 1", "email": ANNA["email"]}, {"phone": "+49301"}),
    ({"order": 2}, {"order": 2}),
    ({"order": 0}, {"order": 0}),
    ({"order": 2, "role": "Tenant"}, {"order": 2, "role": "tenant"}),
    ({"name": "Anna", "role": "Tenant"}, {"name": "Anna", "role": "Owner"}),
    ({"order": 2, "email": ANNA["email"]}, {"order": 2}),
    ({"order": 2}, {"order": 2, "name": "Anna"}),
    ({"members": ("a@kunde.example", "b@kunde.example")}, {"email": "B@kunde.example"}),
    ({"members": ("a@kunde.example",), "email": "c@kunde.example"}, {"email": "a@kunde.example"}),
]
UNLIKE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({**ANNA}, {**BEN}),
    ({**ANNA}, {"name": "Anna", "email": BEN["email"]}),
    ({"phone": "+49 30 1", "name": "Anna"}, {"phone": "+49 30 2", "name": "Anna"}),
    ({**ANNA, "phone": "+49 30 1"}, {"email": ANNA["email"], "phone": "+49 30 2"}),
    ({"name": "Anna", "order": 1}, {"name": "Anna", "order": 2}),
    ({"name": "Anna", "order": 1}, {"name": "Ben", "order": 1}),
    ({**ANNA, "order": 1}, {"email": ANNA["email"], "order": 2}),
    ({**ANNA, "order": 1}, {"email": ANNA["email"], "name": "Other", "order": 2}),
    ({"order": 2, "role": "Tenant"}, {"order": 2, "role": "Owner"}),
    ({"order": 0}, {"order": 1}),
    ({"email": ANNA["email"]}, {"name": "Anna"}),
    ({"email": ANNA["email"]}, {"phone": "+49 30 1"}),
    ({"name": "Anna"}, {"order": 1}),
    ({"order": 1}, {"role": "Tenant"}),
    ({"role": "Tenant"}, {"order": 1, "role": "Tenant"}),
    ({"role": "Tenant"}, {"role": "Owner"}),
    ({"role": "Tenant"}, {"name": "Anna", "role": "Tenant"}),
    ({"role": "Tenant", "email": ANNA["email"]}, {"role": "Tenant"}),
    ({"role": "Tenant"}, {"role": "Tenant", "phone": "+49 30 1"}),
    ({"members": ("a@kunde.example",)}, {"email": "c@kunde.example", "name": "Ben"}),
]
ONLY_IN_A_WHOLE_LIST: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({**ANNA}, {"email": ANNA["email"], "name": "Anna Berger"}),
    ({"role": "Tenant"}, {"role": "tenant"}),
    ({}, {"role": "Tenant"}),
    ({"role": "Tenant"}, {}),
]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("known", "said"), LIKE)
def test_a_mention_that_fits_is_the_same_person(
    known: dict[str, Any], said: dict[str, Any], whole: bool
) -> None:
    one = signer(**known)
    assert match(document(one, whole=whole), SignerRef(**said)) == Match(one)
    assert assign([one], [Signer(**said)], whole=whole) == [one]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("known", "said"), UNLIKE)
def test_a_mention_that_says_something_else_is_somebody_else(
    known: dict[str, Any], said: dict[str, Any], whole: bool
) -> None:
    one = signer(**known)
    assert match(document(one, whole=whole), SignerRef(**said)) == Match(None)
    assert assign([one], [Signer(**said)], whole=whole) == [None]


@pytest.mark.parametrize(("known", "said"), ONLY_IN_A_WHOLE_LIST)
def test_what_may_be_another_person_is_the_same_where_the_list_is_whole(
    known: dict[str, Any], said: dict[str, Any]
) -> None:
    one = signer(**known)
    assert match(document(one), SignerRef(**said)).signer == one
    assert match(document(one, whole=False), SignerRef(**said)).signer is None
    assert assign([one], [Signer(**said)], whole=True) == [one]
    assert assign([one], [Signer(**said)], whole=False) == [None]


@pytest.mark.parametrize(
    ("better", "worse", "said"),
    [
        ({"email": ANNA["email"], "name": "Anna"}, {"email": ANNA["email"]}, ANNA),
        ({"email": ANNA["email"], "order": 1}, {"email": ANNA["email"]},
         {"email": ANNA["email"], "order": 1}),
        ({"email": ANNA["email"], "role": "Tenant"}, {"email": ANNA["email"], "role": "Owner"},
         {"email": ANNA["email"], "role": "tenant"}),
        ({"name": "Anna", "phone": "+49 30 1"}, {"phone": "+49 30 1"},
         {"name": "Anna", "phone": "+49301"}),
        ({"email": ANNA["email"], "name": "Anna", "role": "Owner"},
         {"email": ANNA["email"], "role": "Tenant", "order": 1},
         {**ANNA, "role": "Tenant", "order": 1}),
        ({"email": ANNA["email"]}, {"name": "Anna", "order": 1}, {**ANNA, "order": 1}),
    ],
)  # fmt: skip
def test_of_two_who_fit_the_one_who_fits_better_is_meant(
    better: dict[str, Any], worse: dict[str, Any], said: dict[str, Any]
) -> None:
    good, bad = signer("good", **better), signer("bad", **worse)
    for both in ((good, bad), (bad, good)):
        assert match(document(*both), SignerRef(**said)) == Match(good)
        assert assign(both, [Signer(**said)], whole=False) == [good]


def test_where_two_fit_equally_well_nobody_is_picked() -> None:
    both = signer("a", **ANNA), signer("b", **ANNA)
    assert match(document(*both), SignerRef(**ANNA)) == Match(None, both)
    assert find_signer(document(*both), SignerRef(**ANNA)) is None
    assert assign(both, [Signer(**ANNA)], whole=False) == [None]
    # A whole list has a place for each.
    assert assign(both, [Signer(**ANNA), Signer(**ANNA)], whole=True) == [*both]
    assert assign(both, [Signer(**ANNA)], whole=True) == [both[0]]


def test_nobody_is_assigned_twice() -> None:
    one = signer(**ANNA)
    assert assign([one], [Signer(email=ANNA["email"]), Signer(**ANNA)], whole=True) == [None, one]
    assert assign([one], [Signer(**ANNA), Signer(**ANNA)], whole=True) == [one, None]


def test_ids_of_the_provider_go_before_all_else() -> None:
    anna, ben = Signer(id="1", **ANNA), Signer(id="2", **BEN)
    home = document(anna, ben)
    assert match(home, SignerRef(id="2", **ANNA)) == Match(ben)
    assert match(home, Signer(id="2", **ANNA)) == Match(ben)
    assert match(home, SignerRef(id="3", **ANNA)) == Match(None)
    assert match(home, SignerRef(**ANNA)) == Match(anna)
    assert match(home, None) == Match(None)
    assert assign([anna, ben], [Signer(id="2", **ANNA), Signer(**ANNA)], whole=True) == [ben, anna]
    assert assign([anna, ben], [Signer(id="3", **ANNA)], whole=True) == [None]


def test_an_id_that_a_document_made_up_is_nobodys_id() -> None:
    one = signer("anna@kunde.example", **ANNA)
    assert assign([one], [Signer(id="7", **ANNA)], whole=True) == [one]
    assert assign([one], [Signer(id="anna@kunde.example", **BEN)], whole=True) == [None]
    assert match(document(one), signer("anna@kunde.example", **BEN)) == Match(None)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({}, False), ({"id": "1"}, True), ({"email": "a@b.example"}, True),
        ({"phone": "+49 30 1"}, True), ({"name": "Anna"}, True),
        ({"role": "Tenant"}, False), ({"order": 1}, False),
    ],
)  # fmt: skip
def test_who_is_named_can_be_known_again(said: dict[str, Any], named: bool) -> None:
    assert is_named(SignerRef(**said)) is named
    assert not is_named(None)


# --- ids that documents make


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ({"id": "7", **ANNA}, ("7", True)),
        ({**ANNA, "phone": "+49 30 1"}, ("anna@kunde.example", False)),
        ({"email": "Anna@KUNDE.example"}, ("anna@kunde.example", False)),
        ({"phone": "+49 30 1", "name": "Anna"}, ("phone +49 30 1", False)),
        ({"name": "ANNA", "order": 1}, ("name anna", False)),
        ({"order": 0, "role": "Tenant"}, ("order 0", False)),
        ({"role": "Tenant"}, ("role tenant", False)),
        ({}, ("place 0", False)),
        ({"name": "a" * 200}, ("name " + "a" * 145, False)),
    ],
)
def test_an_id_is_made_of_what_a_signer_is_known_by(
    said: dict[str, Any], made: tuple[str, bool]
) -> None:
    one = signer_from_reference(document(), SignerRef(**said), connection())
    assert (one.id, one.has_own_id) == made


def test_ids_that_are_made_differ() -> None:
    home = document()
    ids = []
    for _ in range(4):
        one = signer_from_reference(home, SignerRef(**ANNA), connection())
        ids.append(one.id)
        home = with_signer(home, one)
    address = "anna@kunde.example"
    assert ids == [address, f"{address} (2)", f"{address} (3)", f"{address} (4)"]


def test_a_signer_who_is_known_is_replaced_at_his_place() -> None:
    anna, ben = Signer(id="1", **ANNA), Signer(id="2", **BEN)
    home = with_signer(document(anna, ben), anna.model_copy(update={"status": "viewed"}))
    assert [(one.id, one.status) for one in home.signers] == [("1", "viewed"), ("2", "waiting")]
    assert [one.id for one in with_signer(home, Signer(id="3")).signers] == ["1", "2", "3"]


# --- states


def learned(home: Document, minute: int = 0, **state: Any) -> Document:
    """The document after a state that is true for this minute."""
    at = START + timedelta(minutes=minute)
    return merge_state(home, Envelope(id="e", **state), at, connection()).document


def test_the_newest_state_counts_and_an_older_one_fills_what_is_unknown() -> None:
    first, later = START + timedelta(days=5), START + timedelta(days=6)
    home = learned(document(), 5, title="New", sender=Sender(email="a@acme.example"))
    assert home.state_at == START + timedelta(minutes=5)
    older = learned(
        home, 4, title="Old", expires_at=first, sent_at=first, sender=Sender(email="b@acme.example")
    )
    assert (older.title, older.expires_at, older.sent_at) == ("New", first, first)
    assert older.sender == Sender(email="a@acme.example")
    assert older.state_at == START + timedelta(minutes=5)
    same = learned(older, 5, title="Same", expires_at=later, sender=Sender(email="c@acme.example"))
    assert (same.title, same.expires_at) == ("Same", later)
    assert same.sender == Sender(email="c@acme.example")
    silent = learned(same, 6)
    assert (silent.title, silent.sender) == ("Same", Sender(email="c@acme.example"))


def test_an_older_state_tells_of_a_sender_that_nobody_has_told_of() -> None:
    home = learned(document(), 5, title="New")
    assert learned(home, 4, sender=Sender(email="a@acme.example")).sender is not None


@pytest.mark.parametrize(
    ("whole", "state", "complete"),
    [
        (False, {"signers": (Signer(**ANNA),)}, True),
        (False, {"signers": ()}, False),
        (False, {"signers": (Signer(**ANNA),), "all_signers": False}, False),
        (True, {"signers": (Signer(**ANNA),), "all_signers": False}, True),
        (True, {"signers": (Signer(**BEN),), "all_signers": False}, False),
        (True, {"signers": ()}, True),
    ],
)
def test_a_list_is_whole_once_it_was_told_whole_until_somebody_is_added(
    whole: bool, state: dict[str, Any], complete: bool
) -> None:
    home = learned(document(signer(**ANNA), whole=whole), **state)
    assert home.signers_complete is complete


def test_a_whole_list_orders_signers_and_takes_off_who_is_missing() -> None:
    home = document(Signer(id="1", **ANNA), Signer(id="2", **BEN), Signer(id="3"))
    told = (Signer(id="2"), Signer(id="1", name="Anna Berger"))
    after = learned(home, signers=told)
    assert [(one.id, one.name, one.email) for one in after.signers] == [
        ("2", "Ben", BEN["email"]),
        ("1", "Anna Berger", ANNA["email"]),
    ]
    part = learned(home, signers=told, all_signers=False)
    assert [(one.id, one.name) for one in part.signers] == [
        ("1", "Anna Berger"), ("2", "Ben"), ("3", None),
    ]  # fmt: skip
    older = learned(learned(home, 5), 4, signers=(*told, Signer(id="4")))
    assert [(one.id, one.name) for one in older.signers] == [
        ("1", "Anna"), ("2", "Ben"), ("3", None),
    ]  # fmt: skip


def test_an_older_list_adds_to_one_that_is_not_whole() -> None:
    home = learned(document(Signer(id="1", **ANNA), whole=False), 5)
    older = learned(home, 4, signers=(Signer(id="4", name="Dora"),), all_signers=False)
    assert [one.id for one in older.signers] == ["1", "4"]


def test_what_an_older_message_says_of_a_signer_only_fills_gaps() -> None:
    home = learned(document(Signer(id="1", name="Anna", members=("a@kunde.example",))), 5)
    told = Signer(
        id="1", name="Other", email=ANNA["email"], role="Tenant", members=("b@kunde.example",)
    )
    (older,) = learned(home, 4, signers=(told,)).signers
    assert (older.name, older.email, older.role, older.members) == (
        "Anna", ANNA["email"], "Tenant", ("a@kunde.example",),
    )  # fmt: skip
    (newer,) = learned(home, 6, signers=(told,)).signers
    assert (newer.name, newer.members) == ("Other", ("b@kunde.example",))
    (silent,) = learned(home, 6, signers=(Signer(id="1"),)).signers
    assert (silent.name, silent.members) == ("Anna", ("a@kunde.example",))


def test_how_far_a_signer_got_is_a_matter_of_facts_not_of_lists() -> None:
    told = Signer(id="1", status="signed", signed_at=START, action="approve")
    (new,) = learned(document(), signers=(told,)).signers
    assert (new.status, new.signed_at, new.action, new.has_own_id) == (
        "waiting", None, "approve", True,
    )  # fmt: skip
    home = document(Signer(id="1", action="copy"))
    (known,) = learned(home, signers=(told,), all_signers=False).signers
    assert known.action == "copy"
    (known,) = learned(home, signers=(told,)).signers
    assert known.action == "approve"


def test_one_who_may_be_either_of_two_keeps_nobody_behind_from_being_known() -> None:
    office = "office@kunde.example"
    home = document(
        signer("a", name="Anna", email=office), signer("b", name="Ben", email=office), whole=False
    )
    part = (Signer(email=office), Signer(id="9", name="Cora", email="c@kunde.example"))
    after = learned(home, signers=part, all_signers=False)
    assert [one.name for one in after.signers] == ["Anna", "Ben", "Cora"]


def test_a_signer_whom_an_id_is_told_for_has_it_from_then_on() -> None:
    home = document(signer("anna@kunde.example", **ANNA))
    (one,) = learned(home, signers=(Signer(id="7", **ANNA),)).signers
    assert (one.id, one.has_own_id) == ("7", True)


def test_ids_that_lists_make_differ_from_all_that_are_there() -> None:
    told = (Signer(**ANNA), Signer(id="anna@kunde.example", name="Other"), Signer(**ANNA), Signer())
    ids = [one.id for one in learned(document(), signers=told).signers]
    address = "anna@kunde.example"
    assert ids == [f"{address} (2)", address, f"{address} (3)", "place 4"]


# --- who handed on


def handed_on(home: Document, minute: int = 1, **who: Any) -> Document:
    """The document after Anna handed on to whom the message names."""
    told = event(
        "signer.reassigned",
        minute=minute,
        previous_signer=SignerRef(email=ANNA["email"]),
        signer=SignerRef(**who) if who else None,
    )
    return handed_over(home, told, connection())


def placed(home: Document) -> list[tuple[Any, ...]]:
    return [(one.name, one.order, one.role, one.action) for one in home.signers]


HOME = document(
    Signer(id="1", order=1, role="Tenant", action="approve", **ANNA),
    Signer(id="2", order=2, role="Owner", **BEN),
)


def test_who_takes_over_has_the_place_of_the_one_before() -> None:
    after = handed_on(HOME, email="max@kunde.example", name="Max", order=9)
    assert placed(after) == [("Max", 1, "Tenant", "approve"), ("Ben", 2, "Owner", "sign")]
    after = handed_on(HOME, email="max@kunde.example", name="Max", role="Deputy")
    assert placed(after)[0] == ("Max", 1, "Deputy", "approve")


def test_one_who_is_on_the_list_already_comes_to_that_place() -> None:
    late = document(Signer(id="3", name="Cora", email="c@kunde.example"), *HOME.signers)
    after = handed_on(late, email=BEN["email"])
    assert [one.name for one in after.signers] == ["Cora", "Ben"]


@pytest.mark.parametrize("acted", [{"status": "signed"}, {"status": "declined", "declined_at": 2}])
def test_one_who_has_acted_is_not_replaced(acted: dict[str, Any]) -> None:
    home = acting(**acted)
    assert handed_on(home, email="max@kunde.example") == home


@pytest.mark.parametrize("acted", [{"status": "expired"}, {"status": "declined", "declined_at": 0}])
def test_one_who_declined_or_was_too_late_may_hand_on_once_it_is_open_again(
    acted: dict[str, Any],
) -> None:
    after = handed_on(acting(**acted), name="Max", email="max@kunde.example")
    assert [(one.name, one.status) for one in after.signers] == [
        ("Max", "waiting"),
        ("Ben", "waiting"),
    ]


def acting(declined_at: int | None = None, **acted: Any) -> Document:
    """The document after Anna acted, in minutes from the start."""
    at = None if declined_at is None else START + timedelta(minutes=declined_at)
    anna = HOME.signers[0].model_copy(update={"declined_at": at, **acted})
    return document(anna, HOME.signers[1])


def test_nobody_is_replaced_by_nobody_or_by_himself() -> None:
    assert handed_on(HOME) == HOME
    assert handed_on(HOME, email=ANNA["email"]) == HOME


def test_a_whole_list_of_after_a_hand_over_knows_better_who_is_there() -> None:
    home = document(HOME.signers[1]).model_copy(
        update={"signers_complete": True, "state_at": START + timedelta(minutes=2)}
    )
    assert handed_on(home, email="max@kunde.example") == home
    assert [one.name for one in handed_on(home, minute=3, name="Max").signers] == ["Ben", "Max"]


def test_a_hundred_hand_overs_are_remembered_and_the_oldest_is_forgotten_first() -> None:
    known = tuple(
        HandOver(by=SignerRef(id=f"b{n}"), to=SignerRef(id=f"t{n}"), at=START) for n in range(100)
    )
    for before, kept in ((known[1:], known[1:]), (known, known[1:])):
        after = handed_on(HOME.model_copy(update={"hand_overs": before}), name="Max").hand_overs
        assert (after[:-1], len(after)) == (kept, 100)
        assert after[-1].to == SignerRef(name="Max")
