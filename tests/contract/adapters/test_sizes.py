"""What can never be written is refused alike by the table and its twin; what can, comes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_sqs import SQSClient

from countersign.adapters.aws.errors import our_error
from countersign.adapters.dynamodb.sizes import check_sizes, item_size, items_of
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.memory.queues.retry_queue import MemoryRetryQueue
from countersign.adapters.s3.objects import Objects
from countersign.adapters.sqs.dead_letters import DeadLetterQueueUrls, SqsDeadLetters
from countersign.adapters.sqs.retry_queue import SqsRetryQueue
from countersign.errors import NotAllowedError, PermanentError, TooLargeError
from countersign.model.document import Document
from countersign.model.log import FieldChange, LogEntry
from countersign.model.run import Run
from countersign.model.signing_event import Signer
from countersign.model.transaction import ProcessedEvent, Transaction
from countersign.ports import Documents
from tests.contract.adapters.conftest import REGION

MORNING = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)


@pytest.fixture
def sqs(aws: None) -> SQSClient:
    return boto3.client("sqs", region_name=REGION)


def a_document(**more: Any) -> Document:
    """A document."""
    given = {"id": "d7", "pipeline": "leases", "stage": "open", "since": MORNING}
    return Document.model_validate({**given, "created_at": MORNING, **more})


def a_line(number: int, length: int, **more: Any) -> LogEntry:
    """A line of a timeline whose text cannot be compressed."""
    text = "".join(sha256(f"{number}/{n}".encode()).hexdigest() for n in range(length // 64 + 1))
    return LogEntry.model_validate(
        {"at": MORNING, "kind": "commented", "entry": 1, "text": text[:length], **more}
    )


@pytest.mark.parametrize(
    "lines",
    [
        tuple(a_line(n, 25_000) for n in range(30)),
        tuple(a_line(n, 900) for n in range(700)),
        tuple(
            a_line(
                n, 20_000, kind="edited", changes=[FieldChange(field="sum", new=Decimal("1.10"))]
            )
            for n in range(25)
        ),
    ],
)
def test_a_long_timeline_of_one_change_comes_back_whole_and_in_order(
    documents: Documents, lines: tuple[LogEntry, ...]
) -> None:
    documents.commit(Transaction(document=a_document(), log=lines))
    after = a_line(1_000, 50)
    documents.commit(Transaction(document=a_document(version=2), was_version=1, log=(after,)))
    assert documents.timeline("d7") == (*lines, after)


def test_each_item_of_a_long_timeline_counts(documents: Documents) -> None:
    lines = tuple(a_line(n, 25_000) for n in range(30))
    change = Transaction(document=a_document(), log=lines)
    assert change.items == 1 + 3
    assert len(list(items_of(change))) == 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (Transaction(document=a_document(title="t" * 409_600)), "the item DOC has 409,"),
        (Transaction(document=a_document(title="\u00e4" * 205_000)), "the item DOC has 410,"),
        (Transaction(document=a_document(fields={"f": "x" * 300_000, "g": "y" * 200_000})),
         "the item DOC has 500,"),
        (Transaction(document=a_document(), log=(a_line(1, 410_000),)),
         "the item LOG#0000000001 has 41"),
        (Transaction(document=a_document(), log=tuple(a_line(n, 29_000) for n in range(150))),
         "DynamoDB writes 4,194,304 at once"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_refused_for_good_and_nothing_of_it_is_written(
    documents: Documents, change: Transaction, says: str
) -> None:
    with pytest.raises(TooLargeError) as told:
        documents.commit(change)
    assert isinstance(told.value, PermanentError)
    assert says in str(told.value)
    assert documents.get("d7") is None
    assert documents.timeline("d7") == ()


def reported(number: int) -> ProcessedEvent:
    """An event whose message is as long as it is kept at most, and cannot be compressed further."""
    raw = "".join(sha256(f"{number}/{n}".encode()).hexdigest() for n in range(500_000 // 64))
    given = {"key": f"k{number}", "connection": "c", "document": "d7", "at": MORNING, "raw": raw}
    return ProcessedEvent.model_validate(
        {**given, "provider_event": "e", "kind": "other", "authenticity": "signed"}
    )


@pytest.mark.parametrize(("number", "fits"), [(11, True), (16, False)])
def test_the_messages_that_are_kept_count_too(
    documents: Documents, number: int, fits: bool
) -> None:
    events = tuple(map(reported, range(number)))
    change = Transaction(document=a_document(), events=events)
    if fits:
        documents.commit(change)
        assert documents.get("d7") is not None
    else:
        with pytest.raises(TooLargeError, match="DynamoDB writes 4,194,304 at once"):
            documents.commit(change)
        assert documents.get("d7") is None


def test_what_just_fits_is_written(documents: Documents) -> None:
    documents.commit(Transaction(document=a_document(title="t" * 403_000)))
    assert documents.get("d7") is not None


def test_items_are_measured_as_the_table_measures_them() -> None:
    item: dict[str, Any] = {
        "pk": {"S": "DOC#d"},
        "sum": {"N": "-12.50"},
        "yes": {"BOOL": True},
        "none": {"NULL": True},
        "raw": {"B": b"12345"},
        "list": {"L": [{"S": "a"}, {"S": "\u00e4"}]},
        "map": {"M": {"k": {"S": "v"}}},
    }
    names = len("pksumyesnonerawlistmap")
    assert item_size(item) == names + 5 + 5 + 1 + 1 + 5 + (3 + 2 + 3) + (3 + 1 + 1 + 1)


def test_the_twin_measures_every_item_that_the_table_is_sent(dynamodb: DynamoDBClient) -> None:
    run = Run(
        document="d7", entry=1, rule="r", pipeline="leases", pipeline_version=1, stage="open",
        kind="send_email", lane="email", state="ready", planned_at=MORNING, due=MORNING,
    )  # fmt: skip
    event = ProcessedEvent(
        key="k", connection="c", document="d7", at=MORNING, provider_event="e", kind="other",
        authenticity="signed", raw="{}",
    )  # fmt: skip
    change = Transaction(
        document=a_document(signers=(Signer(id="1"),)), log=(a_line(1, 10),), events=(event,),
        planned=(run,), once=(run.key,), attach=("c#e",),
    )  # fmt: skip
    DynamoDocuments(dynamodb, "State").commit(change)
    written = dynamodb.scan(TableName="State")["Items"]
    there = sorted(json.dumps(one, default=str, sort_keys=True) for one in written)
    told = sorted(json.dumps(one, default=str, sort_keys=True) for one in items_of(change))
    assert len(there) == len(told) == change.items
    assert [one[:40] for one in there] == [one[:40] for one in told]


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("ValidationException", "Item size has exceeded the maximum allowed size", TooLargeError),
        ("ValidationException", "Item size to update has exceeded the maximum allowed size",
         TooLargeError),
        ("ValidationException", "One or more parameter values were invalid", PermanentError),
        ("AccessDeniedException", "not authorized, whatever the size", NotAllowedError),
    ],
)  # fmt: skip
def test_a_refusal_by_size_is_known_from_other_refusals(
    code: str, message: str, kind: type[Exception]
) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "TransactWriteItems")
    assert type(our_error("DynamoDB", error)) is kind


UNUSED = Objects(lambda: boto3.client("s3"), "none")
"""For what is too large for the queue, which nothing here is."""


def test_what_is_given_up_lies_with_its_reason_among_the_dead_letters(sqs: SQSClient) -> None:
    parked, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("parked", "dead"))
    SqsRetryQueue(lambda: sqs, parked, UNUSED, dead).give_up(
        "c1", '{"a": "\u00fc"}', "TooLargeError: it is"
    )
    letters = SqsDeadLetters(sqs, {"parked": DeadLetterQueueUrls(url=dead, home=parked)}, {})
    (letter,) = letters.hold("parked")
    assert (letter.webhook, letter.reason) == ("c1", "TooLargeError: it is")
    letters.send_back(letter)
    assert len(sqs.receive_message(QueueUrl=parked)["Messages"]) == 1

    twin = MemoryRetryQueue()
    twin.give_up("c1", "{}", "reason")
    assert (twin.given_up, twin.take()) == ([("c1", "{}", "reason")], ())


def test_a_reason_is_never_longer_than_an_attribute_may_be(sqs: SQSClient) -> None:
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    SqsRetryQueue(lambda: sqs, dead, UNUSED, dead).give_up("c1", "{}", "r" * 500_000)
    (letter,) = SqsDeadLetters(sqs, {"parked": DeadLetterQueueUrls(url=dead)}, {}).hold("parked")
    assert letter.reason == "r" * 1_000


@pytest.mark.parametrize("over", [0, 1])
def test_four_megabytes_of_a_change_fit_and_not_a_byte_more(over: int) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html"""
    asked = [300 * 1024] * 13 + [196 * 1024 + over]
    assert sum(asked) == 4 * 1024 * 1024 + over
    keys = len("pkDOC#d" + "skLOG" + "x")
    written = [
        {"pk": {"S": "DOC#d"}, "sk": {"S": "LOG"}, "x": {"S": "t" * (size - keys)}}
        for size in asked
    ]
    assert [item_size(one) for one in written] == asked
    if over:
        with pytest.raises(TooLargeError, match="4,194,305 bytes"):
            check_sizes(written)
    else:
        check_sizes(written)


@pytest.mark.parametrize("over", [0, 1])
def test_an_item_of_400_kilobytes_fits_and_not_a_byte_more(over: int) -> None:
    keys = len("pkDOC#d" + "skDOC" + "x")
    item = {
        "pk": {"S": "DOC#d"},
        "sk": {"S": "DOC"},
        "x": {"S": "t" * (400 * 1024 + over - keys)},
    }
    if over:
        with pytest.raises(TooLargeError, match="409,601 bytes"):
            check_sizes([item])
    else:
        check_sizes([item])
