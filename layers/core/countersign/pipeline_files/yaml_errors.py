"""What is wrong with a YAML file, in sentences that say what to write instead."""

from __future__ import annotations

import re

import yaml

INSERT = (
    "YAML reads a text that begins with an insert as a mapping; put the whole text in quotes: "
    '"{{ … }} …"'
)
"""For ``text: {{ document.title }} is here``."""
_QUOTED = re.compile(r"""[:\-,\[{]\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*$""")

_BRACKETED = re.compile(r"[:\-,]\s+[\[{].*[\]}]\s*$")


def explanation(error: yaml.MarkedYAMLError, text: str) -> str:
    """The parser's error, with the remedy where the usual slip of that kind is known."""
    problem = error.problem or "it cannot be read"
    before, at = _around(error.problem_mark, text)
    context = error.context or ""
    if at == "\t":
        return "a tab cannot indent in YAML; use spaces"
    if "cannot start any token" in problem and at:
        if at == "%" and before.endswith("{"):
            return INSERT
        return f"a text cannot begin with {at} in YAML; write it in quotes"
    if "mapping values are not allowed" in problem:
        return (
            "a colon with a blank makes a mapping, which cannot stand here; "
            "fix the indentation, or write the text in quotes"
        )
    if "another document" in problem:
        return "a second document begins here; a pipeline file holds one"
    if "scanning an alias" in context or "scanning an anchor" in context:
        sign = "*" if "alias" in context else "&"
        return f"a text cannot begin with {sign} in YAML; write it in quotes"
    if "scanning a block scalar" in context:
        return "a text cannot begin with > or | in YAML; write it in quotes"
    if _QUOTED.search(before) and at not in ("", "#"):
        return "the text continues after its closing quote; put the whole text in quotes"
    if _BRACKETED.search(before) and at not in ("", "#"):
        return "the text continues after its closing bracket; put the whole text in quotes"
    return f"this is not valid YAML: {problem}{f' ({context})' if context else ''}"


def _around(mark: yaml.Mark | None, text: str) -> tuple[str, str]:
    """The line up to the mark, and the character that stands there."""
    lines = text.split("\n")
    if mark is None or mark.line >= len(lines):
        return "", ""
    line = lines[mark.line]
    return line[: mark.column], line[mark.column : mark.column + 1]
