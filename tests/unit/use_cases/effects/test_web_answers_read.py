"""What an answer of the web means, and that no secret is read out of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.actor import user
from countersign.model.http import WebAnswer, WebRequest
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.effects import http_call
from countersign.use_cases.effects.http_call import check, without
from tests.builders import pipeline, stage

ADDRESS = "https://hooks.example/services/T0/x9?k=12345"


def cleaned(body: str, **told: str) -> str:
    answer = WebAnswer(status=200, body=body.encode(), headers={"a": "b"})
    found = without(answer, {secret: f"secret:{name}" for name, secret in told.items()})
    assert (found.status, found.headers) == (200, {"a": "b"})
    return found.body.decode()


@pytest.mark.parametrize(
    ("secret", "said", "shown"),
    [
        ("k-1234", "it is k-1234.", "it is secret:x."),
        ("k-123", "it is k-123.", "it is k-123."),
        ('k"1234', 'it is "k\\"1234"', 'it is "secret:x"'),
        ("\nk-1234\n", 'it is "\\nk-1234\\n"', 'it is "secret:x"'),
        ("ä-1234", 'it is "\\u00e4-1234"', 'it is "secret:x"'),
        (ADDRESS, f"POST {ADDRESS}", "POST secret:x"),
        (ADDRESS, "POST /services/T0/x9?k=12345 HTTP/1.1", "POST secret:x HTTP/1.1"),
        (ADDRESS, "no route /services/T0/x9", "no route secret:x"),
        ("https://h.example/a", "no route /a", "no route /a"),
        ("https://h.example/abcdef", "no route /abcdef", "no route secret:x"),
        ("k-1234", "nothing of it", "nothing of it"),
    ],
)
def test_a_secret_that_an_answer_repeats_is_shown_by_its_name(
    secret: str, said: str, shown: str
) -> None:
    assert cleaned(said, x=secret) == shown


def test_each_secret_has_its_name() -> None:
    assert cleaned("a-1234 b-1234 a-1234", a="a-1234", b="b-1234") == "secret:a secret:b secret:a"


@pytest.mark.parametrize(
    ("answer", "error", "text", "after"),
    [
        ({"status": 199}, PermanentError, "the address refused the call with 199; the rule or the "
         "address must change", None),
        ({"status": 300}, PermanentError, "the address answered 300 and sends on to another; "
         "write that one into the rule", None),
        ({"status": 399}, PermanentError, "the address answered 399 and sends on to another; "
         "write that one into the rule", None),
        ({"status": 400, "body": b"no\n such  thing\x00"}, PermanentError,
         "the address refused the call with 400: no such thing; the rule or the address must "
         "change", None),
        ({"status": 499}, PermanentError, "the address refused the call with 499; the rule or the "
         "address must change", None),
        ({"status": 408}, TransientError, "the address answered 408", None),
        ({"status": 425}, TransientError, "the address answered 425", None),
        ({"status": 429, "headers": {"retry-after": " 90 "}}, TransientError,
         "the address answered 429", timedelta(seconds=90)),
        ({"status": 500, "body": b"x" * 201}, TransientError,
         "the address answered 500: " + "x" * 200, None),
        ({"status": 503, "headers": {"retry-after": "999999"}}, TransientError,
         "the address answered 503", timedelta(seconds=999_999)),
        ({"status": 503, "headers": {"retry-after": "1000000"}}, TransientError,
         "the address answered 503", None),
        ({"status": 503, "headers": {"retry-after": "Mon, 2 Mar 2026 09:00:00 GMT"}},
         TransientError, "the address answered 503", None),
        ({"status": 503, "headers": {"retry-after": "\u0665"}}, TransientError,
         "the address answered 503", None),
    ],
)  # fmt: skip
def test_an_answer_other_than_2xx_is_an_error_with_its_reason(
    answer: dict[str, Any], error: type[Exception], text: str, after: timedelta | None
) -> None:
    with pytest.raises(error) as raised:
        check(WebAnswer.model_validate(answer))
    assert str(raised.value) == text
    assert getattr(raised.value, "after", None) == after


@pytest.mark.parametrize("status", [502, 504, 520, 524])
def test_a_gateways_answer_leaves_a_call_in_doubt(status: int) -> None:
    with pytest.raises(InDoubtError) as raised:
        check(WebAnswer(status=status, body=b"bad gateway"))
    assert str(raised.value) == (
        f"a gateway answered {status} for the address; the call may have come"
    )


@pytest.mark.parametrize("status", [200, 204, 299])
def test_2xx_is_no_error(status: int) -> None:
    check(WebAnswer(status=status))


def test_where_secrets_cannot_be_taken_out_nothing_of_the_answer_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> WebAnswer:
        raise LookupError("nobody foresaw this")

    def answer(_: WebRequest) -> WebAnswer:
        return WebAnswer(status=400, body=b"your key is k-123456", headers={"x": "k-123456"})

    monkeypatch.setattr(http_call, "without", broken)
    here = World(web=MemoryHttpClient(answer))
    settings = {"url": "https://hooks.example/x", "headers": {"x-key": "secret:crm"}}
    calls = {"id": "tell", "kind": "call_web_address", "settings": settings}
    here.publish(pipeline(stage("here", calls)))
    here.named_secrets.put("crm", "k-123456")
    make(here.store, NewDocument(id="d1", pipeline="contracts", values={}), user("anna"))
    here.settle()
    (run,) = here.documents.runs("d1")
    assert (run.state, run.reason) == (
        "failed",
        "the address refused the call with 400; the rule or the address must change",
    )
