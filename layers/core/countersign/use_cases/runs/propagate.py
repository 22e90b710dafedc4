"""What a decision means for runs planned earlier: what fits at once, the rest by a run of its own.

Words that find the document go the same way (``engine/decisions/word_index.py``).

Stopped ones are cancelled with the decision. Those that move with a date field, or are freed when
their stage is left, can be more than a transaction takes: then the document notes what is left to
do, and the run of its backlog does it, guarded by the stream and the sweep like any run.
"""

from __future__ import annotations

from collections.abc import Iterable

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.decision import Decision
from countersign.engine.decisions.word_index import with_words
from countersign.engine.runs.lifecycle import finished, stop, update
from countersign.engine.runs.reschedule import (
    Group,
    Reschedule,
    backlog_of,
    changed_hooks,
    move_with_fields,
    release_kept,
)
from countersign.model.document import Document, PendingUpdates
from countersign.model.run import NOT_BEGUN, Run, RunKey
from countersign.model.transaction import Transaction
from countersign.ports import Documents
from countersign.use_cases.store import Store

MANY_VERSIONS = 8
"""A document that was planned with more versions than these is looked at for those that no run is
on any more: one query instead of a read for each version."""


def propagated(
    store: Store, change: Transaction, decision: Decision, program: CompiledPipeline
) -> Transaction:
    """The change together with what follows for earlier runs and for the words that find the
    document, in the same transaction if it fits; the rest is left to the run of the backlog."""
    change, is_short = _with_earlier_runs(store, change, decision, program)
    # One item is for the run of the backlog, where there is none yet.
    room = store.documents.most_items - change.items - (not is_short)
    change, lacks_words = with_words(change, decision.before, room=room)
    if is_short or not lacks_words:
        return change
    return _with_backlog(store, change, decision, program)


def _with_earlier_runs(
    store: Store, change: Transaction, decision: Decision, program: CompiledPipeline
) -> tuple[Transaction, bool]:
    """The change with what follows for earlier runs, and whether the backlog's run is part of it.

    Earlier runs are read only where the pipeline has rules that can be concerned: a date field
    changed that a rule hangs on, or a stage was left that keeps rules in a chain. Of the change's
    own updates, those below the first are the chain of the run that decided; where it moved the
    document, they may be left for later.
    """
    before = decision.before
    if before is None:
        return change, False
    documents, now = store.documents, store.clock()
    program_of = store.programs.of(program.pipeline.pipeline)
    if decision.stop_rules:
        taken = {run_update.run.key for run_update in change.updates}
        planned = documents.runs(before.id, before.entry)
        stopped = stop((run for run in planned if run.key not in taken), decision.by, now=now)
        change = change.model_copy(update={"updates": (*change.updates, *stopped)})
    if len(before.planned_with) > MANY_VERSIONS:
        before, change = _forget_versions(before, change, documents)
    # Runs stay on the version they were planned with, so that theirs are the rules that count.
    older = (version for version in before.planned_with if version != program.version)
    programs = [program, *map(program_of, older)]
    left = decision.moved and any(pipeline.keeps_in_chain(before.stage) for pipeline in programs)
    moved = any(changed_hooks(pipeline, before, decision.document) for pipeline in programs)
    if not (left or moved or (decision.moved and change.updates)):
        return change, False
    # One item is for the run of the backlog.
    writing = _Writing(change, most=documents.most_items - 1, was=before.pending_updates)
    if decision.moved and not decision.stop_rules:
        writing.put_off_chain()
    if left or moved:
        entry = None if any(pipeline.keeps_hanging for pipeline in programs) else before.entry
        there = documents.runs(before.id, entry)
        # Those of a later entry somebody else planned meanwhile; then this change conflicts.
        runs = [run for run in there if run.entry <= before.entry]
        if left:
            seen = [writing.taken.get(run.key, run) for run in runs]
            freed = release_kept(seen, before.entry, decision.document, program_of, now=now)
            writing.free(before.entry, freed)
        if moved:
            seen = [writing.taken.get(run.key, run) for run in runs]
            moves = move_with_fields(seen, before, decision.document, program_of, now=now)
            writing.move(moves if program.automation else moves.without_repeats())
    change = writing.written()
    if not writing.is_short:
        return change, False
    return _with_backlog(store, change, decision, program), True


def _forget_versions(
    before: Document, change: Transaction, documents: Documents
) -> tuple[Document, Transaction]:
    """Both without the versions that no run waits on, or could be armed again on.

    What somebody else plans meanwhile makes the change conflict.
    """
    used = {
        run.pipeline_version
        for run in documents.runs(before.id)
        if not run.left_stage(before) and (run.state in NOT_BEGUN or run.date_field is not None)
    }
    gone = set(before.planned_with) - used
    before = before.model_copy(
        update={
            "planned_with": tuple(version for version in before.planned_with if version not in gone)
        }
    )
    if change.document is None:
        return before, change
    # The change may have planned with the newest of them, and only with that.
    gone -= {run.pipeline_version for run in change.planned}
    kept = tuple(version for version in change.document.planned_with if version not in gone)
    document = change.document.model_copy(update={"planned_with": kept})
    return before, change.model_copy(update={"document": document})


