"""Each port's adapters, in memory and on moto, so that one suite judges both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from moto import mock_aws

from countersign.adapters.aws import client_config
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.drafts import DynamoDrafts
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
from countersign.adapters.memory.tables.configuration.drafts import MemoryDrafts
from countersign.adapters.memory.tables.operations.held_messages import MemoryHeldMessages
from countersign.adapters.memory.tables.process.pages import MemoryPages
from countersign.adapters.memory.tables.process.state import (
    MemoryConnections,
    MemoryDocuments,
    MemoryPipelines,
    MemoryState,
)
from countersign.adapters.unreadable import Unreadable
from countersign.ports import (
    Connections,
    Documents,
    Drafts,
    HeldMessages,
    Pages,
    Pipelines,
)
from tests.template_file import Template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
TABLE = "State"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The ports of one state."""

    documents: Documents
    pipelines: Pipelines
    drafts: Drafts
    connections: Connections
    held: HeldMessages
    pages: Pages
    spoil: Spoil
    """Make an item one that this version cannot read."""
    unreadable: Unreadable


class Spoil(Protocol):
    """Damages an item of the table, or what stands for it in memory."""

    def __call__(self, key: object, place: Key, damage: Mapping[str, Any]) -> None:
        """``key``: what it is called in memory; ``place``: where it is in the table; ``damage``:
        its attributes from now on, None for one that is missing."""
        ...


@pytest.fixture(scope="session")
def table_definition(template: Template) -> dict[str, Any]:
    """The table as the template deploys it."""
    properties = template["Resources"]["State"]["Properties"]
    wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    return {name: properties[name] for name in wanted}


@pytest.fixture
def aws() -> Iterator[None]:
    """An AWS account in this process; nothing leaves it."""
    with mock_aws():
        yield


@pytest.fixture(scope="session")
def dynamodb_client() -> DynamoDBClient:
    """One client for all tests: making it costs more than a table. It has no rights anywhere."""
    return boto3.client(
        "dynamodb",
        region_name=REGION,
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=client_config.STATE,
    )


@pytest.fixture
def dynamodb(
    aws: None, dynamodb_client: DynamoDBClient, table_definition: dict[str, Any]
) -> DynamoDBClient:
    """A client of a new, empty table."""
    dynamodb_client.create_table(TableName=TABLE, **table_definition)
    return dynamodb_client


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """A new, empty state."""
    if request.param == "memory":
        state, held = MemoryState(), MemoryHeldMessages()
        return Stores(
            documents=MemoryDocuments(state),
            pipelines=MemoryPipelines(state),
            drafts=MemoryDrafts(state),
            connections=MemoryConnections(state),
            held=held,
            pages=MemoryPages(state, held),
            spoil=lambda key, place, damage: state.spoiled.add(key),
            unreadable=state.unreadable,
        )
    client = request.getfixturevalue("dynamodb")
    unreadable = Unreadable()
    return Stores(
        documents=DynamoDocuments(client, TABLE, unreadable),
        pipelines=DynamoPipelines(client, TABLE, unreadable),
        drafts=DynamoDrafts(client, TABLE, unreadable),
        connections=DynamoConnections(client, TABLE, unreadable),
        held=DynamoHeldMessages(client, TABLE, unreadable),
        pages=DynamoPages(client, TABLE, unreadable),
        spoil=partial(_spoil, client),
        unreadable=unreadable,
    )


def _spoil(client: DynamoDBClient, key: object, place: Key, damage: Mapping[str, Any]) -> None:
    named: Any = {"pk": {"S": place[0]}, "sk": {"S": place[1]}}
    item: Any = client.get_item(TableName=TABLE, Key=named)["Item"]
    changed = {**item, **damage}
    kept = {name: value for name, value in changed.items() if value is not None}
    client.put_item(TableName=TABLE, Item=kept)


@pytest.fixture
def documents(stores: Stores) -> Documents:
    return stores.documents


@pytest.fixture
def pipelines(stores: Stores) -> Pipelines:
    return stores.pipelines


@pytest.fixture
def drafts(stores: Stores) -> Drafts:
    return stores.drafts


@pytest.fixture
def connections(stores: Stores) -> Connections:
    return stores.connections


@pytest.fixture
def pages(stores: Stores) -> Pages:
    return stores.pages
