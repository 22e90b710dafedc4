"""How a request ended, as a whole value: the answer, and what log and metrics are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.adapters.memory.parameters.credentials import MemoryCredentialStore
from countersign.errors import NotFoundError, TooLargeError, UnavailableError
from countersign.model.connection import ConnectionCredentials
from countersign.model.transaction import Transaction
from countersign.providers import provider
from countersign.providers.base import Answer, Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import WebhookResult, receive, take_again, take_parked
from countersign.use_cases.pipelines.pause import pause
from tests.builders import connection, pipeline, stage, trigger
from tests.builders import world as new_world

KEY = "the key of this year"
REFUSED = Answer(status=401, body="unauthorized")
JSON = {"content-type": "application/json"}


class Store(MemoryCredentialStore):
    """Secrets that cannot be read while they are away."""

    away = False

    def get(self, connection: str) -> ConnectionCredentials | None:
        if self.away:
            raise UnavailableError("the parameter store gave no answer")
        return super().get(connection)


@pytest.fixture
def here() -> World:
    """A world with a DocuSign connection."""
    made = new_world(pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")])))
    made.secrets = Store()
    known = ConnectionCredentials(
        connection="docusign",
        provider="docusign",
        pipeline="contracts",
        tokens=("token",),
        secrets=(KEY,),
    )
    made.connect(connection(), known)
    return made


def message(here: World, key: str = KEY, **more: Any) -> Request:
    """A message about an envelope, signed with the key."""
    body = json.dumps({"event": "envelope-sent", "data": {"envelopeId": "e-1"}}).encode()
    given = {"headers": JSON, "body": body, "received_at": here.now, **more}
    return provider("docusign").sign(Request.model_validate(given), key, here.now)


def received(here: World, address: str = "docusign.token", **more: Any) -> WebhookResult:
    return receive(here.receiver, address, message(here, **more))


OURS: dict[str, Any] = {"connection": "docusign", "provider": "docusign"}


def test_what_is_applied_tells_its_events_and_documents(here: World) -> None:
    first = received(here)
    (document,) = here.state.documents
    assert (first.outcome, first.events, first.documents) == (
        "applied", ("document.sent",), (document,),
    )  # fmt: skip
    assert (first.answer.status, first.reason, first.genuine) == (200, None, False)
    again = received(here)
    assert (again.outcome, again.documents) == ("duplicate", (document,))


def test_what_comes_during_a_pause_is_postponed(here: World) -> None:
    pause(here.pipelines, "contracts")
    told = received(here)
    assert (told.outcome, told.answer.status, told.connection) == ("postponed", 200, "docusign")


@pytest.mark.parametrize(
    ("address", "key", "name", "reason"),
    [
        ("nobody.token.x", KEY, "nobody",
         "the address of nobody is not one that this deployment made"),
        ("n" * 99 + ".x", KEY, "n" * 64,
         f"the address of {'n' * 64} is not one that this deployment made"),
    ],
)  # fmt: skip
def test_a_stranger_is_refused_and_the_log_says_why(
    here: World, address: str, key: str, name: str, reason: str
) -> None:
    assert received(here, address, key=key) == WebhookResult(
        answer=REFUSED, outcome="refused", connection=name, reason=reason
    )


def test_a_forger_is_refused_and_the_log_says_why(here: World) -> None:
    told = received(here, key="another key")
    assert (told.answer, told.outcome, told.connection, told.provider) == (
        REFUSED, "refused", "docusign", "docusign",
    )  # fmt: skip
    assert told.reason
    told = received(here, method="PATCH")
    assert told.reason == "DocuSign has no handshake by PATCH"


def test_a_handshake_gets_the_provider_s_answer(here: World) -> None:
    known = ConnectionCredentials(
        connection="adobe",
        provider="adobe_sign",
        pipeline="contracts",
        tokens=("token",),
        secrets=("client-7",),
    )
    here.connect(connection(id="adobe", provider="adobe_sign"), known)
    asked = Request(
        method="GET", headers={"x-adobesign-clientid": "client-7"}, received_at=here.now
    )
    told = receive(here.receiver, "adobe.token", asked)
    assert (told.outcome, told.answer.status, told.reason) == ("handshake", 200, None)
    assert told.answer.headers["X-AdobeSign-ClientId"] == "client-7"
    other = asked.model_copy(update={"headers": {"x-adobesign-clientid": "client-8"}})
    assert receive(here.receiver, "adobe.token", other).answer == REFUSED


def test_a_connection_that_is_gone_is_refused(here: World) -> None:
    here.state.connections.clear()
    told = received(here)
    assert told == WebhookResult(
        answer=REFUSED,
        outcome="refused",
        reason="the connection docusign has been removed",
        **OURS,
    )


def test_what_is_wrong_at_our_end_is_told_as_such(here: World) -> None:
    assert isinstance(here.secrets, Store)
    here.secrets.away = True
    assert received(here) == WebhookResult(
        answer=Answer(status=503),
        outcome="unavailable",
        reason="the parameter store gave no answer",
    )


def faulty(here: World, error: Exception) -> None:
    """No change can be written any more."""

    def commit(change: Transaction) -> None:
        raise error

    here.state.commit = commit  # type: ignore[method-assign]


def test_a_message_that_cannot_be_written_is_parked(here: World) -> None:
    faulty(here, UnavailableError("DynamoDB gave no answer"))
    told = received(here)
    assert (told.outcome, told.answer.status, told.reason) == (
        "parked", 200, "UnavailableError: DynamoDB gave no answer",
    )  # fmt: skip
    ((name, parked),) = here.parked.take()
    assert name == "docusign"
    with pytest.raises(UnavailableError):
        take_again(here.receiver, parked)


def test_where_it_cannot_be_parked_either_the_provider_must_come_again(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty(here, UnavailableError("DynamoDB gave no answer"))

    def away(connection: str, request: str) -> None:
        raise UnavailableError("SQS gave no answer")

    monkeypatch.setattr(here.parked, "park", away)
    assert received(here) == WebhookResult(
        answer=Answer(status=503),
        outcome="unavailable",
        reason="UnavailableError: DynamoDB gave no answer; and it could not be parked: "
        "SQS gave no answer",
        **OURS,
    )


def test_a_parked_message_that_can_never_be_written_is_a_dead_letter(here: World) -> None:
    faulty(here, TooLargeError("DynamoDB keeps 409,600"))
    received(here)
    ((name, parked),) = here.parked.take()
    reason = "TooLargeError: DynamoDB keeps 409,600"
    assert take_parked(here.receiver, name, parked, 1) == WebhookResult(
        answer=Answer(status=413), outcome="given_up", connection="docusign", reason=reason
    )
    assert here.parked.given_up == [("docusign", parked, reason)]


def test_a_parked_message_of_a_connection_that_was_removed_is_a_dead_letter_that_says_so(
    here: World,
) -> None:
    faulty(here, UnavailableError("DynamoDB gave no answer"))
    received(here)
    ((name, parked),) = here.parked.take()
    here.secrets.remove("docusign")
    with pytest.raises(NotFoundError):
        take_parked(here.receiver, name, parked, 9)
    assert here.parked.given_up == []
    reason = "NotFoundError: the connection docusign does not exist any more"
    assert take_parked(here.receiver, name, parked, 10) == WebhookResult(
        answer=Answer(status=422), outcome="given_up", connection="docusign", reason=reason
    )
    assert here.parked.given_up == [("docusign", parked, reason)]


def test_a_message_that_is_too_large_tells_its_size(here: World) -> None:
    reason = "5,000,001 bytes; at most 5,000,000 are accepted"
    body = b" " * 5_000_001
    stranger = received(here, "nobody.x", body=body)
    assert stranger == WebhookResult(answer=Answer(status=413), outcome="too_large", reason=reason)
    genuine = received(here, body=body)
    assert (genuine.reason, genuine.genuine, genuine.connection) == (reason, True, "docusign")
    assert received(here, body=b" " * 5_000_000).outcome == "malformed"
    other = received(here, headers={"content-type": "text/plain"})
    assert other.reason == (
        'content type "text/plain"; DocuSign sends application/json or application/xml or text/xml'
    )
