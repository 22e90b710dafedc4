"""The whole state in one process's memory; a change is written whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from countersign.adapters.checks import check, check_identifier
from countersign.adapters.dynamodb.sizes import check_change
from countersign.adapters.instants import iso
from countersign.adapters.memory.tables.process.run_pages import MemoryRunPages
from countersign.adapters.unreadable import Unreadable, each_readable
from countersign.errors import (
    ConflictError,
    DuplicateError,
    LeftStageError,
    NotFoundError,
    RanBeforeError,
    RepeatedRequestError,
    StaleRunError,
    UnreadableError,
)
from countersign.model.connection import Connection
from countersign.model.document import Document, DocumentCard
from countersign.model.log import LogEntry, pieces
from countersign.model.log_hashes import TimelinePart
from countersign.model.message import RunMessage
from countersign.model.page import Page, PageRequest
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.model.request_key import RequestKey
from countersign.model.run import TROUBLED, WITHDRAWN, Run, RunKey
from countersign.model.task import Task, TaskKey, by_deadline, in_order
from countersign.model.transaction import MAX_ITEMS, EventMark, ProcessedEvent, Transaction
from countersign.ports import DuePeriod, EnvelopeSnapshot, RunRead, RunSnapshot, RunTest
from countersign.text.folding import fold_address

if TYPE_CHECKING:
    from countersign.model.audit import AuditEntry
    from countersign.model.draft import Draft
    from countersign.model.publication import Publication

V = TypeVar("V")


class MemoryState:
    """What the table holds, shared by the three twins below, and the audit log beside it."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.runs: dict[RunKey, Run] = {}
        self.logs: dict[str, list[TimelinePart]] = {}
        self.events: dict[tuple[str | None, str, str], ProcessedEvent] = {}
        """By document (or connection) and key, in the order in which they were applied."""
        self.once: dict[tuple[str, str], int] = {}
        """The stage entry whose run made the mark, by document and rule."""
        self.tasks: dict[TaskKey, Task] = {}
        self.aliases: dict[str, str] = {}
        self.requests: dict[tuple[str, str], RequestKey] = {}
        """Idempotency keys by caller and key."""
        self.words: set[tuple[str, str]] = set()
        """Each word with the id of a document that it finds."""
        self.heads: dict[str, Head] = {}
        self.versions: dict[tuple[str, int], Version] = {}
        self.drafts: dict[str, Draft] = {}
        self.connections: dict[str, Connection] = {}
        self.audit: dict[tuple[str, bool], AuditEntry] = {}
        """By id, and whether it says how a requested change ended."""
        self.spoiled: set[object] = set()
        """What cannot be read: keys of runs and tasks, and ids after the sort of what they name."""
        self.unreadable = Unreadable()
        self.most_items = MAX_ITEMS
        """How many items a change may have."""
        self._ready: list[tuple[Run | None, Run]] = []
        self._lock = Lock()

    def take_ready(self) -> tuple[tuple[Run | None, Run], ...]:
        """The runs that became ready, or wait no longer, before and after, in order.

        This is what the table's stream hands to dispatch.
        """
        with self._lock:
            taken, self._ready = tuple(self._ready), []
        return taken

    def record(self, entry: AuditEntry | None) -> None:
        """Keep an audit entry, if there is one; ConflictError where it is kept already."""
        if entry is None:
            return
        place = (entry.id, entry.concluded_at is not None)
        if place in self.audit:
            raise ConflictError(f"audit entry {entry.id} was changed by somebody else")
        self.audit[place] = entry

    def check_readable(self, key: object) -> None:
        """UnreadableError for what was spoiled."""
        if self.spoiled and key in self.spoiled:
            raise UnreadableError(f"{key} cannot be read by this version")

    def each(self, mapping: Mapping[Any, V], name: Callable[[Any], object]) -> Iterator[V]:
        """The values that can be read, of those there are now; the others are noted."""

        def read(entry: tuple[Any, V]) -> V:
            self.check_readable(name(entry[0]))
            return entry[1]

        return each_readable(tuple(mapping.items()), read, self.unreadable)

    def commit(self, change: Transaction) -> None:
        """See ``ports.Documents.commit``."""
        check(change, self.most_items)
        check_change(change)
        with self._lock:
            self._refuse(change)
            self._write(change)

    def remove(self, document: str) -> None:
        """See ``ports.Documents.remove``."""
        with self._lock:
            self.runs = {key: run for key, run in self.runs.items() if key.document != document}
            self.tasks = {key: task for key, task in self.tasks.items() if key.document != document}
            self.once = {key: entry for key, entry in self.once.items() if key[0] != document}
            self.events = {key: event for key, event in self.events.items() if key[0] != document}
            self.aliases = {key: to for key, to in self.aliases.items() if to != document}
            self.words = {word for word in self.words if word[1] != document}
            self.logs.pop(document, None)
            self.documents.pop(document, None)

    def _refuse(self, change: Transaction) -> None:
        """Raise the first of the change's refusals, in the order that the port promises."""
        if change.request is not None:
            self.refuse_repeated(change.request)
        keys = tuple(event.key for event in change.events if _home(event) in self.events)
        if keys:
            raise DuplicateError(keys)
        self._refuse_left(change)
        for key in change.once:
            if self.once.get((key.document, key.rule), key.entry) != key.entry:
                raise RanBeforeError(f"rule {key.rule} ran for document {key.document} before")
        for update in change.updates:
            stored = self.runs.get(update.run.key)
            if (
                stored is None
                or (stored.state, stored.generation) != (update.was, update.was_generation)
                or update.was_lease not in (None, stored.lease_until)
            ):
                msg = f"run {update.run.key} is not {update.was} in its {update.was_generation}."
                raise StaleRunError(f"{msg} generation any more")
        self._refuse_outdated(change)

    def refuse_repeated(self, request: RequestKey) -> None:
        """RepeatedRequestError where the key is in use."""
        before = self.requests.get((request.caller, request.key))
        if before is not None and not before.is_over(request.at):
            raise RepeatedRequestError(f"the idempotency key {request.key} was used before")

    def add_request(self, request: RequestKey) -> None:
        """See ``ports.RequestKeys.add``."""
        with self._lock:
            self.refuse_repeated(request)
            self.requests[request.caller, request.key] = request

    def _refuse_left(self, change: Transaction) -> None:
        stay = change.stay
        if stay is None:
            return
        there = self.documents.get(stay.document)
        if there is None or (stay.entry is not None and there.entry != stay.entry):
            raise LeftStageError(f"document {stay.document} has left its {stay.entry}. stage entry")

    def _refuse_outdated(self, change: Transaction) -> None:
        document, stay = change.document, change.stay
        if document is not None:
            there = self.documents.get(document.id)
            if (there.version if there else None) != change.was_version:
                raise ConflictError(f"document {document.id} was changed by somebody else")
        if (
            stay is not None
            and stay.version is not None
            and self.documents[stay.document].version != stay.version
        ):
            raise ConflictError(f"document {stay.document} was changed by somebody else")
        if (
            stay is not None
            and stay.erasures is not None
            and len(self.documents[stay.document].erased) != stay.erasures
        ):
            raise ConflictError(f"document {stay.document} had personal data erased meanwhile")
        for envelope in change.attach:
            if envelope in self.aliases:
                raise ConflictError(f"envelope {envelope} was attached by somebody else")
        for run in change.planned:
            if run.key in self.runs:
                raise ConflictError(f"run {run.key} was planned by somebody else")
        for task in change.tasks:
            before = self.tasks.get(task.key)
            if (before.version if before else 0) != task.version - 1:
                raise ConflictError(f"task {task.key} was changed by somebody else")

    def _write_anew(self, change: Transaction, document: str) -> None:
        parts = {(part.version, part.piece): part for part in change.parts}
        there = self.logs.get(document, [])
        there[:] = [parts.get((part.version, part.piece), part) for part in there]
        marks = {event.was: event.mark.event for event in change.rewritten}
        if marks:
            events = [
                marks.get(event.key, event) if event.document == document else event
                for event in self.events.values()
            ]
            self.events = {_home(event): event for event in events}

    def _write(self, change: Transaction) -> None:
        document, request = change.document, change.request
        if document is not None:
            self._write_anew(change, document.id)
        if request is not None:
            self.requests[request.caller, request.key] = request
        if document is not None:
            self.documents[document.id] = document
            self.logs.setdefault(document.id, []).extend(_parts(change, document))
            self.aliases.update(dict.fromkeys(change.attach, document.id))
            self.words.update((word, document.id) for word in change.new_words)
            self.words.difference_update((word, document.id) for word in change.old_words)
        self.events.update({_home(event): event for event in change.events})
        for run in (*change.planned, *(update.run for update in change.updates)):
            before = self.runs.get(run.key)
            self.runs[run.key] = run
            waits_no_longer = before and before.state == "ready" and run.state in WITHDRAWN
            if run != before and (run.state == "ready" or waits_no_longer):
                self._ready.append((before, run))
        self.once.update({(key.document, key.rule): key.entry for key in change.once})
        self.tasks.update({task.key: task for task in change.tasks})


