"""Settling runs that failed or are in doubt: tried again, skipped, or counted as done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from countersign.engine.runs.lifecycle import Chain, is_left
from countersign.engine.runs.resolve import Instruction, Remedy, consequences, left_now, resolved
from countersign.errors import ConflictError, NotFoundError, PermanentError, StaleRunError
from countersign.model.log import LogEntry
from countersign.model.run import TROUBLED, Run, RunKey
from countersign.model.transaction import Transaction
from countersign.ports import Documents
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

TRIES = 5
"""How often it is decided anew when the document changes meanwhile."""

_WORDS: dict[Remedy, str] = {
    "retry": "had the rule {rule} tried again",
    "skip": "skipped the rule {rule}",
    "accept": "counted the rule {rule} as done",
}


class Resolution(NamedTuple):
    """What became of a run that a person resolved."""

    run: Run
    after_leaving: bool
    """Whether it is carried out though its stage was left."""


def unresolved_runs(
    documents: Documents, *, pipeline: str | None = None, document: str | None = None
) -> Iterator[Run]:
    """The failed and unknown runs, of one pipeline or document if told."""
    if document is None:
        yield from documents.troubled(pipeline)
        return
    for run in documents.runs(document):
        if run.state in TROUBLED and pipeline in (None, run.pipeline):
            yield run


def resolve_run(
    documents: Documents,
    programs: CompiledPipelines,
    key: RunKey,
    remedy: Remedy,
    *,
    by: str,
    now: datetime,
    even_if_left: bool = True,
) -> Resolution:
    """Apply the remedy; the run as it is then, and who did it on the document's timeline.

    Without ``even_if_left`` nothing is tried again whose stage was left: PermanentError.
    NotFoundError where there is no such run, PermanentError where it does not take the remedy,
    ConflictError when its document keeps changing.
    """
    for _ in range(TRIES):
        document, run = documents.get(key.document), documents.run(key)
        if document is None or run is None:
            raise NotFoundError(f"there is no run {key}; expected document.entry.rule")
        program = programs.get(run.pipeline, run.pipeline_version)
        left = remedy == "retry" and run.state in TROUBLED and is_left(run, document)
        if left and not even_if_left:
            msg = f"the run {key} was passed over: the stage {run.stage} {left_now(run, document)}"
            raise PermanentError(
                f"{msg}; to carry it out all the same: countersign runs retry {key}"
            )
        after = resolved(Instruction(remedy, by), run, program, document, now=now)
        version = document.version + 1
        known = document.model_copy(update={"version": version, "automatic_moves": 0})
        entry = documents.runs(run.document, run.entry)
        though = f", though the stage {run.stage} {left_now(run, document)}" if left else ""
        told = LogEntry(
            at=now,
            kind="repaired",
            text=(
                f"{by} {_WORDS[remedy].format(rule=run.rule)}{though}; it was {run.state_in_words}"
            ),
            by=by,
            entry=run.entry,
            reason=run.reason,
            pipeline_version=run.pipeline_version,
        )
        change = Transaction(
            document=known,
            was_version=document.version,
            log=(told,),
            updates=consequences(run, after, Chain(program, known, entry), now=now),
        )
        try:
            documents.commit(change)
        except (ConflictError, StaleRunError):
            continue
        return Resolution(after, left)
    msg = f"the document {key.document} changed {TRIES} times meanwhile; try again"
    raise ConflictError(msg)
