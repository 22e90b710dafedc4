"""Incoming call: how a call may be made, when it counts anew, and what proves its caller."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from countersign.model.signing_event import SigningEvent
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import OTHER_PROOFS, SECRET, ProofInHeader, at

NOW = at("2026-03-16T11:20:03Z")
ONE, OTHER = "d-mzxw6ytboi", "d-nbswy3dpeb"
APPROVE, REFUSE = "approve-7f3k", "refuse-2p9x"
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json; charset=utf-8"}


def event(document: str, code: str, which: str) -> tuple[SigningEvent]:
    """The one event of a call; ``which`` tells it from others of the same code."""
    digest = hashlib.sha256(code.encode()).hexdigest()[:16]
    return (
        SigningEvent(
            kind="call.received",
            key=f"call:{document}:{digest}:{which}",
            provider_event="call",
            occurred_at=NOW,
            envelope=document,
            detail={"document": document, "code": code},
        ),
    )


class TestIncomingCall(ProofInHeader):
    name = "incoming_call"
    example = "approve"
    now = NOW
    proof = "authorization"
    meanings: ClassVar[dict[str, tuple[SigningEvent, ...]]] = {
        "approve": event(ONE, APPROVE, "order-4711"),
        "approve_by_form": event(OTHER, APPROVE, "2026-03-16T11:20:03+00:00"),
        "approve_by_link": event(ONE, APPROVE, "2026-03-16T11:20:03+00:00"),
        "refuse": event(ONE, REFUSE, "8e03978e"),
    }
    telling = ("document", "code", "id")
    hidden = (APPROVE, REFUSE)

    # A connection without any secret takes what comes, and only three members are kept: see below.
    test_without_the_right_secret_nothing_is_accepted = None  # type: ignore[assignment]
    test_a_number_without_bounds_is_kept_as_nothing = None  # type: ignore[assignment]

    def signed(self, request: Request, secret: str) -> Request:
        return self.with_proof(request, f"Bearer {secret}")

    def event_name(self, message: Any) -> str:
        return str(message["document"])

    def retried(self, request: Request) -> Request:
        """Again within the second."""
        later = request.received_at + timedelta(seconds=0.9)
        return request.model_copy(update={"received_at": later})

    def test_it_tells_how_to_set_it_up(self) -> None:
        assert self.subject.setup[0].startswith("Call {url}?document=DOCUMENT&code=CODE ")
        assert "{secret}" not in "".join(self.subject.setup)

    def test_the_examples_are_sent_with_a_content_type_it_accepts(self) -> None:
        """A call without a body is of none, so any is taken."""
        assert self.subject.content_types == frozenset()

    @pytest.mark.parametrize("secrets", [("",), (" ", ""), ("wrong",), (SECRET + "x",)])
    def test_with_a_secret_that_is_not_the_right_one_nothing_is_accepted(
        self, secrets: tuple[str, ...]
    ) -> None:
        assert not self.accepted(self.genuine(), *secrets)

    @pytest.mark.parametrize("headers", [{}, OTHER_PROOFS])
    def test_a_connection_without_a_secret_takes_what_comes_as_unproven(
        self, headers: dict[str, str]
    ) -> None:
        request = self.read(self.example)
        request = request.model_copy(update={"headers": {**request.headers, **headers}})
        assert self.subject.verify(request, self.secrets(), self.now) == "none"

    def test_without_a_secret_an_example_is_sent_as_it_is(self) -> None:
        request = self.read(self.example)
        assert self.subject.sign(request, "", self.now) == request

    def test_the_scheme_may_be_written_in_small_letters(self) -> None:
        assert self.accepted(self.with_proof(self.genuine(), f"bearer {SECRET}"), SECRET)

    @pytest.mark.parametrize(
        ("method", "headers", "query", "body"),
        [
            ("GET", {}, "document code id", b""),
            ("POST", {}, "document code id", b""),
            ("POST", FORM, "document code id", b""),
            ("POST", FORM, "", b"document=d&code=c&id=1&more=x"),
            ("POST", FORM, "document", b"code=c&id=1"),
            ("POST", JSON, "", b'{"document": "d", "code": "c", "id": 1, "more": {}}'),
            ("POST", JSON, "document id", b'{"code": "c"}'),
            ("POST", {**JSON, "idempotency-key": '"1"'}, "document", b'{"code": "c"}'),
            ("POST", {**JSON, "idempotency-key": "2"}, "document id", b'{"code": "c"}'),
        ],
    )
    def test_the_same_call_may_be_made_in_several_ways(
        self, method: str, headers: dict[str, str], query: str, body: bytes
    ) -> None:
        told = {"document": "d", "code": "c", "id": "1"}
        request = Request(
            method=method,
            headers=headers,
            query={name: told[name] for name in query.split()},
            body=body,
            received_at=NOW,
        )
        assert self.subject.parse(request) == event("d", "c", "1")
        assert self.subject.redact(request).startswith('{"document":"d","code":"[redacted]"')

    @pytest.mark.parametrize(
        ("name", "same"),
        [("approve", True), ("refuse", True), ("approve_by_link", False)],
    )
    def test_only_a_call_with_an_id_counts_once_however_late_it_comes_again(
        self, name: str, same: bool
    ) -> None:
        request = self.read(name)
        late = request.model_copy(update={"received_at": NOW + timedelta(seconds=1)})
        first, again = (self.subject.parse(one)[0].key for one in (request, late))
        assert (first == again) is same

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"document": "d"},
            {"code": "c"},
            {"document": "", "code": "c"},
            {"document": "d", "code": ""},
            {"document": "d", "code": "two words"},
            {"document": "d", "code": "ä"},
            {"document": "d", "code": "c" * 101},
            {"document": "d\n", "code": "c"},
            {"document": "d", "code": "c", "id": "x" * 201},
        ],
    )
    def test_a_call_without_a_document_and_a_code_is_malformed(self, query: dict[str, str]) -> None:
        with pytest.raises(MalformedError):
            self.subject.parse(Request(method="GET", query=query, received_at=NOW))

    def test_a_refusal_does_not_tell_the_code(self) -> None:
        query = {"document": "d", "code": "the secret code"}
        with pytest.raises(MalformedError, match=r"^code: ") as refused:
            self.subject.parse(Request(method="GET", query=query, received_at=NOW))
        assert "secret" not in str(refused.value)
