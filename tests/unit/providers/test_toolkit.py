"""What providers share: keys of events, proofs in headers, times, and the parts of who one is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.connection import ConnectionCredentials
from countersign.providers._toolkit.ages import is_hours
from countersign.providers._toolkit.events import EventKeys, details, known_by
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.people import address_unless_hosts, full_name, full_number
from countersign.providers._toolkit.reading import collecting
from countersign.providers._toolkit.signatures import (
    check_age,
    is_recent,
    require_match,
    required_header,
)
from countersign.providers._toolkit.times import read_unix, read_written
from countersign.providers.base import Request, UnauthorizedError

KEYS = EventKeys(once=frozenset({"ended"}), once_per_signer=frozenset({"signed"}))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (KEYS.key("ended", "e-1", ("s-1",), 1700000000), "ended:e-1"),
        (KEYS.key("signed", "e-1", ("s-1",), 1700000000, identified=True), "signed:e-1:s-1"),
        (KEYS.key("signed", "e-1", ("a@b.example",), 17), "signed:e-1:a@b.example:17"),
        (KEYS.key("viewed", "e-1", ("s-1",), 17, identified=True), "viewed:e-1:s-1:17"),
        (KEYS.key("viewed", "e-1", ("a@b.example", None), None), "viewed:e-1:a@b.example:-:-"),
        (KEYS.key("viewed", "e-1"), "viewed:e-1:-"),
        (KEYS.key("viewed", None, ("s-1",)), "viewed:-:s-1"),
    ],
)
def test_a_key_has_a_signer_and_a_time_only_where_the_event_may_come_again(
    key: str, expected: str
) -> None:
    assert key == expected


@given(st.text(), st.text())
def test_what_ends_an_envelope_has_one_key_whatever_the_time(one: str, other: str) -> None:
    assert KEYS.key("ended", "e-1", (None,), one) == KEYS.key("ended", "e-1", (None,), other)


def test_a_signer_is_known_by_the_id_and_else_by_everything_said() -> None:
    assert known_by("7", "a@b.example", "Ada") == ("7",)
    assert known_by(None, "a@b.example", "Ada") == ("a@b.example", "Ada")
    assert known_by("", None, "Ada") == (None, "Ada")


def test_details_leave_out_what_is_absent() -> None:
    assert details(change="edited", template=None, file="") == {"change": "edited"}


@pytest.mark.parametrize("headers", [{}, {"x-proof": ""}])
def test_a_missing_header_says_what_to_do(headers: dict[str, str]) -> None:
    request = Request(headers=headers, received_at=NOON)
    with pytest.raises(UnauthorizedError, match=r"^no X-Proof header: tick the box$"):
        required_header(request, "X-Proof", "tick the box")
    with pytest.raises(UnauthorizedError, match=r"^no X-Proof header$"):
        required_header(request, "X-Proof")


def test_any_of_several_proofs_may_match_any_of_several_keys() -> None:
    require_match([b"new", b"old"], (key for key in (b"other", b"old")), "no match")
    for given_proofs in ([], [b"x"]):
        with pytest.raises(UnauthorizedError, match="no match"):
            require_match(given_proofs, [b"old"], "no match")
    with pytest.raises(UnauthorizedError, match="no match"):
        require_match([b""], [], "no match")


@pytest.mark.parametrize(
    ("value", "at", "warnings"),
    [
        (1772452800, NOON, []),
        ("1772452800", NOON, []),
        ("", None, []),
        (None, None, []),
        ("soon", None, ["event.time of the message was not read"]),
        (True, None, ["event.time of the message was not read"]),
        ("-5", None, ["event.time of the message was not read"]),
        ("123456789012", None, ["event.time of the message was not read"]),
    ],
)
def test_a_time_that_is_not_valid_is_absent_and_said_so(
    value: object, at: datetime | None, warnings: list[str]
) -> None:
    with collecting() as left_out:
        assert read_unix(value, "event.time") == at
    assert [text.partition(":")[0] for text in left_out.warnings] == warnings


def test_a_recent_time_is_past_and_within_the_limit() -> None:
    hour = timedelta(hours=1)
    assert is_recent(NOON, NOON, hour)
    assert is_recent(NOON - hour, NOON, hour)
    assert not is_recent(NOON - hour - timedelta(seconds=1), NOON, hour)
    assert not is_recent(NOON + timedelta(seconds=1), NOON, hour)
    assert not is_recent(None, NOON, hour)


@pytest.mark.parametrize("hours", ["9" * 13, "\u0663", "-1", "", "1.5"])
def test_an_age_limit_that_is_not_a_number_of_hours_refuses(hours: str) -> None:
    secrets = ConnectionCredentials(
        connection="c1",
        provider="dropbox_sign",
        pipeline="p1",
        tokens=(),
        options={"max_age_hours": hours},
    )
    with pytest.raises(UnauthorizedError, match="option max_age_hours of connection c1"):
        check_age(NOON, NOON, secrets, timedelta(hours=1))


@pytest.mark.parametrize(
    ("code", "number", "whole"),
    [
        ("49", "151 5550137", "+49 151 5550137"),
        ("+49", "151 5550137", "+49 151 5550137"),
        (None, "0151 5550137", "0151 5550137"),
        ("49", None, None),
    ],
)
def test_a_number_has_its_countrys_code(
    code: str | None, number: str | None, whole: str | None
) -> None:
    assert full_number(code, number) == whole


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [("Ada", "Lind", "Ada Lind"), (None, "Lind", "Lind"), ("", "", None), (None, None, None)],
)
def test_a_name_is_made_of_the_parts_there_are(
    first: str | None, last: str | None, whole: str | None
) -> None:
    assert full_name(first, last) == whole


@pytest.mark.parametrize(
    ("email", "name", "address"),
    [
        ("host@acme.example", "Klara Lind", None),
        ("HOST@acme.example", None, None),
        ("host@acme.example", "max host", "host@acme.example"),
        ("klara@kunde.example", "Klara Lind", "klara@kunde.example"),
        (None, "Klara Lind", None),
    ],
)
def test_the_hosts_address_is_not_the_signers(
    email: str | None, name: str | None, address: str | None
) -> None:
    known = address_unless_hosts(email, name, host_email="host@acme.example", host_name="Max Host")
    assert known == address


def test_numbers_ticks_and_nothing_are_custom_fields_as_json_writes_them() -> None:
    given: dict[str, object] = {
        "a": True,
        "b": False,
        "c": None,
        "d": 3,
        "e": 4.5,
        "f": "x",
        "g": [1],
        "h": {},
        "": 1,
    }
    assert custom_fields(given) == {
        "a": "true",
        "b": "false",
        "c": "",
        "d": "3",
        "e": "4.5",
        "f": "x",
    }


def test_of_several_groups_of_custom_fields_the_later_one_counts() -> None:
    assert custom_fields({"a": "1", "b": "1"}, None, [], {"b": "2"}) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("GMT", 0), ("UT", 0), ("utc", 0), ("Z", 0), ("EST", -5), ("EDT", -4), ("CST", -6),
     ("CDT", -5), ("MST", -7), ("MDT", -6), ("PST", -8), ("pdt", -7), ("GMT+5:30", 5.5),
     ("GMT-03:30", -3.5), ("+0200", 2), ("-0700", -7), ("EST+1:00", -4), ("PST-1:00", -9)],
)  # fmt: skip
def test_a_written_time_is_read_with_the_zones_of_mail(zone: str, hours: float) -> None:
    noon = datetime(2025, 5, 16, 12, tzinfo=UTC)
    assert read_written(f"Fri, 16 May 2025 12:00:00 {zone}") == noon - timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["", "IST", "CEST", "GMT+530x"])
def test_a_written_time_of_a_zone_with_several_meanings_is_none(zone: str) -> None:
    assert read_written(f"Fri, 16 May 2025 12:00:00 {zone}") is None


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("0", True),
        ("24", True),
        ("999999", True),
        ("1000000", False),
        ("", False),
        ("-1", False),
        ("1.5", False),
        ("\u0661", False),
    ],
)
def test_an_age_is_whole_hours_of_six_digits_at_most(text: str, fits: bool) -> None:
    assert is_hours(text) is fits
