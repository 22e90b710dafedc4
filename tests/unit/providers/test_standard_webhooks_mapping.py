"""Standard Webhooks: how the options of a connection map what a sender sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.examples import read_example
from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Envelope, Signer, SignerRef
from countersign.providers import provider
from countersign.providers.base import MalformedError, Request
from countersign.providers.standard_webhooks.mapping import DEFAULTS
from tests.unit.providers.attacks import EVENTS, SECRET, at

NOW = at("2026-03-16T11:20:03Z")
SUBJECT = provider("standard_webhooks")
OPTION_TEXTS = st.text(max_size=30) | st.sampled_from(
    ["data", "data.id|type", "data.envelope_id", "type=document.sent", "timestamp", "data.signer.0"]
)


def request(message: Any, **headers: str) -> Request:
    """An unsigned message."""
    given_headers = {"content-type": "application/json", "webhook-id": "msg_1", **headers}
    return Request(headers=given_headers, body=json.dumps(message).encode(), received_at=NOW)


def example(name: str) -> Request:
    """One of the examples."""
    return read_example((EVENTS / "standard_webhooks" / f"{name}.json").read_bytes(), NOW)


def holding(*secrets: str, **options: str) -> ConnectionCredentials:
    """A connection's secrets and options."""
    return ConnectionCredentials(
        connection="test",
        provider="standard_webhooks",
        pipeline="contracts",
        tokens=("token",),
        secrets=secrets or (SECRET,),
        options=options,
    )


@pytest.mark.parametrize(
    ("options", "data", "expected"),
    [
        (
            {"kinds": "contract.signed=signer.signed", "envelope": "data.contract.no"},
            {"type": "contract.signed", "data": {"contract": {"no": 17}}},
            {"kind": "signer.signed", "envelope": "17", "provider_event": "contract.signed"},
        ),
        (
            {"kinds": "a=document.sent,\n b = document.modified : revived ,"},
            {"type": "b", "data": {"id": "e"}},
            {"kind": "document.modified", "envelope": "e", "detail": {"change": "revived"}},
        ),
        (
            {
                "type": "event.name",
                "envelope": "items.1.id",
                "kinds": "done=document.completed",
            },
            {"event": {"name": "done"}, "items": [{"id": "first"}, {"id": "second"}]},
            {"kind": "document.completed", "envelope": "second"},
        ),
        (
            {"envelope": "absent|data.envelope"},
            {"type": "document.sent", "data": {"envelope": "e"}},
            {"kind": "document.sent", "envelope": "e"},
        ),
        (
            {"kinds": "document.sent=other"},
            {"type": "document.sent", "data": {"id": "e"}},
            {"kind": "other", "envelope": "e"},
        ),
        (
            {"kinds": "ping=webhook.test"},
            {"type": "ping"},
            {"kind": "webhook.test", "envelope": ""},
        ),
        (
            {"signer_email": "data.by", "signer_order": "data.place", "reason": "data.why"},
            {
                "type": "signer.declined",
                "data": {"id": "e", "by": "K@kunde.example", "place": "2", "why": "No"},
            },
            {
                "kind": "signer.declined",
                "signer": SignerRef(email="K@kunde.example", order=2),
                "reason": "No",
                "state": Envelope(
                    id="e",
                    signers=(Signer(email="K@kunde.example", order=2),),
                    all_signers=False,
                ),
            },
        ),
        (
            {"signer_name": "data.by"},
            {"type": "document.viewed", "data": {"id": "e", "by": "Klara Vogel"}},
            {
                "signer": SignerRef(name="Klara Vogel"),
                "state": Envelope(id="e", signers=(Signer(name="Klara Vogel"),), all_signers=False),
            },
        ),
    ],
)
def test_the_options_say_where_things_are(
    options: dict[str, str], data: Any, expected: dict[str, Any]
) -> None:
    assert SUBJECT.problems(holding(**options)) == ()
    (found,) = SUBJECT.parse(request(data), options)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-16T12:20:00+01:00", "2026-03-16T11:20:00Z"),
        (1773660000, "2026-03-16T11:20:00Z"),
        ("1773660000", "2026-03-16T11:20:00Z"),
        (1773660000688, "2026-03-16T11:20:00.688Z"),
    ],
)
def test_a_time_may_be_written_in_several_ways(value: Any, expected: str) -> None:
    message = {"type": "document.sent", "timestamp": value, "data": {"id": "e"}}
    (found,) = SUBJECT.parse(request(message))
    assert found.occurred_at == at(expected)


