"""Where what comes from outside is cut or refused, and what lies just beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.model.connection import ConnectionCredentials
from countersign.providers._toolkit.form import read_form, read_nested, write_nested
from countersign.providers._toolkit.json_access import custom_fields, first_text, inner, loose_id
from countersign.providers._toolkit.payload import MaybeEmail, MaybeId, MaybeOrder, Payload
from countersign.providers._toolkit.reading import (
    MalformedError,
    SkippedParts,
    collecting,
    read_json,
    read_payload,
    with_warnings,
)
from countersign.providers._toolkit.request import UnauthorizedError
from countersign.providers._toolkit.signatures import check_age, is_recent
from countersign.providers._toolkit.times import read_milliseconds, read_written, unix_time
from countersign.simulation.world import START
from tests.builders import envelope, event


class Outside(Payload):
    """Members of other people's messages."""

    id: MaybeId = None
    email: MaybeEmail = None
    order: MaybeOrder = None


ADDRESS = "a" * 308 + "@acme.example"


@pytest.mark.parametrize(
    ("member", "fits", "odd"),
    [
        ("id", "x" * 200, "x" * 201),
        ("id", "x y", "x\ny"),
        ("email", ADDRESS[1:], ADDRESS),
        ("order", 100_000, 100_001),
        ("order", 0, -1),
    ],
)
def test_a_member_beyond_its_bounds_counts_as_absent(member: str, fits: Any, odd: Any) -> None:
    assert getattr(read_payload(Outside, {member: fits}), member) == fits
    assert getattr(read_payload(Outside, {member: odd}), member) is None


# --- custom fields and texts


def test_five_hundred_custom_fields_are_kept_with_two_thousand_characters_each() -> None:
    told = {f"f{n}": "x" for n in range(501)}
    assert list(custom_fields(told)) == [f"f{n}" for n in range(500)]
    long = {"n" * 2_001: "t" * 2_001, "e" * 2_000: "u" * 2_000}
    assert custom_fields(long) == {"n" * 2_000: "t" * 2_000, "e" * 2_000: "u" * 2_000}


@pytest.mark.parametrize(
    ("groups", "kept"),
    [
        (({"a": 1, "b": 2.5, "c": True, "d": False, "e": None},),
         {"a": "1", "b": "2.5", "c": "true", "d": "false", "e": ""}),
        (({"a": [1], "b": {"c": 1}, "": "x"},), {}),
        (({"a": "1"}, {"a": "2", "b": "3"}), {"a": "2", "b": "3"}),
        ((None, "text", [1], {"a": "1"}), {"a": "1"}),
        ((), {}),
    ],
)  # fmt: skip
def test_custom_fields_are_texts_by_name(groups: Any, kept: dict[str, str]) -> None:
    assert custom_fields(*groups) == kept


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("x" * 2_001, "x" * 2_000),
        ("", None),
        (5, None),
        ({"b": " ", "a": "second", "c": "third"}, "second"),
        ({"a": 5, "b": "text"}, "text"),
        ({"c": "not asked for"}, None),
        ({}, None),
    ],
)
def test_a_reason_is_the_first_text_that_is_there(value: Any, text: str | None) -> None:
    assert first_text(value, "b", "a") == text


def test_a_member_at_the_end_of_a_path_is_found_or_is_none() -> None:
    tree = {"a": {"b": {"c": 5}}}
    assert inner(tree, "a", "b", "c") == 5
    assert inner(tree, "a", "x", "c") is None
    assert inner(tree, "a", "b", "c", "d") is None
    assert inner([tree], "a") is None
    assert inner(tree) == tree


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("x1", "x1"),
        (7, "7"),
        (True, None),
        (1.5, None),
        (None, None),
        ("x" * 201, None),
        ("", None),
    ],
)
def test_an_id_is_a_text_or_a_whole_number(value: Any, found: str | None) -> None:
    assert loose_id(value) == found


