"""Connections of signing providers in the table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from countersign.adapters.aws.errors import our_errors
from countersign.adapters.checks import check_identifier
from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.table import SERVICE, Table, key_of
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.model.connection import Connection

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoConnections:
    """``ports.Connections`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def get(self, connection: str) -> Connection | None:
        item = self._table.get(keys.connection(connection))
        return None if item is None else items.parse(Connection, item)

    def put(self, connection: Connection) -> None:
        check_identifier(connection.id)
        with our_errors(SERVICE):
            self._table.client.put_item(
                TableName=self._table.name, Item=items.dump_connection(connection)
            )

    def remove(self, connection: str) -> None:
        self._table.delete_all([keys.connection(connection)])

    def list(self) -> tuple[Connection, ...]:
        places = self._table.query_index(keys.BOARD, keys.CONNECTIONS)
        found = self._table.get_in_turn(key_of(place) for place in places)
        return tuple(each_readable(found, partial(items.parse, Connection), self._note))
