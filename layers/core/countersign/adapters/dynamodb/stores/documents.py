"""Documents with their runs and timelines in the table: one read, one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from countersign.adapters.checks import check
from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import (
    Item,
    M,
    due_moment,
    parse,
    parse_log,
    readable,
    unpack,
)
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.table import Table, key_of
from countersign.adapters.dynamodb.transaction import parts_of, write
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.model.connection import Connection
from countersign.model.document import Document, DocumentCard
from countersign.model.log import LogEntry
from countersign.model.message import RunMessage
from countersign.model.pipeline import Head
from countersign.model.run import TROUBLED, Run, RunKey
from countersign.model.task import Task, TaskKey, by_deadline, in_order
from countersign.model.transaction import MOST_ITEMS, ProcessedEvent, Transaction
from countersign.ports import EnvelopeSnapshot, RunRead, RunSnapshot
from countersign.text.folding import fold_address

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDocuments:
    """``ports.Documents`` in a DynamoDB table."""

    most_items = MOST_ITEMS

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def read_arrival(
        self, connection: str, pipeline: str, envelope: str, document: str
    ) -> EnvelopeSnapshot:
        connection_key, head_key = keys.connection(connection), keys.pipeline_head(pipeline)
        alias_key, document_key = keys.alias(f"{connection}#{envelope}"), keys.document(document)
        found = self._table.get_all((connection_key, head_key, alias_key, document_key))
        item = found.get(document_key)
        alias = found.get(alias_key)
        if alias is not None and alias["document"]["S"] != document:
            # The document that the envelope was attached to may have been removed.
            item = self._table.get(keys.document(alias["document"]["S"])) or item
        return EnvelopeSnapshot(
            connection=_parsed(Connection, found.get(connection_key)),
            head=_parsed(Head, found.get(head_key)),
            document=_parsed(Document, item),
        )

    def read_run(self, message: RunMessage) -> RunSnapshot:
        (found,) = self.read_runs((RunRead(message.key, message.pipeline, message.next),))
        return found

    def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
        asked = [_keys_of(one) for one in wanted]
        found = self._table.get_all(dict.fromkeys(key for four in asked for key in four if key))

        def read(model: type[M], key: Key | None) -> M | None:
            return None if key is None else _parsed(model, found.get(key))

        return tuple(
            RunSnapshot(
                head=read(Head, head),
                document=read(Document, document),
                run=read(Run, run),
                next=read(Run, below),
            )
            for head, document, run, below in asked
        )

    def commit(self, change: Transaction) -> None:
        check(change)
        write(self._table, tuple(parts_of(change)))

    def get(self, document: str) -> Document | None:
        return _parsed(Document, self._table.get(keys.document(document)))

    def run(self, key: RunKey) -> Run | None:
        return _parsed(Run, self._table.get(keys.run(key)))

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        found = self._table.query(keys.partition(document), keys.entry_runs(entry))
        runs = (parse(Run, item) for item in found)
        return tuple(sorted(runs, key=lambda run: (run.entry, run.position, run.rule, run.repeat)))

    def timeline(self, document: str) -> tuple[LogEntry, ...]:
        found = self._table.query(keys.partition(document), "LOG#")
        read = each_readable(found, parse_log, self._note)
        return tuple(chain.from_iterable(read))

    def events(self, document: str) -> tuple[ProcessedEvent, ...]:
        partition = keys.partition(document)
        raws = dict(each_readable(self._table.query(partition, "RAW#"), _raw, self._note))
        marks = sorted(self._table.query(partition, "EVENT#"), key=_applied_in)
        events = self._each(ProcessedEvent, marks)
        return tuple(event.model_copy(update={"raw": raws.get(event.key)}) for event in events)

    def recent_events(self, connection: str, limit: int) -> tuple[ProcessedEvent, ...]:
        found: list[Item] = []
        for number in range(keys.EVENT_SHARDS if limit > 0 else 0):
            shard = keys.events_shard(connection, number)
            found += self._table.query_index(keys.EVENTS, shard, newest=limit)
        found.sort(key=lambda item: item["events_sk"]["S"], reverse=True)
        marks = self._table.get_in_turn(key_of(item) for item in found[:limit])
        return tuple(self._each(ProcessedEvent, marks))

    def in_stage(self, pipeline: str, stage: str | None = None) -> Iterator[Document]:
        prefix = None if stage is None else f"{stage}#"
        places = self._table.query_index(keys.BOARD, keys.board(pipeline), prefix=prefix)
        found = self._table.get_in_turn(key_of(place) for place in places)
        for document in self._each(Document, found):
            if stage in (None, document.stage):
                yield document

    def cards(self, pipeline: str) -> Iterator[DocumentCard]:
        for card in self._table.query_index(keys.BOARD, keys.board(pipeline)):
            stage, since, document = keys.board_parts(card["board_sk"]["S"])
            yield DocumentCard(stage, since, document, card.get("title", {}).get("S"))

    def loads(self, pipeline: str, stages: Collection[str]) -> Mapping[str, int]:
        board = keys.board(pipeline)
        return Counter(
            card["responsible"]["S"]
            for stage in stages
            for card in self._table.query_index(keys.BOARD, board, prefix=f"{stage}#")
            if "S" in card.get("responsible", {})
        )

    def due(self, until: datetime) -> Iterator[Run]:
        for number in range(keys.DUE_SHARDS):
            places = self._table.query_index(
                keys.DUE, keys.due_shard(number), before=keys.after_due(until)
            )
            found = self._table.get_in_turn(key_of(place) for place in places)
            for run in self._each(Run, found):
                if is_due(run, until):
                    yield run

    def troubled(self, pipeline: str | None = None) -> Iterator[Run]:
        for number in range(keys.EVENT_SHARDS):
            places = self._table.query_index(keys.EVENTS, keys.trouble_shard(number))
            found = self._table.get_in_turn(key_of(place) for place in places)
            for run in self._each(Run, found):
                if run.state in TROUBLED and pipeline in (None, run.pipeline):
                    yield run

    def task(self, key: TaskKey) -> Task | None:
        return _parsed(Task, self._table.get(keys.task(key)))

    def tasks(self, document: str) -> tuple[Task, ...]:
        found = self._table.query(keys.partition(document), keys.TASK)
        return tuple(sorted((parse(Task, item) for item in found), key=in_order))

    def open_tasks(self, assignee: str | None = None) -> Iterator[Task]:
        wanted = None if assignee is None else fold_address(assignee)
        prefix = None if assignee is None else keys.assignee(assignee)
        tasks = [
            task
            for number in range(keys.TASK_SHARDS)
            for task in self._each(
                Task, self._table.query_index(keys.TASKS, keys.task_shard(number), prefix=prefix)
            )
        ]
        # A name with a "#" in it may begin like another's place.
        mine = [task for task in tasks if wanted in (None, fold_address(task.assignee))]
        yield from sorted(mine, key=by_deadline)

    def _each(self, model: type[M], items: Iterable[Item]) -> Iterator[M]:
        """Those that this version can read."""
        return each_readable(items, partial(parse, model), self._note)

    def remove(self, document: str) -> None:
        there, own = self.get(document), keys.document(document)
        while rest := [key for key in self._table.keys(own[0]) if key != own]:
            self._table.delete_all(rest)
        if there is None:
            return
        names = [name for name in (there.envelope, *there.envelope_aliases) if name is not None]
        aliases = [self._table.get(keys.alias(f"{there.connection}#{name}")) for name in names]
        mine = [key_of(one) for one in aliases if one and one["document"]["S"] == document]
        self._table.delete_all(mine)
        self._table.delete_version(own, there.version, f"document {document}")


def _keys_of(wanted: RunRead) -> tuple[Key | None, Key, Key, Key | None]:
    """Where head, document, run and the run below it lie."""
    run, pipeline, below = wanted
    return (
        None if pipeline is None else keys.pipeline_head(pipeline),
        keys.document(run.document),
        keys.run(run),
        None if below is None else keys.run(run.model_copy(update={"rule": below})),
    )


def is_due(run: Run, until: datetime) -> bool:
    """Whether what the run waits for has come by then, or its lease has ended before."""
    moment = due_moment(run)
    return moment is not None and (moment < until or (moment == until and run.state != "running"))


def _raw(item: Item) -> tuple[str, str]:
    with readable(item):
        return item["key"]["S"], unpack(item["body"])


def _applied_in(item: Item) -> str:
    return str(item.get("applied_in", {}).get("S", ""))


def _parsed(model: type[M], item: Item | None) -> M | None:
    return None if item is None else parse(model, item)
