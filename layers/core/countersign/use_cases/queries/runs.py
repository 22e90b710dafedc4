"""Runs that failed or are in doubt: those that a person has to resolve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from countersign.model.run import TROUBLED, Run
from countersign.ports import Documents, Pipelines
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.store import existing_document


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which unresolved runs are listed; all of them where nothing is given."""

    failed: bool = False
    """Only those that failed, or with ``in_doubt`` both."""
    in_doubt: bool = False
    """Only those of which it is not known whether their effect happened."""
    pipeline: str | None = None
    document: str | None = None

    def matches(self, run: Run) -> bool:
        """Whether the run is unresolved, and what is looked for."""
        states = (("failed", self.failed), ("in_doubt", self.in_doubt))
        wanted = {state for state, on in states if on} or TROUBLED
        return (
            run.state in wanted
            and self.pipeline in (None, run.pipeline)
            and self.document in (None, run.document)
        )


def unresolved_runs(
    documents: Documents, pipelines: Pipelines, wanted: RunFilter
) -> tuple[Run, ...]:
    """The runs that failed or are in doubt and that the filter matches, oldest first, then by key.

    Eventually consistent, unless a document is given. NotFoundError for a pipeline that is not
    published, and for a document that is not there.
    """
    if wanted.pipeline is not None:
        published_head(pipelines, wanted.pipeline)
    if wanted.document is not None:
        existing_document(documents, wanted.document)
    runs = (run for run in _read(documents, wanted) if wanted.matches(run))
    return tuple(sorted(runs, key=lambda run: (unresolved_since(run), str(run.key))))


def unresolved_since(run: Run) -> datetime:
    """When the run came into the state it is in."""
    return run.concluded_at or run.started_at or run.planned_at


def _read(documents: Documents, wanted: RunFilter) -> Iterator[Run]:
    if wanted.document is not None:
        yield from documents.runs(wanted.document)
    else:
        yield from documents.troubled(wanted.pipeline)
