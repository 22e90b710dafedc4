"""What people changed on a document: it stays, whatever the provider says afterwards.

A field that a person saves belongs to people from then on; one that a person empties is free
again, and takes the next value that the provider tells. What rules and answers write is nobody's:
the provider's next value takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable

from countersign.model.document import Document
from countersign.model.log import FieldChange
from countersign.model.values import is_empty, quoted


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
    for change in changes:
        if is_empty(change.new):
            names.pop(change.field, None)
        else:
            names[change.field] = None
    return document.model_copy(update={"edited": tuple(names)})
