"""Who a message means: an address is not an identity, and nobody who must sign gets lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.document import Document
from countersign.model.signing_event import Signer, SignerRef, SigningEvent
from countersign.simulation.world import World
from tests.builders import envelope, event, pipeline, stage, trigger, world

HOME = "familie.lang@wohnen.example"
ILSE = {"name": "Ilse Lang", "email": HOME}
TOM = {"name": "Tom Lang", "email": HOME}
PIPELINE = pipeline(stage("draft"), stage("signed", triggers=[trigger("signed_by_all")]))


def listed(*signers: dict[str, Any], status: str | None = None, **more: Any) -> dict[str, Any]:
    """A message's state of these signers, whose list is whole unless told."""
    return {"state": envelope(status, signers=signers, **more)}


def one_of(*signers: dict[str, Any]) -> dict[str, Any]:
    """The state of a message that tells of some of the signers."""
    return listed(*signers, all_signers=False)


def by(minute: int = 0, **who: Any) -> SigningEvent:
    """A signature of whom the message names so."""
    return event("signer.signed", minute=minute).model_copy(
        update={"key": f"signed:{minute}", "signer": SignerRef(**who)}
    )


def known(document: Document) -> list[tuple[str | None, str]]:
    return [(signer.name, signer.status) for signer in document.signers]


def warnings(here: World, document: Document) -> list[str]:
    return [entry.text for entry in here.documents.timeline(document.id) if entry.kind == "warning"]


def test_two_with_one_address_are_two_signers() -> None:
    here = world(PIPELINE)
    after = here.tell("docusign", [event("document.sent", **listed(ILSE, TOM))])
    assert known(after) == [("Ilse Lang", "waiting"), ("Tom Lang", "waiting")]
    assert len({signer.id for signer in after.signers}) == 2


@pytest.mark.parametrize(
    "who",
    [
        {"email": HOME, "name": "Tom Lang"},
        {"email": HOME, "name": "TOM  LANG"},
        {"email": HOME, "order": 2},
        {"name": "Tom Lang"},
        {"email": HOME, "role": "mieter 2"},
    ],
    ids=str,
)
def test_of_two_with_one_address_the_one_who_is_named_has_signed(who: dict[str, Any]) -> None:
    here = world(PIPELINE)
    people = ({**ILSE, "order": 1, "role": "Mieter 1"}, {**TOM, "order": 2, "role": "Mieter 2"})
    here.tell("docusign", [event("document.sent", **listed(*people))])
    after = here.tell("docusign", [by(1, **who)])
    assert known(after) == [("Ilse Lang", "waiting"), ("Tom Lang", "signed")]
    assert after.stage == "draft"


def test_where_two_fit_nobody_is_marked_and_the_timeline_says_so() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", **listed(ILSE, TOM))])
    after = here.tell("docusign", [by(1, email=HOME)])
    assert known(after) == [("Ilse Lang", "waiting"), ("Tom Lang", "waiting")]
    assert warnings(here, after) == [
        "signer.signed may mean 2 signers equally well (Ilse Lang, Tom Lang): "
        "none of them was marked"
    ]
    event_, warning = [one for one in here.documents.timeline(after.id) if one.key == "signed:1"]
    assert (event_.kind, warning.kind) == ("event", "warning")


@pytest.mark.parametrize("who", [{"email": HOME}, {"email": HOME.upper(), "role": "Tenant"}])
def test_one_of_a_partial_list_whom_two_fit_is_neither_of_them_and_nobody_new(
    who: dict[str, Any],
) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", **listed(ILSE, TOM))])
    signature = by(1, **who)
    state = one_of({**who, "status": "signed"})["state"]
    after = here.tell("docusign", [signature.model_copy(update={"state": state})])
    assert known(after) == [("Ilse Lang", "waiting"), ("Tom Lang", "waiting")]
    assert len(warnings(here, after)) == 1


