"""Our own messages in German: found by their English templates, written by the German ones.

Errors are raised in English all over the core. Only an answer to a caller who reads German loads
the catalogues beside this module. A text without a template stays as it is. What a value of a
template says that is ours (``a list``, ``3 rules``) is replaced by the value's name, so that
nobody's own text is taken for it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

CATALOGUES = tuple(
    Path(__file__).with_name(name) for name in ("german.toml", "german_providers.toml")
)
"""Of the API, and of signing providers."""
WORDS = Path(__file__).with_name("german_words.toml")
"""What values say that are ours, by their names."""
LONGEST = 4_000
"""Characters of a text that is looked up."""
DEEPEST = 8
"""How many messages may stand one in another."""
WIDEST = 4
"""How many parts with semicolons between them one message may have."""
LEAST = 14
"""Characters of a template that says enough to be known in any text."""
REMEMBERED = 2_000
"""Texts whose German is kept: a page of a timeline says the same again and again."""
_VALUE = re.compile(r"\{([a-z_]+[0-9]*)\}")
_NUMBER = re.compile(r"[0-9][0-9.,]*")


@dataclass(frozen=True, slots=True)
class Template:
    """An English message, and its German form."""

    said: tuple[str, ...]
    """What stands before, between and after the values."""
    names: tuple[str, ...]
    """Of the values, one fewer."""
    german: str

    def values(self, text: str) -> dict[str, str] | None:
        """The values in a text; None for a text that is another message.

        Each value is the shortest that fits, so that no text takes more than one pass.
        """
        first, *between = self.said
        if not between:
            return {} if text == first else None
        *between, last = between
        end = len(text) - len(last)
        at = len(first)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return None
        values = []
        for words in between:
            place = text.find(words, at, end)
            if place < 0:
                return None
            values.append(text[at:place])
            at = place + len(words)
        values.append(text[at:end])
        if self.says_little and any("; " in value or ": " in value for value in values):
            return None
        return dict(zip(self.names, values, strict=True))

    def fill(self, values: Mapping[str, str]) -> str:
        """The German text with these values."""
        return _VALUE.sub(lambda match: values[match[1]], self.german)

    @property
    def says_little(self) -> bool:
        """Whether it would take several messages, or one behind its place, for one of its own."""
        return sum(map(len, self.said)) < LEAST


@lru_cache(maxsize=REMEMBERED)
def german(text: str) -> str:
    """A message in German as far as the catalogue has it, and the messages in it."""
    return _translated(text, DEEPEST) if len(text) <= LONGEST else text


def template_of(english: str, german_text: str) -> Template:
    """A template as the catalogue writes it, with ``{name}`` for each value."""
    pieces = _VALUE.split(english)
    return Template(said=tuple(pieces[::2]), names=tuple(pieces[1::2]), german=german_text)


def catalogue() -> Mapping[str, str]:
    """The German templates by the English ones."""
    texts: dict[str, str] = {}
    for path in CATALOGUES:
        texts |= tomllib.loads(path.read_text(encoding="utf-8"))
    return texts


def words() -> Mapping[str, Mapping[str, str]]:
    """The German words by the English ones, by the name of the value that has them."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


@cache
def _templates() -> tuple[Sequence[Template], Sequence[Template]]:
    """Those that say much, and those that say little. What says most comes first: others match it
    too."""
    every = [template_of(*texts) for texts in catalogue().items()]
    every.sort(key=lambda template: -sum(map(len, template.said)))
    much = [template for template in every if not template.says_little]
    return much, [template for template in every if template.says_little]


@cache
def _words() -> Mapping[str, Sequence[Template]]:
    """What each value may say, by its name; what says most comes first."""
    return {
        name: sorted(
            (template_of(*texts) for texts in said.items()),
            key=lambda template: -sum(map(len, template.said)),
        )
        for name, said in words().items()
    }


def _translated(text: str, depth: int) -> str:
    if depth <= 0:
        return text
    whole = _message(text, depth)
    if whole is not None:
        return whole
    parts = text.split("; ")
    return "; ".join(_row(parts, depth)) if len(parts) > 1 else text


def _message(text: str, depth: int) -> str | None:
    """A text that is one message, or one behind its place (``/stages/0: it is empty``).

    A run's state is such a place, and is translated too (``failed: the mail has no recipient``).
    """
    if not text or not depth:
        return None
    place, _, message = text.partition(": ")
    behind = message if " " not in place else ""
    return (
        _matched(text, depth, little=False)
        or ((rest := _message(behind, depth - 1)) and f"{_word(place)}: {rest}")
        or _matched(text, depth, little=True)
    )


def _word(place: str) -> str:
    return _matched(place, 1, little=True) or place


def _matched(text: str, depth: int, *, little: bool) -> str | None:
    """By the first template that matches, of those that say little or of the others."""
    for template in _templates()[little]:
        values = template.values(text)
        if values is not None:
            return _filled(template, values, depth)
    return None


def _filled(template: Template, values: Mapping[str, str], depth: int) -> str:
    return template.fill({name: _value(name, value, depth - 1) for name, value in values.items()})


def _value(name: str, value: str, depth: int) -> str:
    """A value by what it may say under its name; otherwise as a message, if it is one."""
    known = _words().get(name.rstrip("0123456789"), ())
    whole = _translated_word(known, value, depth)
    if whole is not None:
        return whole
    parts = [_translated_word(known, part, depth) for part in value.split(", ")] if known else []
    translated = [part for part in parts if part is not None]
    return (
        ", ".join(translated)
        if translated and len(translated) == len(parts)
        else _translated(value, depth)
    )


def _translated_word(known: Sequence[Template], value: str, depth: int) -> str | None:
    for template in known if depth > 0 else ():
        values = template.values(value)
        if values is not None and _NUMBER.fullmatch(values.get("number", "0")):
            return _filled(template, values, depth)
    return None


def _row(parts: Sequence[str], depth: int) -> list[str]:
    """Several messages with semicolons between them, some of which have semicolons themselves."""
    translated = []
    at = 0
    while at < len(parts):
        for width in range(min(WIDEST, len(parts) - at), 0, -1):
            text = _message("; ".join(parts[at : at + width]), depth)
            if text is not None:
                break
        else:
            width, text = 1, parts[at]
        translated.append(text)
        at += width
    return translated
