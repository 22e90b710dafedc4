"""Messages that need a person: those that resume set aside, and dead letters."""

from __future__ import annotations

from datetime import datetime

from countersign.errors import NotFoundError
from countersign.model.dead_letter import DeadLetterQueue
from countersign.model.incoming_message import SetAsideMessage
from countersign.model.page import Counted
from countersign.model.pipeline import Head
from countersign.ports import DeadLetters, Documents, HeldMessages, Pipelines
from countersign.use_cases.messages.dead_letters import Cure, DeadLetterFinding, examine
from countersign.use_cases.queries.pipelines import list_pipelines

MAX_HELD = 100
"""Held messages that are counted."""


def set_aside_messages(
    held: HeldMessages, pipelines: Pipelines, pipeline: str | None = None
) -> tuple[SetAsideMessage, ...]:
    """The messages that were set aside, of one pipeline or by pipeline, oldest first.

    NotFoundError for a pipeline that is not published.
    """
    return tuple(
        message
        for name in pipeline_ids(pipelines, pipeline)
        for message in sorted(held.list_aside(name), key=_arrival)
    )


def held_messages(held: HeldMessages, head: Head) -> Counted | None:
    """How many messages wait until the pipeline is resumed; None where it is not paused.

    Eventually consistent.
    """
    if not head.paused:
        return None
    return Counted.up_to(MAX_HELD, held.count(head.pipeline, MAX_HELD + 1))


def pipeline_ids(pipelines: Pipelines, pipeline: str | None = None) -> tuple[str, ...]:
    """The published pipelines by id, or the one that is named; NotFoundError names all of them."""
    return tuple(head.pipeline for head in list_pipelines(pipelines, pipeline))


def _arrival(aside: SetAsideMessage) -> tuple[datetime, str, tuple[str, ...]]:
    message = aside.message
    keys = [event.key for event in message.events]
    if message.feedback is not None:
        keys.append(message.feedback.key)
    return message.received_at, message.connection, tuple(keys)


def dead_letters(
    documents: Documents,
    letters: DeadLetters,
    queue: str | None = None,
    *,
    cure: Cure | None = None,
) -> tuple[DeadLetterFinding, ...]:
    """The messages that were given up and what became of them since, queue by queue, oldest first.

    Of one queue, and of one ``cure``, where these are given. They rest there as before.
    NotFoundError for a queue that there is not.
    """
    queues = dead_letter_queues(letters, queue)
    findings = sorted(examine(documents, letters, queues), key=_sent)
    return tuple(
        finding
        for name in queues
        for finding in findings
        if finding.letter.queue == name and cure in (None, finding.cure)
    )


def dead_letter_queues(
    letters: DeadLetters, queue: str | None = None
) -> tuple[DeadLetterQueue, ...]:
    """The dead-letter queues, or the one that is named; NotFoundError names all of them."""
    queues = letters.queues
    if queue is None:
        return queues
    if queue not in queues:
        msg = f'there is no dead-letter queue "{queue}"; there are {", ".join(queues)}'
        raise NotFoundError(msg)
    return (queue,)


def _sent(finding: DeadLetterFinding) -> tuple[datetime, str]:
    return finding.letter.sent_at, finding.letter.id
