"""Bulk work on documents: moves and backfills, looked at before and started as jobs."""

from __future__ import annotations

from dataclasses import asdict

from countersign.cli.context import CliContext
from countersign.cli.operations.jobs import started_on_stack
from countersign.cli.operations.read import Json, job_of
from countersign.cli.remote.session import ApiSession, path
from countersign.http.views.document_moves import MovePreviewView, move_preview_view
from countersign.model.job import Job
from countersign.model.page import PageRequest
from countersign.use_cases.documents.move import DocumentMove, preview_move, target_of
from countersign.use_cases.jobs.kinds.backfill import BackfillRule
from countersign.use_cases.jobs.kinds.move_documents import MoveDocuments
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.runs.backfill import backfill_of, page_backfill


class StackMoves:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def pipeline_of(self, document: str) -> str:
        """The pipeline that a document belongs to; NotFoundError."""
        return self._context.store.document(document).pipeline

    def preview(self, move: DocumentMove, cursor: str | None = None) -> MovePreviewView:
        """A page of what a move would do."""
        context = self._context
        preview = preview_move(
            context.document_reader, context.cloud.documents, move, cursor, now=context.now()
        )
        return move_preview_view(preview)

    def start(self, move: DocumentMove, comment: str | None) -> Job:
        """The job that carries a move out."""
        context = self._context
        target_of(context.document_reader, move)
        return started_on_stack(context, MoveDocuments.of(move, comment))


class ApiMoves:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def pipeline_of(self, document: str) -> str:
        """The pipeline that a document belongs to; NotFoundError."""
        return str(self._api.get(path("documents", document))["pipeline"])

    def preview(self, move: DocumentMove, cursor: str | None = None) -> MovePreviewView:
        """A page of what a move would do."""
        reply = self._api.post("/document-moves/preview", {**_body(move), "cursor": cursor})
        return MovePreviewView.model_validate(reply)

    def start(self, move: DocumentMove, comment: str | None) -> Job:
        """The job that carries a move out."""
        return job_of(self._api.post("/document-moves", {**_body(move), "comment": comment}))


def _body(move: DocumentMove) -> Json:
    body = {"pipeline": move.pipeline, "stage": move.stage, "documents": move.documents}
    if move.search is None:
        return body
    wanted = asdict(move.search)
    return {**body, "filter": {name: wanted[name] for name in wanted if name != "pipeline"}}


def moves_of(context: CliContext) -> StackMoves | ApiMoves:
    """Moves, the way that commands go."""
    return StackMoves(context) if context.api is None else ApiMoves(context.api)


class StackBackfills:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def count(self, pipeline: str, rule: str, most: int) -> int:
        """For how many documents a rule would be planned; counted no further than beyond ``most``.

        NotFoundError for the pipeline, PermanentError for the rule.
        """
        context = self._context
        published_head(context.cloud.pipelines, pipeline)
        wanted = backfill_of(context.programs.current(pipeline), rule)
        number, after = 0, None
        while number <= most:
            page = page_backfill(context.store, context.cloud.pages, wanted, PageRequest(after))
            number += len(page.found)
            if (after := page.next) is None:
                break
        return number

    def start(self, pipeline: str, rule: str) -> Job:
        """The job that plans a rule for all of them."""
        return started_on_stack(self._context, BackfillRule(pipeline=pipeline, rule=rule))


class ApiBackfills:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def count(self, pipeline: str, rule: str, most: int) -> int:
        """For how many documents a rule would be planned; counted no further than beyond ``most``.

        NotFoundError for the pipeline, PermanentError for the rule.
        """
        number, cursor = 0, None
        while number <= most:
            query = {"rule": rule, "cursor": cursor}
            page = self._api.get(path("pipelines", pipeline, "backfill"), query)
            number += int(page["documents"])
            if (cursor := page["next"]) is None:
                break
        return number

    def start(self, pipeline: str, rule: str) -> Job:
        """The job that plans a rule for all of them."""
        return job_of(self._api.post(path("pipelines", pipeline, "backfills"), {"rule": rule}))


def backfills_of(context: CliContext) -> StackBackfills | ApiBackfills:
    """Backfills, the way that commands go."""
    return StackBackfills(context) if context.api is None else ApiBackfills(context.api)
