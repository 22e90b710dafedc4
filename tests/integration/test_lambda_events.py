"""The envelopes in events/lambda are what Lambda hands each function, and tell one story.

DocuSign tells that the director has signed (``receive_webhook``), the stream that there is a
document (``record_statistics``) and that runs became ready (``dispatch_runs``), a lane's queue
that the client's mail is due (``run_email``); then a parked request tells that the envelope is
complete, and at last the contract is to be archived (``run_document``). Where the stage has a rule
that tells another system, ``run_web`` calls it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from countersign.adapters.dynamodb.items import parse
from countersign.model.message import RunMessage
from countersign.model.run import Run
from tests.integration.account import NONE_FAILED, Account
from tests.integration.lambda_events import http_event, sqs_event
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story

FOLDER = Path(__file__).parents[2] / "events" / "lambda"
DOCUMENT = "d-m4lqjlj5ajoiv2w555y5btsy"


def read(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return event


@pytest.fixture
def told(account: Account, story: Story) -> Account:
    """DocuSign has told of the director's signature."""
    event = read("receive_webhook")
    account.clock.now = datetime.fromtimestamp(event["requestContext"]["timeEpoch"] / 1000, UTC)
    assert account.call("ReceiveWebhook", event) == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain"},
        "body": "",
    }
    assert account.document().id == DOCUMENT
    return account


def test_the_webhook_moves_its_document(told: Account) -> None:
    document = told.document()
    assert (document.stage, document.title) == ("partially-signed", DOCUSIGN.title)


def test_the_stream_tells_of_the_runs_that_the_webhook_planned(told: Account) -> None:
    event, news = read("dispatch_runs"), told.news()
    assert news is not None
    given, planned = (
        [
            (one["eventName"], one["dynamodb"]["Keys"], parse(Run, one["dynamodb"]["NewImage"]))
            for one in records["Records"]
        ]
        for records in (event, news)
    )
    assert given == planned
    assert told.call("DispatchRuns", event) == NONE_FAILED
    assert len(told.schedules()) == 1


def test_the_stream_tells_of_the_document_that_the_webhook_made_and_it_is_counted(
    told: Account,
) -> None:
    event, news = read("record_statistics"), told.news("RecordStatistics")
    assert news is not None
    given, made = (
        [
            (one["eventName"], one["dynamodb"]["Keys"], one["dynamodb"]["NewImage"])
            for one in records["Records"]
        ]
        for records in (event, news)
    )
    for images in (given, made):  # the salts of the timeline's hashes are new each time
        assert all(len(image.pop("timeline_hash")["S"]) == 64 for *_, image in images)
    assert given == made
    for _ in range(2):
        assert told.call("RecordStatistics", event) == NONE_FAILED
    today = told.clock().date()
    found = told.statistics.read("contracts", today, today)
    assert {key.name: number for key, number in found.items() if key.day is None} == {
        "present/partially-signed": 1
    }
    assert {key.name: n for key, n in found.items() if key.name.startswith("arrived/")} == {
        "arrived/draft": 1,
        "arrived/sent": 1,
        "arrived/partially-signed": 1,
    }


def test_the_lane_is_handed_the_message_that_was_dispatched_and_mails_the_client(
    told: Account,
) -> None:
    event = read("run_email")
    told.call("DispatchRuns", read("dispatch_runs"))
    assert [one.body for one in told.sent] == [event["Records"][0]["body"]]
    assert told.call("RunEmail", event) == NONE_FAILED
    assert [mail.to for mail in told.mails()] == [("klara.vogel@kunde.example",)]
    assert told.runs()["3.mail-contract"] == ("done", None)


def test_the_report_on_that_mail_stands_on_the_timeline_and_the_sweep_has_nothing_to_do(
    told: Account,
) -> None:
    told.call("DispatchRuns", read("dispatch_runs"))
    told.call("RunEmail", read("run_email"))
    assert told.call("RecordFeedback", read("record_mail_event")) == NONE_FAILED
    last = told.documents.timeline(DOCUMENT)[-1]
    assert last.text == "the mail of mail-contract was delivered to klara.vogel@kunde.example"
    before = told.items()
    told.call("Sweep", read("sweep"))
    assert told.items() == before


def test_the_parked_request_is_taken_and_then_the_contract_archived(told: Account) -> None:
    assert told.call("ReceiveWebhook", read("receive_webhook-parked")) == NONE_FAILED
    assert told.document().stage == "signed"
    event = read("run_document")
    run = told.run("archive")
    (record,) = event["Records"]
    assert RunMessage.model_validate_json(record["body"]) == RunMessage.of(run)
    assert run.due is not None
    told.clock.now = run.due
    assert told.call("RunDocument", event) == NONE_FAILED
    assert told.document().stage == "archived"


def test_the_handshake_is_answered_for_the_connection_that_holds_its_client_id(
    account: Account, story: Story
) -> None:
    event = read("receive_webhook-handshake")
    client_id = event["headers"]["x-adobesign-clientid"]
    refused = account.call("ReceiveWebhook", event)
    assert refused["statusCode"] == 401
    account.connect("adobe_sign", secret=client_id)
    account.advance(minutes=1)  # for so long it is remembered that there was none
    assert account.call("ReceiveWebhook", event) == {
        "statusCode": 200,
        "headers": {"content-type": "application/json", "X-AdobeSign-ClientId": client_id},
        "body": json.dumps({"xAdobeSignClientId": client_id}, separators=(",", ":")),
    }


def test_a_person_who_is_signed_in_is_told_the_roles_of_the_pool(account: Account) -> None:
    answer = account.call("ServeApi", read("serve_api"))
    assert answer["statusCode"] == 200
    session = json.loads(answer["body"])
    assert session["id"] == "c3d4e5f6-7081-4922-a0b1-c2d3e4f50617"
    assert session["roles"] == ["operator", "viewer"]


# --- the envelopes' shape


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_each_file_is_named_after_a_function(name: str, project_root: Path) -> None:
    assert (project_root / "functions" / name.partition("-")[0] / "handler.py").is_file()


def test_the_webhook_has_the_shape_that_the_other_tests_give_theirs(
    account: Account, story: Story
) -> None:
    event = read("receive_webhook")
    account.clock.now = datetime.fromtimestamp(event["requestContext"]["timeEpoch"] / 1000, UTC)
    assert event == http_event(story.message(DOCUSIGN.director_signs), story.address)


@pytest.mark.parametrize(
    "name", ["run_email", "run_web", "run_document", "record_mail_event", "receive_webhook-parked"]
)
def test_a_message_of_a_queue_has_the_shape_that_the_other_tests_give_theirs(name: str) -> None:
    (record,) = read(name)["Records"]
    (other,) = sqs_event(record["eventSourceARN"], [record["body"]])["Records"]
    assert record.keys() == other.keys()
    assert record["attributes"].keys() == other["attributes"].keys()
    digest = hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()
    assert record["md5OfBody"] == digest
