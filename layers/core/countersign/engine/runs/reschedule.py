"""What a change of a document means for runs planned earlier: dated ones moved, kept ones freed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from countersign.engine.compiled_pipeline import CompiledPipeline, ProgramOf
from countersign.engine.runs.lifecycle import Chain, advance_chain, ended_with_stage, update
from countersign.engine.runs.planner import arm, arm_again, is_behind
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.run import CONCLUDED, NOT_BEGUN, Run
from countersign.model.run_purpose import BacklogRun
from countersign.model.transaction import RunUpdate

Group = tuple[RunUpdate, ...]
"""Updates that must be written together."""


def changed_hooks(program: CompiledPipeline, before: Document, after: Document) -> bool:
    """Whether a date field changed that runs may hang on."""
    return any(_differs(name, before, after) for name in program.hooks)


@dataclass(frozen=True, slots=True)
class Reschedule:
    """What a change of date fields means for the runs that hang on them, the soonest due first."""

    moved: tuple[RunUpdate, ...]
    """Parked ones are armed, armed ones moved or parked; those whose time stays are not among them
    unless an earlier change left them behind."""
    again: tuple[Run, ...]
    """Repeated runs of those that had begun before, and are to be armed again."""
    since: Mapping[str, int]
    """Each of the fields, with the version of the document that changed it."""

    def without_repeats(self) -> Reschedule:
        """The same, where nothing new is planned."""
        return replace(self, again=())


def move_with_fields(
    runs: Iterable[Run], before: Document, after: Document, program_of: ProgramOf, *, now: datetime
) -> Reschedule:
    """Runs whose date field has changed, those that an earlier change left behind among them."""
    moved = list[RunUpdate]()
    since: dict[str, int] = {}
    alive = [run for run in runs if not run.left_stage(after)]
    for run in alive:
        waits = run.state in NOT_BEGUN and not run.is_half_sent
        if run.date_field is None or not waits or not _follows(run, before, after):
            continue
        since[run.date_field] = _since(run.date_field, before, after)
        new = arm(program_of(run.pipeline_version), run, after, turn=now)
        late = is_behind(run, before)
        same = not late and all(new[name] == getattr(run, name) for name in _TIMES)
        anew = run.model_copy(update=new).newer_than(run)
        if not same:
            moved.append(update(run, anew))
    again = list[Run]()
    # Of the runs of a rule only the newest is armed again.
    for run in {run.rule: run for run in sorted(alive, key=_place)}.values():
        if run.date_field is None or not _follows(run, before, after):
            continue
        repeated = arm_again(program_of(run.pipeline_version), run, after, now=now)
        if repeated is not None:
            since[run.date_field] = _since(run.date_field, before, after)
            again.append(repeated)
    return Reschedule(tuple(sorted(moved, key=_soonest)), tuple(again), since)


_TIMES = ("state", "due", "not_after")
"""What says that a run's time has moved."""


def _follows(run: Run, before: Document, after: Document) -> bool:
    """Whether the change moves the run's date field, or an earlier one did and left it behind."""
    return run.date_field is not None and (
        is_behind(run, before) or _differs(run.date_field, before, after)
    )


def _place(run: Run) -> tuple[int, int]:
    return run.entry, run.repeat


def _since(field: str, before: Document, after: Document) -> int:
    """The version of the document that changed the field, for runs that have not followed it."""
    if before.pending_updates is None or _differs(field, before, after):
        return after.version
    return before.pending_updates.fields[field]


def release_kept(
    runs: Iterable[Run], entry: int, after: Document, program_of: ProgramOf, *, now: datetime
) -> Iterator[Group]:
    """In a stage entry that was left, kept rules below rules that are cancelled get their turn.

    Only chains with a kept rule that waits are touched, each as a whole; the runs of the others
    are dead by their entry.
    """
    by_rule = {run.rule: run for run in runs if run.entry == entry and run.repeat == 0}
    for head in by_rule.values():
        if head.after in by_rule:
            continue
        last, run = _front(head, by_rule)
        if not _keeps_waiting(run, by_rule):
            continue
        updates: Group = ()
        if run.state in ("ready", "no_date") and run.ends_on_leaving:
            last = ended_with_stage(run, now=now)
            updates = (update(run, last),)
        elif run.state != "waiting":
            continue  # it has its turn, and hands it on by itself
        if last is not None:
            below = [run for run in by_rule.values() if run.rule != last.rule]
            updates = (*updates, *advance_chain(last, Chain(program_of, after, below), now=now))
        if updates:
            yield updates


def backlog_of(document: Document, *, pipeline_version: int, now: datetime) -> Run:
    """The run that writes what a change of the document leaves undone, ready at once."""
    return Run(
        document=document.id,
        entry=0,
        rule=BacklogRun().name,
        pipeline=document.pipeline,
        pipeline_version=pipeline_version,
        stage=document.stage,
        kind="backlog",
        lane="document",
        state="ready",
        planned_at=now,
        due=now,
        on_leave="keep",
        reason="runs of the document that are still to follow its last change",
    )


def _differs(name: str, before: Document, after: Document) -> bool:
    return fields.read(before, name) != fields.read(after, name)


def _front(head: Run, entry: Mapping[str, Run]) -> tuple[Run | None, Run]:
    """How far a chain has come: the last run that was concluded, if any, and the one after it.

    A run that a person has tried again is behind the front: those below it had their turn.
    """
    chain = [head]
    while (below := entry.get(chain[-1].next or "")) is not None:
        chain.append(below)
    had_turn = (run.state != "waiting" and not run.was_taken_out for run in chain)
    turns = [n for n, had in enumerate(had_turn) if had]
    last, (run, *later) = None, chain[turns[-1] if turns else 0 :]
    while run.state in CONCLUDED and later:
        last, run, *later = run, *later
    return last, run


def _keeps_waiting(run: Run, entry: Mapping[str, Run]) -> bool:
    """Whether this run or one below it in its chain is kept, and waits for its turn."""
    below: Run | None = run
    while below is not None:
        if below.state == "waiting" and below.on_leave == "keep":
            return True
        below = entry.get(below.next) if below.next else None
    return False


def _soonest(run_update: RunUpdate) -> tuple[bool, datetime, int]:
    due = run_update.run.due
    return due is None, due or run_update.run.planned_at, run_update.run.entry
