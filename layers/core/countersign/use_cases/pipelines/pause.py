"""Pausing and resuming a pipeline: what came meanwhile is applied in order, what is due runs."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.engine.runs.lifecycle import update
from countersign.errors import ConflictError, StaleRunError
from countersign.model.audit import AuditSubject
from countersign.model.pipeline import Head
from countersign.model.transaction import Transaction
from countersign.ports import Pipelines
from countersign.use_cases.auditor import Auditor, Change, entry_of
from countersign.use_cases.messages.apply_message import MessageApplier
from countersign.use_cases.messages.held_messages import apply_held_messages


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeResult:
    """What a resume set going."""

    head: Head
    messages: int
    """Messages that had come meanwhile and were applied."""
    runs: int
    """Runs that had fallen due meanwhile and were dispatched anew."""
    problems: tuple[str, ...] = ()
    """Why some messages were not applied: they are set aside, or left to the next sweep."""


def pause(pipelines: Pipelines, pipeline: str, auditor: Auditor | None = None) -> Head:
    """Stop a pipeline: messages are kept, runs wait; people can still move and edit documents.

    ``auditor`` records who does; nobody does for None.
    """
    return _set_paused(pipelines, pipeline, True, auditor)


def resume(
    receiver: MessageApplier,
    pipelines: Pipelines,
    pipeline: str,
    auditor: Auditor | None = None,
) -> ResumeResult:
    """Let a pipeline go on where it was paused.

    Messages are applied in the order in which they came, while newer ones still queue up behind
    them; then the pipeline is opened. One that cannot be applied is set aside and keeps nobody
    else's. Doing it twice is harmless, so an interrupted resume is simply done again.
    UnavailableError where database or parameter store do not answer; it is still paused then.
    """
    before = apply_held_messages(receiver, pipeline)
    head = _set_paused(pipelines, pipeline, False, auditor)
    after = apply_held_messages(receiver, pipeline)
    return ResumeResult(
        head=head,
        messages=before.messages + after.messages,
        runs=_dispatch_anew(receiver, pipeline),
        problems=(*before.set_aside, *after.problems),
    )


def _set_paused(pipelines: Pipelines, pipeline: str, paused: bool, auditor: Auditor | None) -> Head:
    """Pause or resume; what is so already changes nothing, and is not recorded."""
    head = pipelines.head(pipeline)
    if head is None or head.paused is paused:
        return pipelines.set_paused(pipeline, paused)
    change = Change(
        action="pipeline.paused" if paused else "pipeline.resumed",
        subject=AuditSubject(kind="pipeline", id=pipeline),
        before={"paused": not paused},
        after={"paused": paused},
    )
    return pipelines.set_paused(pipeline, paused, entry_of(auditor, change))


def _dispatch_anew(receiver: MessageApplier, pipeline: str) -> int:
    """Runs whose message was dropped while the pipeline was paused become ready once more."""
    number = 0
    for run in receiver.store.documents.due(receiver.store.clock()):
        if run.pipeline != pipeline or run.state != "ready":
            continue
        again = run.newer_than(run)
        try:
            receiver.store.documents.commit(Transaction(updates=(update(run, again),)))
        except (StaleRunError, ConflictError):
            continue  # somebody performs or moves it: it is under way
        number += 1
    return number
