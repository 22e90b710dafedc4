"""Reads the XML of DocuSign's legacy messages as nested dictionaries; cuts secrets out of it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

from countersign.providers._toolkit.reading import MalformedError
from countersign.providers._toolkit.redaction import REDACTED

DEPTH = 40
MAX_PARTS = 150_000
"""Elements and attributes of a message, about a quarter of a second to read; 200 signers with 30
tabs each make half as many."""
_NEVER_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LISTS = frozenset({"RecipientStatus", "CustomField"})
SKIPPED = frozenset({"TabStatuses", "FormData", "DocumentStatuses", "DocumentPDFs", "Attachments"})


def read_xml(body: bytes) -> dict[str, Any]:
    """The elements as nested dictionaries, those of ``LISTS`` as lists; ``MalformedError`` for
    what is not valid XML, has a document type, or is too deep or too long.
    """
    return _read_xml(_readable(body))[0]


def redacted_xml(body: bytes, names: Iterable[str]) -> str:
    """The XML text with the contents of elements of these names (lower case) cut out."""
    body = _readable(body)
    _, cuts = _read_xml(body, frozenset(names))
    kept, last = [], 0
    for start, end in cuts:
        kept.append(body[last:start])
        last = end
    return REDACTED.join(part.decode("utf-8", "replace") for part in [*kept, body[last:]])


def _readable(body: bytes) -> bytes:
    """The XML as UTF-8 without what no XML may hold: bytes that are not UTF-8 become U+FFFD."""
    utf_16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = body.decode("utf-16" if utf_16 else "utf-8", "replace")
    return _NEVER_IN_XML.sub("", text).encode()


def _read_xml(
    body: bytes, secret: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """The elements as nested dictionaries, and where the contents of secret elements stand.

    No document type is accepted, so there are no entities to expand and nothing to fetch; the
    text is UTF-8 whatever it says of itself.
    """
    reader = _Reader(secret)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise MalformedError("the XML brings a document type, which DocuSign never sends")

    parser.StartDoctypeDeclHandler = refuse
    parser.ordered_attributes = True
    parser.StartElementHandler = lambda name, attributes: reader.start(
        name, len(attributes) // 2, parser.CurrentByteIndex, body
    )
    parser.EndElementHandler = lambda name: reader.end(name, parser.CurrentByteIndex)
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:
        raise MalformedError(f"the body is not valid XML: {error}") from error
    return reader.root, reader.cuts


class _Reader:
    """Collects what the parser tells."""

    def __init__(self, secret: frozenset[str]) -> None:
        self.root: dict[str, Any] = {}
        self.cuts: list[tuple[int, int]] = []
        self._secret = secret
        self._open: list[tuple[dict[str, Any], list[str]]] = [(self.root, [])]
        self._skipping = 0
        self._cutting = 0
        self._cut_from = 0
        self._parts = 0

    def start(self, name: str, attributes: int, at: int, body: bytes) -> None:
        self._parts += 1 + attributes
        if self._parts > MAX_PARTS:
            msg = f"the XML has more than {MAX_PARTS:,} elements and attributes"
            raise MalformedError(msg)
        if len(self._open) > DEPTH:
            raise MalformedError(f"the XML is nested deeper than {DEPTH} elements")
        self._open.append(({}, []))
        self._skipping += name in SKIPPED
        if name.lower() in self._secret:
            self._cut_from = self._cut_from if self._cutting else body.index(b">", at) + 1
            self._cutting += 1

    def text(self, data: str) -> None:
        if not self._skipping:
            self._open[-1][1].append(data)

    def end(self, name: str, at: int) -> None:
        inner, texts = self._open.pop()
        self._skipping -= name in SKIPPED
        if name.lower() in self._secret:
            self._cutting -= 1
            # An empty element that closes itself ends where it began.
            if not self._cutting and at > self._cut_from:
                self.cuts.append((self._cut_from, at))
        parent = self._open[-1][0]
        value: Any = inner or ("".join(texts).strip() or None)
        if name in LISTS:
            parent.setdefault(name, []).append(value)
        else:
            parent.setdefault(name, value)
