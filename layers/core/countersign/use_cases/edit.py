"""Saving what a person changes about a document: fields, responsible, stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from countersign.engine.decide import Decision, create, edit
from countersign.errors import ConflictError, NotFoundError, StaleRunError
from countersign.ports import Documents
from countersign.rules.base import Edit
from countersign.use_cases.programs import Programs
from countersign.use_cases.settle import settled

TRIES = 5


def make(
    documents: Documents,
    programs: Programs,
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
    programs: Programs,
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
    for _ in range(TRIES):
        before = documents.get(document)
        if before is None:
            msg = f"there is no document {document}"
            raise NotFoundError(msg)
        program = programs.current(before.pipeline)
        decision = edit(program, before, wanted, by=by, automatic=False, now=now)
        change = settled(
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
