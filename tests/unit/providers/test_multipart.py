"""One text field is read out of a form, whatever else the form holds and however it is written."""

from __future__ import annotations

import pytest

from countersign.providers._toolkit.multipart import read_field, write_field
from countersign.providers._toolkit.reading import MalformedError

FORM = "multipart/form-data; boundary=b"


def part(name: str, content: str, *headers: str) -> str:
    lines = [f"Content-Disposition: form-data; name={name}", *headers, "", content]
    return "--b\r\n" + "\r\n".join(lines) + "\r\n"


@pytest.mark.parametrize(
    "body",
    [
        part('"json"', "found"),
        part("json", "found"),
        part('"other"', "not this") + part('"json"', "found") + part('"json"', "nor this"),
        part('"json"', "found", "Content-Type: text/plain", "X-Name: name=other"),
        "A preamble\r\n" + part('"json"', "found"),
        part('"json"', "found").replace("Content-Disposition", "CONTENT-DISPOSITION"),
        part('"json"', "found").replace("\r\n", "\n"),
        "--b\r\nX-Name: name=json\r\n\r\nnot this\r\n" + part('"json"', "found"),
        "--b\r\nno head\r\n" + part('"json"', "found"),
        part('"filename=json"', "not this") + part('"json"', "found"),
    ],
)
def test_the_first_part_of_that_name_is_read(body: str) -> None:
    assert read_field(FORM, f"{body}--b--\r\n".encode(), "json") == b"found"


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/form-data; boundary="b"',
        "multipart/form-data; charset=utf-8; BOUNDARY=b; x=y",
        "multipart/form-data;boundary=b,other",
    ],
)
def test_the_boundary_is_found_however_it_is_written(content_type: str) -> None:
    assert read_field(content_type, write_field("json", b"{}", "b"), "json") == b"{}"


def test_a_boundary_in_quotes_may_have_blanks() -> None:
    body = write_field("json", b"{}", "a b")
    assert read_field('multipart/form-data; boundary="a b"', body, "json") == b"{}"


@pytest.mark.parametrize(
    ("content_type", "field", "text"),
    [
        ("multipart/form-data", "json",
         "expected multipart/form-data with a boundary: multipart/form-data"),
        (f"text/{'x' * 200}", "json",
         f"expected multipart/form-data with a boundary: text/{'x' * 95}"),
        (FORM, "other", 'the form has no field "other"'),
        ("multipart/form-data; boundary=c", "json", 'the form has no field "json"'),
    ],
)  # fmt: skip
def test_a_form_without_the_field_is_refused_with_what_is_missing(
    content_type: str, field: str, text: str
) -> None:
    with pytest.raises(MalformedError) as refused:
        read_field(content_type, write_field("json", b"{}", "b"), field)
    assert str(refused.value) == text


def test_no_more_than_fifty_parts_are_looked_through() -> None:
    others = part('"other"', "x")
    assert read_field(FORM, (others * 49 + part('"json"', "found")).encode(), "json")
    with pytest.raises(MalformedError):
        read_field(FORM, (others * 50 + part('"json"', "found")).encode(), "json")
