"""What ``ports.RequestKeys`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.request_keys import DynamoRequestKeys
from countersign.adapters.memory.tables.process.request_keys import MemoryRequestKeys
from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.errors import RepeatedRequestError
from countersign.model.document import Document
from countersign.model.request_key import RequestKey
from countersign.model.transaction import Transaction
from countersign.ports import Documents, RequestKeys
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Stores(NamedTuple):
    """The keys and the documents of one state."""

    keys: RequestKeys
    documents: Documents


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest, aws: None, table_definition: dict[str, Any]) -> Stores:
    if request.param == "memory":
        state = MemoryState()
        return Stores(MemoryRequestKeys(state), MemoryDocuments(state))
    client: DynamoDBClient = request.getfixturevalue("dynamodb_client")
    client.create_table(TableName=TABLE, **table_definition)
    return Stores(DynamoRequestKeys(client, TABLE), DynamoDocuments(client, TABLE))


def a_document(document_id: str) -> Document:
    return Document(
        id=document_id, pipeline="contracts", stage="draft", since=NOON, created_at=NOON
    )


def used(key: str = "k-1", *, caller: str = "ada", at: datetime = NOON) -> RequestKey:
    return RequestKey(caller=caller, key=key, digest="d", made="/documents/d-1", at=at)


def test_a_key_is_known_for_a_day(stores: Stores) -> None:
    stores.keys.add(used())

    almost = NOON + timedelta(hours=23, minutes=59)
    assert stores.keys.get("ada", "k-1", now=almost) == used()
    assert stores.keys.get("ada", "k-1", now=NOON + timedelta(days=1)) is None
    assert stores.keys.get("ada", "k-2", now=NOON) is None


def test_a_key_that_is_in_use_is_refused_until_its_day_is_over(stores: Stores) -> None:
    stores.keys.add(used())

    with pytest.raises(RepeatedRequestError):
        stores.keys.add(used(at=NOON + timedelta(hours=1)))
    stores.keys.add(used(at=NOON + timedelta(days=1)))


def test_keys_of_two_callers_have_nothing_to_do_with_each_other(stores: Stores) -> None:
    stores.keys.add(used())
    stores.keys.add(used(caller="ben"))

    assert stores.keys.get("ben", "k-1", now=NOON) == used(caller="ben")


def test_a_change_keeps_its_key_or_is_refused_whole(stores: Stores) -> None:
    stores.documents.commit(Transaction(document=a_document("d-1"), request=used()))
    assert stores.keys.get("ada", "k-1", now=NOON) == used()

    with pytest.raises(RepeatedRequestError):
        stores.documents.commit(Transaction(document=a_document("d-2"), request=used()))
    assert stores.documents.get("d-2") is None


def test_a_change_that_is_refused_uses_no_key(stores: Stores) -> None:
    stores.documents.commit(Transaction(document=a_document("d-1")))

    with pytest.raises(Exception, match="somebody else"):
        stores.documents.commit(Transaction(document=a_document("d-1"), request=used()))
    assert stores.keys.get("ada", "k-1", now=NOON) is None


def test_a_key_as_long_as_it_may_be_is_kept_whole(stores: Stores) -> None:
    long = "ß" * 255
    stores.keys.add(used(long, caller="c" * 900))

    found = stores.keys.get("c" * 900, long, now=NOON)
    assert found is not None
    assert found.key == long
