"""Moving runs that are under way to a newer version of their pipeline, after showing which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.lifecycle import (
    Chain,
    advance_chain,
    finished,
    update,
    with_document_version,
)
from countersign.engine.runs.planner import arm, times_of
from countersign.errors import ConflictError
from countersign.model.document import Document
from countersign.model.run import NOT_BEGUN, Run
from countersign.model.run_purpose import KeepFileRun, TaskMailRun
from countersign.model.transaction import RunUpdate, Transaction
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

MigrationOutcome = Literal["goes_on", "rescheduled", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMove:
    """A run that has not begun, and what the new version makes of it."""

    was: Run
    updates: tuple[RunUpdate, ...]
    """Its new state, and what that means for the runs below it."""
    text: str
    """What changes, as a sentence."""

    @property
    def run(self) -> Run:
        """The run as the new version has it."""
        return next(
            run_update.run for run_update in self.updates if run_update.run.key == self.was.key
        )

    @property
    def outcome(self) -> MigrationOutcome:
        """What becomes of the run; what is rescheduled may wait for its date field then."""
        if self.run.state == "cancelled":
            return "cancelled"
        same = (self.run.state, self.run.due) == (self.was.state, self.was.due)
        return "goes_on" if same else "rescheduled"


def migrations(store: Store, program: CompiledPipeline) -> Iterator[RunMove]:
    """What moving to this version would change, run by run; nothing is written."""
    for document in store.documents.in_stage(program.pipeline.pipeline):
        yield from _moves_of(store, program, document)


def migrate_runs(store: Store, program: CompiledPipeline) -> tuple[RunMove, ...]:
    """Move every run that has not begun to this version; returns those that were moved.

    A run that begins meanwhile stays on the version it was planned with, and so do those of a
    document that never comes to rest.
    """
    ids = (document.id for document in store.documents.in_stage(program.pipeline.pipeline))
    return tuple(move for name in ids for move in _move(store, program, name))


def _move(store: Store, program: CompiledPipeline, document_id: str) -> Iterator[RunMove]:
    def propose() -> Proposal[RunMove | None]:
        document = store.documents.get(document_id)
        move = next(_moves_of(store, program, document), None) if document else None
        if document is None or move is None:
            return Proposal(None, None)
        change = Transaction(updates=move.updates)
        return Proposal(with_document_version(document, change, version=program.version), move)

    try:
        # What one move takes out of a chain gives another its turn.
        while move := transact(store, propose, subject=f"the document {document_id}").outcome:
            yield move
    except ConflictError:
        return


def _moves_of(store: Store, program: CompiledPipeline, document: Document) -> Iterator[RunMove]:
    # As the moves before leave them: what one takes out of a chain gives another its turn.
    now = store.clock()
    entry = {run.key: run for run in store.documents.runs(document.id, document.entry)}
    for key in tuple(entry):
        run = entry[key]
        waits = run.state in NOT_BEGUN and not isinstance(run.purpose, TaskMailRun | KeepFileRun)
        if waits and run.pipeline_version != program.version:
            chain = Chain(store.programs.of(run.pipeline), document, tuple(entry.values()))
            move = _moved(run, chain, program, now)
            entry |= {run_update.run.key: run_update.run for run_update in move.updates}
            yield move


def _moved(run: Run, chain: Chain, new: CompiledPipeline, now: datetime) -> RunMove:
    """The run with the new version; ``chain`` has all runs of its stage entry."""
    old = chain.program_of(run.pipeline_version)
    rule = new.rule(run.stage, run.rule)
    trigger = new.timed_trigger(run.purpose)
    timed = trigger is not None and run.stage in new.timed_stages(trigger)
    if not timed and (rule is None or not rule.enabled):
        reason = f"version {new.version} has no rule {run.rule} in the stage {run.stage}"
        dead = finished(run, "cancelled", reason, now=now)
        # Where it never had its turn, the run below goes on waiting, for the one above it.
        has_turn = run.state != "waiting"
        below = advance_chain(dead, chain, now=now) if has_turn else ()
        return RunMove(was=run, updates=(update(run, dead), *below), text=reason)
    # A new generation, so that nobody who read the run before can write the old version back.
    update_: dict[str, object] = {
        "pipeline_version": new.version,
        "generation": run.generation + 1,
    }
    text = f"goes on with version {new.version}"
    if rule is not None and not run.sent_mails:
        update_["on_leave"] = rule.on_leave
    if run.state != "waiting" and not run.sent_mails and times_of(new, run) != times_of(old, run):
        turn = max(run.planned_at, now) if run.due is None else run.planned_at
        armed = arm(new, run, chain.document, turn=turn)
        update_ |= armed
        text = f"{text}, now due {armed['due'] or 'when its field is filled'}"
    moved = run.model_copy(update=update_)
    return RunMove(was=run, updates=(update(run, moved),), text=text)
