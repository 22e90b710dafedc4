"""Connections of signing providers in the table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from countersign.adapters.checks import check_identifier
from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.copies import delete_copies, put_copies, write_again
from countersign.adapters.dynamodb.table import IndexQuery, Table, key_of
from countersign.adapters.dynamodb.transaction import delete, put, recorded_with
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.model.connection import Connection

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from countersign.model.audit import AuditEntry


class DynamoConnections:
    """``ports.Connections`` in a DynamoDB table, and its audit entries in that of the audit log."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        unreadable: Note = log,
        audit_table: str | None = None,
    ) -> None:
        self._table = Table(client, table)
        self._audit_table = audit_table
        self._note = unreadable

    def get(self, connection: str) -> Connection | None:
        item = self._table.get(keys.connection(connection))
        return None if item is None else items.parse(Connection, item)

    def put(self, connection: Connection, entry: AuditEntry | None = None) -> None:
        check_identifier(connection.id)
        item = items.dump_connection(connection)
        recorded = recorded_with(entry, self._audit_table)
        write_again(self._table, (put(item), *put_copies(item), *recorded))

    def remove(self, connection: str) -> None:
        own = keys.connection(connection)
        write_again(self._table, (delete(own), *delete_copies(own)))

    def list(self) -> tuple[Connection, ...]:
        wanted = IndexQuery(index=keys.BOARD, partitions=(keys.CONNECTIONS,))
        places = self._table.query_index(wanted)
        stored = self._table.get_in_turn(key_of(place) for place in places)
        return tuple(each_readable(stored, partial(items.parse, Connection), self._note))
