"""A rule calls a web address: through the stream and the lane's queue, over a real connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from tests.builders import mail, pipeline, stage
from tests.integration.account import NONE_FAILED, SENDER, Account
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story
from tests.web_place import Place, answer

EVENT = Path(__file__).parents[2] / "events" / "lambda" / "run_web.json"


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def telling(place: Place, rule_id: str = "tell-crm", **settings: Any) -> dict[str, Any]:
    """A rule that calls the address on this machine."""
    given = {"url": f"http://127.0.0.1:{place.server_port}/hook", **settings}
    return {
        "id": rule_id,
        "kind": "call_web_address",
        "execution": "independent",
        "settings": given,
    }


def begun(account: Account, *rules: dict[str, Any]) -> Story:
    """A pipeline whose stage ``sent`` has these rules; its envelope has been sent."""
    stages = (stage("draft"), stage("sent", *rules, triggers=[{"id": "sent", "kind": "sent"}]))
    fields = {"crm_id": {"type": "text"}}
    story = Story(account, pipeline(*stages, senders=[SENDER], fields=fields))
    story.tell(DOCUSIGN.sent)
    return story


def test_the_call_is_made_once_with_its_secret_and_its_answer_fills_a_field(
    account: Account, place: Place
) -> None:
    account.allow_private_addresses()
    account.keep_secret("crm", "t-1")
    place.then = lambda handler: answer(handler, 201, b'{"id": "c-17"}')
    rule = telling(place, headers={"authorization": "Bearer secret:crm"}, answer={"crm_id": "id"})
    begun(account, rule, mail("then"))
    ((method, path, headers, body),) = place.came
    assert (method, path, headers["authorization"]) == ("POST", "/hook", "Bearer t-1")
    document = account.document()
    assert headers["idempotency-key"] == f"{document.id}.2.tell-crm"
    assert json.loads(body)["document"]["title"] == DOCUSIGN.title
    assert document.fields["crm_id"] == "c-17"
    assert account.runs() == {"2.tell-crm": ("done", None), "2.then": ("done", None)}


def test_the_same_message_again_calls_nobody(account: Account, place: Place) -> None:
    account.allow_private_addresses()
    begun(account, telling(place))
    (waiting,) = [one.body for one in account.sent if one.queue == "Web"]
    event = json.loads(EVENT.read_text())
    event["Records"][0]["body"] = waiting
    assert account.call("RunWeb", event) == NONE_FAILED
    assert len(place.came) == 1


def test_the_envelope_of_events_has_the_message_that_the_lane_is_handed(
    account: Account, place: Place, contracts: Pipeline
) -> None:
    account.allow_private_addresses()
    given = contracts.model_dump(mode="json")
    there = next(one for one in given["stages"] if one["id"] == "partially-signed")
    there["rules"].append(telling(place))
    story = Story(account, Pipeline.model_validate(given))
    for name in (DOCUSIGN.sent, DOCUSIGN.director_signs):
        assert story.post(story.message(name))["statusCode"] == 200
    account.dispatch()
    event = json.loads(EVENT.read_text())
    (record,) = event["Records"]
    assert record["body"] in [one.body for one in account.sent if one.queue == "Web"]
    assert account.call("RunWeb", event) == NONE_FAILED
    assert (len(place.came), account.run("tell-crm").state) == (1, "done")


def test_a_call_without_an_answer_is_in_doubt_and_not_made_again(
    account: Account, place: Place
) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.close()

    account.allow_private_addresses()
    place.then = hang_up
    begun(account, telling(place))
    account.advance(days=2)
    assert (account.run("tell-crm").state, len(place.came)) == ("in_doubt", 1)


def test_as_it_is_deployed_no_rule_calls_an_address_on_a_private_network(
    account: Account, place: Place
) -> None:
    begun(account, telling(place))
    state, reason = account.runs()["2.tell-crm"]
    assert (state, place.came) == ("failed", [])
    assert reason == (
        "the host 127.0.0.1 is in a private network that rules can never call: it has a loopback "
        "address; call it by another address"
    )
