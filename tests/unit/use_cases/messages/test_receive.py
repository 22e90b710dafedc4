"""Receiving: who is let in, what is read for whom, and what becomes of genuine messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.parameters.credentials import MemoryCredentialStore
from countersign.adapters.memory.services.rejected_requests import MemoryRejectedRequests
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import (
    ConflictError,
    CountersignError,
    PermanentError,
    UnavailableError,
)
from countersign.model.connection import ConnectionCredentials
from countersign.model.rejected_request import RejectedRequest
from countersign.model.transaction import Transaction
from countersign.providers import provider
from countersign.providers.base import MalformedError, Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive, take_again
from countersign.use_cases.messages.rejected_requests import retry
from countersign.use_cases.messages.verified_request import VerifiedRequest
from tests.builders import connection, pipeline, stage, trigger
from tests.builders import world as new_world

DOCUSIGN = type(provider("docusign"))
OLD, NEW = "the key of last year", "the key of this year"


class Store(MemoryCredentialStore):
    """Counts what is asked of it, and knows what was put elsewhere only once it is refreshed."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.refreshed: list[str] = []
        self.elsewhere: dict[str, ConnectionCredentials | None] = {}
        self.away = False

    def get(self, connection: str) -> ConnectionCredentials | None:
        self.read.append(connection)
        if self.away:
            raise UnavailableError("stands for a fault")
        return super().get(connection)

    def refresh(self, connection: str) -> ConnectionCredentials | None:
        self.refreshed.append(connection)
        if connection in self.elsewhere:
            return self.elsewhere[connection]
        return super().get(connection)


def secrets(*keys: str, tokens: tuple[str, ...] = ("token",)) -> ConnectionCredentials:
    return ConnectionCredentials(
        connection="docusign",
        provider="docusign",
        pipeline="contracts",
        tokens=tokens,
        secrets=keys,
    )


