"""Pausing and resuming a pipeline: what came meanwhile is applied in order, what is due runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from countersign.engine.runs import update
from countersign.errors import ConflictError, NotFoundError, StaleRunError
from countersign.model.change import Change
from countersign.model.pipeline import Head
from countersign.model.postponed import Postponed
from countersign.ports import Pipelines
from countersign.use_cases.apply import Applier, apply_to_envelope
from countersign.use_cases.feedback import Recorder, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What a resume set going."""

    head: Head
    messages: int
    """Messages that had come meanwhile and were applied."""
    runs: int
    """Runs that had fallen due meanwhile and were dispatched anew."""


def pause(pipelines: Pipelines, pipeline: str) -> Head:
    """Stop a pipeline: messages are kept, runs wait; people can still move and edit documents."""
    return pipelines.set_paused(pipeline, True)


def resume(receiver: Applier, pipelines: Pipelines, pipeline: str) -> Resumed:
    """Let a pipeline go on where it was paused.

    Messages are applied in the order in which they came, while newer ones still queue up behind
    them; then the pipeline is opened. Doing it twice is harmless, so an interrupted resume is
    simply done again.
    """
    applied = apply_postponed(receiver, pipeline)
    head = pipelines.set_paused(pipeline, False)
    applied += apply_postponed(receiver, pipeline)
    return Resumed(head=head, messages=applied, runs=_dispatch_anew(receiver, pipeline))


def apply_postponed(
    receiver: Applier, pipeline: str, *, time_is_up: Callable[[], bool] = lambda: False
) -> int:
    """Apply what was kept for the pipeline, oldest first; returns how many messages there were."""
    number = 0
    for message in receiver.postponed.list(pipeline):
        if time_is_up():
            break
        _apply(receiver, message)
        receiver.postponed.remove(message)
        number += 1
    return number


def _apply(receiver: Applier, message: Postponed) -> None:
    if message.feedback is not None:
        recorder = Recorder(
            documents=receiver.documents,
            programs=receiver.programs,
            postponed=receiver.postponed,
            clock=receiver.clock,
            pause=receiver.pause,
        )
        record(recorder, message.feedback, even_if_paused=True)
        return
    secrets = receiver.secrets.get(message.connection)
    if secrets is None:
        msg = (
            f"a message of {message.received_at:%Y-%m-%d %H:%M} UTC waits for the connection "
            f"{message.connection}, which no longer has secrets: connect it anew, then resume"
        )
        raise NotFoundError(msg)
    apply_to_envelope(
        receiver,
        secrets,
        message.grade,
        message.events,
        message.raw,
        received_at=message.received_at,
        even_if_paused=True,
    )


def _dispatch_anew(receiver: Applier, pipeline: str) -> int:
    """Runs whose message was dropped while the pipeline was paused become ready once more."""
    number = 0
    for run in receiver.documents.due(receiver.clock()):
        if run.pipeline != pipeline or run.state != "ready":
            continue
        again = run.model_copy(update={"generation": run.generation + 1})
        try:
            receiver.documents.commit(Change(updates=(update(run, again),)))
        except (StaleRunError, ConflictError):
            continue  # somebody performs or moves it: it is under way
        number += 1
    return number
