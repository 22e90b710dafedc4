"""Messages that need somebody, over the API: held ones, rejected ones, dead letters."""

from __future__ import annotations

import json

import pytest

from countersign.model.connection import ConnectionCredentials
from countersign.model.incoming_message import IncomingMessage
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from countersign.use_cases.pipelines.pause import pause, resume
from tests.builders import KLARA, connection, event, pipeline, stage, trigger, world
from tests.unit.http.client import ApiClient

KEY = "the key that signs"


@pytest.fixture
def here() -> World:
    return world(pipeline(stage("draft"), stage("seen", triggers=[trigger("viewed")])))


def _hold(here: World) -> None:
    """A message of a removed connection waits, and the pipeline is resumed."""
    pause(here.pipelines, "contracts")
    here.held.add(
        IncomingMessage(
            pipeline="contracts",
            connection="pandadoc",
            received_at=here.now,
            authenticity="signed",
            events=(event("document.viewed", KLARA, minute=1, envelope="env-7"),),
        )
    )
    resume(here.receiver, here.pipelines, "contracts")


def test_a_message_that_was_set_aside_is_listed_and_retried(here: World) -> None:
    _hold(here)
    api = ApiClient(here, "operator")

    (listed,) = api("GET", "/held-messages").body["items"]
    assert (listed["connection"], listed["envelope"]) == ("pandadoc", "env-7")
    still = api("POST", "/held-messages/retry", {"pipeline": "contracts"}).body["items"]
    assert "pandadoc has been removed" in still[0]["reason"]

    here.connect(connection(id="pandadoc"))
    (done,) = api("POST", "/held-messages/retry", {"pipeline": "contracts"}).body["items"]
    assert done["reason"] is None
    assert api("GET", "/held-messages", query={"pipeline": "contracts"}).body["items"] == []


def test_what_was_set_aside_is_dropped_by_an_administrator(here: World) -> None:
    _hold(here)
    body = {"pipeline": "contracts"}

    assert ApiClient(here, "operator")("POST", "/held-messages/drop", body).status == 403
    assert ApiClient(here)("POST", "/held-messages/drop", body).body == {"dropped": 1}
    assert ApiClient(here)("POST", "/held-messages/drop", {"pipeline": "no"}).status == 404


def test_a_rejected_webhook_is_shown_without_its_secret_and_taken_again(here: World) -> None:
    known = ConnectionCredentials(
        connection="docusign",
        provider="docusign",
        pipeline="contracts",
        tokens=("token",),
        secrets=(KEY,),
    )
    here.connect(connection(), known)
    odd = Request(
        headers={"content-type": "application/json"},
        body=b'{"event": "the key that signs"',
        received_at=here.now,
    )
    received = receive(
        here.receiver, "docusign.token", provider("docusign").sign(odd, KEY, here.now)
    )
    api = ApiClient(here, "operator")

    (row,) = api("GET", "/rejected-requests").body["items"]
    assert row["id"] == received.rejected
    shown = api("GET", f"/rejected-requests/{row['id']}")
    assert shown.status == 200
    assert KEY not in json.dumps(shown.body)
    again = api("POST", f"/rejected-requests/{row['id']}/retry")
    assert (again.status, again.body["outcome"]) == (200, "rejected")
    assert api("GET", "/rejected-requests/docusign.nothing").status == 404


def test_dead_letters_of_a_queue_that_does_not_exist_are_refused(here: World) -> None:
    api = ApiClient(here, "operator")

    listed = api("GET", "/dead-letters").body
    assert (listed["items"], listed["next"]) == ([], None)
    assert {"parked", "email", "web"} <= set(listed["queues"])
    assert api("GET", "/dead-letters", query={"queue": "email"}).body["queues"] == ["email"]
    assert api("GET", "/dead-letters", query={"queue": "mails"}).status == 422
    assert api("POST", "/dead-letters/redrive", {"queue": "email"}).body["items"] == []