def _parts(change: Transaction, document: Document) -> Iterator[TimelinePart]:
    """What a change puts on the timeline, in the parts in which it is kept."""
    hashes = iter(change.hashes)
    for number, entries in enumerate(pieces(change.log)):
        yield TimelinePart(
            version=document.version,
            piece=number,
            entries=entries,
            hashes=tuple(islice(hashes, len(entries))),
        )


def _home(event: ProcessedEvent) -> tuple[str | None, str, str]:
    connection = event.connection if event.document is None else ""
    return event.document, connection, event.key


def _place(document: Document) -> tuple[str, datetime, str]:
    """Where the list of the pipeline's stages has it."""
    return document.stage, document.since, document.id


class MemoryDocuments:
    """``ports.Documents`` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    @property
    def most_items(self) -> int:
        return self._state.most_items

    def read_arrival(
        self, connection: str, pipeline: str, envelope: str, document: str
    ) -> EnvelopeSnapshot:
        state = self._state
        attached = state.aliases.get(f"{connection}#{envelope}", document)
        for key in (("connection", connection), ("pipeline", pipeline), ("document", attached)):
            state.check_readable(key)
        return EnvelopeSnapshot(
            connection=state.connections.get(connection),
            head=state.heads.get(pipeline),
            document=state.documents.get(attached) or state.documents.get(document),
        )

    def read_run(self, message: RunMessage) -> RunSnapshot:
        return self._read(RunRead(message.key, message.pipeline, message.next))

    def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
        return tuple(map(self._read, wanted))

    def _read(self, wanted: RunRead) -> RunSnapshot:
        state, (run, pipeline, rule) = self._state, wanted
        below = None if rule is None else run.model_copy(update={"rule": rule})
        for key in (("pipeline", pipeline), ("document", run.document), run, below):
            state.check_readable(key)
        return RunSnapshot(
            head=None if pipeline is None else state.heads.get(pipeline),
            document=state.documents.get(run.document),
            run=state.runs.get(run),
            next=None if below is None else state.runs.get(below),
        )

    def commit(self, change: Transaction) -> None:
        self._state.commit(change)

    def get(self, document: str) -> Document | None:
        self._state.check_readable(("document", document))
        return self._state.documents.get(document)

    def run(self, key: RunKey) -> Run | None:
        self._state.check_readable(key)
        return self._state.runs.get(key)

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        runs = [
            run
            for run in self._state.runs.values()
            if run.document == document and entry in (None, run.entry)
        ]
        for run in runs:
            self._state.check_readable(run.key)
        return tuple(sorted(runs, key=lambda run: (run.entry, run.position, run.rule, run.repeat)))

    def timeline(self, document: str) -> tuple[LogEntry, ...]:
        return tuple(entry for part in self.timeline_parts(document) for entry in part.entries)

    def timeline_parts(self, document: str) -> tuple[TimelinePart, ...]:
        return tuple(self._state.logs.get(document, ()))

    def timeline_between(self, document: str, after: int, until: int) -> tuple[LogEntry, ...]:
        parts = self._state.logs.get(document, ())
        return tuple(
            entry for part in parts if after < part.version <= until for entry in part.entries
        )

    def events(self, document: str) -> tuple[ProcessedEvent, ...]:
        return tuple(event for event in self._state.events.values() if event.document == document)

    def event_marks(self, document: str) -> tuple[EventMark, ...]:
        return tuple(
            EventMark(
                version=0,
                number=number,
                event=event.model_copy(update={"raw": None if event.raw is None else ""}),
            )
            for number, event in enumerate(self.events(document))
        )

    def recent_events(self, connection: str, limit: int) -> tuple[ProcessedEvent, ...]:
        latest = [event for event in self._state.events.values() if event.connection == connection]
        latest.sort(key=lambda event: event.at)
        return tuple(event.model_copy(update={"raw": None}) for event in latest[: -limit - 1 : -1])

    def in_stage(self, pipeline: str, stage: str | None = None) -> Iterator[Document]:
        documents = (
            document
            for document in self._state.each(
                self._state.documents, lambda document_id: ("document", document_id)
            )
            if document.pipeline == pipeline and stage in (None, document.stage)
        )
        yield from sorted(documents, key=_place)

    def cards(self, pipeline: str) -> Iterator[DocumentCard]:
        for document in sorted(self._carded(pipeline), key=_place):
            yield DocumentCard(document.stage, document.since, document.id, document.title)

    def loads(self, pipeline: str, stages: Collection[str]) -> Mapping[str, int]:
        return Counter(
            document.responsible
            for document in self._carded(pipeline)
            if document.stage in stages and document.responsible
        )

    def _carded(self, pipeline: str) -> Iterator[Document]:
        """Those of the pipeline, also what cannot be read: cards are the index's own."""
        for document in tuple(self._state.documents.values()):
            if document.pipeline == pipeline:
                yield document

    def due(self, until: datetime) -> Iterator[Run]:
        for run in self._state.each(self._state.runs, lambda key: key):
            ready = run.state == "ready" and run.due is not None and run.due <= until
            lease = run.lease_until if run.state == "running" else None
            doubt = run.doubt_until if run.state == "in_doubt" else None
            waited = doubt is not None and doubt <= until
            if ready or waited or (lease is not None and lease < until):
                yield run

    def troubled(self, pipeline: str | None = None) -> Iterator[Run]:
        for run in self._state.each(self._state.runs, lambda key: key):
            if run.state in TROUBLED and pipeline in (None, run.pipeline):
                yield run

    def due_between(self, period: DuePeriod, page: PageRequest, matches: RunTest) -> Page[Run]:
        return self._run_pages().due(period, page, matches)

    def troubled_page(self, page: PageRequest, matches: RunTest) -> Page[Run]:
        return self._run_pages().troubled(page, matches)

    def waiting_page(self, pipeline: str, page: PageRequest, matches: RunTest) -> Page[Run]:
        return self._run_pages().waiting(self.in_stage(pipeline), page, matches)

    def _run_pages(self) -> MemoryRunPages:
        return MemoryRunPages(tuple(self._state.each(self._state.runs, lambda key: key)))

    def task(self, key: TaskKey) -> Task | None:
        return self._state.tasks.get(key)

    def tasks(self, document: str) -> tuple[Task, ...]:
        tasks = (task for task in self._state.tasks.values() if task.document == document)
        return tuple(sorted(tasks, key=in_order))

    def open_tasks(self, assignee: str | None = None) -> Iterator[Task]:
        there = self._state.each(self._state.tasks, lambda key: key)
        tasks = [task for task in there if task.state == "open"]
        if assignee is not None:
            wanted = fold_address(assignee)
            tasks = [task for task in tasks if fold_address(task.assignee) == wanted]
        yield from sorted(tasks, key=by_deadline)

    def remove(self, document: str) -> None:
        self._state.remove(document)


