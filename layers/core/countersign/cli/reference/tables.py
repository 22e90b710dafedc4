"""Tables of Markdown, and the check that texts and code have the same names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from countersign.cli.catalogue.words import Words


def require_same(what: str, names: Iterable[str], texts: Iterable[str]) -> None:
    """ValueError where the texts and the code do not have the same names."""
    if set(names) != set(texts):
        msg = f"cli.reference.texts: {what} differ from the code: {set(names) ^ set(texts)}"
        raise ValueError(msg)


def default_in_words(default: object, words: Words) -> str:
    """What holds where a setting is left out."""
    if default in (None, "", [], {}):
        return words.none
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, dict):
        written = ", ".join(f'{key}: "{value}"' for key, value in default.items())
        is_plain = all(isinstance(value, str) for value in default.values())
        return f"`{{{written}}}`" if is_plain else words.its_defaults
    return f"`{default}`"


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    for row in (heading, ["---"] * len(heading), *rows):
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"


def _cell(text: str) -> str:
    """The text as a cell; what looks like HTML is escaped outside code."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(
        part if n % 2 else part.replace("<", "&lt;").replace(">", "&gt;")
        for n, part in enumerate(parts)
    )
