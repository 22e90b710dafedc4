"""What a person does to a document: saves fields, responsible and stage, or calls it by a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from countersign.engine.compiled import CompiledPipeline
from countersign.engine.decisions.decide import create, edit, happen
from countersign.engine.decisions.decision import Decision
from countersign.errors import ConflictError, NotFoundError, StaleRunError
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.ports import Documents
from countersign.rules.base import Edit
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.propagate import propagated

TRIES = 5


def make(
    documents: Documents,
    programs: CompiledPipelines,
    pipeline: str,
    document: str,
    values: Mapping[str, object],
    *,
    by: str,
    now: datetime,
    stage: str | None = None,
) -> Decision:
    """Make a document that has no envelope yet; one may be attached to it later.

    ``document`` is its id, which must be new. Raises NotFoundError for an unknown pipeline,
    PermanentError for a field or stage that does not exist.
    """
    program = programs.current(pipeline)
    decision = create(program, document, values, by=by, now=now, stage=stage)
    documents.commit(decision.change())
    return decision


def save(
    documents: Documents,
    programs: CompiledPipelines,
    document: str,
    wanted: Edit,
    *,
    by: str,
    now: datetime,
) -> Decision:
    """Apply the changes to the document as it is now; a conflict is decided anew.

    Raises NotFoundError for an unknown document, PermanentError for a field or stage that does
    not exist, ConflictError when the document keeps changing under it.
    """
    return decided(
        documents,
        programs,
        document,
        lambda program, before: edit(program, before, wanted, by=by, automatic=False, now=now),
        now=now,
    )


def call(
    documents: Documents,
    programs: CompiledPipelines,
    document: str,
    code: str,
    *,
    by: str,
    now: datetime,
) -> Decision:
    """Call the document by a code, for which a trigger may wait; every call is a new one.

    Raises NotFoundError for an unknown document, ConflictError as ``save`` does.
    """
    happening = DocumentEvent(kind="api.called", at=now, detail={"code": code})
    text = f"{by} called the document by a code"
    return decided(
        documents,
        programs,
        document,
        lambda program, before: happen(
            program, before, happening, text, by=by, cause=by, now=now, anew=True
        ),
        now=now,
    )


def decided(
    documents: Documents,
    programs: CompiledPipelines,
    document: str,
    decide: Callable[[CompiledPipeline, Document], Decision],
    *,
    now: datetime,
) -> Decision:
    """Decide on the document as it is now and commit; a conflict is decided anew."""
    for _ in range(TRIES):
        before = documents.get(document)
        if before is None:
            msg = f"there is no document {document}"
            raise NotFoundError(msg)
        program = programs.current(before.pipeline)
        decision = decide(program, before)
        change = propagated(
            decision.change(),
            decision,
            program,
            documents,
            programs.of(before.pipeline),
            now=now,
        )
        try:
            documents.commit(change)
        except (ConflictError, StaleRunError):
            continue
        return decision
    msg = f"the document {document} changed {TRIES} times while it was being saved; try again"
    raise ConflictError(msg)
