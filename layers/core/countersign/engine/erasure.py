"""Finding and replacing what names a person, in texts and in whole values. All of it is pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.erased_person import ErasedPerson, is_pseudonym
from countersign.model.signing_event import Signer, SignerRef
from countersign.text.folding import fold, fold_address, same_address

M = TypeVar("M", bound=Model)

SHORTEST_NAME = 2
"""Letters of a name that is looked for."""
_ADDRESS = re.compile(r"[^\s<>()\[\]{}\"',;:=/|\\@*~`]+@[\w-]+(?:\.[\w-]+)*")
_PHONE = re.compile(r"\+?\d[\d\s()/.\u2010-\u2013-]{4,}\d", re.ASCII)
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")

STRUCTURE = frozenset(
    {
        *("document", "pipeline", "stage", "previous_stage", "from_stage", "to_stage", "rule"),
        *("trigger", "kind", "event", "state", "status", "applied", "action", "party", "role"),
        *("lane", "on_leave", "after", "next", "date_field", "field", "op", "outcome", "currency"),
        *("connection", "provider", "provider_event", "envelope", "envelope_aliases", "aliases"),
        *("heard", "files", "edited", "no_deadline", "authenticity", "media_type", "sha256"),
        *("erased", "timeline_hash", "message_id", "words_to_add", "words_to_remove"),
    }
)
"""Members that say how things hang together, and never name a person; of whole values, such as the
``state`` of an event, that is not so."""
FREE = frozenset({"fields", "envelope_fields", "custom_fields", "detail", "result"})
"""Members whose names people or providers have chosen: all that is in them may name a person."""


def new_person(key: str, address: str | None, names: Iterable[str]) -> ErasedPerson:
    """Somebody who is to be erased, known by an address, names and phone numbers.

    ``key`` is what nobody can guess, in hexadecimal; the same key and address make the same
    pseudonym. ``names`` may be phone numbers as well.
    """
    given = [name for name in dict.fromkeys(names) if len(fold(name)) >= SHORTEST_NAME]
    main = fold_address(address) if address else next(iter(given), "")
    digests = [_digest(key, "address", fold_address(address))] if address else []
    words = 1
    for name in given:
        if "@" in name:
            digests.append(_digest(key, "address", fold_address(name)))
            continue
        if (number := _number(name)) is not None:
            digests.append(_digest(key, "phone", number))
            continue
        parts = _words(name)
        words = max(words, len(parts))
        digests.append(_digest(key, "name", fold(" ".join(parts) or name)))
        if len(parts) == 2:  # as lists and forms have it: Berg, Anna
            digests.append(_digest(key, "name", fold(f"{parts[1]} {parts[0]}")))
    return ErasedPerson(
        pseudonym=f"erased-{_digest(key, 'pseudonym', main)[:12]}",
        key=key,
        digests=tuple(dict.fromkeys(digests)),
        words=words,
    )


@dataclass(frozen=True)
class Eraser:
    """Puts pseudonyms in the place of what names these persons. Doing it again changes nothing."""

    persons: Sequence[ErasedPerson]

    @cached_property
    def _known(self) -> tuple[_Known, ...]:
        return tuple(map(_Known, self.persons))

    def value(self, value: M) -> M:
        """The value with pseudonyms in all of its texts; the value itself where nobody is named."""
        before = value.model_dump()
        after = self._walked(before)
        return value if after == before else type(value).model_validate(after)

    def names(self, value: Model) -> bool:
        """Whether the value names one of them."""
        before = value.model_dump()
        return bool(self._walked(before) != before)

    def text(self, text: str) -> str:
        """The text with pseudonyms in place of addresses, phone numbers and whole names.

        A name of one word is replaced only where it is the whole text: it may be any word.
        """
        if not self.persons or not text:
            return text
        for known in self._known:
            whole = known.whole(text)
            if whole is not None:
                return whole
            text = _ADDRESS.sub(known.address, text)
            text = _PHONE.sub(known.phone, text)
            if known.words > 1:
                text = known.without_names(text)
        return text

    def _walked(self, value: Any, *, free: bool = False) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple | list):
            return type(value)(self._walked(element, free=free) for element in value)
        if isinstance(value, dict):
            return {
                name: member
                if not free and name in STRUCTURE and not isinstance(member, dict)
                else self._walked(member, free=free or name in FREE)
                for name, member in value.items()
            }
        return value


class _Known:
    """What one person is recognised by."""

    def __init__(self, person: ErasedPerson) -> None:
        self._person = person
        self._digests = frozenset(person.digests)
        self.words = person.words
        """How many words the person's longest name has."""

    def whole(self, text: str) -> str | None:
        """What stands for the whole text where it is a name, as people or a made id have it."""
        plain = text.removeprefix("name ")
        if len(plain) > 200 or not self._has("name", fold(" ".join(_words(plain)) or plain)):
            return None
        return text[: len(text) - len(plain)] + self._person.pseudonym

    def address(self, match: re.Match[str]) -> str:
        """What stands for something that looks like an address."""
        known = self._has("address", fold_address(match[0]))
        return self._person.address if known else match[0]

    def phone(self, match: re.Match[str]) -> str:
        """What stands for something that looks like a phone number."""
        number = _number(match[0])
        known = number is not None and self._has("phone", number)
        return self._person.pseudonym if known else match[0]

    def without_names(self, text: str) -> str:
        """The text with the pseudonym for each run of words that is a name of the person."""
        words = list(_WORD.finditer(text))
        parts, place, end = [], 0, 0
        while place < len(words):
            length = self._name_at(words, place)
            if not length:
                place += 1
                continue
            parts += [text[end : words[place].start()], self._person.pseudonym]
            end = words[place + length - 1].end()
            place += length
        return "".join([*parts, text[end:]])

    def _name_at(self, words: Sequence[re.Match[str]], place: int) -> int:
        """How many words from there on are a name; 0 where they are none."""
        for length in range(min(self.words, len(words) - place), 1, -1):
            name = " ".join(match[0] for match in words[place : place + length])
            if self._has("name", fold(name)):
                return length
        return 0

    def _has(self, sort: str, text: str) -> bool:
        return _digest(self._person.key, sort, text) in self._digests


