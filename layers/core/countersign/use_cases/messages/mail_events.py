"""Recording the mail service's reports: runs in doubt are resolved, documents hear of their mails.

A report changes the run it speaks of, goes to the document's timeline once, and may fire a trigger,
in one transaction. A mail's *sent* concerns the run alone and usually says nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from countersign.engine.compiled import CompiledPipeline
from countersign.engine.decisions.decide import happen
from countersign.engine.runs.lifecycle import Chain, conclude, needs_more
from countersign.engine.runs.mail_events import happening_of, resolve, sentence
from countersign.errors import (
    ConflictError,
    DuplicateError,
    LeftStageError,
    NotFoundError,
    StaleRunError,
)
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.incoming_message import IncomingMessage
from countersign.model.mail_event import MAIL_SERVICE, MailEvent
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.model.transaction import ProcessedEvent, Transaction
from countersign.ports import Documents, Heartbeats, HeldMessages, RunSnapshot
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.propagate import propagated

TRIES = 8
"""How often a conflicting transaction is made anew."""

REPORTS = "mail reports"
"""The heartbeat of the mail service's reports, of whichever mail."""

Outcome = Literal["recorded", "resolved", "known", "duplicate", "postponed", "unmatched"]
"""``resolved``: it changed the run; ``recorded``: it went to the timeline only; ``known``: it said
nothing new; ``unmatched``: there is no such run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEventRecorder:
    """What recording needs from outside."""

    documents: Documents
    programs: CompiledPipelines
    postponed: HeldMessages
    clock: Callable[[], datetime]
    heartbeats: Heartbeats | None = None
    """Where it is noted that reports come at all; None for those that came before."""
    pause: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, before a conflicting transaction is made anew."""


def record_mail_event(
    recorder: MailEventRecorder, report: MailEvent, *, even_if_paused: bool = False
) -> Outcome:
    """Record one report; doing it twice is harmless.

    While the pipeline is paused only the run is told; the rest is kept until it is resumed.
    ConflictError when the document kept changing (too many conflicts).
    """
    if recorder.heartbeats is not None:
        recorder.heartbeats.beat(REPORTS, min(report.at, recorder.clock()))
    for attempt in range(TRIES):
        try:
            return _record(recorder, report, even_if_paused)
        except DuplicateError:
            return "duplicate"
        except (ConflictError, LeftStageError, StaleRunError):
            recorder.pause(attempt)
    msg = f"the document of the run {report.run} changed {TRIES} times while a report was recorded"
    raise ConflictError(msg)


def _record(recorder: MailEventRecorder, report: MailEvent, even_if_paused: bool) -> Outcome:
    run = recorder.documents.run(report.run)
    if run is None:
        return "unmatched"
    now = recorder.clock()
    if report.kind == "sent" and resolve(run, report, now=now) is None:
        return "known"
    found = recorder.documents.read_run(RunMessage.of(run))
    if found.run is None or found.document is None:
        return "unmatched"
    after = resolve(found.run, report, now=now)
    happening = happening_of(report, found.document, found.run)
    paused = found.head is not None and found.head.paused and not even_if_paused
    if happening is not None and not paused:
        recorder.documents.commit(_change(recorder, found, after, report, happening, now=now))
        return "resolved" if after else "recorded"
    if after is not None:
        recorder.documents.commit(_resolved(recorder, found, after, found.document, now=now))
    if happening is None:
        return "resolved" if after else "known"
    recorder.postponed.add(
        IncomingMessage(
            pipeline=found.run.pipeline,
            connection=MAIL_SERVICE,
            received_at=now,
            authenticity="signed",
            feedback=report,
        )
    )
    return "postponed"


def _change(
    recorder: MailEventRecorder,
    found: RunSnapshot,
    after: Run | None,
    report: MailEvent,
    happening: DocumentEvent,
    *,
    now: datetime,
) -> Transaction:
    """The document hears of its mail; what follows for the run is in the same transaction."""
    run, document, head = found.run, found.document, found.head
    if run is None or document is None or head is None:
        msg = f"the pipeline of the run {report.run} has no published version"
        raise NotFoundError(msg)
    program = recorder.programs.get(head.pipeline, head.version)
    path = [run.cause, run.rule, happening.kind]
    decision = happen(
        program,
        document,
        happening,
        sentence(report),
        by="mail service",
        cause=" > ".join(part for part in path if part),
        now=now,
    )
    mark = ProcessedEvent(
        key=report.key,
        connection=MAIL_SERVICE,
        document=document.id,
        at=now,
        provider_event=report.kind,
        kind=happening.kind,
        authenticity="signed",
    )
    change = decision.change((mark,))
    if after is not None:
        resolved = _resolved(recorder, found, after, decision.document, now=now)
        change = change.model_copy(update={"updates": resolved.updates})
    return propagated(
        change,
        decision,
        program,
        recorder.documents,
        recorder.programs.of(run.pipeline),
        now=now,
    )


def _resolved(
    recorder: MailEventRecorder,
    found: RunSnapshot,
    after: Run,
    document: Document,
    *,
    now: datetime,
) -> Transaction:
    """The run as the report leaves it, and the chain under it, which goes on."""
    program = recorder.programs.get(after.pipeline, after.pipeline_version)
    below = _below(recorder, found, after, program, document)
    return conclude(found.run or after, after, Chain(program, document, below), now=now)


def _below(
    recorder: MailEventRecorder,
    found: RunSnapshot,
    after: Run,
    program: CompiledPipeline,
    document: Document,
) -> Iterable[Run]:
    if needs_more(after, found.next, program, document):
        return recorder.documents.runs(after.document, after.entry)
    return (found.next,) if found.next else ()
