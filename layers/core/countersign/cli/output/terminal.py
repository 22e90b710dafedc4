"""The one way out: whatever a command prints, errors included, is cleaned as it is written.

Texts from webhooks, files and services may hold characters that steer a terminal, or that turn the
order of what is read (https://trojansource.codes). Where a command knows that a text is one line,
``one_line`` drops them; whatever is left is written as JSON writes it, ``\\u001b``, so that it is
seen, does nothing, and JSON stays JSON. Imports nothing that a short command would wait for.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from countersign.text.lines import one_line as one_line

COLOURS = {"added": "32", "changed": "33", "removed": "31", "bold": "1"}
"""Parameters of the sequence that begins each (ECMA-48, SGR)."""
_OURS = os.urandom(8).hex()
_PAINT = re.compile(rf"\x00{_OURS}(?P<code>\d+);")
LAYOUT = frozenset("\n\t")
"""What gives a printed text its lines and columns."""


def painted(text: str, colour: str) -> str:
    """The text in a colour: added, changed, removed or bold.

    The marks around it become the terminal's sequences as they are written, and are left out where
    there is no terminal. Nobody outside of this process can write them.
    """
    return f"\0{_OURS}{COLOURS[colour]};{text}\0{_OURS}0;"


def harmless(text: str) -> str:
    """The text with everything that is not seen, blanks and line ends apart, as ``\\uXXXX``."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(character if _shows(character) else _escaped(character) for character in text)


def _shows(character: str) -> bool:
    # Of the characters that do not print, isspace() also knows no-break and other wide spaces.
    if character.isprintable() or character in LAYOUT:
        return True
    return character.isspace() and character > "\x9f" and character not in "\u2028\u2029"


def _escaped(character: str) -> str:
    """As JSON writes it: beyond U+FFFF as two halves."""
    number = ord(character)
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


class _Cleaned:
    """A stream of text on which only ``harmless`` text is written. It has no bytes beneath it, so
    that nobody writes past it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and not os.environ.get("NO_COLOR")

    def write(self, text: str) -> int:
        if _OURS in text:
            self._write_painted(text)
        else:
            self._stream.write(harmless(text))
        return len(text)

    def _write_painted(self, text: str) -> None:
        end = 0
        for mark in _PAINT.finditer(text):
            self._stream.write(harmless(text[end : mark.start()]))
            if self._coloured:
                self._stream.write(f"\x1b[{mark['code']}m")
            end = mark.end()
        self._stream.write(harmless(text[end:]))

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "detach", "reconfigure"):
            raise AttributeError(name)
        return getattr(self._stream, name)


@contextmanager
def only_harmless() -> Iterator[None]:
    """Everything that is printed meanwhile is cleaned."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Cleaned(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
