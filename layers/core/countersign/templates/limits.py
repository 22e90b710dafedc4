"""How long a text may be and how much work filling it in may be, before and while it is read.

Loads no Liquid. What is not well formed in a way that takes long to find out is found out here, in
one pass: Liquid's own reader searches the rest of the text for every end that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from countersign.errors import PermanentError

MAX_SOURCE = 128 * 1024
"""Characters of a text before its inserts are filled in."""
MAX_BRACKETS = 100
"""Opening brackets in one insert: for each of them Liquid searches the rest of the insert."""
MAX_BLANKS = 200
"""Blanks in a row within an insert: Liquid tries all ways to divide them."""
MAX_WORK = 4_000_000
"""Steps that filling in all texts of one effect may take, a second; see ``RenderingBudget``."""

ENDS = {"{{": "}}", "{%": "%}"}
_BEGIN = re.compile(r"\{\{|\{%")
_BLANKS = re.compile(rf"\s{{{MAX_BLANKS + 1}}}")
_VERBATIM = re.compile(r"\{%-?\s*(raw|doc)\s*-?%\}")


class RenderingBudget:
    """What may still be done; one for all texts of an effect.

    A step is about a quarter of a microsecond: a character of a loop's inside in each of its turns,
    eight characters that a filter reads or makes, a hundredth of a sum of money with its currency.
    """

    marks = False
    """Whether what is inserted is marked; only previews ask for that."""

    def __init__(self, left: int = MAX_WORK) -> None:
        self.left = left

    def spend(self, steps: int) -> bool:
        """Take so many steps; whether there were enough of them left."""
        self.left -= steps
        return self.left >= 0


def size(value: object) -> int:
    """How much there is to read of a value, in characters; of a list, what its items have."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return 16 * len(value)
    if isinstance(value, Sequence):
        return sum(16 + (len(item) if isinstance(item, str) else 0) for item in value)
    return 8


def check_source(source: str) -> None:
    """Raise PermanentError, with the line, for a text that is too long or leaves an insert open."""
    if len(source) > MAX_SOURCE:
        msg = f"the text has {len(source):,} characters; expected at most {MAX_SOURCE:,}"
        raise PermanentError(msg)
    place = 0
    while begin := _BEGIN.search(source, place):
        place = _end(source, begin.start(), begin[0])


def _end(source: str, start: int, opening: str) -> int:
    """Where the insert that begins at ``start`` ends."""
    where = f"line {source.count(chr(10), 0, start) + 1}: "
    closing = ENDS[opening]
    end = source.find(closing, start + 2)
    if end < 0:
        msg = f"{where}expected '{closing}', found end of file"
        raise PermanentError(msg)
    end += 2
    if source.count("(", start, end) + source.count("[", start, end) > MAX_BRACKETS:
        msg = f"{where}an insert has more than {MAX_BRACKETS} brackets; make it shorter"
        raise PermanentError(msg)
    if _BLANKS.search(source, start, end):
        msg = f"{where}an insert has more than {MAX_BLANKS} blanks in a row; remove them"
        raise PermanentError(msg)
    verbatim = _VERBATIM.match(source, start, end)
    if verbatim is None:
        return end
    last = re.compile(rf"\{{%-?\s{{0,{MAX_BLANKS}}}end{verbatim[1]}\s{{0,{MAX_BLANKS}}}-?%\}}")
    ending = last.search(source, end)
    if ending is None:
        msg = f"{where}expected '{{% end{verbatim[1]} %}}', found end of file"
        raise PermanentError(msg)
    return ending.end()
