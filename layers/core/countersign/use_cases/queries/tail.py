"""Following timelines: what was written on them since the last look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from countersign.errors import NotFoundError
from countersign.model.log import LogEntry
from countersign.ports import Documents


class FollowedDocument(Protocol):
    """What following needs to know of a document."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def pipeline(self) -> str: ...
    @property
    def version(self) -> int:
        """Another one after each change."""
        ...


class Timelines(Protocol):
    """Where documents and their timelines are read."""

    def in_stage(self, pipeline: str) -> Iterable[FollowedDocument]:
        """The documents of a pipeline."""
        ...

    def timeline(self, document: str) -> tuple[LogEntry, ...]:
        """Everything that happened to a document, oldest first; nothing of one that is gone."""
        ...


@dataclass(slots=True)
class Tail:
    """The timelines of some pipelines' documents, from a moment on.

    A look reads every document of the pipelines, and the timelines of those that changed.
    """

    documents: Timelines
    since: datetime
    """Of documents that were there before, entries up to then are old."""
    _versions: dict[str, int] = field(default_factory=dict)
    _printed: dict[str, int] = field(default_factory=dict)
    """How many entries of a timeline are old or were handed out."""

    def start(self, pipelines: Iterable[str]) -> None:
        """Take what is there as known."""
        for pipeline in pipelines:
            for document in self.documents.in_stage(pipeline):
                self._versions[document.id] = document.version

    def new_entries(self, pipelines: Iterable[str]) -> Iterator[tuple[FollowedDocument, LogEntry]]:
        """What was written since the last look, by time, then by document.

        Nothing of it counts as handed out unless all of it could be read.
        """
        changed = [
            (document, self.documents.timeline(document.id))
            for pipeline in pipelines
            for document in self.documents.in_stage(pipeline)
            if self._versions.get(document.id) != document.version
        ]
        entries = [
            (document, entry)
            for document, timeline in changed
            for entry in self._new(document, timeline)
        ]
        return iter(sorted(entries, key=lambda pair: (pair[1].at, pair[0].id)))

    def _new(
        self, document: FollowedDocument, timeline: tuple[LogEntry, ...]
    ) -> tuple[LogEntry, ...]:
        known = self._printed.get(document.id)
        if known is None:
            there_before = document.id in self._versions
            known = sum(entry.at <= self.since for entry in timeline) if there_before else 0
        self._versions[document.id] = document.version
        self._printed[document.id] = len(timeline)
        return timeline[known:]


@dataclass(slots=True)
class DocumentTail:
    """The timeline of one document, after the entries that were shown already."""

    documents: Documents
    document: str
    shown: int
    """How many entries of the timeline were shown."""

    def new_entries(self) -> tuple[LogEntry, ...]:
        """What was written since the last look, oldest first.

        NotFoundError where the document was removed.
        """
        timeline = self.documents.timeline(self.document)
        if not timeline and self.documents.get(self.document) is None:
            raise NotFoundError(f"{self.document} was removed")
        new = timeline[self.shown :]
        self.shown = len(timeline)
        return new