def test_without_a_time_in_the_body_that_of_the_attempt_counts() -> None:
    message = {"type": "document.sent", "data": {"id": "e"}}
    sent = at("2026-03-16T11:19:00Z")
    signed = SUBJECT.sign(request(message), SECRET, sent)
    assert SUBJECT.parse(signed)[0].occurred_at == sent
    assert SUBJECT.parse(request(message))[0].occurred_at == NOW


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"envelope": ""}, 'option "envelope": "" is not a valid path; expected one like'),
        ({"envelope": "data..id"}, 'option "envelope": "data..id" is not a valid path'),
        ({"title": "data.a|"}, 'option "title": "data.a|" is not a valid path'),
        ({"kinds": "signed"}, 'option "kinds": "signed"; expected <their type>=<our kind>'),
        ({"kinds": "a=b"}, "with one of document.created, document.sent"),
        ({"kinds": "=document.sent"}, "expected <their type>"),
    ],
)
def test_options_that_cannot_be_used_are_named(options: dict[str, str], says: str) -> None:
    assert says in "; ".join(SUBJECT.problems(holding(**options)))
    with pytest.raises(MalformedError) as caught:
        SUBJECT.parse(example("signer.signed_director"), options)
    assert says in str(caught.value)


def test_a_secret_that_is_no_base64_is_named_when_connecting() -> None:
    assert SUBJECT.problems(holding(SECRET, "no Base64!")) == (
        "secret 2 is not valid Base64; copy it as the provider shows it, with whsec_",
    )


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"kind": "x"}, 'nothing at type, where the option "type" has the type'),
        ({"type": "document.sent"}, 'where the option "envelope" has the id of the envelope'),
        ({"type": "document.sent", "data": {"id": {"no": 1}}}, "envelope"),
        ({"type": {"no": 1}}, "type"),
    ],
)
def test_what_the_mapping_does_not_find_or_cannot_use_is_named(message: Any, says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        SUBJECT.parse(request(message))


@pytest.mark.parametrize(
    ("odd", "place"),
    [
        ({"timestamp": "noon"}, "time"),
        ({"timestamp": "2026-03-16T11:20:00"}, "time"),
        ({"data": {"id": 1, "signer": {"id": 1, "order": "x"}}}, "signer_order"),
        ({"data": {"id": 1, "title": {"de": "Pacht"}}}, "title"),
        ({"data": {"id": 1, "signer": {"id": [1], "email": "k@kunde.example"}}}, "signer_id"),
    ],
)
def test_what_the_mapping_finds_and_cannot_use_counts_as_absent(odd: Any, place: str) -> None:
    message = {"type": "signer.signed", "data": {"id": 1}} | odd
    (found,) = SUBJECT.read(request(message))
    assert (found.kind, found.envelope) == ("signer.signed", "1")
    assert [text.partition(" ")[0] for text in found.warnings] == [place]


def test_a_message_without_its_id_is_malformed() -> None:
    bare = Request(body=b'{"type":"document.sent","data":{"id":1}}', received_at=NOW)
    with pytest.raises(MalformedError, match="webhook-id"):
        SUBJECT.parse(bare)


@given(
    options=st.dictionaries(st.sampled_from([*DEFAULTS, "odd"]), OPTION_TEXTS, max_size=4),
    name=st.sampled_from(["document.sent", "signer.signed_director", "document.declined"]),
)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_options_say_there_are_events_or_a_refusal(
    options: dict[str, str], name: str
) -> None:
    message = example(name)
    wrong = SUBJECT.problems(holding(**options))
    try:
        events = SUBJECT.parse(message, options)
    except MalformedError:
        return
    assert wrong == ()
    assert [one.key for one in events] == [f"message:{message.headers['webhook-id']}"]
