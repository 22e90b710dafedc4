"""The words by which documents are found, and what of them the word index has.

Words are compared as people read them (``countersign.text.folding``), domains in their readable
form. All functions are pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING
from unicodedata import category

from countersign.model.document import Document, FieldValue
from countersign.text.folding import fold

if TYPE_CHECKING:
    from countersign.model.page import WordQuery

WORD_INDEX = 1
"""The version of the rules below; documents whose words were written by others are indexed anew."""
MAX_WORDS = 60
"""Words of one document: those beyond, of the least useful kinds, do not find it."""
SHORTEST = 2
"""Characters of a word that can be looked for."""
LONGEST = 64
"""Characters of a word that count."""
MAX_TITLE_WORDS = 20
MAX_FIELD_WORDS = 10
"""Words of a title, and of one of the client's fields."""
CLIENT_FIELDS = ("client", "customer", "kunde")
"""A field of the pipeline is about the client where one of these is part of its id."""

_ASCII_MARKS = re.compile(r"[^0-9a-z]")


def words_of(document: Document) -> tuple[str, ...]:
    """The words that find the document, each once, the most useful first.

    In this order: its number, its own id and its envelope's, addresses of signers, the title, names
    of signers, its sender, its responsible person, the domains of addresses, and its client's
    fields. Numbers, ids and addresses are whole words, and what has a hyphen, a dot or the like in
    it is found from each of its parts on as well.
    """
    words = (word for word in _words(document) if len(word) >= SHORTEST)
    return tuple(islice(dict.fromkeys(words), MAX_WORDS))


def searched(document: Document) -> object:
    """What ``words_of`` looks at: where two documents have the same, they have the same words."""
    return (
        document.title,
        document.number,
        document.envelope,
        document.envelope_aliases,
        document.responsible,
        document.sender,
        [(signer.name, signer.email, signer.members) for signer in document.signers],
        _client_fields(document),
    )


def indexed_words(document: Document | None) -> tuple[str, ...]:
    """The words of the document that are in the index."""
    if document is None or document.word_index != WORD_INDEX:
        return ()
    missing = set(document.words_to_add)
    present = (word for word in words_of(document) if word not in missing)
    return tuple(dict.fromkeys((*present, *document.words_to_remove)))


def is_indexed(document: Document) -> bool:
    """Whether the index has the document's words, and no others of it."""
    behind = document.words_to_add or document.words_to_remove
    return document.word_index == WORD_INDEX and not behind


def query_words(text: str) -> tuple[str, ...]:
    """The words that are looked for, as they are compared with ``words_of``."""
    return tuple(dict.fromkeys(filter(None, map(_whole, fold(text).split()))))


def matches_words(document: Document, wanted: Iterable[str]) -> bool:
    """Whether each of the words that are looked for begins a word of the document."""
    words = set(_words(document))
    return all(any(word.startswith(begun) for word in words) for begun in wanted)


def matching_word(document: Document, wanted: WordQuery) -> str | None:
    """The first of the document's words, in alphabetical order, that is wanted; None for none."""
    words = words_of(document)
    if wanted.whole:
        return wanted.word if wanted.word in words else None
    return min((word for word in words if word.startswith(wanted.word)), default=None)


def folded_address(address: str) -> str:
    """An e-mail address as a word, its domain in its readable form."""
    return _whole(fold(address).replace(" ", ""))


def _words(document: Document) -> Iterator[str]:
    """Those too short to be looked for as well, some of them several times."""
    addresses = [folded_address(address) for address in _addresses(document)]
    ids = (document.id, document.envelope, *document.envelope_aliases)
    sender = document.sender
    yield from _split(document.number)
    yield from (_whole(fold(text)) for text in ids if text)
    yield from addresses
    yield from islice(_split(document.title), MAX_TITLE_WORDS)
    for signer in document.signers:
        yield from _split(signer.name)
    others = [sender.email if sender else None, document.responsible]
    other_addresses = [folded_address(address) for address in others if address]
    yield from other_addresses
    yield from _split(sender.name if sender else None)
    yield from (word.rpartition("@")[2] for word in (*addresses, *other_addresses) if "@" in word)
    for value in _client_fields(document).values():
        texts = value if isinstance(value, tuple) else (value,)
        words = (word for text in texts if isinstance(text, str) for word in _split(text))
        yield from islice(words, MAX_FIELD_WORDS)


def _addresses(document: Document) -> Iterator[str]:
    for signer in document.signers:
        if signer.email:
            yield signer.email
        yield from signer.members


def _client_fields(document: Document) -> dict[str, FieldValue]:
    return {
        name: value
        for name, value in document.fields.items()
        if any(part in name for part in CLIENT_FIELDS)
    }


def _split(text: str | None) -> Iterator[str]:
    """The words of a text; what has marks in it, whole and from each of its parts on, so that
    ``a-b`` is found by ``a-b``, ``a`` and ``b``."""
    for token in fold(text or "").split():
        blanked = _without_marks(token)
        begins = [n for n, letter in enumerate(blanked) if letter != " "]
        for place in begins:
            if place == 0 or blanked[place - 1] == " ":
                yield _whole(token[place:])


def _whole(token: str) -> str:
    """A folded text without blanks, without the marks around it."""
    blanked = _without_marks(token)
    inner = token[len(blanked) - len(blanked.lstrip()) : len(blanked.rstrip())]
    return _readable(inner)[:LONGEST]


def _without_marks(token: str) -> str:
    """The text with a blank for each letter that is no part of a word."""
    if token.isascii():
        return _ASCII_MARKS.sub(" ", token)
    return "".join(letter if _is_of_word(letter) else " " for letter in token)


def _is_of_word(letter: str) -> bool:
    # Signs of vowels and accents are letters to those who read them.
    return letter.isalnum() or category(letter).startswith("M")


def _readable(folded: str) -> str:
    """A folded address, domain or other text, with domains out of Punycode."""
    if "xn--" not in folded:
        return folded
    local, at, domain = folded.rpartition("@")
    return f"{local}{at}{fold('.'.join(map(_label, domain.split('.'))))}"


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label
