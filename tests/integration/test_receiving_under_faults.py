"""What is verified is never lost: parked when it cannot be committed, and taken again."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from tests.integration.account import NONE_FAILED, Account, client
from tests.integration.faults import Fault, disturbed, refused, silent, unreachable
from tests.integration.lambda_events import Answer, sqs_event
from tests.integration.messages import DOCUSIGN, SENDERS, Sender
from tests.integration.story import Story

READ, WRITE = "dynamodb.BatchGetItem", "dynamodb.TransactWriteItems"
PARK = "sqs.SendMessage"
UNAVAILABLE = {"statusCode": 503, "headers": {"content-type": "text/plain"}, "body": ""}


def take_again(account: Account, bodies: list[str]) -> Answer:
    """Hand receive_webhook what lay in the queue of parked requests."""
    return account.call("ReceiveWebhook", sqs_event(account.arn("Parked"), bodies))


def told_back(*numbers: int) -> Answer:
    """The answer that has these messages of a batch delivered again."""
    return {"batchItemFailures": [{"itemIdentifier": f"message-{one}"} for one in numbers]}


@pytest.mark.parametrize("sender", SENDERS, ids=lambda one: one.provider)
@pytest.mark.parametrize(
    ("call", "fault"),
    [
        pytest.param(READ, refused("ProvisionedThroughputExceededException"), id="no capacity"),
        pytest.param(READ, unreachable, id="unreachable"),
        pytest.param(WRITE, refused("InternalServerError", 500), id="fault of DynamoDB"),
        pytest.param(WRITE, silent, id="no answer"),
        pytest.param(WRITE, refused("AccessDeniedException"), id="a right is missing"),
    ],
)
def test_a_request_that_cannot_be_committed_is_parked_answered_as_success_and_taken_again(
    account: Account, contracts: Pipeline, sender: Sender, call: str, fault: Fault
) -> None:
    story = Story(account, contracts, sender)
    message = story.message(sender.director_signs)
    with disturbed(account, "ReceiveWebhook", call, fault):
        answer = story.post(message)
    assert list(account.documents.in_stage("contracts")) == []
    parked = account.queued("Parked")
    assert take_again(account, parked) == NONE_FAILED
    document = account.document()
    assert (document.title, document.stage) == (sender.title, "partially-signed")
    assert answer == story.post(message)
    assert account.queued("Parked") == []


def test_what_was_parked_goes_on_to_the_clients_mail(account: Account, story: Story) -> None:
    with disturbed(account, "ReceiveWebhook", READ, unreachable):
        story.tell(DOCUSIGN.director_signs)
    assert account.mails() == []
    take_again(account, account.queued("Parked"))
    account.settle()
    subjects = [mail.subject for mail in account.mails()]
    assert subjects == ["Your contract V-2026-0042 is ready to sign"]


def test_a_request_that_was_committed_although_no_answer_came_is_a_duplicate_when_taken_again(
    account: Account, story: Story
) -> None:
    events = account.client_of("ReceiveWebhook", "dynamodb").meta.events

    def lose_the_answer(**_: object) -> None:
        silent()

    after = "after-call.dynamodb.TransactWriteItems"
    events.register(after, lose_the_answer, unique_id="lost")
    try:
        answer = story.post(story.message(DOCUSIGN.sent))
    finally:
        events.unregister(after, unique_id="lost")
    assert answer["statusCode"] == 200
    before = account.items()
    assert take_again(account, account.queued("Parked")) == NONE_FAILED
    assert account.items() == before


@pytest.mark.parametrize("call", [READ, WRITE])
def test_when_parking_is_impossible_too_the_provider_is_told_to_come_again(
    account: Account, story: Story, call: str
) -> None:
    with ExitStack() as faults:
        for one in (call, PARK):
            faults.enter_context(disturbed(account, "ReceiveWebhook", one, unreachable))
        assert story.post(story.message(DOCUSIGN.sent)) == UNAVAILABLE
    assert account.queued("Parked") == []
    story.tell(DOCUSIGN.sent)
    assert account.document().stage == "sent"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(refused("ThrottlingException"), id="throttled"),
        pytest.param(unreachable, id="unreachable"),
        pytest.param(refused("AccessDeniedException"), id="a right is missing"),
    ],
)
def test_while_the_secrets_cannot_be_read_nobody_is_let_in_and_everybody_is_told_to_come_again(
    account: Account, story: Story, fault: Fault
) -> None:
    with disturbed(account, "ReceiveWebhook", "ssm.GetParameter", fault):
        assert story.post(story.message(DOCUSIGN.sent)) == UNAVAILABLE
    account.clock.now += timedelta(seconds=1)  # for so long the failure is remembered
    assert story.post(story.message(DOCUSIGN.sent))["statusCode"] == 200


def test_parked_requests_are_put_back_without_a_try_for_as_long_as_the_database_is_away(
    account: Account, story: Story
) -> None:
    with disturbed(account, "ReceiveWebhook", READ, unreachable):
        story.post(story.message(DOCUSIGN.sent))
        story.post(story.message(DOCUSIGN.director_signs))
        parked = account.queued("Parked")
        for _ in range(12):
            assert take_again(account, parked) == NONE_FAILED
    again = [one for one in account.sent[-24:] if one.queue == "Parked"]
    assert sorted(one.body for one in again) == sorted(parked * 12)
    assert all(15 <= one.delay <= 30 for one in again)  # each its first time
    assert account.queued("ParkedDeadLetters") == []
    assert take_again(account, parked) == NONE_FAILED
    assert account.document().stage == "partially-signed"


def test_a_parked_request_is_told_back_where_the_queue_is_away_as_well(
    account: Account, story: Story
) -> None:
    with disturbed(account, "ReceiveWebhook", READ, unreachable):
        story.post(story.message(DOCUSIGN.sent))
        parked = account.queued("Parked")
        with disturbed(account, "ReceiveWebhook", PARK, unreachable):
            assert take_again(account, parked) == told_back(1)
    assert take_again(account, parked) == NONE_FAILED
    assert account.document().stage == "sent"


def test_a_parked_request_waits_for_the_parameter_store_too(account: Account, story: Story) -> None:
    with disturbed(account, "ReceiveWebhook", READ, unreachable):
        story.post(story.message(DOCUSIGN.sent))
    parked = account.queued("Parked")
    account.advance(minutes=2)
    with disturbed(account, "ReceiveWebhook", "ssm.GetParameter", refused("ThrottlingException")):
        assert take_again(account, parked) == NONE_FAILED
    account.advance(minutes=2)
    assert [one.body for one in account.sent[-1:]] == parked
    assert take_again(account, parked) == NONE_FAILED
    assert account.document().stage == "sent"


def test_a_parked_request_that_cannot_be_read_is_told_back_alone(
    account: Account, story: Story
) -> None:
    with disturbed(account, "ReceiveWebhook", READ, unreachable):
        story.post(story.message(DOCUSIGN.sent))
        story.post(story.message(DOCUSIGN.director_signs))
    first, second = account.queued("Parked")
    poison = '{"connection":"docusign","request":"AAAA"}'
    answer = take_again(account, [first, poison, second, "unreadable"])
    assert answer == told_back(2, 4)
    assert account.document().stage == "partially-signed"


def test_a_parked_request_of_a_connection_that_was_removed_is_told_back(
    account: Account, story: Story
) -> None:
    with disturbed(account, "ReceiveWebhook", READ, unreachable):
        story.post(story.message(DOCUSIGN.sent))
    client("ssm").delete_parameter(Name="/countersign/dev/connections/docusign")
    account.advance(minutes=2)  # for so long at most it is remembered
    assert take_again(account, account.queued("Parked")) == told_back(1)


def test_a_verified_request_is_kept_though_its_pipeline_is_missing(
    account: Account, story: Story
) -> None:
    """Whoever mends the table finds nothing lost."""
    account.hide("PIPELINE#contracts")
    assert story.post(story.message(DOCUSIGN.sent))["statusCode"] == 200
    parked = account.queued("Parked")
    assert take_again(account, parked) == told_back(1)
    account.show_again()
    assert take_again(account, parked) == NONE_FAILED
    assert account.document().stage == "sent"


def test_the_last_delivery_of_a_parked_request_says_why_it_is_given_up(
    account: Account, story: Story
) -> None:
    account.hide("PIPELINE#contracts")
    story.post(story.message(DOCUSIGN.sent))
    parked = account.queued("Parked")
    event = sqs_event(account.arn("Parked"), parked, received=10)
    assert account.call("ReceiveWebhook", event) == NONE_FAILED
    url = client("sqs").get_queue_url(QueueName="ParkedDeadLetters")["QueueUrl"]
    (letter,) = client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])[
        "Messages"
    ]
    reason = letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert reason.startswith("NotFoundError: the pipeline contracts ")
    account.show_again()
    assert take_again(account, [letter["Body"]]) == NONE_FAILED
    assert account.document().stage == "sent"


# --- two at once


class Meanwhile:
    """Lets something happen between a decision and its commit."""

    def __init__(self, account: Account, *happenings: Any) -> None:
        self._events = account.client_of("ReceiveWebhook", "dynamodb").meta.events
        self._happenings = list(happenings)

    def __enter__(self) -> None:
        self._events.register_first(f"before-call.{WRITE}", self._happen, unique_id="meanwhile")

    def __exit__(self, *_: object) -> None:
        self._events.unregister(f"before-call.{WRITE}", unique_id="meanwhile")

    def _happen(self, **_: object) -> None:
        if self._happenings:
            self._happenings.pop(0)()


@pytest.mark.parametrize("before", [[], [DOCUSIGN.sent]], ids=["creating", "changing"])
def test_two_messages_of_one_envelope_at_once_are_both_applied(
    account: Account, story: Story, before: list[str]
) -> None:
    for name in before:
        story.tell(name)
    viewed, signs = (
        story.message(name) for name in (DOCUSIGN.director_signs, "recipient-delivered-client")
    )
    with Meanwhile(account, lambda: story.post(viewed)):
        assert story.post(signs)["statusCode"] == 200
    account.settle()
    document = account.document()
    assert {event.provider_event for event in account.documents.events(document.id)} == {
        *before,
        "recipient-completed",
        "recipient-delivered",
    }
    assert (document.stage, document.version) == ("partially-signed", 2 + len(before))
    assert len(account.mails()) == 1


def test_the_same_message_twice_at_once_is_applied_once(account: Account, story: Story) -> None:
    message = story.message(DOCUSIGN.director_signs)
    with Meanwhile(account, lambda: story.post(message)):
        assert story.post(message)["statusCode"] == 200
    account.settle()
    assert (account.document().version, len(account.mails())) == (1, 1)


def test_a_message_that_never_finds_its_document_at_rest_is_parked(
    account: Account, story: Story
) -> None:
    story.tell(DOCUSIGN.sent)
    document = account.document()

    def edit() -> None:
        account.edit(account.document(), comment="once more")

    with Meanwhile(account, *([edit] * 8)):
        assert story.post(story.message(DOCUSIGN.director_signs))["statusCode"] == 200
    assert account.document().version == document.version + 8
    assert take_again(account, account.queued("Parked")) == NONE_FAILED
    assert account.document().stage == "partially-signed"


def test_what_can_never_be_committed_goes_to_the_dead_letters_at_once_with_its_reason(
    account: Account, story: Story
) -> None:
    too_large = refused("ValidationException", message="Item size has exceeded the maximum")
    with disturbed(account, "ReceiveWebhook", WRITE, too_large):
        assert story.post(story.message(DOCUSIGN.sent))["statusCode"] == 200
        parked = account.queued("Parked")
        assert take_again(account, parked) == NONE_FAILED
    assert account.queued("Parked") == []
    url = client("sqs").get_queue_url(QueueName="ParkedDeadLetters")["QueueUrl"]
    (letter,) = client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])[
        "Messages"
    ]
    assert letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"].startswith(
        "TooLargeError: DynamoDB refused TransactWriteItems: ValidationException: Item size"
    )
    assert take_again(account, [letter["Body"]]) == NONE_FAILED
    assert account.document().title == DOCUSIGN.title


def test_other_lasting_refusals_of_a_parked_request_are_tried_again(
    account: Account, story: Story
) -> None:
    with disturbed(account, "ReceiveWebhook", WRITE, refused("AccessDeniedException")):
        story.post(story.message(DOCUSIGN.sent))
        parked = account.queued("Parked")
        assert take_again(account, parked) == told_back(1)
    assert account.queued("ParkedDeadLetters") == []
