"""Applying what was kept for a paused pipeline: each message for itself, none in another's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from countersign.errors import (
    ConflictError,
    CountersignError,
    NotFoundError,
    TransientError,
    logged,
)
from countersign.model.incoming_message import IncomingMessage, SetAsideMessage
from countersign.use_cases.messages.apply_message import (
    MessageApplier,
    RemovedConnectionError,
    apply_to_envelope,
)
from countersign.use_cases.messages.mail_events import MailEventRecorder, record_mail_event


@dataclass(slots=True)
class ResumeReport:
    """What became of the messages that were kept for a pipeline."""

    messages: int = 0
    """How many were applied."""
    set_aside: list[str] = field(default_factory=list)
    """Why others could not be, one sentence each; they are kept apart, and can be retried."""
    left: list[str] = field(default_factory=list)
    """Why some are still to be applied; the next sweep does."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that a person may want to know."""
        return (*self.set_aside, *self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessageRetry:
    """What became of a message that had been set aside."""

    message: IncomingMessage
    reason: str | None
    """Why it still cannot be applied; None where it was."""


def apply_held_messages(
    applier: MessageApplier, pipeline: str, *, time_is_up: Callable[[], bool] = lambda: False
) -> ResumeReport:
    """Apply what was kept for the pipeline, oldest first.

    A message that cannot be applied is set aside with the reason, and the rest goes on.
    UnavailableError where database or parameter store do not answer: no message's own fault.
    """
    applied = ResumeReport()
    for message in applier.held.list(pipeline):
        if time_is_up():
            break
        outcome = _try(applier, message)
        if outcome.reason is None:
            applier.held.remove(message)
            applied.messages += 1
        elif outcome.set_aside:
            applied.set_aside.append(f"{_sentence(message, outcome.reason)}; it is set aside")
        else:
            applied.left.append(_sentence(message, outcome.reason))
    return applied


def retry_set_aside(
    applier: MessageApplier, pipeline: str, message_id: str | None = None
) -> Iterator[HeldMessageRetry]:
    """Apply the messages that were set aside, or the one of that id; those that still cannot be
    keep the new reason.

    NotFoundError where there is none of that id. UnavailableError as in ``apply_held_messages``.
    """
    for aside in _set_aside(applier, pipeline, message_id):
        outcome = _try(applier, aside.message)
        if outcome.reason is None:
            applier.held.remove_aside(aside.message)
        yield HeldMessageRetry(message=aside.message, reason=outcome.reason)


def drop_set_aside(
    applier: MessageApplier, pipeline: str, message_id: str | None = None
) -> tuple[SetAsideMessage, ...]:
    """Forget the messages that were set aside, or the one of that id; which they were.

    NotFoundError where there is none of that id.
    """
    messages = _set_aside(applier, pipeline, message_id)
    for aside in messages:
        applier.held.remove_aside(aside.message)
    return messages


def _set_aside(
    applier: MessageApplier, pipeline: str, message_id: str | None
) -> tuple[SetAsideMessage, ...]:
    messages = tuple(applier.held.list_aside(pipeline))
    if message_id is None:
        return messages
    named = tuple(aside for aside in messages if aside.message.digest == message_id)
    if not named:
        raise NotFoundError(f"no message {message_id} of {pipeline} was set aside")
    return named


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of one message."""

    reason: str | None = None
    """Why it was not applied; None where it was."""
    set_aside: bool = False
    """Whether it was set aside for that, or is to be applied later."""


def _try(applier: MessageApplier, message: IncomingMessage) -> _Outcome:
    """Apply the message; one that cannot be applied is set aside with the reason.

    UnavailableError where database or parameter store do not answer: no message's own fault.
    """
    try:
        _apply(applier, message)
    except ConflictError as error:
        return _Outcome(reason=_reason(error))
    except TransientError:
        raise
    except Exception as error:
        # A fault of ours in reading one message must not keep everybody else's.
        reason = _reason(error)
        applier.held.set_aside(message, reason, at=applier.store.clock())
        return _Outcome(reason=reason, set_aside=True)
    return _Outcome()


def _apply(applier: MessageApplier, message: IncomingMessage) -> None:
    if message.feedback is not None:
        recorder = MailEventRecorder(store=applier.store, held=applier.held)
        record_mail_event(recorder, message.feedback, even_if_paused=True)
        return
    try:
        apply_to_envelope(applier, message, even_if_paused=True)
    except RemovedConnectionError as error:
        msg = (
            f"{error}; create it again, then run countersign held-messages retry {message.pipeline}"
        )
        raise NotFoundError(msg) from error


def _sentence(message: IncomingMessage, reason: str) -> str:
    came = f"{message.received_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"a message of {message.connection} of {came} was not applied: {reason}"


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, CountersignError) else logged(error)