@pytest.fixture
def here() -> World:
    """A world whose DocuSign connection knows one secret."""
    made = new_world(pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")])))
    made.secrets = Store()
    made.connect(connection(), secrets(OLD))
    return made


@pytest.fixture
def store(here: World) -> Store:
    found = here.secrets
    assert isinstance(found, Store)
    return found


def message(here: World, key: str = OLD, body: Any = None, **more: Any) -> Request:
    """A message about an envelope, signed with the key."""
    told = body if body is not None else {"event": "envelope-sent", "data": {"envelopeId": "e-1"}}
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = {"content-type": "application/json"}
    given = {"headers": headers, "body": raw, "received_at": here.now, **more}
    return provider("docusign").sign(Request.model_validate(given), key, here.now)


# --- strangers


@pytest.mark.parametrize(
    "address",
    ["docusign.guessed", "nobody.token", "docusign", "docusign.", ".token", "", "a/../b.token"],
)
def test_an_invented_address_is_refused_like_a_bad_signature_and_nothing_is_read(
    here: World, store: Store, address: str
) -> None:
    stranger = receive(here.receiver, address, message(here))
    assert (store.read, store.refreshed) == ([], [])
    forger = receive(here.receiver, "docusign.token", message(here, "another key"))
    assert stranger.answer == forger.answer
    assert (stranger.answer.status, stranger.answer.body) == (401, "unauthorized")
    assert (stranger.outcome, stranger.provider) == ("refused", None)
    assert (forger.outcome, forger.provider) == ("refused", "docusign")


def test_an_invented_address_costs_nothing_whatever_is_posted_there(
    here: World, store: Store
) -> None:
    for body, status in ((b" " * 5_000_001, 413), (b"", 401)):
        request = message(here, body=body)
        assert receive(here.receiver, "docusign.guessed", request).answer.status == status
    assert (store.read, store.refreshed) == ([], [])


def test_while_the_store_is_away_an_invented_address_is_told_nothing_of_it(
    here: World, store: Store
) -> None:
    store.away = True
    assert receive(here.receiver, "nobody.token", message(here)).answer.status == 401
    assert receive(here.receiver, "docusign.token", message(here)).answer.status == 503


# --- before anybody is refused


def test_a_secret_that_was_rotated_elsewhere_is_accepted_at_once(here: World, store: Store) -> None:
    store.elsewhere["docusign"] = secrets(NEW, OLD)
    received = receive(here.receiver, "docusign.token", message(here, NEW))
    assert (received.answer.status, received.outcome) == (200, "applied")


def test_an_address_that_was_renewed_elsewhere_is_accepted_at_once(
    here: World, store: Store
) -> None:
    here.addresses.make("docusign", "newer")
    store.elsewhere["docusign"] = secrets(OLD, tokens=("newer", "token"))
    assert receive(here.receiver, "docusign.newer", message(here)).outcome == "applied"


@pytest.mark.parametrize("newer", [secrets(NEW), secrets(tokens=("token",)), None])
def test_who_proves_nothing_by_the_newest_secrets_either_is_refused(
    here: World, store: Store, newer: ConnectionCredentials | None
) -> None:
    store.elsewhere["docusign"] = newer
    assert receive(here.receiver, "docusign.token", message(here, "x")).answer.status == 401
    assert store.refreshed == ["docusign"]
    assert here.state.documents == {}


def test_a_retired_address_is_refused_although_we_made_it(here: World, store: Store) -> None:
    here.addresses.make("docusign", "retired")
    received = receive(here.receiver, "docusign.retired", message(here))
    assert (received.answer.status, store.refreshed) == (401, ["docusign"])


def test_a_good_message_asks_for_the_secrets_once(here: World, store: Store) -> None:
    assert receive(here.receiver, "docusign.token", message(here)).outcome == "applied"
    assert (store.read, store.refreshed) == (["docusign"], [])


# --- genuine, and rejected all the same

ODD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no JSON": ({"body": b"{"}, 400, "malformed"),
    "no envelope": ({"body": {"event": "envelope-sent"}}, 400, "malformed"),
    "not text": ({"body": b"\xff\xfe\x00"}, 400, "malformed"),
    "nothing": ({"body": b""}, 400, "malformed"),
    "another type": (
        {"headers": {"content-type": "text/plain"}, "body": b"{}"},
        415,
        "unsupported",
    ),
    "too large": ({"body": b" " * 5_000_001}, 413, "too_large"),
}


@pytest.mark.parametrize(("odd", "status", "outcome"), ODD.values(), ids=ODD)
def test_a_genuine_message_that_is_rejected_is_kept_with_its_reason(
    here: World, odd: dict[str, Any], status: int, outcome: str
) -> None:
    request = message(here, **odd)
    received = receive(here.receiver, "docusign.token", request)
    assert (received.answer.status, received.outcome) == (status, outcome)
    assert received.genuine
    (kept,) = map(here.rejected.get, here.rejected.ids("docusign"))
    assert kept is not None
    assert (kept.id, kept.status, kept.reason) == (received.rejected, status, received.reason)
    assert (kept.provider, kept.received_at) == ("docusign", here.now)
    again = VerifiedRequest.model_validate_json(kept.request)
    assert (again.authenticity, again.request().body) == ("signed", request.body)


@pytest.mark.parametrize(("odd", "status", "outcome"), ODD.values(), ids=ODD)
def test_what_proves_nothing_is_not_kept(
    here: World, odd: dict[str, Any], status: int, outcome: str
) -> None:
    for address, key in (("docusign.token", "x"), ("docusign.guessed", OLD), ("no.token", OLD)):
        received = receive(here.receiver, address, message(here, key, **odd))
        assert received.answer.status == (413 if status == 413 else 401)
        assert (received.genuine, received.rejected) == (False, None)
    assert list(here.rejected.ids()) == []


def test_a_message_that_its_provider_repeats_is_kept_once(here: World) -> None:
    for _ in range(15):
        receive(here.receiver, "docusign.token", message(here, body=b"{"))
        here.now += timedelta(hours=1)
    assert len(list(here.rejected.ids())) == 1


class Away(MemoryRejectedRequests):
    """Cannot keep anything."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def keep(self, rejected: RejectedRequest) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnavailableError("S3 gave no answer"), "UnavailableError: S3 gave no answer"),
        (PermanentError("S3 refused PutObject"), "PermanentError: S3 refused PutObject"),
        (ValueError("klara@kunde.example"), "ValueError at test_receive.py:"),
    ],
)
def test_the_answer_is_the_same_where_it_cannot_be_kept_and_the_log_says_so(
    here: World, error: Exception, told: str
) -> None:
    here.rejected = Away(error)
    received = receive(here.receiver, "docusign.token", message(here, body=b"{"))
    assert (received.answer.status, received.outcome) == (400, "malformed")
    assert (received.genuine, received.rejected) == (True, None)
    assert f"; and it could not be kept: {told}" in (received.reason or "")
    assert "klara" not in (received.reason or "")


def test_neither_secret_nor_token_is_kept_with_a_rejected_message(here: World) -> None:
    headers = {
        "content-type": "application/json",
        "authorization": "Bearer abc",
        "cookie": "session=abc",
        "x-proxy-secret": "abc",
        "x-copied": f"key={OLD}!",
        "x-request-id": "r-1",
    }
    request = message(here, body=b"{", headers=headers, query={"t": OLD, "page": "1"})
    receive(here.receiver, "docusign.token", request)
    (kept,) = map(here.rejected.get, here.rejected.ids())
    assert kept is not None
    assert OLD not in kept.request
    again = VerifiedRequest.model_validate_json(kept.request)
    hidden = {"authorization", "cookie", "x-proxy-secret", "x-copied"}
    assert {name for name, value in again.headers.items() if value == "[redacted]"} == hidden
    assert again.headers["content-type"] == "application/json"
    assert again.query == {"t": "[redacted]", "page": "1"}


def test_a_fault_in_reading_a_genuine_message_parks_it(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ours to fix, not the provider's to repeat."""

    def parse(*_: object) -> None:
        raise LookupError("nobody foresaw this")

    monkeypatch.setattr(DOCUSIGN, "parse", parse)
    received = receive(here.receiver, "docusign.token", message(here))
    assert (received.answer.status, received.outcome) == (200, "parked")
    monkeypatch.undo()
    ((_, parked),) = here.parked.take()
    assert take_again(here.receiver, parked).outcome == "applied"


# --- taken again after a fix


@pytest.fixture
def unread(here: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Three messages that this version cannot read; called, that is fixed."""
    real = DOCUSIGN.parse

    def parse(*_: object) -> None:
        raise MalformedError("event: this version cannot read it")

    monkeypatch.setattr(DOCUSIGN, "parse", parse)
    for number in range(3):
        body = {"event": "envelope-sent", "data": {"envelopeId": f"e-{number}"}}
        receive(here.receiver, "docusign.token", message(here, body=body))
    assert len(list(here.rejected.ids())) == 3
    return lambda: monkeypatch.setattr(DOCUSIGN, "parse", real)


def test_after_a_fix_they_are_applied_with_their_authenticity_and_removed(
    here: World, unread: Callable[[], None]
) -> None:
    unread()
    here.now += timedelta(days=9)
    # Proved then: today's secrets do not matter.
    here.secrets.put(secrets(NEW))
    done = list(retry(here.receiver, list(here.rejected.ids())))
    assert [one.received.outcome for one in done if one.received] == ["applied"] * 3
    assert list(here.rejected.ids()) == []
    events = here.documents.recent_events("docusign", 9)
    assert {(one.authenticity, one.kind) for one in events} == {("signed", "document.sent")}
    assert len(here.state.documents) == 3


def test_before_it_is_fixed_they_stay_with_the_reason(
    here: World, unread: Callable[[], None]
) -> None:
    ids = list(here.rejected.ids())
    done = list(retry(here.receiver, ids))
    assert [(one.id, one.received) for one in done] == [(one, None) for one in ids]
    assert all("this version cannot read it" in (one.reason or "") for one in done)
    assert list(here.rejected.ids()) == ids


def test_one_that_cannot_be_taken_does_not_keep_the_others_back(
    here: World, unread: Callable[[], None]
) -> None:
    unread()
    receive(here.receiver, "docusign.token", message(here, body=b"[1]"))
    ids = list(here.rejected.ids())
    done = {one.id: one.received for one in retry(here.receiver, [*ids, "docusign.gone"])}
    left = [one for one, received in done.items() if received is None]
    assert (len(done), len(left), "docusign.gone" in left) == (5, 2, True)
    assert len(list(here.rejected.ids())) == 1


def test_taken_again_twice_it_is_applied_once(here: World, unread: Callable[[], None]) -> None:
    unread()
    first = next(iter(here.rejected.ids()))
    kept = here.rejected.get(first)
    assert kept is not None
    list(retry(here.receiver, [first]))
    here.rejected.keep(kept)
    (done,) = retry(here.receiver, [first])
    assert done.received is not None
    assert done.received.outcome == "duplicate"


def test_one_whose_table_is_away_stays(here: World, unread: Callable[[], None]) -> None:
    unread()

    class Closed(type(here.documents)):  # type: ignore[misc]
        def commit(self, change: object) -> None:
            raise UnavailableError("DynamoDB gave no answer")

    here.documents = Closed(here.state)
    done = list(retry(here.receiver, list(here.rejected.ids())))
    assert {one.reason for one in done} == {"DynamoDB gave no answer"}
    assert len(list(here.rejected.ids())) == 3
    assert issubclass(UnavailableError, CountersignError)


def test_a_parked_message_is_read_with_the_options_of_its_connection(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    real = DOCUSIGN.read

    def read(self: Any, request: Request, options: Any) -> Any:
        seen.append(dict(options))
        if len(seen) == 1:
            raise LookupError("nobody foresaw this")
        return real(self, request, options)

    known = here.secrets.get("docusign")
    assert known is not None
    here.secrets.put(known.model_copy(update={"options": {"kinds": "a=document.sent"}}))
    monkeypatch.setattr(DOCUSIGN, "read", read)
    assert receive(here.receiver, "docusign.token", message(here)).outcome == "parked"
    ((_, parked),) = here.parked.take()
    assert take_again(here.receiver, parked).outcome == "applied"
    assert seen == [{"kinds": "a=document.sent"}] * 2


def test_a_fault_in_reading_one_does_not_keep_the_others_back(
    here: World, unread: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    unread()
    real, calls = DOCUSIGN.parse, iter(range(9))

    def parse(self: Any, *given: Any) -> Any:
        if next(calls) == 0:
            raise LookupError("klara@kunde.example is not foreseen")
        return real(self, *given)

    monkeypatch.setattr(DOCUSIGN, "parse", parse)
    first, *others = retry(here.receiver, list(here.rejected.ids()))
    assert first.received is None
    assert (first.reason or "").startswith("LookupError at test_receive.py:")
    assert [one.received.outcome for one in others if one.received] == ["applied"] * 2
    assert list(here.rejected.ids()) == [first.id]


@pytest.mark.parametrize(
    ("conflicts", "outcome"), [(0, "applied"), (1, "applied"), (7, "applied"), (8, "parked")]
)
def test_a_message_whose_document_others_change_is_decided_on_anew_and_then_parked(
    here: World, conflicts: int, outcome: str
) -> None:
    class Contended(MemoryDocuments):
        left = conflicts

        def commit(self, change: Transaction) -> None:
            self.left -= 1
            if self.left >= 0:
                raise ConflictError("somebody else was first")
            super().commit(change)

    here.documents = Contended(here.state)
    received = receive(here.receiver, "docusign.token", message(here))
    assert (received.outcome, received.answer.status) == (outcome, 200)
    assert (received.connection, received.provider) == ("docusign", "docusign")
