"""Whom of a message's own list the message means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.signing_event import Signer, SignerRef
from countersign.providers._toolkit.signers import SignerIndex, same_phone

HOUSE = "wir@haus-am-see.example"
INGA = Signer(email=HOUSE, name="Inga Sommer", order=1)
TORE = Signer(email=HOUSE, name="Tore Sommer", order=2)
MOBILE = Signer(name="Jale Öz", phone="+49 151 555 0137")
NAMELESS = Signer(email="praxis@arzt.example", id="7")
LIST = (INGA, TORE, MOBILE, NAMELESS)
MORNING, EVENING = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ({"email": HOUSE, "name": "Tore Sommer"}, TORE),
        ({"email": HOUSE.upper(), "name": " tore  SOMMER"}, TORE),
        ({"email": HOUSE, "order": 1}, INGA),
        ({"name": "Inga Sommer"}, INGA),
        ({"phone": "0049-151-5550137"}, MOBILE),
        ({"email": "jale@kunde.example", "name": "Jale O\u0308z"}, MOBILE),
        ({"email": "praxis@arzt.example", "name": "Dr. Kern"}, NAMELESS),
        ({"id": "7", "email": HOUSE}, NAMELESS),
        ({"email": HOUSE}, None),
        ({"email": HOUSE, "name": "Ingrid"}, None),
        ({"email": "someone@else.example", "name": "Tore Sommer"}, None),
        ({"id": "8", "name": "Tore Sommer"}, None),
        ({"order": 2}, None),
        ({}, None),
    ],
)
def test_only_one_whom_everything_said_fits_is_meant(
    ref: dict[str, Any], meant: Signer | None
) -> None:
    assert SignerIndex(LIST).by_reference(SignerRef.model_validate(ref)) == meant


@given(st.lists(st.sampled_from(LIST), max_size=4), st.sampled_from(LIST))
def test_nobody_is_picked_of_two_who_say_the_same(several: list[Signer], twice: Signer) -> None:
    ref = SignerRef(email=twice.email, phone=twice.phone, name=twice.name, order=twice.order)
    assert SignerIndex((*several, twice, twice)).by_reference(ref) is None


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("+49 (151) 555-0137", "00491515550137", True),
        ("+491515550137", "+491515550138", False),
        ("none", "none", False),
        (None, None, False),
    ],
)
def test_a_number_is_known_by_its_digits(one: str | None, other: str | None, equal: bool) -> None:
    assert same_phone(one, other) is equal


def test_an_id_is_looked_up_among_the_ids_alone() -> None:
    index = SignerIndex(LIST)
    assert index.by_id("7") == NAMELESS
    assert index.by_id("Inga Sommer") is None
    assert index.by_id(None) is None


@pytest.mark.parametrize(
    ("email", "name", "meant"),
    [
        ("praxis@arzt.example", "Dr. Kern", NAMELESS),
        ("PRAXIS@Arzt.example", None, NAMELESS),
        (HOUSE, " inga sommer ", INGA),
        (HOUSE, None, None),
        (HOUSE, "Ingrid", None),
        (None, "Jale Öz", None),
        ("jale@kunde.example", "Jale Öz", None),
    ],
)
def test_of_two_at_one_address_the_name_decides(
    email: str | None, name: str | None, meant: Signer | None
) -> None:
    assert SignerIndex(LIST).by_address(email, name) == meant


def test_a_status_names_the_only_one_who_has_it() -> None:
    refused = Signer(name="Rosa Lind", status="declined")
    viewed = Signer(name="Otto Lind", status="viewed")
    index = SignerIndex((INGA, refused, viewed))
    assert index.by_status("declined") == refused
    assert index.by_status("signed") is None
    assert index.by_status("declined", "viewed") is None
    assert SignerIndex((refused, refused)).by_status("declined") is None


def test_the_newest_signature_names_its_signer_unless_two_are_as_new() -> None:
    first = Signer(name="Rosa Lind", signed_at=MORNING, viewed_at=EVENING)
    last = Signer(name="Otto Lind", signed_at=EVENING)
    index = SignerIndex((first, INGA, last))
    assert index.latest(lambda signer: signer.signed_at) == last
    assert index.latest(lambda signer: signer.viewed_at) == first
    assert index.latest(lambda signer: signer.declined_at) is None
    twin = Signer(name="Ole Lind", signed_at=EVENING)
    assert SignerIndex((first, last, twin)).latest(lambda signer: signer.signed_at) is None