def test_of_a_partial_list_the_surer_pair_leaves_the_other_for_the_rest() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", **listed(ILSE, TOM))])
    state = one_of({"email": HOME, "status": "viewed"}, TOM | {"status": "signed"})
    after = here.tell("docusign", [event("signer.updated", minute=1, **state)])
    assert known(after) == [("Ilse Lang", "viewed"), ("Tom Lang", "signed")]


def test_where_two_fit_the_state_of_the_message_is_read_for_more() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", **listed(ILSE, TOM))])
    message = by(1, email=HOME).model_copy(update=listed(ILSE, {**TOM, "status": "signed"}))
    after = here.tell("docusign", [message])
    assert known(after) == [("Ilse Lang", "waiting"), ("Tom Lang", "signed")]
    signed = [e for e in here.documents.timeline(after.id) if e.event == "signer.signed"]
    assert [(entry.applied, entry.signer) for entry in signed] == [("new", HOME)]


def test_two_who_are_told_one_by_one_are_two_and_sign_each_for_themselves() -> None:
    here = world(PIPELINE)
    for minute, (person, order) in enumerate(((ILSE, 1), (TOM, 2))):
        part = {**person, "order": order, "status": "signed"}
        state = one_of(part)
        message = by(minute, **person, order=order).model_copy(update=state)
        after = here.tell("docusign", [message])
    assert known(after) == [("Ilse Lang", "signed"), ("Tom Lang", "signed")]
    assert after.stage == "draft"


@pytest.mark.parametrize(
    "nameless",
    [
        {"name": "Ute Weiss"},
        {"phone": "+49 30 5550100"},
        {"order": 2},
        {"role": "Zeuge"},
        {},
    ],
    ids=str,
)
def test_a_signer_without_id_and_address_is_kept_and_keeps_the_document_open(
    nameless: dict[str, Any],
) -> None:
    here = world(PIPELINE)
    ilse = {**ILSE, "order": 1}
    here.tell("docusign", [event("document.sent", **listed(ilse, nameless))])
    message = by(1, **ilse).model_copy(update=listed({**ilse, "status": "signed"}, nameless))
    after = here.tell("docusign", [message])
    assert (len(after.signers), after.signers[0].status, after.status) == (2, "signed", "sent")
    again = here.tell("docusign", [event("document.viewed", minute=2, **listed(ilse, nameless))])
    assert [signer.id for signer in again.signers] == [signer.id for signer in after.signers]


def test_a_phone_number_is_the_same_however_it_is_written() -> None:
    here = world(PIPELINE)
    sms = {"name": "Ute", "phone": "+49 (30) 555-0100"}
    here.tell("docusign", [event("document.sent", **listed(ILSE, sms))])
    after = here.tell("docusign", [by(1, phone="0049305550100")])
    assert known(after) == [("Ilse Lang", "waiting"), ("Ute", "signed")]


def test_a_member_of_a_group_signs_for_it() -> None:
    here = world(PIPELINE)
    group = {"id": "9", "name": "Einkauf", "members": ("a@kunde.example", "b@kunde.example")}
    here.tell("docusign", [event("document.sent", **listed(ILSE, group))])
    after = here.tell("docusign", [by(1, email="B@kunde.example", name="Bea")])
    assert known(after) == [("Ilse Lang", "waiting"), ("Einkauf", "signed")]


def test_one_who_is_renamed_in_a_whole_list_is_the_same_person() -> None:
    here = world(PIPELINE)
    solo = {"name": "Eva Klein", "email": "eva@wohnen.example"}
    here.tell("docusign", [event("document.sent", **listed(solo, TOM))])
    here.tell("docusign", [by(1, **solo)])
    renamed = {**solo, "name": "Eva Gross"}
    after = here.tell("docusign", [event("document.viewed", minute=2, **listed(renamed, TOM))])
    assert known(after) == [("Eva Gross", "signed"), ("Tom Lang", "waiting")]


def test_an_older_whole_list_does_not_bring_back_who_was_taken_off() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.viewed", minute=5, **listed(ILSE))])
    after = here.tell("docusign", [event("document.sent", minute=1, **listed(ILSE, TOM))])
    assert known(after) == [("Ilse Lang", "waiting")]


