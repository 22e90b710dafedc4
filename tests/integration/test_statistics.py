"""The function that counts: records that come again, that fail alone, and of removed documents."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.builders import mail, pipeline, stage
from tests.integration.account import NONE_FAILED, SENDER, Account
from tests.integration.faults import disturbed, unreachable
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story


def begun(account: Account) -> Story:
    """An envelope was sent, and its client has got a mail."""
    sent = stage("sent", mail("first"), triggers=[{"id": "sent", "kind": "sent"}])
    story = Story(account, pipeline(stage("draft"), sent, senders=[SENDER]), DOCUSIGN)
    story.tell(DOCUSIGN.sent)
    return story


def counted(account: Account, *names: str) -> dict[str, int]:
    """These counters, of all days."""
    found = account.statistics.read("contracts", date(2026, 1, 1), date(2026, 12, 31))
    numbers = dict.fromkeys(names, 0)
    for key, number in found.items():
        if key.name in numbers:
            numbers[key.name] += number
    return numbers


NAMES = ("created", "present/sent", "mail/sent", "run/done/send_email/first")


def test_a_document_and_its_run_are_counted_however_often_the_batch_comes(
    account: Account,
) -> None:
    begun(account)
    event = account.news("RecordStatistics")
    assert event is not None
    for batch in (event, event, {"Records": event["Records"][1:]}):
        assert account.call("RecordStatistics", batch) == NONE_FAILED
    assert counted(account, *NAMES) == dict.fromkeys(NAMES, 1)


def test_a_record_that_cannot_be_read_is_told_back_and_keeps_no_other(account: Account) -> None:
    begun(account)
    event: Any = account.news("RecordStatistics")
    broken = dict(event["Records"][0])
    image = {**broken["dynamodb"]["NewImage"], "version": {"S": "many"}}
    broken["dynamodb"] = {**broken["dynamodb"], "NewImage": image, "SequenceNumber": "7"}
    nameless = {**broken, "dynamodb": {"NewImage": {"type": {"S": "run"}}, "SequenceNumber": "8"}}
    records = [broken, nameless, *event["Records"]]
    assert account.call("RecordStatistics", {"Records": records}) == {
        "batchItemFailures": [{"itemIdentifier": "7"}, {"itemIdentifier": "8"}]
    }
    assert counted(account, *NAMES) == dict.fromkeys(NAMES, 1)


def test_an_item_that_cannot_be_read_fails_the_records_of_its_document_alone(
    account: Account,
) -> None:
    begun(account)
    event: Any = account.news("RecordStatistics")
    document = account.document().id
    item: Any = {"pk": {"S": f"COUNTED#{document}"}, "sk": {"S": "COUNTED"}, "body": {"B": b"x"}}
    state = account.client_of("RecordStatistics", "dynamodb")
    state.put_item(TableName="Statistics", Item=item)
    numbers = [one["dynamodb"]["SequenceNumber"] for one in event["Records"]]
    failed = account.call("RecordStatistics", event)["batchItemFailures"]
    assert [one["itemIdentifier"] for one in failed] == numbers


def test_while_the_database_is_away_the_whole_batch_comes_again(account: Account) -> None:
    begun(account)
    event: Any = account.news("RecordStatistics")
    numbers = [one["dynamodb"]["SequenceNumber"] for one in event["Records"]]
    with disturbed(account, "RecordStatistics", "dynamodb.TransactWriteItems", unreachable):
        failed = account.call("RecordStatistics", event)["batchItemFailures"]
    assert [one["itemIdentifier"] for one in failed] == numbers
    assert counted(account, *NAMES) == dict.fromkeys(NAMES, 0)
    assert account.call("RecordStatistics", event) == NONE_FAILED
    assert counted(account, *NAMES) == dict.fromkeys(NAMES, 1)


def test_a_document_that_is_removed_is_present_no_longer(account: Account) -> None:
    begun(account)
    assert account.count() == NONE_FAILED
    account.documents.remove(account.document().id)
    assert account.count() == NONE_FAILED
    assert counted(account, *NAMES) == dict.fromkeys(NAMES, 1) | {"present/sent": 0}
