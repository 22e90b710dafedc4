"""Chat messages, events and SMS, through the stream, the lane's queue and the function run_web."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.sns.models import sns_backends

from tests.builders import pipeline, stage
from tests.integration.account import ACCOUNT, NONE_FAILED, SENDER, Account
from tests.integration.faults import disturbed, silent
from tests.integration.lambda_events import REGION
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story
from tests.web_place import Place, answer

EVENT = Path(__file__).parents[2] / "events" / "lambda" / "run_web.json"


@pytest.fixture
def published(account: Account) -> Iterator[list[dict[str, Any]]]:
    """The entries that the function put onto a bus, in order."""
    entries: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        entries.extend(params["Entries"])

    events = account.client_of("RunWeb", "events").meta.events
    events.register("provide-client-params.events.PutEvents", note, unique_id="note")
    yield entries
    events.unregister("provide-client-params.events.PutEvents", unique_id="note")


def begun(account: Account, kind: str, **settings: Any) -> Story:
    """The envelope is sent, and its document in a stage with one such rule."""
    rule = {"id": "it", "kind": kind, "settings": settings}
    stages = (stage("draft"), stage("sent", rule, triggers=[{"id": "sent", "kind": "sent"}]))
    story = Story(account, pipeline(*stages, senders=[SENDER]))
    story.tell(DOCUSIGN.sent)
    return story


def again(account: Account) -> None:
    """The lane's queue delivers the same message once more."""
    (waiting,) = [one for one in account.sent if one.queue == "Web"]
    event = json.loads(EVENT.read_text())
    event["Records"][0]["body"] = waiting.body
    assert account.call("RunWeb", event) == NONE_FAILED


def test_a_message_is_posted_once_to_the_secret_address(account: Account) -> None:
    with Place().open() as place:
        place.then = lambda handler: answer(handler, 200, b"ok")
        account.allow_private_addresses()
        account.keep_secret("team", f"http://127.0.0.1:{place.server_port}/T1/B2")
        begun(
            account,
            "post_message",
            service="slack",
            to="secret:team",
            text="{{ document.title }} <!here>",
        )
        again(account)
    ((method, path, _, body),) = place.came
    assert (method, path) == ("POST", "/T1/B2")
    assert json.loads(body) == {"text": f"{DOCUSIGN.title} <!here>"}
    assert account.run("it").result == {"status": "200"}


def test_what_a_chat_refuses_for_good_fails_the_run_without_telling_the_address(
    account: Account,
) -> None:
    with Place().open() as place:
        place.then = lambda handler: answer(handler, 404, b"no_service")
        account.allow_private_addresses()
        account.keep_secret("team", f"http://127.0.0.1:{place.server_port}/T1/B2")
        begun(account, "post_message", service="slack", to="secret:team", text="Hi")
    assert account.runs() == {
        "2.it": (
            "failed",
            "the address refused the call with 404: no_service; "
            "the rule or the address must change",
        )
    }


def test_an_event_is_published_once_on_the_deployment_s_bus(
    account: Account, published: list[dict[str, Any]]
) -> None:
    detail = {"title": "{{ document.title }}"}
    begun(account, "publish_event", name="ContractSent", detail=detail)
    again(account)
    (entry,) = published
    run = account.run("it")
    assert json.loads(entry.pop("Detail")) == {
        "idempotency_key": str(run.key),
        "title": DOCUSIGN.title,
    }
    assert entry == {
        "EventBusName": "countersign",
        "Source": "countersign",
        "DetailType": "ContractSent",
    }
    assert (run.state, list(run.result)) == ("done", ["event_id"])


def test_an_sms_is_sent_once(account: Account) -> None:
    begun(account, "send_sms", to="+49 151 12345678", text="{{ document.title }}", sender="ACME")
    again(account)
    sent = sns_backends[ACCOUNT][REGION].sms_messages
    assert list(sent.values()) == [("+4915112345678", DOCUSIGN.title)]
    assert account.run("it").result == {"sms_id": next(iter(sent)), "to": "+4915112345678"}


@pytest.mark.parametrize(
    ("kind", "settings", "operation", "state"),
    [
        ("publish_event", {"name": "Sent"}, "events.PutEvents", "in_doubt"),
        ("publish_event", {"name": "Sent", "repeatable": True}, "events.PutEvents", "ready"),
        ("send_sms", {"to": "+4915112345678", "text": "Hi"}, "sns.Publish", "in_doubt"),
    ],
)
def test_what_nobody_answered_for_is_in_doubt_unless_it_may_be_repeated(
    account: Account, kind: str, settings: dict[str, Any], operation: str, state: str
) -> None:
    with disturbed(account, "RunWeb", operation, silent):
        begun(account, kind, **settings)
    assert account.run("it").state == state
