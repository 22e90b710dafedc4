"""Plain text as HTML: escaped, with paragraphs, line breaks and links, and nothing else.

For mails: styles are inline, no colour is set, so that a mail reader's dark mode stays readable.
"""

from __future__ import annotations

import re

_ESCAPED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"},
)
_LINE_END = re.compile(r"\r\n?")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
# What turns the direction of reading, or is not seen, ends an address: it must look as it leads.
_HIDDEN = r"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x1f\x7f-\x9f"
_ADDRESS = re.compile(rf"(?<!\w)https?://[^\W_][^\s<>\"`{_HIDDEN}]*", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~\u2026\u00b7\u2018\u2019\u201c\u201d\u00ab\u00bb\u2039\u203a"
"""What ends a sentence or a quotation around an address rather than the address."""
_PAIRS = {")": "(", "]": "[", "}": "{"}

_BODY = (
    "margin:0;padding:16px;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5"
)
_PARAGRAPH = "margin:0 0 16px;white-space:pre-wrap"


def escape(text: str) -> str:
    """The text so that it is only text in HTML, in an attribute's quotes, too.

    As ``html.escape`` does, which costs a cold start the table of all entities.
    """
    return text.translate(_ESCAPED)


def paragraphs(text: str) -> str:
    """The text as paragraphs of HTML, split at blank lines; every other line break is kept.

    Addresses that begin with ``http://`` or ``https://`` become links, without the punctuation
    behind them. Nothing else of the text becomes an element.
    """
    lines = _LINE_END.sub("\n", text).strip("\n")
    return "\n".join(
        f'<p dir="auto" style="{_PARAGRAPH}">{_inline(part)}</p>'
        for part in _BLANK_LINES.split(lines)
        if part.strip()
    )


def page(content: str, language: str) -> str:
    """A whole HTML document around the content; ``language`` is a locale such as ``fr-CH``."""
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="{escape(language.replace("_", "-"))}">\n'
        '<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark"></head>\n'
        f'<body style="{_BODY}">\n{content}\n</body>\n</html>\n'
    )


def _inline(text: str) -> str:
    parts: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        address = _without_trailing(match[0])
        shown = escape(address)
        parts += (escape(text[end : match.start()]), f'<a href="{shown}">{shown}</a>')
        end = match.start() + len(address)
    parts.append(escape(text[end:]))
    return "".join(parts).replace("\n", "<br>")


def _without_trailing(address: str) -> str:
    """The address without the punctuation behind it; a bracket stays where it was opened in it."""
    unopened = {
        closing: address.count(closing) - address.count(opening)
        for closing, opening in _PAIRS.items()
    }
    end = len(address)
    while (last := address[end - 1]) in _TRAILING or unopened.get(last, 0) > 0:
        if last in unopened:
            unopened[last] -= 1
        end -= 1
    return address[:end]
