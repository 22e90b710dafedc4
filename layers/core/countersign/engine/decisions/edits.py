"""What people changed on a document: it stays, whatever the provider says afterwards.

A field that a person saves belongs to people from then on; one that a person empties is free
again, and takes the next value that the provider tells. What rules and answers write is nobody's:
the provider's next value takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable

from countersign.model.document import Document
from countersign.model.log import FieldChange
from countersign.model.values import is_empty, quoted, same


def keeps(document: Document, name: str) -> bool:
    """Whether a person changed the field of that name, so that no message may."""
    return name in document.edited


def kept(name: str, source: str, says: str | None) -> str:
    """What the timeline tells where ``source`` says something else than a person did."""
    text = quoted(says) if says and says.strip() else "nothing"
    return (
        f"{source} says {text}, but {name} stays as a person set it; "
        "empty the field to take the next value from the envelope"
    )


def edited(document: Document, changes: Iterable[FieldChange]) -> Document:
    """The document after a person made these changes."""
    names = dict.fromkeys(document.edited)
    envelope_title = document.envelope_title
    for change in changes:
        if change.field == "title" and isinstance(change.old, str) and "title" not in names:
            envelope_title = change.old
        if is_empty(change.new):
            names.pop(change.field, None)
        else:
            names[change.field] = None
    if "title" not in names:
        envelope_title = None
    return document.model_copy(update={"edited": tuple(names), "envelope_title": envelope_title})


def with_own_title(
    before: Document, after: Document, title: str | None
) -> tuple[Document, str | None]:
    """The document after a message, with its title as a person gave it, and what to tell of it.

    ``title`` is the envelope's title by the newest message; None where that says none.
    """
    if title is None or not keeps(before, "title"):
        return after, None
    kept_title = {"title": before.title, "envelope_title": title}
    is_news = title != before.envelope_title and not same(title, before.title, "text")
    warning = kept("title", "the envelope", title) if is_news else None
    return after.model_copy(update=kept_title), warning
