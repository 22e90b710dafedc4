"""Following the timelines of all documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from countersign.cli.context import CliContext
from countersign.cli.operations.read import log_entry_of
from countersign.cli.remote.session import ApiSession, path
from countersign.errors import NotFoundError
from countersign.model.log import LogEntry
from countersign.use_cases.queries.pipelines import list_pipelines, published_head
from countersign.use_cases.queries.tail import Timelines


class StackTails:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    @property
    def timelines(self) -> Timelines:
        """Where documents and their timelines are read."""
        return self._context.cloud.documents

    def pipelines(self) -> tuple[str, ...]:
        """The ids of the published pipelines."""
        return tuple(head.pipeline for head in list_pipelines(self._context.cloud.pipelines))

    def check(self, pipeline: str) -> None:
        """NotFoundError for a pipeline that is not published."""
        published_head(self._context.cloud.pipelines, pipeline)


class ApiTails:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    @property
    def timelines(self) -> Timelines:
        """Where documents and their timelines are read."""
        return ApiTimelines(self._api)

    def pipelines(self) -> tuple[str, ...]:
        """The ids of the published pipelines."""
        return tuple(row["pipeline"] for row in self._api.items("/pipelines"))

    def check(self, pipeline: str) -> None:
        """NotFoundError for a pipeline that is not published."""
        self._api.get(path("pipelines", pipeline))


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of a list."""

    id: str
    title: str | None
    pipeline: str
    version: int


class ApiTimelines:
    """Lists of documents, which have their versions, a page at a time; and their timelines."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def in_stage(self, pipeline: str) -> Iterator[ListedDocument]:
        """The documents of a pipeline."""
        return map(_listed, self._api.items("/documents", {"pipeline": pipeline}))

    def timeline(self, document: str) -> tuple[LogEntry, ...]:
        """Everything that happened to a document, oldest first; nothing of one that is gone."""
        place = path("documents", document, "timeline")
        try:
            return tuple(map(log_entry_of, self._api.items(place, {"order": "oldest"})))
        except NotFoundError:
            return ()


def _listed(row: Mapping[str, object]) -> ListedDocument:
    title, version = row["title"], row["version"]
    return ListedDocument(
        id=str(row["id"]),
        title=None if title is None else str(title),
        pipeline=str(row["pipeline"]),
        version=int(str(version)),
    )


def tails_of(context: CliContext) -> StackTails | ApiTails:
    """Following, the way that commands go."""
    return StackTails(context) if context.api is None else ApiTails(context.api)