def propagate_backlog(
    store: Store, was: Run, document: Document, *, automation: bool = True
) -> Transaction:
    """What the backlog's run writes: as much as fits; it is ready again until nothing is left.

    Without ``automation`` no rule is armed again, which would be a new run. Changes of the
    document that come in between are in ``pending_updates`` themselves, or conflict.
    """
    documents, now = store.documents, store.clock()
    program_of = store.programs.of(was.pipeline)
    after = document.model_copy(update={"version": document.version + 1, "pending_updates": None})
    done = update(was, finished(was, "done", None, now=now))
    change = Transaction(document=after, was_version=document.version, updates=(done,))
    writing = _Writing(change, most=documents.most_items, was=None, at_least_one=True)
    runs = documents.runs(document.id)
    for entry in document.pending_updates.entries if document.pending_updates else ():
        writing.free(entry, release_kept(runs, entry, after, program_of, now=now))
    seen = [writing.taken.get(run.key, run) for run in runs]
    moves = move_with_fields(seen, document, after, program_of, now=now)
    writing.move(moves if automation else moves.without_repeats())
    change = writing.written()
    room = documents.most_items - change.items
    # The runs come first; once all of them have been written, at least one word is.
    change, lacks_words = with_words(change, document, room=max(room, not writing.is_short))
    if not (writing.is_short or lacks_words):
        return change
    again = update(was, was.ready_again(due=now, reason=was.reason).model_copy(update={"swept": 0}))
    return change.model_copy(update={"updates": (again, *change.updates[1:])})


def _with_backlog(
    store: Store, change: Transaction, decision: Decision, program: CompiledPipeline
) -> Transaction:
    """The change that also sees to it that the backlog's run is performed."""
    wanted = backlog_of(decision.document, pipeline_version=program.version, now=store.clock())
    before = None if decision.before is None else store.documents.run(wanted.key)
    if before is None:
        return change.model_copy(update={"planned": (*change.planned, wanted)})
    if before.state == "ready":
        return change
    anew = update(before, wanted.newer_than(before))
    return change.model_copy(update={"updates": (*change.updates, anew)})


class _Writing:
    """A change that takes in what follows from it, up to what fits, and notes what does not."""

    def __init__(
        self,
        change: Transaction,
        *,
        most: int,
        was: PendingUpdates | None,
        at_least_one: bool = False,
    ) -> None:
        self._change = change
        self._updates = list(change.updates)
        self._planned = list(change.planned)
        self._room = most - change.items
        self._fields = dict(was.fields) if was else {}
        self._entries = dict.fromkeys(was.entries if was else ())
        self._at_least_one = at_least_one
        """So that one step after the other leads to an end, however little fits."""
        self.taken: dict[RunKey, Run] = {
            run_update.run.key: run_update.run for run_update in change.updates
        }
        """The runs that are written, as they are then."""
        self.is_short = False
        """Whether something was left for later."""

    def put_off_chain(self) -> None:
        """Leave the chain under the run that decided for later, where there is no room for it."""
        if self._room >= 0 or len(self._updates) < 2:
            return
        own = self._updates[0].run
        self._room += len(self._updates) - 1
        del self._updates[1:]
        self.taken = {own.key: own}
        self._later(own.entry)

    def free(self, entry: int, groups: Iterable[Group]) -> None:
        """Take in what frees the kept rules of a stage entry, each chain as a whole."""
        for group in groups:
            if not self._take(group):
                self._later(entry)

    def move(self, moves: Reschedule) -> None:
        """Take in the runs that move with their fields; the soonest due first."""
        # What is written already was armed with the document as it is then.
        moved = [run_update for run_update in moves.moved if run_update.run.key not in self.taken]
        behind = {
            run_update.run.date_field for run_update in moved if not self._take((run_update,))
        }
        behind |= {run.date_field for run in moves.again if not self._plan(run)}
        self._fields = {name: at for name, at in moves.since.items() if name in behind}
        self.is_short |= bool(behind)

    def written(self) -> Transaction:
        """The change, with what is left to do noted on its document."""
        document, pending_updates = self._change.document, None
        if self._fields or self._entries:
            pending_updates = PendingUpdates(fields=self._fields, entries=tuple(self._entries))
        if document is not None and document.pending_updates != pending_updates:
            document = document.model_copy(update={"pending_updates": pending_updates})
        return self._change.model_copy(
            update={
                "document": document,
                "updates": tuple(self._updates),
                "planned": tuple(self._planned),
            }
        )

    def _take(self, group: Group) -> bool:
        if len(group) > self._room and not self._at_least_one:
            return False
        self._at_least_one = False
        self._room -= len(group)
        self._updates += group
        self.taken |= {run_update.run.key: run_update.run for run_update in group}
        return True

    def _plan(self, run: Run) -> bool:
        if self._room < 1 and not self._at_least_one:
            return False
        self._at_least_one = False
        self._room -= 1
        self._planned.append(run)
        return True

    def _later(self, entry: int) -> None:
        self._entries[entry] = None
        self.is_short = True
