"""What ``ports.HeldMessages`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.memory.tables.operations.held_messages import MemoryHeldMessages
from countersign.errors import UnavailableError
from countersign.model.incoming_message import IncomingMessage
from countersign.model.mail_event import MAIL_SERVICE, MailEvent
from countersign.model.run import RunKey
from countersign.model.signing_event import SigningEvent
from countersign.ports import HeldMessages

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def an_event(key: str, **members: Any) -> SigningEvent:
    event = SigningEvent(
        kind="document.sent",
        key=key,
        provider_event="envelope-sent",
        occurred_at=NOON,
        envelope="e1",
        detail={"ü": "ß"},
    )
    return event.model_copy(update=members)


def a_message(*keys: str, **members: Any) -> IncomingMessage:
    message = IncomingMessage(
        pipeline="sales",
        connection="c1",
        events=tuple(an_event(key) for key in keys),
        authenticity="signed",
        received_at=NOON,
        raw='{"ü": 1}',
    )
    return message.model_copy(update=members)


@pytest.fixture(params=["memory", "dynamodb"])
def postponed(request: pytest.FixtureRequest) -> HeldMessages:
    if request.param == "memory":
        return MemoryHeldMessages()
    return DynamoHeldMessages(request.getfixturevalue("dynamodb"), "State")


def test_messages_are_listed_in_the_order_in_which_they_came(postponed: HeldMessages) -> None:
    third = a_message("k1", received_at=NOON + 2 * SECOND)
    first = a_message("k3", "k4", received_at=NOON)
    second = a_message("k2", received_at=NOON + SECOND, connection="c2")
    other = a_message("k1", pipeline="hr")
    for message in (third, first, second, other):
        postponed.add(message)
    assert list(postponed.list("sales")) == [first, second, third]
    assert list(postponed.list("hr")) == [other]
    assert list(postponed.list("nobody")) == []


@pytest.mark.parametrize(("most", "counted"), [(1, 1), (6, 6), (7, 7), (8, 7), (100, 7)])
def test_messages_that_wait_are_counted_up_to_a_limit(
    postponed: HeldMessages, most: int, counted: int
) -> None:
    for number in range(7):
        postponed.add(a_message(f"k{number}"))
    postponed.add(a_message("k1", pipeline="hr"))
    postponed.set_aside(a_message("k8"), "no such connection", at=NOON)
    assert postponed.count("sales", most) == counted
    assert postponed.count("nobody", most) == 0


def test_the_same_message_is_kept_once(postponed: HeldMessages) -> None:
    message, other = a_message("k1"), a_message("k2")
    for one in (message, other, message):
        postponed.add(one)
    assert sorted(postponed.list("sales"), key=lambda one: one.events[0].key) == [message, other]


def test_what_was_applied_is_forgotten_while_the_rest_is_read(
    postponed: HeldMessages,
) -> None:
    messages = [a_message(f"k{n}", received_at=NOON + n * SECOND) for n in range(4)]
    for message in messages:
        postponed.add(message)
    seen = []
    for message in postponed.list("sales"):
        seen.append(message)
        postponed.remove(message)
    assert seen == messages
    assert list(postponed.list("sales")) == []
    postponed.remove(messages[0])


def test_what_is_set_aside_is_kept_with_its_reason_and_not_listed_with_the_rest(
    postponed: HeldMessages,
) -> None:
    first, second, third = (a_message(f"k{n}", received_at=NOON + n * SECOND) for n in range(3))
    for message in (first, second, third):
        postponed.add(message)
    postponed.set_aside(second, "no such connection", at=NOON + 60 * SECOND)
    postponed.set_aside(first, "a fault of ours", at=NOON + 61 * SECOND)
    postponed.set_aside(second, "still none", at=NOON + 62 * SECOND)
    assert list(postponed.list("sales")) == [third]
    found = [(one.message, one.reason, one.at) for one in postponed.list_aside("sales")]
    assert found == [
        (first, "a fault of ours", NOON + 61 * SECOND),
        (second, "still none", NOON + 62 * SECOND),
    ]
    assert list(postponed.list_aside("hr")) == []


def test_what_was_set_aside_is_forgotten_once_it_is_applied(postponed: HeldMessages) -> None:
    message = a_message("k1")
    postponed.add(message)
    postponed.set_aside(message, "no such connection", at=NOON)
    postponed.remove_aside(message)
    assert not [*postponed.list("sales"), *postponed.list_aside("sales")]


def test_a_message_that_comes_again_after_it_was_set_aside_is_listed_again(
    postponed: HeldMessages,
) -> None:
    message = a_message("k1")
    postponed.set_aside(message, "no such connection", at=NOON)
    postponed.add(message)
    assert list(postponed.list("sales")) == [message]


def incompressible(digests: int) -> str:
    """Text of which zlib takes half away: 64 characters a digest."""
    return "".join(sha256(str(n).encode()).hexdigest() for n in range(digests))


def test_a_message_too_large_for_the_table_is_kept_without_its_raw_text(
    dynamodb: DynamoDBClient,
) -> None:
    postponed = DynamoHeldMessages(dynamodb, "State")
    postponed.add(a_message("k1", raw=incompressible(15_000)))
    assert list(postponed.list("sales")) == [a_message("k1", raw=None)]


def test_a_message_that_is_too_large_even_so_is_left_to_the_provider(
    dynamodb: DynamoDBClient,
) -> None:
    postponed = DynamoHeldMessages(dynamodb, "State")
    huge = a_message(events=(an_event("k1", reason=incompressible(15_000)),))
    with pytest.raises(UnavailableError, match="too large to be postponed"):
        postponed.add(huge)
    assert list(postponed.list("sales")) == []


def test_a_report_on_a_mail_is_kept_once_too(postponed: HeldMessages) -> None:
    report = MailEvent(
        kind="opened",
        at=NOON,
        message_id="m1",
        run=RunKey(document="d1", entry=1, rule="mail"),
        recipients=("max@client.example",),
    )
    message = a_message(connection=MAIL_SERVICE, feedback=report, raw=None)
    later = a_message(
        connection=MAIL_SERVICE,
        feedback=report.model_copy(update={"at": NOON + SECOND}),
        raw=None,
    )
    for one in (message, later, message):
        postponed.add(one)
    assert sorted(postponed.list("sales"), key=str) == sorted((message, later), key=str)
    postponed.remove(message)
    assert list(postponed.list("sales")) == [later]


def test_two_connections_that_tell_the_same_at_once_are_both_kept(
    postponed: HeldMessages,
) -> None:
    ours, theirs = a_message("k1"), a_message("k1", connection="c2")
    for one in (ours, theirs):
        postponed.add(one)
    assert sorted(postponed.list("sales"), key=lambda one: one.connection) == [ours, theirs]
    postponed.remove(ours)
    assert list(postponed.list("sales")) == [theirs]
