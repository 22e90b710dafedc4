"""Texts, domains and e-mail addresses compare as people read them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.text.folding import (
    DomainError,
    ascii_address,
    ascii_domain,
    domain_of,
    fold,
    same,
    same_address,
    unique,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Geschäftsführer", "Gescha\u0308ftsfu\u0308hrer"),
        ("Geschäftsführer ", "GESCHÄFTSFÜHRER"),
        ("Müller\u00a0GmbH", "Müller GmbH"),
        ("Müller \u2009 GmbH", "müller gmbh"),
        ("Mit\u00adar\u00adbeiter", "mitarbeiter"),
        ("\ufeffVermieter", "Vermieter"),
        ("STRASSE", "Straße"),
        ("İSTANBUL", "istanbul"),
        ("\u0131sparta", "ISPARTA"),
        ("ΑΣ", "ας"),
    ],
)
def test_texts_that_read_the_same_fold_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert same(one, other)


@pytest.mark.parametrize(("one", "other"), [("Mieter", "Vermieter"), ("a b", "ab"), ("ä", "a")])
def test_texts_that_read_differently_do_not(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("nothing", ["", "  ", "\u00a0", None])
def test_nothing_is_not_the_same_as_nothing(nothing: str | None) -> None:
    assert not same(nothing, nothing)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_encoding_and_blanks_make_no_difference(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert fold(f"\u00a0{text}\t") == fold(text)


def test_every_letter_folds_to_a_fixed_point() -> None:
    letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    assert [letter for letter in letters if fold(fold(letter)) != fold(letter)] == []


@pytest.mark.parametrize(
    ("domain", "ascii_name"),
    [
        ("acme.example", "acme.example"),
        ("ACME.Example.", "acme.example"),
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "xn--mller-kva.example"),
        ("mu\u0308ller.example", "xn--mller-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("XN--Fa-hia.example", "xn--fa-hia.example"),
    ],
)
def test_domains_are_written_by_idna_2008(domain: str, ascii_name: str) -> None:
    assert ascii_domain(domain) == ascii_name


@pytest.mark.parametrize("domain", ["", "a..b", "-a.example", "a b.example", "xn--.example"])
def test_what_is_not_a_domain_is_refused(domain: str) -> None:
    with pytest.raises(DomainError):
        ascii_domain(domain)


def test_an_address_keeps_what_stands_before_the_at() -> None:
    assert ascii_address("Jörg.X@müller.example") == "Jörg.X@xn--mller-kva.example"


@pytest.mark.parametrize("address", ["", "joerg", "@acme.example", "joerg@"])
def test_an_address_without_name_or_domain_is_refused(address: str) -> None:
    with pytest.raises(DomainError):
        ascii_address(address)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna@ACME.example", "anna@acme.example"),
        ("anna@müller-bau.example", "anna@xn--mller-bau-q9a.example"),
        (" anna@acme.example ", "anna@acme.example"),
    ],
)
def test_addresses_that_reach_the_same_mailbox_are_the_same(one: str, other: str) -> None:
    assert same_address(one, other)
    assert unique([one, other]) == (one,)
    assert domain_of(one) == domain_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna@straße.example", "anna@strasse.example"),
        ("anna@acme.example", "bob@acme.example"),
        (None, None),
        ("", ""),
    ],
)
def test_addresses_of_different_mailboxes_are_not(one: str | None, other: str | None) -> None:
    assert not same_address(one, other)
