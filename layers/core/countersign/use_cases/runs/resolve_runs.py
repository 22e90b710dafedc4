"""Settling runs that failed or are in doubt: tried again, skipped, or counted as done."""

from __future__ import annotations

from typing import NamedTuple

from countersign.engine.runs.lifecycle import is_left
from countersign.engine.runs.resolve import Instruction, Remedy, consequences, left_now, resolved
from countersign.errors import NotFoundError, PermanentError
from countersign.model.actor import Actor
from countersign.model.log import LogEntry
from countersign.model.run import TROUBLED, Run, RunKey
from countersign.model.transaction import Transaction
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

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


def resolve_run(
    store: Store, key: RunKey, remedy: Remedy, actor: Actor, *, even_if_left: bool = True
) -> Resolution:
    """Apply the remedy; the run as it is then, and who did it on the document's timeline.

    Without ``even_if_left`` nothing is tried again whose stage was left: PermanentError.
    NotFoundError where there is no such run, PermanentError where it does not take the remedy,
    ConflictError when its document keeps changing.
    """

    def propose() -> Proposal[Resolution]:
        document, run = store.documents.get(key.document), store.documents.run(key)
        if document is None or run is None:
            raise NotFoundError(f"there is no run {key}; expected document.entry.rule")
        now = store.clock()
        left = remedy == "retry" and run.state in TROUBLED and is_left(run, document)
        if left and not even_if_left:
            msg = f"the run {key} was passed over: the stage {run.stage} {left_now(document)}"
            raise PermanentError(
                f"{msg}; to carry it out all the same: countersign runs retry {key}"
            )
        touched = document.after_user_action()
        chain = store.whole_chain(run, touched)
        program = chain.program_of(run.pipeline_version)
        after = resolved(Instruction(remedy, str(actor)), run, program, document, now=now)
        though = f", though the stage {run.stage} {left_now(document)}" if left else ""
        words = _WORDS[remedy].format(rule=run.rule)
        line = LogEntry(
            at=now,
            kind="resolved",
            text=f"{actor} {words}{though}; it was {run.state_in_words}",
            by=str(actor),
            entry=run.entry,
            reason=run.reason,
            pipeline_version=run.pipeline_version,
        )
        change = Transaction(
            document=touched,
            was_version=document.version,
            log=(line,),
            updates=consequences(run, after, chain, now=now),
        )
        return Proposal(change, Resolution(after, left))

    return transact(store, propose, subject=f"the document {key.document}").outcome
