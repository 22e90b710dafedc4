"""What the providers share: keys, texts from outside, and the one field of a form."""

from __future__ import annotations

import pytest

from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.multipart import read_field, write_field
from countersign.providers._toolkit.payload import (
    TEXT_LENGTH,
    MaybeEmail,
    MaybeOrder,
    MaybeText,
    Payload,
)
from countersign.providers._toolkit.reading import read_payload


class Sample(Payload):
    """An edge model of every sort of text."""

    text: MaybeText = None
    email: MaybeEmail = None
    order: MaybeOrder = None


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (("a", None, "", 0), "a:-:-:0"),
        (("x" * 400,), "x" * 400),
    ],
)
def test_a_key_is_its_parts(parts: tuple[object, ...], key: str) -> None:
    assert event_key(*parts) == key


@pytest.mark.parametrize("letter", ["x", "ä", "€", "😀"])
def test_a_long_key_fits_a_sort_key_and_stays_its_own(letter: str) -> None:
    one, other = event_key(letter * 401, "a"), event_key(letter * 401, "b")
    assert one != other
    assert len(one.encode()) <= 465


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\x00b\x1b\x7fc", "abc"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("x" * (TEXT_LENGTH + 1), "x" * TEXT_LENGTH),
        ("  ", None),
        (17, "17"),
    ],
)
def test_text_from_outside_is_cleaned_and_cut(given: object, kept: str | None) -> None:
    assert read_payload(Sample, {"text": given}) == Sample(text=kept)


def test_blank_members_count_as_absent() -> None:
    assert read_payload(Sample, {"text": "", "email": " ", "order": ""}) == Sample()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"a\r\n\r\nb", b"ends with a line\r\n", b"\xff\x00"]
)
def test_a_field_is_read_as_it_was_written(content: bytes) -> None:
    body = write_field("json", content, "b")
    assert read_field("multipart/form-data; boundary=b", body, "json") == content
