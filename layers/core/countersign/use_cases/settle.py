"""What a decision means for runs planned earlier: moved with their field, kept past a leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from countersign.engine.decision import Decision
from countersign.engine.program import Program
from countersign.engine.runs import changed_hooks, move_with_fields, release_kept, stop
from countersign.model.change import Change, RunUpdate
from countersign.ports import Documents


def settled(
    change: Change,
    decision: Decision,
    program: Program,
    documents: Documents,
    program_of: Callable[[int], Program],
    *,
    now: datetime,
) -> Change:
    """The change together with what follows for earlier runs, in the same transaction.

    Earlier runs are read only where the pipeline has rules that can be concerned: a date field
    changed that a rule hangs on, or a stage was left that keeps rules in a chain.
    """
    before = decision.before
    if before is None:
        return change
    updates: list[RunUpdate] = []
    taken = {one.run.key for one in change.updates}
    if decision.stop_rules:
        planned = documents.runs(before.id, before.entry)
        updates += stop((run for run in planned if run.key not in taken), decision.by, now=now)
        taken |= {one.run.key for one in updates}
    # Runs stay on the version they were planned with, so that theirs are the rules that count.
    older = (version for version in before.planned_with if version != program.version)
    programs = [program, *map(program_of, older)]
    left = decision.moved and any(one.keeps_in_chain(before.stage) for one in programs)
    moved = any(changed_hooks(one, before, decision.document) for one in programs)
    if not (left or moved):
        return change.model_copy(update={"updates": (*change.updates, *updates)})
    entry = None if any(one.keeps_hanging for one in programs) else before.entry
    there = documents.runs(before.id, entry)
    # Those of a later entry somebody else planned meanwhile; then this change conflicts.
    runs = [run for run in there if run.entry <= before.entry and run.key not in taken]
    if left:
        updates += release_kept(runs, before, decision.document, program_of, now=now)
        taken |= {one.run.key for one in updates}
    if moved:
        rest = [run for run in runs if run.key not in taken]
        updates += move_with_fields(rest, before, decision.document, program_of, now=now)
    return change.model_copy(update={"updates": (*change.updates, *updates)})
