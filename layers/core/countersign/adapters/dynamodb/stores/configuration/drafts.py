"""Drafts of pipelines in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countersign.adapters.aws.errors import our_errors
from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.stores.configuration.draft_items import (
    delete_draft,
    parse_draft,
    put_draft,
)
from countersign.adapters.dynamodb.table import SERVICE, Table, key_of
from countersign.adapters.dynamodb.transaction import TransactionAction, write
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.errors import ConflictError, UnavailableError
from countersign.model.draft import Draft, DraftPage, StaleDraftError, card_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRIES = 5
"""How often a draft is written that another transaction was in the way of."""


class DynamoDrafts:
    """``ports.Drafts`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def get(self, pipeline: str) -> Draft | None:
        item = self._table.get(keys.pipeline_draft(pipeline))
        return None if item is None else parse_draft(item)

    def put(self, draft: Draft) -> None:
        before = None if draft.version == 1 else _tag_before(draft)
        self._write(put_draft(draft), draft.pipeline, before)

    def remove(self, draft: Draft) -> None:
        if self.get(draft.pipeline) is not None:
            self._write(delete_draft(draft), draft.pipeline, draft.tag)

    def list(self, *, after: str = "", limit: int = 100) -> DraftPage:
        condition, values = "board_pk = :pk", {":pk": {"S": keys.DRAFTS}}
        if after:
            condition += " AND board_sk > :after"
            values[":after"] = {"S": after}
        with our_errors(SERVICE):
            answer: Any = self._table.client.query(
                TableName=self._table.name,
                IndexName=keys.BOARD,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                Limit=limit,
            )
        items = self._table.get_in_turn(map(key_of, answer["Items"]))
        cards = tuple(map(card_of, each_readable(items, parse_draft, self._note)))
        more = "LastEvaluatedKey" in answer
        return DraftPage(cards, answer["Items"][-1]["board_sk"]["S"] if more else None)

    def _write(self, action: TransactionAction, pipeline: str, expected: str | None) -> None:
        """Write it; StaleDraftError where the draft is another one than that with this tag."""
        for _ in range(TRIES):
            try:
                write(self._table, (action,))
            except ConflictError:
                present = self.get(pipeline)
                if (present.tag if present else None) != expected:
                    raise StaleDraftError(pipeline, present) from None
            else:
                return
        raise UnavailableError(f"{SERVICE} was busy with the draft of {pipeline} {TRIES} times")


def _tag_before(draft: Draft) -> str:
    return draft.model_copy(update={"version": draft.version - 1}).tag
