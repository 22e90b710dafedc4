"""What people set on a document is theirs, until they empty it."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.edits import edited, keeps, kept, with_own_title
from countersign.model.document import Document
from countersign.model.log import FieldChange
from countersign.simulation.world import START


def document(**more: Any) -> Document:
    given = {"id": "d", "pipeline": "p", "stage": "s", "since": START, "created_at": START}
    return Document.model_validate({**given, **more})


def changed(home: Document, **changes: tuple[Any, Any]) -> tuple[tuple[str, ...], str | None]:
    made = [FieldChange(field=name, old=old, new=new) for name, (old, new) in changes.items()]
    after = edited(home, made)
    return after.edited, after.envelope_title


@pytest.mark.parametrize(
    ("home", "changes", "expected"),
    [
        ({}, {"number": (None, "1"), "end": (None, "x")}, (("number", "end"), None)),
        ({"edited": ("number",)}, {"number": ("1", None)}, ((), None)),
        ({"edited": ("number",)}, {"number": ("1", " ")}, ((), None)),
        ({}, {"number": ("1", None)}, ((), None)),
        ({"edited": ("number",)}, {"number": ("1", "2")}, (("number",), None)),
        ({}, {"title": ("Theirs", "Mine")}, (("title",), "Theirs")),
        ({}, {"title": (None, "Mine")}, (("title",), None)),
        ({"edited": ("title",), "envelope_title": "Theirs"}, {"title": ("Mine", "Other")},
         (("title",), "Theirs")),
        ({"edited": ("title",), "envelope_title": "Theirs"}, {"title": ("Mine", None)}, ((), None)),
        ({"edited": ("title",), "envelope_title": "Theirs"}, {"number": (None, "1")},
         (("title", "number"), "Theirs")),
        ({}, {"number": ("Old", "New")}, (("number",), None)),
    ],
)  # fmt: skip
def test_what_a_person_saves_belongs_to_people(
    home: dict[str, Any], changes: dict[str, tuple[Any, Any]], expected: tuple[Any, Any]
) -> None:
    assert changed(document(**home), **changes) == expected


MINE = document(title="Mine", edited=("title",), envelope_title="Theirs")
WARNING = (
    'the envelope says "New", but title stays as a person set it; '
    "empty the field to take the next value from the envelope"
)


@pytest.mark.parametrize(
    ("told", "title", "envelope_title", "warning"),
    [
        (None, "After", "Theirs", None),
        ("Theirs", "Mine", "Theirs", None),
        ("New", "Mine", "New", WARNING),
        ("MINE", "Mine", "MINE", None),
    ],
)
def test_a_title_of_a_persons_stays_and_news_is_told_once(
    told: str | None, title: str, envelope_title: str | None, warning: str | None
) -> None:
    after = MINE.model_copy(update={"title": "After"})
    found, text = with_own_title(MINE, after, told)
    assert (found.title, found.envelope_title, text) == (title, envelope_title, warning)


def test_a_title_that_nobody_set_is_the_envelopes() -> None:
    before, after = document(title="Old"), document(title="New")
    assert with_own_title(before, after, "New") == (after, None)


@pytest.mark.parametrize(
    ("says", "text"), [("x", '"x"'), ("", "nothing"), ("  ", "nothing"), (None, "nothing")]
)
def test_what_the_envelope_says_instead_is_told(says: str | None, text: str) -> None:
    assert kept("number", "the envelope", says) == (
        f"the envelope says {text}, but number stays as a person set it; "
        "empty the field to take the next value from the envelope"
    )


def test_only_fields_that_a_person_changed_are_kept() -> None:
    assert keeps(MINE, "title")
    assert not keeps(MINE, "number")
