"""Changing one run as a person wants it: runs that wait, that failed, and runs in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from countersign.engine.runs.by_person.resolve import (
    Instruction,
    Remedy,
    consequences,
    left_now,
    resolved,
)
from countersign.engine.runs.by_person.waiting import changed_while_waiting
from countersign.engine.runs.lifecycle import Chain, advance_chain, is_left, update
from countersign.errors import NotFoundError, PermanentError
from countersign.model.actor import Actor
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import NOT_BEGUN, TROUBLED, Run, RunKey
from countersign.model.run_change import RunAction, RunChange
from countersign.model.transaction import RunUpdate, Transaction
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

_WORDS: dict[RunAction, str] = {
    "now": "ran the rule {rule} now",
    "shift": "shifted the rule {rule} to {due:%Y-%m-%d %H:%M} UTC",
    "retry": "had the rule {rule} tried again",
    "skip": "skipped the rule {rule}",
    "accept": "counted the rule {rule} as done",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What is to be done with a run, by whom."""

    run: RunKey
    change: RunChange
    by: Actor
    even_if_left: bool = True
    """Whether it may be tried again though its stage was left."""
    job: str | None = None
    """The job that does it for the person, if one does."""
    generation: int | None = None
    """The generation that the run must still be in; any where it is None."""


class ChangedRun(NamedTuple):
    """What became of a run that a person changed."""

    run: Run
    after_leaving: bool = False
    """Whether it is carried out though its stage was left."""


class _Change(NamedTuple):
    """The run as it is read and as it is to be, with what it belongs to."""

    was: Run
    after: Run
    chain: Chain
    """All runs of its stage entry, with the next version of the document."""
    left: bool = False


def change_run(store: Store, request: RunRequest) -> ChangedRun:
    """Do what is wanted; the run as it is then, and who did it on the document's timeline.

    A change that the same job made before is not made again: the run as it is now. NotFoundError
    where there is no such run, PermanentError where it does not take the change or is not in the
    wanted generation any more, ConflictError when its document keeps changing.
    """
    key = request.run

    def propose() -> Proposal[ChangedRun]:
        document, run = store.documents.get(key.document), store.documents.run(key)
        if document is None or run is None:
            raise NotFoundError(f"there is no run {key}; expected document.entry.rule")
        if request.job is not None and run.job == request.job:
            return Proposal(None, ChangedRun(run))
        if request.generation not in (None, run.generation):
            raise PermanentError(f"the run {key} has changed since; it is {run.state_in_words}")
        now = store.clock()
        touched = document.after_user_action()
        chain = store.whole_chain(run, touched)
        change = _decide(request, run, document, chain, now=now)
        change = change._replace(after=change.after.model_copy(update={"job": request.job}))
        transaction = Transaction(
            document=touched,
            was_version=document.version,
            log=(_line(request, change, document, now=now),),
            updates=_updates(change, now=now),
        )
        return Proposal(transaction, ChangedRun(change.after, change.left))

    return transact(store, propose, subject=f"the document {key.document}").outcome


def resolve_run(
    store: Store, key: RunKey, remedy: Remedy, actor: Actor, *, even_if_left: bool = True
) -> ChangedRun:
    """Apply a remedy to a run that failed or is in doubt, as ``change_run`` does.

    Without ``even_if_left`` nothing is tried again whose stage was left: PermanentError.
    """
    wanted = RunChange(action=remedy)
    return change_run(
        store, RunRequest(run=key, change=wanted, by=actor, even_if_left=even_if_left)
    )


def _decide(
    request: RunRequest, run: Run, document: Document, chain: Chain, *, now: datetime
) -> _Change:
    wanted, by = request.change, str(request.by)
    waits = run.state in NOT_BEGUN
    if wanted.action == "now" or wanted.action == "shift" or (wanted.action == "skip" and waits):
        after = changed_while_waiting(run, wanted, document, by=by, now=now)
        return _Change(run, after, chain)
    remedy: Remedy = wanted.action
    left = remedy == "retry" and run.state in TROUBLED and is_left(run, document)
    if left and not request.even_if_left:
        msg = f"the run {run.key} was passed over: the stage {run.stage} {left_now(document)}"
        raise PermanentError(
            f"{msg}; to carry it out all the same: countersign runs retry {run.key}"
        )
    program = chain.program_of(run.pipeline_version)
    after = resolved(Instruction(remedy, by), run, program, document, now=now)
    return _Change(run, after, chain, left)


def _updates(change: _Change, *, now: datetime) -> tuple[RunUpdate, ...]:
    """The run, and what follows for the chain under it."""
    was, after, chain, _ = change
    if was.state in TROUBLED:
        return consequences(was, after, chain, now=now)
    # Where it never had its turn, those below go on waiting, for the one above it.
    below = () if was.state == "waiting" else advance_chain(after, chain, now=now)
    return (update(was, after), *below)


def _line(request: RunRequest, change: _Change, document: Document, *, now: datetime) -> LogEntry:
    was, after, _, left = change
    words = _WORDS[request.change.action].format(rule=was.rule, due=after.due or now)
    though = f", though the stage {was.stage} {left_now(document)}" if left else ""
    return LogEntry(
        at=now,
        kind="resolved" if was.state in TROUBLED else "run",
        text=f"{request.by} {words}{though}; it was {was.state_in_words}",
        by=str(request.by),
        entry=was.entry,
        reason=was.reason,
        pipeline_version=was.pipeline_version,
        cause=f"job {request.job}" if request.job else None,
    )