def known_by(document: Document, address: str | None, signer: str | None) -> Iterator[str]:
    """The names, addresses and phone numbers that a document has of a person: of who has the
    address, as signer, sender or member of a group, and of the signer with that id."""
    for person in document.signers:
        if person.id == signer or _has_address(person, address):
            yield from _traits(person)
    for hand_over in document.hand_overs:
        for ref in (hand_over.by, hand_over.to):
            if same_address(ref.email, address):
                yield from _traits(ref)
    sender = document.sender
    if sender is not None and sender.name and same_address(sender.email, address):
        yield sender.name


def has_erased(document: Document, address: str) -> tuple[ErasedPerson, ...]:
    """Those who were erased from the document before, and had this address."""
    folded = fold_address(address)
    return tuple(
        person
        for person in document.erased
        if _digest(person.key, "address", folded) in person.digests
    )


def is_erased(signer: Signer) -> bool:
    """Whether the signer's personal data was erased, so that nobody may write to the signer."""
    return any(map(is_pseudonym, (signer.email, signer.name, signer.phone)))


def _has_address(signer: Signer, address: str | None) -> bool:
    """Whether it is the signer's own: the name of a group is not a member's."""
    return same_address(signer.email, address)


def _traits(ref: Signer | SignerRef) -> Iterator[str]:
    for text in (ref.email, ref.name, ref.phone):
        if text and not is_pseudonym(text):
            yield text


def _words(text: str) -> list[str]:
    return [match[0] for match in _WORD.finditer(text)]


def _number(text: str) -> str | None:
    """A phone number's digits, without what parts them or leads to the country; None for others."""
    if not _PHONE.fullmatch(text.strip()):
        return None
    digits = re.sub(r"\D", "", text.replace("(0)", ""), flags=re.ASCII).lstrip("0")
    return digits if len(digits) >= 5 else None


def _digest(key: str, sort: str, text: str) -> str:
    message = f"{sort}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.digest(bytes.fromhex(key), message, "sha256").hex()[:32]
