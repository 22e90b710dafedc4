"""Odd members of a message fall to nothing, with a warning; only kind and envelope are needed."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from countersign.model.signing_event import Envelope, Signer, SigningEvent
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import (
    collecting,
    read_json,
    read_payload,
    with_warnings,
)
from countersign.providers.base import MalformedError
from countersign.simulation.world import START


class Person(Payload):
    email: MaybeEmail = None
    order: MaybeOrder = None


class Team(Payload):
    name: ProviderId
    people: tuple[Person, ...] = ()


class Message(Payload):
    event: ProviderId
    title: MaybeText = None
    until: MaybeIsoTime = None
    people: Annotated[tuple[Person, ...], Field(max_length=3)] = ()
    team: Team | None = None
    tags: dict[str, str] = Field(default_factory=dict)


def read(**members: Any) -> tuple[Message, list[str], bool]:
    with collecting() as left_out:
        message = read_payload(Message, {"event": "signed", **members})
    return message, left_out.warnings, left_out.from_lists


@pytest.mark.parametrize(
    ("member", "odd"),
    [
        ("title", {"text": "Lease"}),
        ("title", ["Lease"]),
        ("until", "2031-07-31"),
        ("until", "soon"),
        ("until", 5),
        ("people", None),
        ("people", "Otto"),
        ("team", "Sales"),
        ("team", []),
        ("team", {"people": []}),
        ("tags", 7),
        ("tags", None),
    ],
)
def test_an_odd_member_counts_as_absent_and_a_warning_names_it(member: str, odd: Any) -> None:
    message, warnings, _ = read(**{member: odd})
    assert message == Message(event="signed")
    assert [text.startswith(f"{member} of the message was not read: ") for text in warnings] == [
        True
    ]


def test_an_empty_array_where_php_means_an_empty_object_is_one() -> None:
    message, warnings, _ = read(tags=[])
    assert (message.tags, warnings) == ({}, [])


def test_the_other_members_of_an_odd_object_are_read() -> None:
    message, warnings, from_lists = read(people=[{"email": "a@b.example", "order": "first"}])
    assert message.people == (Person(email="a@b.example"),)
    assert warnings == [
        "people.0.order of the message was not read: "
        "Input should be a valid integer, unable to parse string as an integer"
    ]
    assert not from_lists


def test_an_object_that_lacks_what_it_needs_is_left_out_alone() -> None:
    message, warnings, _ = read(title="Lease", team={"people": [{"email": "a@b.example"}]})
    assert (message.title, message.team) == ("Lease", None)
    assert warnings == ["team of the message was not read: Field required"]


@pytest.mark.parametrize("odd", [None, "Otto", 5, []])
def test_a_list_without_one_of_its_elements_is_not_whole(odd: Any) -> None:
    good = {"email": "a@b.example"}
    message, _, from_lists = read(people=[good, odd, good])
    assert len(message.people) in (2, 3)
    assert from_lists is (len(message.people) == 2)


@pytest.mark.parametrize("people", [None, "Otto", 17, {"1": {"order": 1}}])
def test_a_list_of_another_type_may_have_held_somebody(people: Any) -> None:
    message, _, from_lists = read(people=people)
    assert message.people == ()
    assert from_lists


def test_an_odd_member_that_is_not_a_list_leaves_the_lists_whole() -> None:
    _, warnings, from_lists = read(until="soon", team="Sales")
    assert (len(warnings), from_lists) == (2, False)


class Part(Payload):
    people: tuple[Person, ...] = ()
    id: ProviderId


class Parts(Payload):
    parts: tuple[Part, ...]


def test_an_object_that_is_left_out_takes_nothing_of_the_next_one_with_it() -> None:
    lacking = {"people": [{"order": "first"}]}
    next_one = {"people": [{"order": 1}, {"order": 2}], "id": "b"}
    found = read_payload(Parts, {"parts": [lacking, next_one, lacking, {"id": "c"}]})
    assert [(one.id, [person.order for person in one.people]) for one in found.parts] == [
        ("b", [1, 2]),
        ("c", []),
    ]


class Either(Payload):
    count: int | Person | None = None


@pytest.mark.parametrize("odd", ["an int", ["int"], "Person"])
def test_the_name_of_an_alternative_is_no_place_in_the_message(odd: Any) -> None:
    assert read_payload(Either, {"count": odd}) == Either()


class Several(Payload):
    events: Annotated[tuple[Person, ...], Field(min_length=1)]


def test_a_list_that_needs_an_element_keeps_one_that_has_an_odd_member() -> None:
    several = read_payload(Several, {"events": [{"email": "a@b.example", "order": "first"}]})
    assert several == Several(events=(Person(email="a@b.example"),))
    with pytest.raises(MalformedError, match="events"):
        read_payload(Several, {"events": ["Otto"]})


def test_a_list_that_is_too_long_is_cut_and_not_whole() -> None:
    message, warnings, from_lists = read(people=[{"order": number} for number in range(5)])
    assert [person.order for person in message.people] == [0, 1, 2]
    assert warnings == [
        "the end of people of the message was not read: it has 5 elements, and 3 are read"
    ]
    assert from_lists


@pytest.mark.parametrize("name", [None, "", [], {}, "x" * 300, "a\x00b"])
def test_a_message_whose_kind_cannot_be_read_is_malformed(name: Any) -> None:
    with pytest.raises(MalformedError, match="event"):
        read_payload(Message, {"event": name, "title": "Lease"})


@pytest.mark.parametrize("body", [None, 5, "text", [1]])
def test_a_message_that_is_not_an_object_is_malformed(body: Any) -> None:
    with pytest.raises(MalformedError):
        read_payload(Message, body)


@given(
    st.dictionaries(
        st.sampled_from(["title", "until", "people", "team", "tags"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=5)
            | st.floats(allow_nan=False),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(["email", "order", "name", "people"]), inner, max_size=3
                )
            ),
            max_leaves=12,
        ),
    )
)
def test_no_message_with_odd_minor_members_is_refused(members: dict[str, Any]) -> None:
    message, _, _ = read(**members)
    assert message.event == "signed"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b'\xef\xbb\xbf{"title":"Lease"}', "Lease"),
        ('{"title":"Pacht für Öl"}'.encode("utf-16"), "Pacht für Öl"),
        ('{"title":"Pacht"}'.encode("utf-32"), "Pacht"),
        (b'{"title":"Lease \\ud83d"}', "Lease \ufffd"),
        (b'{"title":"Lease \\udc00 x"}', "Lease \ufffd x"),
        (b'{"title":"Lease \\ud83d\\ude00"}', "Lease \U0001f600"),
        (b'{"title":"Caf\xe9"}', "Caf\ufffd"),
        (b'{"title":"a\x01\nb"}', "a\x01\nb"),
        (b'{"title":"a","odd":1e999}', "a"),
        (b'{"title":"a","odd":NaN}', "a"),
        (b'{"title":"a","odd":' + b"9" * 5_000 + b"}", "a"),
        (b'{"title":"a","\\ud83d":1}', "a"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_json_that_is_written_oddly_is_read(body: bytes, title: str) -> None:
    assert read_json(body)["title"] == title


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 5_000 + b"]" * 5_000, b'{"a":"\\ud83d"', b"\xef\xbb\xbf", b"{'a': 1}"],
)
def test_what_has_no_reading_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_json(body)


def test_warnings_go_with_the_first_event_and_their_number_is_bounded() -> None:
    with collecting() as left_out:
        for number in range(40):
            left_out.note(f"m{number}", "odd", from_list=number == 0)
    state = Envelope(id="e", signers=(Signer(id="1"),))
    event = SigningEvent(
        kind="document.sent",
        key="k",
        provider_event="sent",
        occurred_at=START,
        envelope="e",
        state=state,
    )
    first, second = with_warnings((event, event), left_out)
    assert len(first.warnings) == 11
    assert first.warnings[-1] == "30 more members of the message were not read"
    assert second.warnings == ()
    for one in (first, second):
        assert one.state is not None
        assert not one.state.all_signers


def test_text_that_is_valid_json_is_read_as_it_is() -> None:
    value = {"a": [1, 2.5, None, True, "ü\u2028"], "b": {"c": "\ud83d\ude00"}}
    assert read_json(json.dumps(value).encode()) == {
        "a": [1, 2.5, None, True, "ü\u2028"],
        "b": {"c": "\U0001f600"},
    }