def test_ids_of_the_provider_are_never_matched_by_address() -> None:
    here = world(PIPELINE)
    people = ({"id": "a", **ILSE}, {"id": "b", **ILSE})
    here.tell("docusign", [event("document.sent", **listed(*people))])
    after = here.tell("docusign", [by(1, id="b", email=HOME)])
    assert [(signer.id, signer.status) for signer in after.signers] == [
        ("a", "waiting"),
        ("b", "signed"),
    ]


names = st.sampled_from(["Ilse", "Tom", "Ute", None])
addresses = st.sampled_from([HOME, "ute@wohnen.example", None])
people = st.lists(
    st.fixed_dictionaries(
        {
            "name": names,
            "email": addresses,
            "order": st.sampled_from([1, 2, 3, None]),
            "phone": st.sampled_from(["+4930555", None]),
            "id": st.sampled_from(["", "x"]),
        }
    ),
    min_size=1,
    max_size=6,
).map(
    lambda found: [
        {**person, "id": str(person["id"]) and f"{person['id']}{place}"}
        for place, person in enumerate(found)
    ]
)


@given(people)
def test_all_signers_of_a_list_come_out_each_once_however_often_it_is_told(
    found: list[dict[str, Any]],
) -> None:
    here = world(PIPELINE)
    for minute in range(3):
        after = here.tell("docusign", [event("document.viewed", minute=minute, **listed(*found))])
        assert len(after.signers) == len(found)
        assert len({signer.id for signer in after.signers}) == len(found)
        told = [Signer.model_validate(person) for person in found]
        assert [(s.name, s.email, s.order, s.phone) for s in after.signers] == [
            (s.name, s.email, s.order, s.phone) for s in told
        ]


@given(people, st.data())
def test_a_signature_marks_whom_it_means_or_nobody(
    found: list[dict[str, Any]], data: st.DataObject
) -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", **listed(*found))])
    place = data.draw(st.integers(0, len(found) - 1))
    who = {name: value for name, value in found[place].items() if value not in (None, "")}
    after = here.tell("docusign", [by(1, **who)])
    signed = [number for number, signer in enumerate(after.signers) if signer.status == "signed"]
    assert signed in ([place], []) or not who.keys() - {"order"}


@given(people, st.data())
def test_a_message_never_completes_what_its_provider_calls_open(
    found: list[dict[str, Any]], data: st.DataObject
) -> None:
    here = world(PIPELINE)
    acted = [{**person, "status": data.draw(STATUSES)} for person in found]
    word = data.draw(st.sampled_from(["sent", "delivered"]))
    after = here.tell("docusign", [event("signer.signed", **listed(*acted, status=word))])
    assert (after.status in ("sent", "delivered"), after.stage) == (True, "draft")


@given(people, st.data())
def test_without_a_word_of_the_provider_an_open_signer_keeps_the_document_open(
    found: list[dict[str, Any]], data: st.DataObject
) -> None:
    here = world(PIPELINE)
    still_open = data.draw(st.integers(0, len(found) - 1))
    acted = [
        {**person, "status": "waiting" if place == still_open else "signed"}
        for place, person in enumerate(found)
    ]
    after = here.tell("docusign", [event("signer.signed", **listed(*acted))])
    assert after.stage == "draft"


STATUSES = st.sampled_from(["waiting", "notified", "viewed", "signed"])


def test_a_signer_whom_only_his_act_tells_of_is_known_with_all_that_it_says() -> None:
    here = world(PIPELINE)
    ref = SignerRef(email="max@kunde.example", name="Max", role="tenant", order=3, phone="+4930123")
    document = here.tell("docusign", [event("document.viewed", signer=ref)])
    (found,) = document.signers
    assert (found.email, found.name, found.role, found.order, found.phone, found.status) == (
        *("max@kunde.example", "Max", "tenant", 3, "+4930123", "viewed"),
    )
