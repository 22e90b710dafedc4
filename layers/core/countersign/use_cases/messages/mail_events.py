"""Recording the mail service's reports: runs in doubt are resolved, documents hear of their mails.

A report changes the run it speaks of, goes to the document's timeline once, and may fire a trigger,
in one transaction. A mail's *sent* concerns the run alone and usually says nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from countersign.engine.decisions.decide import happen
from countersign.engine.runs.lifecycle import conclude, with_erasures
from countersign.engine.runs.mail_events import happening_of, resolve, sentence
from countersign.errors import DuplicateError, NotFoundError
from countersign.model.actor import Actor, Origin
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.incoming_message import IncomingMessage
from countersign.model.mail_event import MAIL_SERVICE, MailEvent
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.model.transaction import ProcessedEvent, Transaction
from countersign.ports import Heartbeats, HeldMessages, RunRead, RunSnapshot
from countersign.text.keys_in_links import without_keys
from countersign.use_cases.known_runs import KnownRuns, known_first, read_together
from countersign.use_cases.runs.propagate import propagated
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

_MAIL_SERVICE = Actor(kind="system", name="mail service")

REPORTS = "mail reports"
"""The heartbeat of the mail service's reports, of whichever mail."""

Outcome = Literal["recorded", "resolved", "known", "duplicate", "postponed", "unmatched"]
"""``resolved``: it changed the run; ``recorded``: it went to the timeline only; ``known``: it said
nothing new; ``unmatched``: there is no such run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEventRecorder:
    """What recording needs from outside."""

    store: Store
    held: HeldMessages
    heartbeats: Heartbeats | None = None
    """Where it is noted that reports come at all; None for those that came before."""


def read_reported(recorder: MailEventRecorder, reports: Iterable[MailEvent]) -> KnownRuns:
    """Read what a batch of reports speaks of together."""
    return read_together(recorder.store, map(_read_of, reports))


def _read_of(report: MailEvent) -> RunRead:
    return RunRead(report.run, report.pipeline)


def record_mail_event(
    recorder: MailEventRecorder,
    report: MailEvent,
    *,
    known: KnownRuns | None = None,
    even_if_paused: bool = False,
) -> Outcome:
    """Record one report; doing it twice is harmless.

    ``known`` is what was read for its batch: what it says is decided on first, and read again
    where it has changed.

    While the pipeline is paused only the run is updated; the rest is kept until it is resumed.
    Of a link that was clicked nothing is kept by which others could open a file or sign.
    ConflictError when the document kept changing (too many conflicts).
    """
    store = recorder.store
    if report.link is not None:
        report = report.model_copy(update={"link": without_keys(report.link)})
    if recorder.heartbeats is not None:
        recorder.heartbeats.beat(REPORTS, min(report.at, store.clock()))
    first = known.take(report.run, store.clock()) if known is not None else None
    snapshots = known_first(first, partial(_read, store, report))

    def propose() -> Proposal[Outcome | IncomingMessage]:
        return _propose(store, report, snapshots(), even_if_paused)

    try:
        outcome, change = transact(store, propose, subject=f"the document of the run {report.run}")
    except DuplicateError:
        return "duplicate"
    if known is not None and change is not None:
        known.note(change)
    if isinstance(outcome, IncomingMessage):
        recorder.held.add(outcome)
        return "postponed"
    return outcome


def _read(store: Store, report: MailEvent) -> RunSnapshot:
    (snapshot,) = store.documents.read_runs((_read_of(report),))
    return snapshot


def _propose(
    store: Store, report: MailEvent, snapshot: RunSnapshot, even_if_paused: bool
) -> Proposal[Outcome | IncomingMessage]:
    """What is to be written; with it the message to hold where the pipeline is paused."""
    if snapshot.run is None:
        return Proposal(None, "unmatched")
    now = store.clock()
    if snapshot.document is not None and snapshot.document.erased:
        from countersign.engine.erasure import Eraser  # Nearly no document needs it.

        report = Eraser(snapshot.document.erased).value(report)
    after = resolve(snapshot.run, report, now=now)
    if report.kind == "sent" and after is None:
        return Proposal(None, "known")
    if snapshot.head is None or (after is not None and after.next is not None):
        # The mail did not name its pipeline, or the run below may get its turn.
        snapshot = store.documents.read_run(RunMessage.of(snapshot.run))
    if snapshot.run is None or snapshot.document is None:
        return Proposal(None, "unmatched")
    after = resolve(snapshot.run, report, now=now)
    happening = happening_of(report, snapshot.document, snapshot.run)
    paused = snapshot.head is not None and snapshot.head.paused and not even_if_paused
    if happening is not None and not paused:
        change = _change(store, snapshot, after, report, happening)
        return Proposal(change, "resolved" if after else "recorded")
    ended = _resolved(store, snapshot, after, snapshot.document) if after else None
    resolved = with_erasures(ended, snapshot.document)
    if happening is None:
        return Proposal(resolved, "resolved" if after else "known")
    held = IncomingMessage(
        pipeline=snapshot.run.pipeline,
        connection=MAIL_SERVICE,
        received_at=now,
        authenticity="signed",
        feedback=report,
    )
    return Proposal(resolved, held)


def _change(
    store: Store,
    snapshot: RunSnapshot,
    after: Run | None,
    report: MailEvent,
    happening: DocumentEvent,
) -> Transaction:
    """The document hears of its mail; what follows for the run is in the same transaction."""
    run, document, head = snapshot.run, snapshot.document, snapshot.head
    if run is None or document is None or head is None:
        msg = f"the pipeline of the run {report.run} has no published version"
        raise NotFoundError(msg)
    program = store.programs.published(head)
    path = [run.cause, run.rule, happening.kind]
    cause = " > ".join(part for part in path if part)
    origin = Origin(by=_MAIL_SERVICE, at=store.clock(), cause=cause)
    decision = happen(program, document, happening, sentence(report), origin)
    mark = ProcessedEvent(
        key=report.key,
        connection=MAIL_SERVICE,
        document=document.id,
        at=origin.at,
        provider_event=report.kind,
        kind=happening.kind,
        authenticity="signed",
    )
    change = decision.change((mark,))
    if after is not None:
        resolved = _resolved(store, snapshot, after, decision.document)
        change = change.model_copy(update={"updates": resolved.updates})
    return propagated(store, change, decision, program)


def _resolved(store: Store, snapshot: RunSnapshot, after: Run, document: Document) -> Transaction:
    """The run as the report leaves it, and the chain under it, which goes on."""
    chain = store.chain_below(after, snapshot.next, document)
    return conclude(snapshot.run or after, after, chain, now=store.clock())
