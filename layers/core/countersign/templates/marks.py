"""Marks around what was inserted into a text, so that a preview can tell it from what was written.

Marks are characters of Unicode's private use area, which no text for people has. Loads no Liquid.
"""

from __future__ import annotations

import re
from typing import Literal

from countersign.model.base import Model
from countersign.templates.limits import RenderingBudget

PieceKind = Literal["plain", "value", "missing"]

_BEGIN, _MISSING, _END = "\ue000", "\ue001", "\ue002"
_MARKS = str.maketrans(dict.fromkeys((_BEGIN, _MISSING, _END), ""))
_MARKED = re.compile(f"([{_BEGIN}{_MISSING}])([^{_BEGIN}{_MISSING}{_END}]*){_END}")


class Piece(Model):
    """A part of a text that was filled in."""

    kind: PieceKind
    """``plain`` stands in the text itself, ``value`` was inserted, ``missing`` has no value."""
    text: str
    """As it reads; of a missing value, the template variable: ``document.number``."""


class MarkingBudget(RenderingBudget):
    """Has whatever is inserted marked, within the same bounds."""

    marks = True


def marked(text: str, source: str) -> str:
    """What is inserted for a template variable that is written as ``source``, with its marks."""
    if not text.strip():
        return f"{_MISSING}{source.translate(_MARKS)}{_END}"
    return f"{_BEGIN}{text.translate(_MARKS)}{_END}"


def pieces(text: str) -> tuple[Piece, ...]:
    """The parts of a text with marks, in their order."""
    parts: list[Piece] = []
    end = 0
    for match in _MARKED.finditer(text):
        _plain(parts, text[end : match.start()])
        kind: PieceKind = "missing" if match[1] == _MISSING else "value"
        parts.append(Piece(kind=kind, text=match[2]))
        end = match.end()
    _plain(parts, text[end:])
    return tuple(parts)


def as_marked(text: str, marked: str) -> tuple[Piece, ...]:
    """The parts of a text, by the same text with marks.

    It is one part where the marks made another text of it, as they do where the text asks whether
    something is empty that was filled in before.
    """
    parts = pieces(marked)
    whole = text.translate(_MARKS)
    reads = "".join(piece.text for piece in parts if piece.kind != "missing")
    if reads.split() == whole.split():
        return parts
    return (Piece(kind="plain", text=whole),) if whole else ()


def _plain(parts: list[Piece], text: str) -> None:
    text = text.translate(_MARKS)
    if text:
        parts.append(Piece(kind="plain", text=text))