# --- forms


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"a=1&b=2&a=3", {"a": "3", "b": "2"}),
        (
            b"data[FIELDS][ID]=1&data[FIELDS][NAME]=x",
            {"data": {"FIELDS": {"ID": "1", "NAME": "x"}}},
        ),
        (b"a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}),
        (b"a[][b]=1&a[][b]=2", {"a": {"0": {"b": "1"}, "1": {"b": "2"}}}),
        (b"a[b=1&[c]=2", {"a[b": "1", "[c]": "2"}),
        (b"a=&b", {"a": "", "b": ""}),
        (b"", {}),
    ],
)
def test_a_form_is_read_as_php_does(body: bytes, found: dict[str, Any]) -> None:
    assert read_nested(body) == found


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"a=1&a[b]=2", 'the form has "a[b]" as a value and as an object'),
        (b"a[b]=2&a=1", 'the form has "a" as a value and as an object'),
        (b"a[b]=1&a[b][c]=2", 'the form has "a[b][c]" as a value and as an object'),
        (b"a" + b"[b]" * 12 + b"=1", "the form is nested deeper than 12"),
        (b"&".join([b"a=1"] * 2_001),
         "the body is not a valid form: Max number of fields exceeded"),
    ],
)  # fmt: skip
def test_a_form_that_contradicts_itself_or_is_too_large_is_malformed(
    body: bytes, text: str
) -> None:
    with pytest.raises(MalformedError) as refused:
        read_nested(body)
    assert str(refused.value) == text


def test_the_largest_form_is_read() -> None:
    assert read_form(b"&".join([b"a=1"] * 2_000)) == {"a": "1"}
    assert read_nested(b"a" + b"[b]" * 11 + b"=1")["a"]
    for body in (b"a=\xff", b"a=%ff"):
        with pytest.raises(MalformedError):
            read_form(body)


def test_what_is_written_as_a_form_is_read_as_it_was() -> None:
    value = {"a": {"b": "1", "c": [{"d": "ü&="}, {"d": 2}]}, "yes": True, "no": None}
    assert write_nested(value) == (
        b"a%5Bb%5D=1&a%5Bc%5D%5B0%5D%5Bd%5D=%C3%BC%26%3D&a%5Bc%5D%5B1%5D%5Bd%5D=2&yes=1"
    )
    assert read_nested(write_nested(value)) == {
        "a": {"b": "1", "c": {"0": {"d": "ü&="}, "1": {"d": "2"}}},
        "yes": "1",
    }


# --- JSON that is odd


@pytest.mark.parametrize(("digits", "kept"), [(400, True), (401, False)])
def test_a_number_of_too_many_digits_is_null(digits: int, kept: bool) -> None:
    with collecting() as left_out:
        read = read_json(b'{"n": ' + b"7" * digits + b', "text": "a\x01"}')
    assert (read["n"] is not None, read["text"]) == (kept, "a\x01")
    assert left_out.warnings


@pytest.mark.parametrize(("warnings", "kept", "last"), [
    (10, 10, "w9 of the message was not read: odd"),
    (11, 11, "1 more members of the message were not read"),
    (30, 11, "20 more members of the message were not read"),
])  # fmt: skip
def test_ten_warnings_are_told_and_how_many_more_there_are(
    warnings: int, kept: int, last: str
) -> None:
    left_out = SkippedParts()
    for number in range(warnings):
        left_out.note(f"w{number}", "odd")
        left_out.note(f"w{number}", "odd")
    events = (event("document.sent", state=envelope()), event("document.viewed"))
    first, second = with_warnings(events, left_out)
    assert (len(first.warnings), first.warnings[-1]) == (kept, last)
    assert second == events[1]


def test_a_message_that_tells_nothing_has_nobody_to_tell_what_was_not_read() -> None:
    left_out = SkippedParts()
    left_out.note("title", "odd")
    assert with_warnings((), left_out) == ()


def test_every_list_of_a_message_of_which_an_element_was_left_out_is_not_whole() -> None:
    left_out = SkippedParts()
    left_out.note("signers.1", "odd", from_list=True)
    left_out.note("title", "odd")
    events = tuple(event("document.sent", minute=n, state=envelope()) for n in range(2))
    states = [one.state for one in with_warnings(events, left_out)]
    assert [state and state.all_signers for state in states] == [False, False]


