"""What must be true of each change of a run that sends several mails, and of each mail it sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.model.document import Document
from countersign.model.run import Run, RunKey
from countersign.model.transaction import Transaction
from countersign.rules._shared.signers import SignerChoice

STAYS = frozenset({"sent", "failed", "left_out"})
"""What becomes of a mail for good, unless a person or the mail service says otherwise."""


def mail_faults(
    change: Transaction, runs: Mapping[RunKey, Run], *, by_person: bool, by_service: bool
) -> Iterator[str]:
    """What is wrong with the change; ``runs`` are as they were before it."""
    for one in change.updates:
        old, new = runs[one.run.key], one.run
        if old.mails and [mail.signer for mail in old.mails] != [mail.signer for mail in new.mails]:
            yield f"{new.key}: the recipients were {old.mails} and are {new.mails}"
            continue
        claimed = [n for n, mail in enumerate(new.mails) if mail.state == "sending"]
        if new.mails and (len(claimed) > 1 or (new.state == "running" and not claimed)):
            yield f"{new.key} is {new.state} and claims the mails {claimed}"
        undone = [mail for mail in new.mails if mail.state in ("open", "sending")]
        late = (new.reason or "").startswith("its time has passed")
        held = (new.verdict is None or new.verdict.holds) and not late
        if new.state == "done" and undone and held:
            yield f"{new.key} is done, and these mails are not sent: {undone}"
        if not by_person and not by_service:
            for before, after in zip(old.mails, new.mails, strict=False):
                if before.state in STAYS and before.state != after.state:
                    yield f"{new.key}: the mail to {before.to} was {before.state}, is {after.state}"


def doubted(old: Run, new: Run, *, by_person: bool, by_service: bool) -> Iterator[int]:
    """The mails that may be sent once more after this change."""
    for n in range(len(new.mails)):
        before = old.mails[n].state if n < len(old.mails) else "open"
        by_itself = old.state == "in_doubt" and not (by_person or by_service)
        if by_itself and new.state == "ready" and before == "sending":
            yield n
        if by_person and new.state == "ready" and before in ("sending", "failed"):
            yield n


def choices(program: CompiledPipeline, run: Run) -> tuple[SignerChoice, ...]:
    """The signers that a run's rule writes to by what they have done, where it names only such."""
    rule = program.rule(run.stage, run.rule)
    parts = rule.settings.get("to", ()) if rule is not None and rule.kind == "send_email" else ()
    found = [SignerChoice.read(part) for part in parts]
    named = tuple(choice for choice in found if choice is not None and choice.progress)
    return named if len(named) == len(found) else ()


def has_nobody(program: CompiledPipeline, run: Run, document: Document) -> bool:
    """Whether nobody is left that the run's rule writes to."""
    named = choices(program, run)
    return bool(named) and not any(choice.of(document) for choice in named)
