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
from countersign.adapters.dynamodb.copies import read_with_copies
from countersign.adapters.dynamodb.items import (
    Item,
    M,
    due_moment,
    parse,
    parse_log,
    parse_part,
    readable,
    unpack,
)
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.table import IndexQuery, Table, key_of
from countersign.adapters.dynamodb.transaction import parts_of, write
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.model.connection import Connection
from countersign.model.document import Document, DocumentCard
from countersign.model.log import LogEntry
from countersign.model.log_hashes import TimelinePart
from countersign.model.message import RunMessage
from countersign.model.pipeline import Head
from countersign.model.run import TROUBLED, Run, RunKey
from countersign.model.search_words import indexed_words
from countersign.model.task import Task, TaskKey, by_deadline, in_order
from countersign.model.transaction import MAX_ITEMS, EventMark, ProcessedEvent, Transaction
from countersign.ports import EnvelopeSnapshot, RunRead, RunSnapshot
from countersign.text.folding import fold_address

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from countersign.adapters.dynamodb.run_pages import RunPages
    from countersign.model.page import Page, PageRequest
    from countersign.ports import DuePeriod, RunTest


class DynamoDocuments:
    """``ports.Documents`` in a DynamoDB table."""

    most_items = MAX_ITEMS

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def read_arrival(
        self, connection: str, pipeline: str, envelope: str, document: str
    ) -> EnvelopeSnapshot:
        connection_key, head_key = keys.connection(connection), keys.pipeline_head(pipeline)
        alias_key, document_key = keys.alias(f"{connection}#{envelope}"), keys.document(document)
        items = read_with_copies(
            self._table, document, (connection_key, head_key), (alias_key, document_key)
        )
        item = items.get(document_key)
        alias = items.get(alias_key)
        if alias is not None and alias["document"]["S"] != document:
            # The document that the envelope was attached to may have been removed.
            item = self._table.get(keys.document(alias["document"]["S"])) or item
        return EnvelopeSnapshot(
            connection=_parsed(Connection, items.get(connection_key)),
            head=_parsed(Head, items.get(head_key)),
            document=_parsed(Document, item),
        )

    def read_run(self, message: RunMessage) -> RunSnapshot:
        (snapshot,) = self.read_runs((RunRead(message.key, message.pipeline, message.next),))
        return snapshot

    def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
        if not wanted:
            return ()
        places = [_keys_of(run) for run in wanted]
        heads = dict.fromkeys(head for head, *_ in places if head)
        others = dict.fromkeys(key for _, *three in places for key in three if key)
        items = read_with_copies(self._table, wanted[0].run.document, heads, others)

        def read(model: type[M], key: Key | None) -> M | None:
            return None if key is None else _parsed(model, items.get(key))

        return tuple(
            RunSnapshot(
                head=read(Head, head),
                document=read(Document, document),
                run=read(Run, run),
                next=read(Run, below),
            )
            for head, document, run, below in places
        )

    def commit(self, change: Transaction) -> None:
        check(change)
        write(self._table, tuple(parts_of(change)))

    def get(self, document: str) -> Document | None:
        return _parsed(Document, self._table.get(keys.document(document)))

    def run(self, key: RunKey) -> Run | None:
        return _parsed(Run, self._table.get(keys.run(key)))

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        items = self._table.query(keys.partition(document), keys.entry_runs(entry))
        runs = (parse(Run, item) for item in items)
        return tuple(sorted(runs, key=lambda run: (run.entry, run.position, run.rule, run.repeat)))

    def timeline(self, document: str) -> tuple[LogEntry, ...]:
        items = self._table.query(keys.partition(document), "LOG#")
        read = each_readable(items, parse_log, self._note)
        return tuple(chain.from_iterable(read))

    def timeline_between(self, document: str, after: int, until: int) -> tuple[LogEntry, ...]:
        if until <= after:
            return ()
        first, last = keys.log(document, after + 1)[1], keys.log(document, until)[1]
        # The pieces of a long one stand behind it, and before "~".
        items = self._table.query_between(keys.partition(document), first, f"{last}~")
        return tuple(chain.from_iterable(each_readable(items, parse_log, self._note)))

    def timeline_parts(self, document: str) -> tuple[TimelinePart, ...]:
        return tuple(map(parse_part, self._table.query(keys.partition(document), "LOG#")))

    def events(self, document: str) -> tuple[ProcessedEvent, ...]:
        partition = keys.partition(document)
        raws = dict(each_readable(self._table.query(partition, "RAW#"), _raw, self._note))
        marks = sorted(self._table.query(partition, "EVENT#"), key=_applied_in)
        events = self._each(ProcessedEvent, marks)
        return tuple(event.model_copy(update={"raw": raws.get(event.key)}) for event in events)

    def event_marks(self, document: str) -> tuple[EventMark, ...]:
        partition = keys.partition(document)
        kept = {key[1].removeprefix("RAW#") for key in self._table.keys(partition, "RAW#")}
        return tuple(
            _mark(item, item["sk"]["S"].removeprefix("EVENT#") in kept)
            for item in sorted(self._table.query(partition, "EVENT#"), key=_applied_in)
        )

    def recent_events(self, connection: str, limit: int) -> tuple[ProcessedEvent, ...]:
        if limit <= 0:
            return ()
        items = self._table.query_index(
            IndexQuery(index=keys.EVENTS, partitions=keys.events_shards(connection), newest=limit)
        )
        marks = self._table.get_in_turn(key_of(item) for item in items)
        return tuple(self._each(ProcessedEvent, marks))

    def in_stage(self, pipeline: str, stage: str | None = None) -> Iterator[Document]:
        for document in self._listed(Document, _board(pipeline, stage)):
            if stage in (None, document.stage):
                yield document

    def cards(self, pipeline: str) -> Iterator[DocumentCard]:
        for card in self._table.query_index(_board(pipeline)):
            stage, since, document = keys.board_parts(card["board_sk"]["S"])
            yield DocumentCard(stage, since, document, card.get("title", {}).get("S"))

    def loads(self, pipeline: str, stages: Collection[str]) -> Mapping[str, int]:
        return Counter(
            card["responsible"]["S"]
            for stage in stages
            for card in self._table.query_index(_board(pipeline, stage))
            if "S" in card.get("responsible", {})
        )

    def due(self, until: datetime) -> Iterator[Run]:
        before = keys.after_due(until)
        wanted = IndexQuery(index=keys.DUE, partitions=keys.due_shards(), before=before)
        for run in self._listed(Run, wanted):
            if is_due(run, until):
                yield run

    def troubled(self, pipeline: str | None = None) -> Iterator[Run]:
        wanted = IndexQuery(index=keys.EVENTS, partitions=keys.trouble_shards())
        for run in self._listed(Run, wanted):
            if run.state in TROUBLED and pipeline in (None, run.pipeline):
                yield run

    def due_between(self, period: DuePeriod, page: PageRequest, matches: RunTest) -> Page[Run]:
        return self._run_pages().due(period, page, matches)

    def troubled_page(self, page: PageRequest, matches: RunTest) -> Page[Run]:
        return self._run_pages().troubled(page, matches)

    def waiting_page(self, pipeline: str, page: PageRequest, matches: RunTest) -> Page[Run]:
        return self._run_pages().waiting(pipeline, page, matches)

    def _run_pages(self) -> RunPages:
        # Only who lists runs needs it.
        from countersign.adapters.dynamodb.run_pages import RunPages

        return RunPages(self._table, lambda item: next(self._each(Run, (item,)), None))

    def task(self, key: TaskKey) -> Task | None:
        return _parsed(Task, self._table.get(keys.task(key)))

    def tasks(self, document: str) -> tuple[Task, ...]:
        items = self._table.query(keys.partition(document), keys.TASK)
        return tuple(sorted((parse(Task, item) for item in items), key=in_order))

    def open_tasks(self, assignee: str | None = None) -> Iterator[Task]:
        prefix = None if assignee is None else keys.assignee(assignee)
        wanted = IndexQuery(index=keys.TASKS, partitions=keys.task_shards(), prefix=prefix)
        tasks = self._each(Task, self._table.query_index(wanted))
        if assignee is None:
            return iter(sorted(tasks, key=by_deadline))
        # A name with a "#" in it may begin like another's place.
        name = fold_address(assignee)
        return _those_without_last(task for task in tasks if fold_address(task.assignee) == name)

    def _listed(self, model: type[M], wanted: IndexQuery) -> Iterator[M]:
        """What an index names, read from the table."""
        items = self._table.query_index(wanted)
        return self._each(model, self._table.get_in_turn(key_of(place) for place in items))

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
        mine = [key_of(item) for item in aliases if item and item["document"]["S"] == document]
        self._table.delete_all(mine)
        words = (keys.word_place(word, there) for word in indexed_words(there))
        self._table.delete_all(words)
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


def _board(pipeline: str, stage: str | None = None) -> IndexQuery:
    """The documents of a pipeline (in one stage)."""
    prefix = None if stage is None else f"{stage}#"
    return IndexQuery(index=keys.BOARD, partitions=keys.board_shards(pipeline), prefix=prefix)


def _those_without_last(tasks: Iterable[Task]) -> Iterator[Task]:
    """Tasks that come by deadline, sorted by ``by_deadline``, as they come but for the last."""
    without: list[Task] = []
    for task in tasks:
        if task.deadline is None:
            without.append(task)
        else:
            yield task
    yield from sorted(without, key=by_deadline)


def _raw(item: Item) -> tuple[str, str]:
    with readable(item):
        return item["key"]["S"], unpack(item["body"])


def _mark(item: Item, has_raw: bool) -> EventMark:
    event = parse(ProcessedEvent, item).model_copy(update={"raw": "" if has_raw else None})
    with readable(item):
        version, number = map(int, item["applied_in"]["S"].split("#"))
    return EventMark(version=version, number=number, event=event)


def _applied_in(item: Item) -> str:
    return str(item.get("applied_in", {}).get("S", ""))


def _parsed(model: type[M], item: Item | None) -> M | None:
    return None if item is None else parse(model, item)