class MemoryPipelines:
    """``ports.Pipelines`` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def head(self, pipeline: str) -> Head | None:
        self._state.check_readable(("pipeline", pipeline))
        return self._state.heads.get(pipeline)

    def version(self, pipeline: str, number: int) -> Version:
        version = self._state.versions.get((pipeline, number))
        if version is None:
            raise NotFoundError(f"pipeline {pipeline} has no version {number}")
        return version

    def publish(
        self,
        pipeline: Pipeline,
        *,
        at: datetime,
        by: str,
        publication: Publication | None = None,
    ) -> Version:
        from countersign.model.publication import Publication

        wanted = publication or Publication()
        name = pipeline.pipeline
        before = self._state.heads.get(name)
        there = before.version if before else 0
        if wanted.draft is not None:
            self._check_draft(wanted.draft, before)
        wanted.check_replaces(name, there)
        self._state.record(wanted.entry)
        if wanted.draft is not None:
            del self._state.drafts[name]
        version = Version(
            number=there + 1,
            pipeline=pipeline,
            published_at=iso(at),
            published_by=by,
            note=wanted.note,
        )
        self._state.versions[name, version.number] = version
        changed = {"name": pipeline.name, "version": version.number}
        head = before or Head(pipeline=name, version=0)
        self._state.heads[name] = head.model_copy(update=changed)
        return version

    def _check_draft(self, draft: Draft, head: Head | None) -> None:
        from countersign.model.draft import StaleDraftError, check_base

        present = self._state.drafts.get(draft.pipeline)
        if present is None or present.tag != draft.tag:
            raise StaleDraftError(draft.pipeline, present)
        check_base(draft, head)

    def set_paused(self, pipeline: str, paused: bool, entry: AuditEntry | None = None) -> Head:
        return self._switch(pipeline, {"paused": paused}, entry)

    def set_automation(self, pipeline: str, included: bool) -> Head:
        return self._switch(pipeline, {"automation": included})

    def _switch(
        self, pipeline: str, changed: dict[str, bool], entry: AuditEntry | None = None
    ) -> Head:
        before = self._state.heads.get(pipeline)
        if before is None:
            raise NotFoundError(f"there is no pipeline {pipeline}")
        self._state.record(entry)
        after = self._state.heads[pipeline] = before.model_copy(update=changed)
        return after

    def versions(self, pipeline: str, newest: int) -> tuple[Version, ...]:
        mine = [version for (name, _), version in self._state.versions.items() if name == pipeline]
        return tuple(sorted(mine, key=lambda version: -version.number)[: max(0, newest)])

    def remove(self, pipeline: str) -> None:
        state = self._state
        state.versions = {
            key: version for key, version in state.versions.items() if key[0] != pipeline
        }
        state.drafts.pop(pipeline, None)
        state.heads.pop(pipeline, None)

    def list(self) -> tuple[Head, ...]:
        there = dict(sorted(self._state.heads.items()))
        return tuple(self._state.each(there, lambda name: ("pipeline", name)))


class MemoryConnections:
    """``ports.Connections`` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def get(self, connection: str) -> Connection | None:
        self._state.check_readable(("connection", connection))
        return self._state.connections.get(connection)

    def put(self, connection: Connection, entry: AuditEntry | None = None) -> None:
        check_identifier(connection.id)
        self._state.record(entry)
        self._state.connections[connection.id] = connection

    def remove(self, connection: str) -> None:
        self._state.connections.pop(connection, None)

    def list(self) -> tuple[Connection, ...]:
        there = dict(sorted(self._state.connections.items()))
        return tuple(self._state.each(there, lambda name: ("connection", name)))
