"""What a person may do with a run that failed or is in doubt, as pure functions of its entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.lifecycle import (
    Chain,
    advance_chain,
    finished,
    is_left,
    stopped_by,
    update,
)
from countersign.engine.runs.mail_series import counted_as_sent, tried_again
from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.run import TROUBLED, Run
from countersign.model.run_purpose import BacklogRun, KeepFileRun, TaskMailRun, TimerRun
from countersign.model.transaction import RunUpdate
from countersign.rules import RULES

Remedy = Literal["retry", "skip", "accept"]
"""``retry``: perform it once more; ``skip``: conclude it without; ``accept``: count it as done.

Of a run that sends several mails, ``retry`` and ``accept`` concern those that failed or are in
doubt; the run then goes on with the others. ``skip`` sends no more of them.
"""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is to be done with a run, and who wants it."""

    remedy: Remedy
    by: str


def resolved(
    instruction: Instruction,
    run: Run,
    program: CompiledPipeline,
    document: Document,
    *,
    now: datetime,
) -> Run:
    """The run after the remedy; PermanentError says why it does not take it.

    A person may have a rule carried out though its stage was left.
    """
    remedy, by = instruction.remedy, instruction.by
    if run.state not in TROUBLED:
        msg = (
            f"the run {run.key} is {run.state_in_words}; only failed runs and runs in "
            "doubt can be resolved"
        )
        raise PermanentError(msg)
    if isinstance(run.purpose, BacklogRun) and remedy != "retry":
        msg = f"the run {run.key} moves other runs of the document; it can only be tried again"
        raise PermanentError(msg)
    if remedy == "skip":
        return finished(run, "skipped", f"skipped by {by}{_after(run)}", now=now)
    if remedy == "accept" and run.mails:
        return counted_as_sent(run, by=f"{by}{_after(run)}", now=now)
    if remedy == "accept":
        return finished(run, "done", f"counted as done by {by}{_after(run)}", now=now)
    _refuse_retry(run, program, document)
    return _retried(run, document, by=by, now=now)


def _refuse_retry(run: Run, program: CompiledPipeline, document: Document) -> None:
    """PermanentError where there is nothing to try again."""
    if is_left(run, document) and _only_in_its_stage(run):
        msg = (
            f"the run {run.key} cannot be tried again: it only means something in the stage "
            f"{run.stage}, which {left_now(document)}; skip it, or move the document back"
        )
        raise PermanentError(msg)
    if not _has_rule(run, program):
        msg = f"version {run.pipeline_version} has no rule {run.rule} in the stage {run.stage}"
        raise PermanentError(msg)


def _retried(run: Run, document: Document, *, by: str, now: datetime) -> Run:
    left = is_left(run, document)
    though = f", though the stage {run.stage} {left_now(document)}" if left else ""
    again = run.ready_again(due=now, reason=f"tried again by {by}{though}{_after(run)}")
    return again.with_new_tries().model_copy(
        update={
            "not_after": None,
            # What is carried out after all, for its stage was left, follows no date any more.
            "date_field": None if left else run.date_field,
            "date_field_version": document.version + 1 if run.date_field and not left else 0,
            "on_leave": "keep" if left else run.on_leave,
            "started_at": None,
            "concluded_at": None,
            "mails": tried_again(run),
        }
    )


def left_now(document: Document) -> str:
    """That its stage was left, for people: what follows after the stage's name."""
    return f"was left; the document is in {document.stage} now"


def _only_in_its_stage(run: Run) -> bool:
    """Whether what the run performs means nothing once its stage was left."""
    is_rule = run.kind in RULES.kinds
    is_timer = isinstance(run.purpose, TimerRun)
    return is_timer or (is_rule and RULES.get(run.kind).only_in_its_stage)


def _has_rule(run: Run, program: CompiledPipeline) -> bool:
    """Whether what the run performs is still there; some runs are of no rule."""
    match run.purpose:
        case BacklogRun() | TaskMailRun() | KeepFileRun():
            return True
        case TimerRun() as timer:
            return program.timed_trigger(timer) is not None
        case _:
            return program.rule(run.stage, run.rule) is not None


def consequences(was: Run, run: Run, chain: Chain, *, now: datetime) -> tuple[RunUpdate, ...]:
    """The remedy's writes: the run, and the chain under it, which goes on.

    ``chain`` holds all runs of its stage entry. Those that its failure had stopped wait again for
    it, or get their turn.
    """
    entry = tuple(chain.runs)
    stopped = [other for other in entry if other.reason == stopped_by(was.rule)]
    stored = {other.rule: other for other in entry if other.repeat == 0}
    waiting = {other.rule: other for other in map(_waiting, stopped)}
    again = replace(chain, runs={**stored, **waiting}.values())
    following = advance_chain(run, again, now=now)
    after = waiting | {run_update.run.rule: run_update.run for run_update in following}
    return (update(was, run), *(update(stored[rule], other) for rule, other in after.items()))


def _waiting(run: Run) -> Run:
    reason = f"waits for {run.after}" if run.after else None
    return run.model_copy(update={"state": "waiting", "concluded_at": None, "reason": reason})


def _after(run: Run) -> str:
    return (
        f"; it was {run.state_in_words}: {run.reason}"
        if run.reason
        else f"; it was {run.state_in_words}"
    )
