"""Strangers cost nothing, an outage of the parameter store stops nobody, and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.adapters.s3.objects import Objects
from countersign.adapters.s3.rejected_requests import S3RejectedRequests
from countersign.adapters.sqs.retry_queue import SqsRetryQueue
from countersign.use_cases.connections.credentials import Rotation, rotate
from countersign.use_cases.messages.receive import Receiver
from countersign.use_cases.messages.rejected_requests import retry
from countersign.use_cases.messages.verified_request import VerifiedRequest
from tests.integration.account import BUCKET, SECRET, Account, client
from tests.integration.conftest import Said
from tests.integration.faults import disturbed, refused, unreachable
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story
from tests.integration.test_logs import counted, facts
from tests.integration.test_main_job import counted as calls_of

SSM = ("ssm",)
THROTTLED = refused("ThrottlingException")


def test_two_thousand_invented_addresses_cost_one_read_and_push_nobody_out(
    account: Account, story: Story
) -> None:
    story.tell(DOCUSIGN.sent)
    forged = story.message(DOCUSIGN.director_signs)
    with calls_of(account, "ReceiveWebhook", *SSM) as made:
        for number in range(2_000):
            address = f"invented-{number}.{number:052}"
            assert account.post(forged, address)["statusCode"] == 401
    assert made == []
    account.clock.now = account.clock.now.replace(minute=1, second=1)
    with disturbed(account, "ReceiveWebhook", "ssm.GetParameter", THROTTLED):
        assert story.post(story.message(DOCUSIGN.director_signs))["statusCode"] == 200
    assert account.document().stage == "partially-signed"


def test_a_cold_function_reads_the_key_once_for_all_strangers(
    account: Account, story: Story
) -> None:
    request = story.message(DOCUSIGN.sent)
    with calls_of(account, "ReceiveWebhook", *SSM) as made:
        for number in range(50):
            assert account.post(request, f"docusign.{number:052}")["statusCode"] == 401
    assert made == ["GetParameter"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(THROTTLED, id="throttled"),
        pytest.param(unreachable, id="unreachable"),
        pytest.param(refused("AccessDeniedException"), id="a right is missing"),
    ],
)
def test_while_the_store_is_away_the_last_known_secrets_serve_on_and_are_counted(
    account: Account, story: Story, said: Said, fault: Any
) -> None:
    story.tell(DOCUSIGN.sent)
    account.advance(hours=11)
    said()
    with disturbed(account, "ReceiveWebhook", "ssm.GetParameter", fault):
        assert story.post(story.message(DOCUSIGN.director_signs))["statusCode"] == 200
        forged = DOCUSIGN.message(DOCUSIGN.client_signs, "another key", account.clock())
        assert account.post(forged, story.address)["statusCode"] == 401
    lines = said()
    assert counted(lines)["stale_credentials"] == 3  # once more before the refusal
    assert facts(lines)[0]["message"] == "credentials stale"
    assert facts(lines)[0]["connection"] == "docusign"
    account.settle()
    assert account.document().stage == "partially-signed"


def test_after_twelve_hours_everybody_is_told_to_come_again(account: Account, story: Story) -> None:
    story.tell(DOCUSIGN.sent)
    account.advance(hours=12)
    with disturbed(account, "ReceiveWebhook", "ssm.GetParameter", THROTTLED):
        assert story.post(story.message(DOCUSIGN.director_signs))["statusCode"] == 503


def test_a_secret_that_was_rotated_a_second_ago_is_accepted_by_a_warm_function(
    account: Account, story: Story
) -> None:
    story.tell(DOCUSIGN.sent)
    rotate(account.connector, "docusign", Rotation(secrets=("the newest key",)))
    account.advance(seconds=1)
    message = DOCUSIGN.message(DOCUSIGN.director_signs, "the newest key", account.clock())
    assert account.post(message, story.address)["statusCode"] == 200


def test_forged_messages_cost_at_most_one_read_a_second(account: Account, story: Story) -> None:
    story.tell(DOCUSIGN.sent)
    forged = DOCUSIGN.message(DOCUSIGN.client_signs, "another key", account.clock())
    with calls_of(account, "ReceiveWebhook", *SSM) as made:
        for _ in range(3):
            account.clock.now = account.clock.now.replace(second=account.clock.now.second + 1)
            for _ in range(20):
                assert account.post(forged, story.address)["statusCode"] == 401
    assert len(made) == 3


def test_the_metrics_tell_strangers_from_refused_and_rejected_ones_and_name_the_stage(
    account: Account, story: Story, said: Said
) -> None:
    account.post(story.message(DOCUSIGN.sent), "docusign.invented")
    assert counted(said()) == {"webhook_refused": 1}
    forged = DOCUSIGN.message(DOCUSIGN.sent, "another key", account.clock())
    account.post(forged, story.address)
    assert counted(said()) == {"webhook_refused": 1, "webhook_unverified": 1}
    story.post(story.signed(b"{"))
    lines = said()
    assert counted(lines) == {"webhook_malformed": 1, "webhook_rejected": 1}
    told = [json.loads(line) for line in lines]
    (metrics,) = [one["_aws"]["CloudWatchMetrics"][0] for one in told if "_aws" in one]
    assert sorted(metrics["Dimensions"][0]) == ["service", "stage"]
    assert {one["stage"] for one in told if "_aws" in one} == {"dev"}


# --- rejected, and nevertheless not lost


def test_a_rejected_message_lies_encrypted_in_the_bucket_until_it_is_taken(
    account: Account, story: Story, said: Said
) -> None:
    message = story.message(DOCUSIGN.sent)
    odd = message.model_copy(update={"headers": {**message.headers, "content-type": "text/x"}})
    assert story.post(odd)["statusCode"] == 415
    (line,) = facts(said())
    (key,) = [one["Key"] for one in client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert key == f"rejected/{line['rejected'].replace('.', '/')}"
    body = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    assert SECRET.encode() not in body


def test_where_it_cannot_be_kept_the_answer_is_the_same_and_the_log_says_so(
    account: Account, story: Story, said: Said
) -> None:
    with disturbed(account, "ReceiveWebhook", "s3.PutObject", unreachable):
        assert story.post(story.signed(b"{"))["statusCode"] == 400
    (line,) = facts(said())
    assert line["reason"].endswith(
        "; and it could not be kept: UnavailableError: S3 gave no answer: "
        'Could not connect to the endpoint URL: "https://aws.example"'
    )
    assert "rejected" not in line


def test_the_command_line_takes_it_again_with_its_authenticity(
    account: Account, story: Story
) -> None:
    message = story.message(DOCUSIGN.sent)
    odd = message.model_copy(update={"headers": {**message.headers, "content-type": "text/x"}})
    story.post(odd)
    receiver = _receiver(account)
    (rejected_id,) = receiver.rejected.ids("docusign")
    (still,) = retry(receiver, [rejected_id])
    assert 'content type "text/x"' in (still.reason or "")
    kept = receiver.rejected.get(rejected_id)
    assert kept is not None
    fixed = VerifiedRequest.model_validate_json(kept.request)
    headers = {**fixed.headers, "content-type": "application/json"}
    again = fixed.model_copy(update={"headers": headers}).model_dump_json()
    receiver.rejected.keep(kept.model_copy(update={"request": again}))
    (done,) = retry(receiver, [rejected_id])
    assert done.received is not None
    assert (done.received.outcome, list(receiver.rejected.ids())) == ("applied", [])
    assert account.documents.events(account.document().id)[0].authenticity == "signed"


def _receiver(account: Account) -> Receiver:
    """As the command line has it: its secrets, its bucket."""
    bucket = Objects(lambda: client("s3"), BUCKET)
    applier = account.applier
    return Receiver(
        store=applier.store,
        secrets=account.secrets,
        held=applier.held,
        addresses=account.addresses,
        parked=SqsRetryQueue(lambda: client("sqs"), "none", bucket),
        rejected=S3RejectedRequests(bucket),
        max_body=6_291_456,
    )
