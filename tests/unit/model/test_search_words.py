"""The words that find a document: as people read them, bounded, the most useful first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.document import Document
from countersign.model.page import WordQuery
from countersign.model.search_words import (
    indexed_words,
    matches_words,
    matching_word,
    query_words,
    searched,
    words_of,
)
from countersign.model.signing_event import Sender, Signer

START = "2026-03-02T09:00:00Z"
KLARA = Signer(id="1", name="Klara Straße", email="klara.vogel@xn--mller-kva.example")


def document(**more: Any) -> Document:
    """A document with these values."""
    given = {"id": "d-1", "pipeline": "p", "stage": "s", "since": START, "created_at": START}
    return Document.model_validate({**given, **more})


LEASE = document(
    id="d-abc",
    title="Lease of the Hall, 2nd floor",
    number="V-2026/17",
    envelope="3f6b-90c",
    signers=(KLARA,),
    sender=Sender(name="Ben Ode", email="ben@acme.example"),
    responsible="anna@acme.example",
    fields={"client_name": "Vogel & Söhne GmbH", "remark": "urgent", "client_since": None},
)


def matches(document: Document, text: str) -> bool:
    return matches_words(document, query_words(text))


def test_a_document_s_words_are_those_people_know_of_it_the_most_useful_first() -> None:
    assert words_of(LEASE) == (
        "v-2026/17",
        "2026/17",
        "17",
        "d-abc",
        "3f6b-90c",
        "klara.vogel@müller.example",
        "lease",
        "of",
        "the",
        "hall",
        "2nd",
        "floor",
        "klara",
        "strasse",
        "ben@acme.example",
        "anna@acme.example",
        "ben",
        "ode",
        "müller.example",
        "acme.example",
        "vogel",
        "söhne",
        "gmbh",
    )


@pytest.mark.parametrize(
    "text",
    [
        "d-abc",
        "hall",
        "LEASE OF",
        "lease\u00a0of",
        "2026/17",
        "v-2026",
        "17",
        "3F6B",
        "klara",
        "STRASSE",
        "klara.vogel@",
        "Klara.Vogel@müller.example",
        "müller.example",
        "xn--mller-kva.example",
        "acme.ex",
        "(hall)",
        "floor lease",
        "so\u0308hne",
        "f l",
        " ",
    ],
)
def test_a_document_is_found_by_what_people_know_of_it(text: str) -> None:
    assert matches(LEASE, text)


@pytest.mark.parametrize(
    "text",
    ["halle", "2027", "klaus", "mueller.example", "vogel@muller", "all", "lease x", "urgent"],
)
def test_a_document_is_not_found_by_anything_else(text: str) -> None:
    assert not matches(LEASE, text)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Müller-Lüdenscheidt", ("müller-lüdenscheidt", "lüdenscheidt")),
        ("Größe.pdf", ("grösse.pdf", "pdf")),
        ("समझौता पत्र", ("समझौता", "पत्र")),
        ("契約書\uff082026年\uff09", ("契約書\uff082026年", "2026年")),
        ("«Angebot»: A\u2013Zet", ("angebot", "a\u2013zet", "zet")),
        ("\u2013 … !", ()),
        ("x", ()),
        ("a" * 70, ("a" * 64,)),
    ],
)
def test_a_title_s_words_are_parted_as_people_read_them(title: str, words: tuple[str, ...]) -> None:
    assert words_of(document(id="?", title=title)) == words


def test_what_a_document_does_not_have_does_not_find_it() -> None:
    assert not matches(document(), "None")
    assert words_of(document()) == ("d-1",)


def test_a_title_has_twenty_words_and_a_document_sixty() -> None:
    long = " ".join(f"word{n:03}" for n in range(100))
    assert words_of(document(title=long))[1:] == tuple(f"word{n:03}" for n in range(20))
    signers = tuple(Signer(id=str(n), email=f"s{n:03}@kunde.example") for n in range(100))
    words = words_of(document(signers=signers))
    assert (len(words), words[-1]) == (60, "s058@kunde.example")


@given(st.text(min_size=1, max_size=12).filter(lambda text: bool(text.strip())))
def test_every_title_is_found_by_itself(title: str) -> None:
    assert matches(document(title=title), title)


@given(st.text(max_size=30))
def test_every_word_is_found_by_itself(title: str) -> None:
    made = document(title=title)
    for word in words_of(made):
        assert matches_words(made, query_words(word)), word


@pytest.mark.parametrize(
    ("word", "whole", "found"),
    [
        ("l", False, "lease"),
        ("2", False, "2026/17"),
        ("lease", True, "lease"),
        ("leas", True, None),
        ("x", False, None),
    ],
)
def test_the_first_word_that_is_wanted(word: str, whole: bool, found: str | None) -> None:
    assert matching_word(LEASE, WordQuery(word=word, whole=whole)) == found


def test_words_that_are_late_are_not_in_the_index_and_lost_ones_still_are() -> None:
    made = document(title="Lease Hall", word_index=1)
    late = made.model_copy(update={"words_to_add": ("hall",), "words_to_remove": ("rent",)})
    assert indexed_words(made) == ("d-1", "lease", "hall")
    assert indexed_words(late) == ("d-1", "lease", "rent")
    assert indexed_words(made.model_copy(update={"word_index": 0})) == ()
    assert indexed_words(None) == ()


def test_what_is_looked_at_is_all_that_words_are_made_of() -> None:
    """Changing anything else changes no word."""
    signed = KLARA.model_copy(update={"status": "signed"})
    after = LEASE.model_copy(
        update={"stage": "t", "version": 9, "signers": (signed,), "amount": 5, "observers": ("x",)}
    )
    assert (searched(after) == searched(LEASE), words_of(after)) == (True, words_of(LEASE))
    for changed in (
        {"title": "x y"},
        {"number": "1"},
        {"envelope": "e"},
        {"envelope_aliases": ("e",)},
        {"responsible": "x"},
        {"sender": None},
        {"signers": ()},
        {"signers": (KLARA.model_copy(update={"name": "New"}),)},
        {"signers": (KLARA.model_copy(update={"email": "new@x.example"}),)},
        {"signers": (KLARA.model_copy(update={"members": ("m@x.example",)}),)},
        {"fields": {"client": "x"}},
    ):
        assert searched(LEASE.model_copy(update=changed)) != searched(LEASE), changed
