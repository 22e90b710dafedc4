"""Whom of a message's own list the message means."""

from __future__ import annotations

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
