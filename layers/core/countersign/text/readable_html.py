"""What is shown of HTML, as plain text.

Apart from ``text.html``: the standard library's reader has the table of all entities, which costs
functions that only write HTML a part of their cold start.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_UNSEEN = frozenset({"head", "script", "style", "title"})
_BLOCKS = frozenset({"div", "h1", "h2", "h3", "h4", "li", "p", "table", "tr"})
_BREAKS = _BLOCKS | {"br", "hr"}
_WHITE = re.compile(r"\s+")


class _Reader(HTMLParser):
    """Collects what is shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _UNSEEN:
            self._hidden += 1
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(_WHITE.sub(" ", data))


def readable(html: str) -> str:
    """The text that is shown, with a line for each block; nothing of what is not seen."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)
