"""Messages that need somebody, over the API: held ones, rejected ones, dead letters."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from countersign.model.connection import ConnectionCredentials
from countersign.model.dead_letter import DeadLetter, DeadLetterQueue
from countersign.model.incoming_message import IncomingMessage
from countersign.model.rejected_request import RejectedRequest
from countersign.model.run import Run, RunState
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


def test_rejected_webhooks_are_listed_page_by_page(here: World) -> None:
    def at(minute: int) -> str:
        return (here.now + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")

    for minute, name in enumerate(("docusign", "docusign", "yousign", "zoho")):
        here.rejected.keep(
            RejectedRequest(
                connection=name,
                provider="docusign",
                received_at=here.now + timedelta(minutes=minute),
                status=400,
                reason="unreadable",
                digest=f"{minute}" * 64,
                request="{}",
            )
        )
    api = ApiClient(here, "operator")
    path = "/rejected-requests"

    first = api("GET", path, query={"limit": "2"}).body
    cursor = first["next"]
    second = api("GET", path, query={"limit": "2", "cursor": cursor}).body

    assert [row["received_at"] for row in first["items"]] == [at(1), at(0)]
    assert [row["received_at"] for row in second["items"]] == [at(3), at(2)]
    assert second["next"] is None
    of_one = {"connection": "docusign", "cursor": cursor}
    assert api("GET", path, query=of_one).status == 400
    assert api("GET", path, query={"connection": "nobody"}).status == 404


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


def _letters(here: World, *queues: DeadLetterQueue) -> None:
    """Messages that ask for nothing that this version knows, with their places as ids."""
    for number, queue in enumerate(queues):
        here.dead_letters.resting.append(
            DeadLetter(
                queue=queue, id=f"l{number}", receipt=f"l{number}", sent_at=here.now, body="{}"
            )
        )


def test_one_dead_letter_is_redriven_or_dropped(here: World) -> None:
    _letters(here, "parked", "parked", "parked")
    here.dead_letters.resting[0] = here.dead_letters.resting[0].model_copy(
        update={"webhook": "docusign"}
    )
    operator, administrator = ApiClient(here, "operator"), ApiClient(here)

    listed = operator("GET", "/dead-letters", query={"queue": "parked"}).body["items"]
    assert [one["id"] for one in listed] == ["l0", "l1", "l2"]
    sent = operator("POST", "/dead-letters/parked/l0/redrive")
    assert (sent.status, sent.body["action"]) == (200, "send_back")
    assert [letter.id for letter, _ in here.dead_letters.sent_back] == ["l0"]
    refused = operator("POST", "/dead-letters/parked/l1/redrive")
    assert (refused.status, "cannot be redriven" in refused.body["detail"]) == (422, True)
    assert operator("POST", "/dead-letters/parked/l1/drop").status == 403
    assert administrator("POST", "/dead-letters/parked/l1/drop").body["id"] == "l1"
    assert [letter.id for letter in here.dead_letters.hold("parked")] == ["l2"]


@pytest.mark.parametrize("place", ["parked/l0", "email/l9", "nowhere/l0", "parked/%20"])
def test_a_dead_letter_that_is_not_there_is_answered_404(here: World, place: str) -> None:
    _letters(here, "email")
    for act in ("redrive", "drop"):
        assert ApiClient(here)("POST", f"/dead-letters/{place}/{act}").status == 404
    assert len(here.dead_letters.resting) == 1


def test_one_message_that_was_set_aside_is_retried_or_dropped(here: World) -> None:
    _hold(here)
    operator, administrator = ApiClient(here, "operator"), ApiClient(here)
    (listed,) = operator("GET", "/held-messages").body["items"]
    path = f"/held-messages/contracts/{listed['id']}"

    still = operator("POST", f"{path}/retry").body
    assert (still["id"], "pandadoc has been removed" in still["reason"]) == (listed["id"], True)
    assert operator("POST", f"{path}/drop").status == 403
    dropped = administrator("POST", f"{path}/drop").body
    assert (dropped["id"], dropped["envelope"]) == (listed["id"], "env-7")
    assert administrator("POST", f"{path}/drop").status == 404
    assert administrator("POST", f"{path}/retry").status == 404
    assert operator("GET", "/held-messages").body["items"] == []


def test_what_needs_somebody_is_counted_by_role(here: World) -> None:
    _letters(here, "parked", "email")
    none = {"number": 0, "more": False}
    counted = ApiClient(here, "operator")("GET", "/troubles").body
    assert counted == {
        "failed": none,
        "in_doubt": none,
        "dead_letters": {"number": 2, "more": False},
        "rejected_requests": none,
    }
    assert ApiClient(here, "viewer")("GET", "/troubles").body == {
        "failed": none,
        "in_doubt": none,
        "dead_letters": None,
        "rejected_requests": None,
    }


def test_more_than_99_of_a_kind_are_not_counted(here: World) -> None:
    queues: list[DeadLetterQueue] = ["email"] * 99
    _letters(here, *queues)
    api = ApiClient(here, "operator")
    assert api("GET", "/troubles").body["dead_letters"] == {"number": 99, "more": False}
    _letters(here, "web")
    assert api("GET", "/troubles").body["dead_letters"] == {"number": 99, "more": True}
    for number in range(99):
        state: RunState = "failed" if number % 3 else "in_doubt"
        _run(here, number, state)
    counted = api("GET", "/troubles").body
    assert counted["failed"] == {"number": 66, "more": False}
    assert counted["in_doubt"] == {"number": 33, "more": False}
    _run(here, 99, "failed")
    _run(here, 100, "failed")
    counted = api("GET", "/troubles").body
    assert (counted["failed"]["more"], counted["in_doubt"]["more"]) == (True, True)
    assert counted["failed"]["number"] + counted["in_doubt"]["number"] == 99


def _run(here: World, number: int, state: RunState) -> None:
    made = Run.model_validate(
        {
            "document": f"d-{number}",
            "entry": 1,
            "rule": "mail",
            "pipeline": "contracts",
            "pipeline_version": 1,
            "stage": "draft",
            "kind": "send_email",
            "lane": "email",
            "state": state,
            "planned_at": here.now,
            "concluded_at": here.now,
        }
    )
    here.state.runs[made.key] = made
