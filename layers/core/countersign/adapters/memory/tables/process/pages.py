"""The lists of the state in memory, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.stores.operations.held_messages import place_in_order
from countersign.adapters.instants import iso
from countersign.adapters.memory.tables.operations.held_messages import MemoryHeldMessages
from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.adapters.pages import (
    after,
    begun_in,
    is_in_stage,
    number_of,
    page_by_document,
    page_of_entries,
    page_of_values,
)
from countersign.adapters.run_lists import WHOLE
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
from countersign.text.folding import fold_address

V = TypeVar("V")


class MemoryPages:
    """``ports.Pages`` in memory."""

    def __init__(self, state: MemoryState, held: MemoryHeldMessages) -> None:
        self._state = state
        self._held = held

    def in_stage(
        self,
        wanted: StageQuery,
        page: PageRequest,
        matches: Callable[[Document], bool] | None = None,
    ) -> Page[Document]:
        skipped = 0 if wanted.stage is None else len(f"{wanted.stage}#")
        documents = self._state.each(
            self._state.documents, lambda document_id: ("document", document_id)
        )
        placed = (
            (_board(document)[skipped:], document)
            for document in documents
            if is_in_stage(document, wanted)
        )
        return _page(placed, page, matches)

    def cards(self, pipeline: str, page: PageRequest) -> Page[DocumentCard]:
        placed = (
            (
                _board(document),
                DocumentCard(document.stage, document.since, document.id, document.title),
            )
            for document in self._state.documents.values()
            if document.pipeline == pipeline
        )
        by_place = sorted(placed, key=lambda card: card[0])
        return page_of_values(after(by_place, page), page)

    def with_word(
        self,
        wanted: WordQuery,
        page: PageRequest,
        matches: Callable[[Document], bool] | None = None,
    ) -> Page[Document]:
        prefix = f"{wanted.word}#" if wanted.whole else wanted.word
        documents = self._state.each(
            self._state.documents, lambda document_id: ("document", document_id)
        )
        placed = (
            (keys.word_place(word, document)[1][len(prefix) :], document)
            for document in documents
            if (word := matching_word(document, wanted))
            and (word, document.id) in self._state.words
        )
        return _page(placed, page, matches)

    def open_tasks(
        self, wanted: TaskQuery, page: PageRequest, matches: Callable[[Task], bool] | None = None
    ) -> Page[Task]:
        names = None if wanted.assignees is None else set(map(fold_address, wanted.assignees))
        placed = (
            (keys.deadline_place(task.key, task.deadline)[1], task)
            for task in self._state.each(self._state.tasks, lambda key: key)
            if task.state == "open"
            and (names is None or fold_address(task.assignee) in names)
            and wanted.is_due(task.deadline)
        )
        return _page(placed, page, matches)

    def tasks_of_pipeline(
        self, pipeline: str, page: PageRequest, matches: Callable[[Task], bool]
    ) -> Page[Task]:
        begun, given = begun_in(page)
        there = {
            _board(document): document.id
            for document in self._state.each(
                self._state.documents, lambda document_id: ("document", document_id)
            )
            if document.pipeline == pipeline
        }
        rest = sorted(
            place
            for place in there
            if begun is None or place > begun or (place == begun and given != WHOLE)
        )
        return page_by_document(rest, lambda place: self._tasks_of(there[place]), page, matches)

    def _tasks_of(self, document: str) -> Sequence[Task]:
        tasks = self._state.each(self._state.tasks, lambda key: key)
        mine = (task for task in tasks if task.document == document)
        return sorted(mine, key=lambda task: keys.task(task.key)[1])

    def documents(self, ids: Collection[str]) -> Mapping[str, Document]:
        documents = self._state.documents
        wanted = {name: documents[name] for name in ids if name in documents}
        there = self._state.each(wanted, lambda name: ("document", name))
        return {document.id: document for document in there}

    def troubled(
        self, page: PageRequest, matches: Callable[[Run], bool] | None = None
    ) -> Page[Run]:
        placed = (
            (keys.trouble_place(run.key, items.trouble_moment(run))[1], run)
            for run in self._state.each(self._state.runs, lambda key: key)
            if run.state in TROUBLED
        )
        return _page(placed, page, matches)

    def timeline(
        self, document: str, page: PageRequest, *, newest_first: bool = False
    ) -> Page[LogEntry]:
        start = number_of(page)
        parts = self._state.logs.get(document, ())
        lines = list(enumerate(entry for part in parts for entry in part.entries))
        rest = (
            (str(number), line)
            for number, line in (reversed(lines) if newest_first else lines)
            if start is None or (number < start if newest_first else number > start)
        )
        return page_of_values(rest, page)

    def runs(self, document: str, page: PageRequest) -> Page[Run]:
        placed = (
            (keys.run(run.key)[1], run)
            for run in self._state.each(self._state.runs, lambda key: key)
            if run.document == document
        )
        return _page(placed, page)

    def tasks(self, document: str, page: PageRequest) -> Page[Task]:
        placed = (
            (keys.task(task.key)[1], task)
            for task in self._state.each(self._state.tasks, lambda key: key)
            if task.document == document
        )
        return _page(placed, page)

    def events(self, document: str, page: PageRequest) -> Page[ProcessedEvent]:
        placed = (
            (keys.event(document, event.connection, event.key)[1], event)
            for event in self._events()
            if event.document == document
        )
        return _page(placed, page)

    def recent_events(self, connection: str, page: PageRequest) -> Page[ProcessedEvent]:
        placed = [
            (f"{iso(event.at)}#{number:010}", event)
            for number, event in enumerate(self._events())
            if event.connection == connection
        ]
        newest = sorted(placed, key=lambda pair: pair[0], reverse=True)
        return page_of_values(after(newest, page, newest_first=True), page)

    def pipelines(self, page: PageRequest) -> Page[Head]:
        heads = self._state.each(self._state.heads, lambda name: ("pipeline", name))
        return _page(((head.pipeline, head) for head in heads), page)

    def versions(self, pipeline: str, page: PageRequest) -> Page[Version]:
        before = number_of(page)
        mine = [version for (name, _), version in self._state.versions.items() if name == pipeline]
        newest = sorted(mine, key=lambda version: -version.number)
        placed = (
            (str(version.number), version)
            for version in newest
            if before is None or version.number < before
        )
        return page_of_values(placed, page)

    def connections(self, page: PageRequest) -> Page[Connection]:
        there = self._state.each(self._state.connections, lambda name: ("connection", name))
        return _page(((connection.id, connection) for connection in there), page)

    def held(self, pipeline: str, page: PageRequest) -> Page[IncomingMessage]:
        placed = ((place_in_order(message), message) for message in self._held.list(pipeline))
        return _page(placed, page)

    def held_aside(self, pipeline: str, page: PageRequest) -> Page[SetAsideMessage]:
        placed = (
            (place_in_order(message.message), message)
            for message in self._held.list_aside(pipeline)
        )
        return _page(placed, page)

    def _events(self) -> Sequence[ProcessedEvent]:
        events = self._state.events.values()
        return [event.model_copy(update={"raw": None}) for event in events]


def _page(
    placed: Iterable[tuple[str, V]],
    page: PageRequest,
    matches: Callable[[V], bool] | None = None,
) -> Page[V]:
    by_place = sorted(placed, key=lambda pair: pair[0])
    wanted: Any = matches
    return page_of_entries(after(by_place, page), lambda values: values, page, wanted)


def _board(document: Document) -> str:
    return keys.board_place(document.pipeline, document.stage, document.since, document.id)[1]
