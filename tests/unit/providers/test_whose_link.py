"""Whose a link to sign is among several: by id, by address or number, by name and by place."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.model.signing_event import Signer
from countersign.providers import provider
from countersign.providers._toolkit.links import OfferedLink, own_link
from tests.unit.providers.asked import LINK_MEMBERS, answer_with, link, person

SHARED = "büro@kunde.example"
JO = Signer(id="1", name="Jo Voß", email=SHARED)
MIA = Signer(id="2", name="Mia Voß", email=SHARED)
MADE: dict[str, Any] = {"id": "made", "has_own_id": False, "email": SHARED}


def sharing(name: str, *numbers: Any) -> Any:
    """The answer with Jo and Mia, by these ids."""
    member = LINK_MEMBERS[name]
    people = []
    for number, first in zip(numbers, ("Jo", "Mia"), strict=False):
        named = {"first_name": first} if name == "pandadoc" else {"name": f"{first} Voß"}
        link_of = {member: f"https://s.example/{first}"}
        people.append({**person(name, number, SHARED), **named, **link_of})
    return answer_with(name, *people)


@pytest.mark.parametrize("name", ["pandadoc", "signwell"])
@pytest.mark.parametrize(
    ("numbers", "signer", "wanted"),
    [
        ((1, 2), JO, "Jo"),
        ((1, 2), MIA, "Mia"),
        ((2, 1), MIA, "Jo"),
        ((1, 2), Signer(id="2", email="BÜRO@kunde.example"), "Mia"),
        ((1, 2), Signer(**MADE, name="mia  voß"), "Mia"),
        ((1, 2), Signer(name="Jo Voß", email=SHARED), "Jo"),
        ((None, None), MIA, "Mia"),
        ((None, None), Signer(**MADE, name="JO VOß"), "Jo"),
        ((1, 1), Signer(id="1", name="Mia Voß", email=SHARED), "Mia"),
    ],
)
def test_of_two_who_share_an_address_the_id_tells_and_then_the_name(
    name: str, numbers: tuple[Any, ...], signer: Signer, wanted: str
) -> None:
    assert link(name, sharing(name, *numbers), signer) == f"https://s.example/{wanted}"


def test_two_who_share_an_address_are_told_apart_by_scrive_s_ids() -> None:
    parties = [person("scrive", one.id, api_delivery_url=f"/s/{one.id}") for one in (JO, MIA)]
    links = [link("scrive", answer_with("scrive", *parties), one) for one in (JO, MIA)]
    assert links == ["https://scrive.com/s/1", "https://scrive.com/s/2"]


@pytest.mark.parametrize("name", ["pandadoc", "signwell"])
@pytest.mark.parametrize(
    ("numbers", "signer"),
    [
        ((1, 2), Signer(id="3", name="Mia Voß", email=SHARED)),
        ((1, 2), Signer(**MADE, name="Ida")),
        ((None, None), Signer(**MADE, name="Petra Voß")),
        ((None,), Signer(**MADE, name="Mia Voß")),
        ((1,), Signer(**MADE, name="Mia Voß")),
    ],
)
def test_a_signer_whom_the_answer_lacks_does_not_get_another_s_link(
    name: str, numbers: tuple[Any, ...], signer: Signer
) -> None:
    with pytest.raises(PermanentError, match="has no link to sign for büro@"):
        link(name, sharing(name, *numbers), signer)


@pytest.mark.parametrize("name", ["adobe_sign", "pandadoc", "signwell"])
def test_several_links_that_may_be_the_signer_s_are_given_to_nobody(name: str) -> None:
    signer = JO if name == "adobe_sign" else Signer(**MADE)
    with pytest.raises(PermanentError) as refused:
        link(name, sharing(name, 1, 2), signer)
    assert str(refused.value) == (
        f"{provider(name).title} has several links to sign for büro@kunde.example, and nothing "
        "says which is this signer's; give each signer an address of their own"
    )


def offered(**traits: Any) -> OfferedLink:
    """A link of somebody of whom this is known; it ends with the traits."""
    return OfferedLink(Signer(**traits), "https://s.example/" + "-".join(map(str, traits.values())))


@pytest.mark.parametrize(
    ("links", "signer", "wanted"),
    [
        ([offered(phone="+49 30 1"), offered(phone="+49 30 2")], {"phone": "+4930 2"}, "+49 30 2"),
        (
            [offered(email=SHARED, order=1), offered(email=SHARED, order=2)],
            {"email": SHARED, "order": 2},
            f"{SHARED}-2",
        ),
        ([offered(email=SHARED), offered(email=SHARED)], {"email": SHARED}, SHARED),
        ([offered(id="5"), offered(id="5")], {"id": "5", "email": SHARED}, "5"),
    ],
)
def test_number_and_place_tell_signers_apart_too(
    links: list[OfferedLink], signer: dict[str, Any], wanted: str
) -> None:
    plain = [one._replace(link=one.link and one.link.replace(" ", "")) for one in links]
    found = own_link(plain, Signer(**signer), "BoldSign")
    assert found == f"https://s.example/{wanted}".replace(" ", "")


@pytest.mark.parametrize(
    ("one", "signer"),
    [
        ({"name": "Jo"}, {"name": "Jo"}),
        ({"name": "Jo", "email": SHARED}, {"name": "Jo"}),
        ({"name": "Jo"}, {"name": "Jo", "email": SHARED}),
        ({"email": SHARED, "phone": "1"}, {"email": SHARED, "phone": "2"}),
        ({"email": "a@b.example", "phone": "1"}, {"email": SHARED, "phone": "1"}),
        ({"order": 1}, {"order": 1}),
        ({"id": "made"}, {"id": "made", "has_own_id": False}),
        ({}, {}),
    ],
)
def test_what_others_may_have_too_gives_no_link(
    one: dict[str, Any], signer: dict[str, Any]
) -> None:
    with pytest.raises(PermanentError, match="has no link to sign for"):
        own_link([offered(**one)], Signer(**signer), "BoldSign")
