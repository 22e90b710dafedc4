"""A web address is called with what the document says, signed, and its answer fills fields."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from standardwebhooks import Webhook

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.rules.base import Reply
from tests.unit.rules.scene import ANNA, NOW, PIPELINE, context, rule

URL = "https://crm.acme.example/contracts"
KEY = "whsec_" + base64.b64encode(b"a key of twenty-four or more").decode()
SECRETS = {"crm": KEY, "token": "t-1", "address": "https://hooks.acme.example/T1/B2"}


def secret(name: str) -> str:
    """The secrets of these tests."""
    return SECRETS[name]


def call(url: str = URL, *, changes: dict[str, Any] | None = None, **settings: Any) -> WebRequest:
    """The call of such a rule for the document, with these changes of it."""
    request: WebRequest = rule("call_web_address", url=url, **settings).request(
        context(**(changes or {})), secret
    )
    return request


def problems(**settings: Any) -> list[tuple[str, str]]:
    """What publishing refuses of such a rule."""
    return list(rule("call_web_address", **{"url": URL, **settings}).problems(PIPELINE))


def test_without_a_body_the_document_is_told_as_json_under_the_run_s_key() -> None:
    made = call()
    body = json.loads(made.body)
    assert (made.method, made.url, made.repeatable) == ("POST", URL, False)
    assert made.headers == {
        "content-type": "application/json",
        "idempotency-key": "d1.1.it",
        "webhook-id": "d1.1.it",
    }
    assert body["idempotency_key"] == "d1.1.it"
    assert body["at"] == NOW.isoformat()
    document = body["document"]
    assert (document["id"], document["amount"], document["currency"]) == ("d1", "1000.1", "EUR")
    assert document["fields"] | {"end": None} == dict.fromkeys(PIPELINE.fields) | {
        "call_at": "2026-03-28T09:00:00+00:00",
        "lawyer": "ben@acme.example",
    }
    assert document["signers"] == [
        {
            "name": "Klara",
            "email": "klara@kunde.example",
            "role": None,
            "party": "client",
            "status": "waiting",
            "signed_at": None,
        }
    ]


def test_a_body_goes_as_json_with_its_inserts_filled_in_wherever_they_stand() -> None:
    made = call(
        body={
            "name": "{{ document.title }}",
            "sum": "{{ document.amount }}",
            "who": ["{{ client.email }}", {"by": "{{ responsible }}"}],
            "fixed": Decimal("12.50"),
            "many": 3,
            "yes": True,
        },
        changes={"title": 'He said "hello" \\ {{ document.id }}\n'},
    )
    assert json.loads(made.body) == {
        "name": 'He said "hello" \\ {{ document.id }}\n',
        "sum": "1000.1",
        "who": ["klara@kunde.example", {"by": ANNA}],
        "fixed": 12.5,
        "many": 3,
        "yes": True,
    }


def test_a_text_goes_as_it_is() -> None:
    made = call(body="{{ document.title }}: ä", headers={"X-Kind": "{{ document.number }}"})
    assert made.body == "Lease: ä".encode()
    assert made.headers["content-type"] == "text/plain; charset=utf-8"
    assert made.headers["X-Kind"] == "1.234"


@pytest.mark.parametrize(
    ("number", "url"),
    [
        ("7/8", f"{URL}/7%2F8?n=7%2F8"),
        ("../../admin", f"{URL}/..%2F..%2Fadmin?n=..%2F..%2Fadmin"),
        ("..c", f"{URL}/..c?n=..c"),
        ("a&b=c#d", f"{URL}/a%26b%3Dc%23d?n=a%26b%3Dc%23d"),
        ("ä 1", f"{URL}/%C3%A4%201?n=%C3%A4%201"),
        ("x\r\nHost: evil.example", f"{URL}/x%0D%0AHost%3A%20evil.example?n="
         "x%0D%0AHost%3A%20evil.example"),
    ],
)  # fmt: skip
def test_an_insert_in_an_address_stays_in_its_place(number: str, url: str) -> None:
    wanted = URL + "/{{ document.number }}?n={{ document.number }}"
    assert call(wanted, method="GET", changes={"number": number}).url == url


def test_secrets_take_their_places_in_addresses_and_headers() -> None:
    made = call("secret:address", headers={"authorization": "Bearer secret:token"}, body={})
    assert made.url == "https://hooks.acme.example/T1/B2"
    assert made.headers["authorization"] == "Bearer t-1"


def test_a_signed_call_is_accepted_by_the_receiver_s_own_library() -> None:
    made = call(sign_with="crm", body={"a": "{{ document.title }}"})
    stamped = int(made.headers["webhook-timestamp"])
    assert stamped == int(NOW.timestamp())
    verifier = Webhook(KEY)
    expected = verifier.sign(msg_id="d1.1.it", timestamp=NOW, data=made.body.decode())
    assert made.headers["webhook-signature"] == expected


def test_every_try_of_a_run_has_the_same_key_and_other_runs_have_others() -> None:
    keys = [call().headers["idempotency-key"] for _ in range(2)]
    other = rule("call_web_address", url=URL).request(context(document="d2"), secret)
    assert [*keys, other.headers["idempotency-key"]] == ["d1.1.it", "d1.1.it", "d2.1.it"]


def test_get_carries_no_body_and_may_be_repeated() -> None:
    made = call(method="GET")
    assert (made.body, made.repeatable, "content-type" in made.headers) == (b"", True, False)


@pytest.mark.parametrize(
    ("settings", "changes", "text"),
    [
        (
            {"headers": {"x-title": "{{ document.title }}"}},
            {"title": "a\r\nx-admin: yes"},
            "the header x-title contains characters not allowed in headers, such as line breaks; "
            "put the insert into the body, or correct the secret",
        ),
        (
            {"url": URL + "/{{ document.number }}/void"},
            {"number": ".."},
            'url: an insert is "." or "..", by which the address would lead elsewhere; correct '
            "the field",
        ),
        (
            {"sign_with": "token"},
            {},
            "the secret to sign with is not a valid key of Standard Webhooks (whsec_ and "
            "Base64); make "
            "one: countersign secrets make NAME",
        ),
        (
            {"body": dict.fromkeys("abc", "{{ document.title }}")},
            {"title": "x" * 100_000},
            "the body has 300,027 bytes; expected at most 262,144: make it shorter",
        ),
    ],
)
def test_what_cannot_be_sent_fails_the_run(
    settings: dict[str, Any], changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(PermanentError) as told:
        call(changes=changes, **settings)
    assert str(told.value) == text


@pytest.mark.parametrize(
    ("settings", "setting", "text"),
    [
        ({"url": "crm.acme.example"}, "url",
         '"crm.acme.example" is not a valid address; write one that begins with https://'),
        ({"url": "ftp://crm.example/"}, "url",
         '"ftp://crm.example/" is not a valid address; write one that begins with https://'),
        ({"url": "https://{{ document.title }}/x"}, "url",
         "an insert may not stand in the address's host; write the host out"),
        ({"url": "https://crm.{{ document.title }}.example"}, "url",
         "an insert may not stand in the address's host; write the host out"),
        ({"url": "https://crm.example{{ document.title }}/"}, "url",
         "an insert may not stand in the address's host; write the host out"),
        ({"url": "https://user:pass@crm.example/"}, "url",
         "a password does not belong into an address; use a header with a secret"),
        ({"url": "https://crm.example/secret:token"}, "url",
         "a secret address is the whole of it: write secret:<name> and no more"),
        ({"headers": {"Host": "other.example"}}, "headers",
         "Host is set by the call itself; leave it out"),
        ({"headers": {"a b": "x"}}, "headers", '"a b" is not a valid name of a header'),
        ({"headers": {"x": "{{ document.id }} secret:token"}}, "headers",
         "x: a secret and inserts cannot stand in one header"),
        ({"method": "GET", "body": "x"}, "body",
         "GET carries no body; leave it out, or use POST"),
        ({"body": {"a": ["{{ document.titel }}"]}}, "body.a.0",
         'line 1: unknown insert "document.titel"; did you mean document.title?'),
        ({"answer": {"prise": "id"}}, "answer",
         'there is no field "prise" to write; there are title, number, responsible, observers, '
         "amount, currency, price, share, end, call_at, lawyer, urgent, segment, note, copies"),
        ({"answer": {"note": "a["}}, "answer", None),
    ],
)  # fmt: skip
def test_publishing_refuses(settings: dict[str, Any], setting: str, text: str | None) -> None:
    (place, told), *more = problems(**settings)
    assert (place, more) == (setting, [])
    assert text is None or told == text
    assert text is not None or told.startswith('"a[" is not a valid path in JSON (JMESPath): ')


def test_publishing_takes_what_can_work() -> None:
    assert problems(url="secret:address", headers={"a": "secret:token"}, sign_with="crm") == []
    assert problems(url=URL + "/{{ document.number }}?q={{ document.title }}") == []


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (b'{"id": 17, "sum": 12.10, "tags": ["a", "b"]}',
         Reply(values={"note": "17", "price": Decimal("12.10"), "copies": ["a", "b"]})),
        (b'{"id": "x"}', Reply(values={"note": "x"}, warnings=(
            "price was not filled: the answer has nothing at sum",
            "copies was not filled: the answer has nothing at tags",
        ))),
        (b"<html>", Reply(warnings=("no field was filled: the answer is no JSON",))),
        (b"", Reply(warnings=("no field was filled: the answer is no JSON",))),
    ],
)  # fmt: skip
def test_an_answer_fills_the_fields_it_speaks_of(body: bytes, reply: Reply) -> None:
    kind = rule(
        "call_web_address", url=URL, answer={"note": "id", "price": "sum", "copies": "tags"}
    )
    assert kind.reply(WebAnswer(status=200, body=body), context()) == reply


def test_an_answer_that_nobody_asked_for_is_not_read() -> None:
    kind = rule("call_web_address", url=URL)
    assert kind.reply(WebAnswer(status=200, body=b"<html>"), context()) == Reply()