# --- times


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("1772442000", START),
        ("99999999999", datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_seconds_since_1970_have_eleven_digits_at_most(value: Any, found: datetime | None) -> None:
    assert unix_time(value) == found
    for odd in ("100000000000", "-1", "1.5", True):
        with pytest.raises(ValueError, match="expected seconds since 1970"):
            unix_time(odd)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1_772_442_000_000, START),
        ("1772442000000", START),
        ("2026-03-02T10:00:00+01:00", START),
        ("0", None),
        (True, None),
        ("1" * 15, None),
        (None, None),
    ],
)
def test_milliseconds_have_fourteen_digits_at_most(value: Any, found: datetime | None) -> None:
    assert read_milliseconds(value) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Mon, 02 Mar 2026 09:00:00 GMT", START),
        ("2 mar 2026 09:00:00 z", START),
        ("Mon, 02 Mar 2026 14:30:00 GMT+5:30", START),
        ("Mon, 02 Mar 2026 14:30:00 +0530", START),
        ("Mon, 02 Mar 2026 05:00:00 -0400", START),
        ("Mon, 02 Mar 2026 04:00:00 EST", START),
        ("Mon, 02 Mar 2026 05:00:00 EDT", START),
        ("Mon, 02 Mar 2026 03:00:00 CST", START),
        ("Mon, 02 Mar 2026 04:00:00 CDT", START),
        ("Mon, 02 Mar 2026 02:00:00 MST", START),
        ("Mon, 02 Mar 2026 03:00:00 MDT", START),
        ("Mon, 02 Mar 2026 01:00:00 PST", START),
        ("Mon, 02 Mar 2026 02:00:00 PDT", START),
        ("Mon, 02 Mar 2026 09:00:00 UT", START),
        (" Mon, 02 Mar 2026 09:00:00 UTC ", START),
        ("2026-03-02T09:00:00Z", START),
        ("Mon, 02 Mar 2026 09:00:00 IST", None),
        ("Mon, 02 Mar 2026 09:00:00 ", None),
        ("Mon, 02 Foo 2026 09:00:00 GMT", None),
        ("Mon, 31 Feb 2026 09:00:00 GMT", None),
        ("Mon, 02 Mar 2026 09:00:00 GMT+25:00", None),
        ("Fri, 31 Dec 9999 23:00:00 PST", None),
        (5, None),
    ],
)
def test_a_time_that_is_written_out_needs_a_zone_that_means_one(
    written: Any, found: datetime | None
) -> None:
    assert read_written(written) == found


DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def credentials(**options: str) -> ConnectionCredentials:
    return ConnectionCredentials(
        connection="c1", provider="docusign", pipeline="p", tokens=("t",), options=options
    )


@pytest.mark.parametrize(
    ("age", "options", "fits"),
    [
        (DAY, {}, True),
        (DAY + SECOND, {}, False),
        (timedelta(hours=-1), {}, True),
        (timedelta(hours=-1) - SECOND, {}, False),
        (2 * DAY, {"max_age_hours": "48"}, True),
        (2 * DAY + SECOND, {"max_age_hours": "48"}, False),
        (900 * DAY, {"max_age_hours": "0"}, True),
    ],
)
def test_a_signed_time_is_neither_too_old_nor_ahead_by_more_than_an_hour(
    age: timedelta, options: dict[str, str], fits: bool
) -> None:
    if fits:
        check_age(START - age, START, credentials(**options), DAY)
    else:
        with pytest.raises(UnauthorizedError, match="is not within"):
            check_age(START - age, START, credentials(**options), DAY)
    with pytest.raises(UnauthorizedError, match="is missing or cannot be read"):
        check_age(None, START, credentials(**options), DAY)


@pytest.mark.parametrize(
    ("at", "recent"),
    [(START, True), (START - DAY, True), (START - DAY - SECOND, False), (START + SECOND, False),
     (None, False)],
)  # fmt: skip
def test_an_example_s_time_may_stay_while_it_is_past_and_not_old(
    at: datetime | None, recent: bool
) -> None:
    assert is_recent(at, START, DAY) is recent
