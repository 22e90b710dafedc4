"""The table's lists, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import Item, M, parse, parse_log, parse_version
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.paging import KeyRange, PartitionRange, entries, over
from countersign.adapters.dynamodb.stores.operations.held_messages import (
    ASIDE,
    HELD,
    parse_message,
    parse_set_aside,
)
from countersign.adapters.dynamodb.table import Table, key_of
from countersign.adapters.instants import iso
from countersign.adapters.pages import (
    AT_ONCE,
    begun_in,
    is_in_stage,
    line_place,
    lines_after,
    number_of,
    page_by_document,
    page_of_entries,
    page_of_values,
    place_of,
)
from countersign.adapters.run_lists import MAX_DOCUMENTS, WHOLE
from countersign.adapters.unreadable import Note, each_readable, log
from countersign.model.connection import Connection
from countersign.model.document import Document, DocumentCard
from countersign.model.incoming_message import IncomingMessage, SetAsideMessage
from countersign.model.log import LogEntry
from countersign.model.page import Page, PageRequest, StageQuery, TaskQuery, WordQuery
from countersign.model.pipeline import Head, Version
from countersign.model.run import TROUBLED, Run
from countersign.model.search_words import matching_word
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent
from countersign.text.folding import fold_address, same_address

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

_document, _run, _task, _event = (
    partial(parse, Document),
    partial(parse, Run),
    partial(parse, Task),
    partial(parse, ProcessedEvent),
)

NEVER = "~"
"""What the places of tasks without a deadline begin with."""
MAX_LOGS = 25
"""Items of a timeline that are read at once: a few lines each, seldom large."""


class DynamoPages:
    """``ports.Pages`` in a DynamoDB table."""

    def __init__(self, client: DynamoDBClient, table: str, unreadable: Note = log) -> None:
        self._table = Table(client, table)
        self._note = unreadable

    def in_stage(
        self,
        wanted: StageQuery,
        page: PageRequest,
        matches: Callable[[Document], bool] | None = None,
    ) -> Page[Document]:
        prefix = "" if wanted.stage is None else f"{wanted.stage}#"
        by = wanted.arrived_by
        bound = f"{prefix}{iso(by)}$" if prefix and by is not None else None  # "$" follows "#"
        whole = KeyRange(prefix=prefix, before=bound, after=_behind(prefix, page))
        ranges = over(keys.board_shards(wanted.pipeline), whole, keys.BOARD)
        filtered = wanted.responsible is not None or by is not None or matches is not None
        cards = entries(self._table, ranges, AT_ONCE if filtered else page.limit)
        there = ((place, key_of(card) if _fits(card, wanted) else None) for place, card in cards)

        def is_wanted(document: Document) -> bool:
            return is_in_stage(document, wanted) and (matches is None or matches(document))

        read = partial(self._read, _document)
        return page_of_entries(there, read, page, is_wanted, selective=matches is not None)

    def cards(self, pipeline: str, page: PageRequest) -> Page[DocumentCard]:
        wanted = KeyRange(after=place_of(page))
        ranges = over(keys.board_shards(pipeline), wanted, keys.BOARD)
        listed = entries(self._table, ranges, page.limit)
        return page_of_values(((place, _card(place, item)) for place, item in listed), page)

    def with_word(
        self,
        wanted: WordQuery,
        page: PageRequest,
        matches: Callable[[Document], bool] | None = None,
    ) -> Page[Document]:
        prefix = f"{wanted.word}#" if wanted.whole else wanted.word
        ranges = over(
            keys.word_shards(wanted.word), KeyRange(prefix=prefix, after=_behind(prefix, page))
        )
        marks = entries(self._table, ranges, AT_ONCE if matches else page.limit)

        def read(items: Sequence[Item]) -> list[Document | None]:
            places = [keys.document(mark["document"]["S"]) for mark in items]
            return [
                document if document and _begins(document, mark, wanted) else None
                for mark, document in zip(items, self._read(_document, places), strict=True)
            ]

        return page_of_entries(marks, read, page, matches, selective=matches is not None)

    def open_tasks(
        self, wanted: TaskQuery, page: PageRequest, matches: Callable[[Task], bool] | None = None
    ) -> Page[Task]:
        names = None if wanted.assignees is None else set(map(fold_address, wanted.assignees))

        def is_wanted(task: Task) -> bool:
            # A name with a "#" in it may begin like another's place.
            mine = names is None or fold_address(task.assignee) in names
            meant = mine and wanted.is_due(task.deadline)
            return task.state == "open" and meant and (matches is None or matches(task))

        since, until = _deadlines(wanted)
        limit = AT_ONCE if matches else page.limit
        if names is None:
            due = KeyRange(since=since, before=until, after=place_of(page))
            ranges = over(keys.deadline_shards(), due, keys.DUE)
            there = ((at, key_of(item)) for at, item in entries(self._table, ranges, limit))
            read = partial(self._read, _task)
            return page_of_entries(there, read, page, is_wanted, selective=matches is not None)
        ranges = tuple(
            partition_range
            for prefix in sorted(map(keys.assignee, names))
            for partition_range in over(
                keys.task_shards(),
                KeyRange(
                    prefix=prefix,
                    since=f"{prefix}{since}" if since else None,
                    before=f"{prefix}{until}" if until else None,
                    after=_behind(prefix, page),
                ),
                keys.TASKS,
            )
        )
        tasks = entries(self._table, ranges, limit)
        return page_of_entries(tasks, partial(self._parsed, _task), page, is_wanted)

    def tasks_of_pipeline(
        self, pipeline: str, page: PageRequest, matches: Callable[[Task], bool]
    ) -> Page[Task]:
        begun, given = begun_in(page)
        since = begun if given != WHOLE else None
        behind = KeyRange(since=since, after=begun if since is None else None)
        ranges = over(keys.board_shards(pipeline), behind, keys.BOARD)
        cards = entries(self._table, ranges, MAX_DOCUMENTS)
        return page_by_document((place for place, _ in cards), self._tasks_at, page, matches)

    def _tasks_at(self, place: str) -> Sequence[Task]:
        """The tasks of the document at that place of a board."""
        partition = keys.partition(keys.board_parts(place)[2])
        tasks = self._parsed(_task, list(self._table.query(partition, keys.TASK)))
        return [task for task in tasks if task is not None]

    def documents(self, ids: Collection[str]) -> Mapping[str, Document]:
        documents = self._read(_document, [keys.document(name) for name in dict.fromkeys(ids)])
        return {document.id: document for document in documents if document is not None}

    def troubled(
        self, page: PageRequest, matches: Callable[[Run], bool] | None = None
    ) -> Page[Run]:
        ranges = over(keys.trouble_shards(), KeyRange(after=place_of(page)), keys.EVENTS)
        limit = AT_ONCE if matches else page.limit
        there = ((at, key_of(item)) for at, item in entries(self._table, ranges, limit))

        def is_wanted(run: Run) -> bool:
            return run.state in TROUBLED and (matches is None or matches(run))

        read = partial(self._read, _run)
        return page_of_entries(there, read, page, is_wanted, selective=matches is not None)

    def timeline(
        self, document: str, page: PageRequest, *, newest_first: bool = False
    ) -> Page[LogEntry]:
        # The item with the last line of the page before is read once more: it may have others.
        item_place, line = line_place(page)
        prefix = "LOG#"
        whole = KeyRange(prefix=prefix, newest_first=newest_first)
        if item_place is not None:
            end = f"{prefix}{item_place}"
            whole = KeyRange(
                prefix=prefix,
                newest_first=newest_first,
                before=end if newest_first else None,
                since=None if newest_first else end,
            )
        logs = self._entries(document, whole, min(page.limit + 1, MAX_LOGS))
        read = (
            (place, lines)
            for place, item in logs
            for lines in each_readable((item,), parse_log, self._note)
        )
        lines = lines_after(read, (item_place, line), newest_first=newest_first)
        return page_of_values(lines, page)

    def runs(self, document: str, page: PageRequest) -> Page[Run]:
        return self._of_document(Run, document, keys.entry_runs(None), page)

    def tasks(self, document: str, page: PageRequest) -> Page[Task]:
        return self._of_document(Task, document, keys.TASK, page)

    def events(self, document: str, page: PageRequest) -> Page[ProcessedEvent]:
        return self._of_document(ProcessedEvent, document, keys.EVENT, page)

    def recent_events(self, connection: str, page: PageRequest) -> Page[ProcessedEvent]:
        newest = KeyRange(newest_first=True, after=place_of(page))
        ranges = over(keys.events_shards(connection), newest, keys.EVENTS)
        there = ((at, key_of(item)) for at, item in entries(self._table, ranges, page.limit))
        return page_of_entries(there, partial(self._read, _event), page)

    def pipelines(self, page: PageRequest) -> Page[Head]:
        return self._listed(Head, keys.PIPELINES, page)

    def versions(self, pipeline: str, page: PageRequest) -> Page[Version]:
        own, before = keys.pipeline_head(pipeline), number_of(page)
        head = self._table.get(own)
        newest = 0 if head is None else parse(Head, head).version
        begin = newest if before is None else min(newest, before - 1)
        numbers = ((str(n), keys.pipeline_version(pipeline, n)) for n in range(begin, 0, -1))
        return page_of_entries(numbers, partial(self._read, parse_version), page)

    def connections(self, page: PageRequest) -> Page[Connection]:
        return self._listed(Connection, keys.CONNECTIONS, page)

    def held(self, pipeline: str, page: PageRequest) -> Page[IncomingMessage]:
        return self._held(parse_message, HELD, pipeline, page)

    def held_aside(self, pipeline: str, page: PageRequest) -> Page[SetAsideMessage]:
        return self._held(parse_set_aside, ASIDE, pipeline, page)

    def _held(
        self, read: Callable[[Item], T], prefix: str, pipeline: str, page: PageRequest
    ) -> Page[T]:
        wanted = KeyRange(prefix=prefix, after=_behind(prefix, page))
        ranges = over(keys.held_shards(pipeline), wanted)
        placed = entries(self._table, ranges, page.limit, consistent=True)
        return page_of_entries(placed, partial(self._parsed, read), page)

    def _listed(self, model: type[M], partition: str, page: PageRequest) -> Page[M]:
        ranges = over((partition,), KeyRange(after=place_of(page)), keys.BOARD)
        there = ((at, key_of(item)) for at, item in entries(self._table, ranges, page.limit))
        return page_of_entries(there, partial(self._read, partial(parse, model)), page)

    def _of_document(
        self, model: type[M], document: str, prefix: str, page: PageRequest
    ) -> Page[M]:
        there = self._entries(
            document, KeyRange(prefix=prefix, after=_behind(prefix, page)), page.limit
        )
        return page_of_entries(there, partial(self._parsed, partial(parse, model)), page)

    def _entries(self, document: str, wanted: KeyRange, limit: int) -> Iterator[tuple[str, Item]]:
        own = PartitionRange(partition=keys.partition(document), keys=wanted)
        return entries(self._table, (own,), limit, consistent=True)

    def _read(self, read: Callable[[Item], T], places: Sequence[Key]) -> list[T | None]:
        """The values at these places of the table, None for each that is gone or unreadable."""
        batches = [places[n : n + AT_ONCE] for n in range(0, len(places), AT_ONCE)]
        answers = [self._table.get_all(dict.fromkeys(batch), consistent=False) for batch in batches]
        items = dict(chain.from_iterable(answer.items() for answer in answers))
        return self._parsed(read, [items.get(place) for place in places])

    def _parsed(self, read: Callable[[Item], T], items: Sequence[Item | None]) -> list[T | None]:
        return [
            next(each_readable((item,), read, self._note), None) if item else None for item in items
        ]


def _deadlines(wanted: TaskQuery) -> tuple[str | None, str | None]:
    """Where the deadlines that are wanted begin and end; those without one stand behind "~"."""
    since = None if wanted.due_after is None else iso(wanted.due_after)
    ends = [
        *(f"{iso(at)}$" for at in (wanted.due_by,) if at is not None),
        *(iso(at) for at in (wanted.due_before,) if at is not None),
    ]
    if since is not None and not ends:
        ends.append(NEVER)
    return (NEVER if wanted.without_deadline else since), min(ends, default=None)


def _fits(card: Item, wanted: StageQuery) -> bool:
    """Whether an entry of the index, which may be behind, is one of those that are wanted."""
    responsible = card.get("responsible", {}).get("S")
    mine = wanted.responsible is None or same_address(responsible, wanted.responsible)
    by = wanted.arrived_by
    return mine and (by is None or keys.board_parts(card["board_sk"]["S"])[1] <= by)


def _begins(document: Document, mark: Item, wanted: WordQuery) -> bool:
    """Whether the document has the word of this entry of the index, and none before it."""
    return bool(mark["word"]["S"] == matching_word(document, wanted))


def _card(place: str, item: Item) -> DocumentCard:
    stage, since, document = keys.board_parts(place)
    return DocumentCard(stage, since, document, item.get("title", {}).get("S"))


def _behind(prefix: str, page: PageRequest) -> str | None:
    place = place_of(page)
    return None if place is None else f"{prefix}{place}"
