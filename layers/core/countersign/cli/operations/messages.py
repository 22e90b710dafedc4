"""Messages that need somebody: dead letters, held messages and rejected webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession, path
from countersign.errors import NotFoundError
from countersign.http.views.messages import (
    DeadLetterView,
    HeldMessageRetryView,
    HeldMessageView,
    RejectedRequestRow,
    RejectedRequestView,
    RejectedRetryView,
    dead_letter_view,
    held_message_retry_view,
    held_message_view,
    rejected_retry_view,
    rejected_view,
)
from countersign.model.dead_letter import DeadLetterQueue
from countersign.use_cases.messages import dead_letters as use_cases
from countersign.use_cases.messages.held_messages import drop_set_aside, retry_set_aside
from countersign.use_cases.messages.rejected_requests import retry
from countersign.use_cases.queries.operations import messages as queries
from countersign.use_cases.queries.operations import rejected as rejected_queries


class DeadLetterList(NamedTuple):
    """Dead letters, and the queues that were looked at."""

    letters: tuple[DeadLetterView, ...]
    queues: tuple[str, ...]


class RejectedRows(NamedTuple):
    """Rejected webhooks."""

    rows: tuple[RejectedRequestRow, ...]
    unreadable: tuple[str, ...]
    """About each that cannot be read as it is kept, a sentence."""


class StackMessages:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def dead_letters(self, queue: str | None) -> DeadLetterList:
        """The messages that were given up, of one queue or of all; NotFoundError."""
        cloud = self._context.cloud
        queues = queries.dead_letter_queues(cloud.dead_letters, queue)
        findings = queries.dead_letters(cloud.documents, cloud.dead_letters, queue)
        return DeadLetterList(tuple(map(dead_letter_view, findings)), queues)

    def redrive(self, queue: str | None) -> Iterator[DeadLetterView]:
        """What became of each message that could be sent back, or is void."""
        cloud = self._context.cloud
        queues = queries.dead_letter_queues(cloud.dead_letters, queue)
        return map(dead_letter_view, use_cases.redrive(cloud.documents, cloud.dead_letters, queues))

    def drop(self, queue: str | None) -> Iterator[DeadLetterView]:
        """The messages that were dropped since nobody can read them."""
        cloud = self._context.cloud
        queues = queries.dead_letter_queues(cloud.dead_letters, queue)
        return map(dead_letter_view, use_cases.drop(cloud.documents, cloud.dead_letters, queues))

    def redrive_one(self, queue: str, letter_id: str) -> DeadLetterView:
        """What became of one message; NotFoundError, PermanentError where it must stay."""
        cloud = self._context.cloud
        (named,) = queries.dead_letter_queues(cloud.dead_letters, queue)
        letters = cloud.dead_letters
        return dead_letter_view(use_cases.redrive_one(cloud.documents, letters, named, letter_id))

    def drop_one(self, queue: str, letter_id: str) -> DeadLetterView:
        """The message that was dropped; NotFoundError."""
        cloud = self._context.cloud
        (named,) = queries.dead_letter_queues(cloud.dead_letters, queue)
        letters = cloud.dead_letters
        return dead_letter_view(use_cases.drop_one(cloud.documents, letters, named, letter_id))

    def held(self, pipeline: str | None) -> tuple[HeldMessageView, ...]:
        """The messages that were set aside, of one pipeline or of all; NotFoundError."""
        cloud = self._context.cloud
        messages = queries.set_aside_messages(cloud.held, cloud.pipelines, pipeline)
        return tuple(map(held_message_view, messages))

    def retry_held(self, pipeline: str | None) -> Iterator[HeldMessageRetryView]:
        """What became of each message that was set aside."""
        context = self._context
        for name in queries.pipeline_ids(context.cloud.pipelines, pipeline):
            yield from map(held_message_retry_view, retry_set_aside(context.receiver, name))

    def retry_one_held(self, pipeline: str, message_id: str) -> HeldMessageRetryView:
        """What became of one message that was set aside; NotFoundError."""
        (tried,) = retry_set_aside(self._context.receiver, pipeline, message_id)
        return held_message_retry_view(tried)

    def check_pipeline(self, pipeline: str) -> None:
        """NotFoundError where it is not published."""
        queries.pipeline_ids(self._context.cloud.pipelines, pipeline)

    def drop_held(self, pipeline: str) -> int:
        """How many messages of a pipeline were dropped."""
        return len(drop_set_aside(self._context.receiver, pipeline))

    def drop_one_held(self, pipeline: str, message_id: str) -> None:
        """Drop one message that was set aside; NotFoundError."""
        drop_set_aside(self._context.receiver, pipeline, message_id)

    def rejected(self, connection: str | None) -> RejectedRows:
        """The rejected webhooks, of one connection or of all, newest first; NotFoundError."""
        cloud = self._context.cloud
        rejected = rejected_queries.list_rejected(cloud.rejected, cloud.connections, connection)
        rows = tuple(map(RejectedRequestRow.model_validate, rejected.requests))
        return RejectedRows(rows, rejected.unreadable)

    def show_rejected(self, rejected_id: str) -> RejectedRequestView:
        """One rejected webhook; NotFoundError."""
        cloud = self._context.cloud
        details = rejected_queries.show_rejected(cloud.rejected, cloud.secrets, rejected_id)
        return rejected_view(details)

    def rejected_ids(self) -> tuple[str, ...]:
        """The ids of all rejected webhooks."""
        return tuple(sorted(self._context.cloud.rejected.ids()))

    def retry_rejected(self, ids: tuple[str, ...]) -> Iterator[RejectedRetryView]:
        """What became of each of the webhooks that were taken again."""
        return map(rejected_retry_view, retry(self._context.receiver, ids))


class ApiMessages:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def dead_letters(self, queue: str | None) -> DeadLetterList:
        """The messages that were given up, of one queue or of all; NotFoundError."""
        known = queue if queue in get_args(DeadLetterQueue) else None
        reply = self._api.get("/dead-letters", {"queue": known})
        queues = tuple(reply["queues"])
        if queue is not None and queue not in queues:
            msg = f'there is no dead-letter queue "{queue}"; there are {", ".join(queues)}'
            raise NotFoundError(msg)
        return DeadLetterList(_letters(reply), queues)

    def redrive(self, queue: str | None) -> Iterator[DeadLetterView]:
        """What became of each message that could be sent back, or is void."""
        return iter(_letters(self._api.post("/dead-letters/redrive", {"queue": queue})))

    def drop(self, queue: str | None) -> Iterator[DeadLetterView]:
        """The messages that were dropped since nobody can read them."""
        return iter(_letters(self._api.post("/dead-letters/drop", {"queue": queue})))

    def redrive_one(self, queue: str, letter_id: str) -> DeadLetterView:
        """What became of one message; NotFoundError, PermanentError where it must stay."""
        reply = self._api.post(path("dead-letters", queue, letter_id, "redrive"))
        return DeadLetterView.model_validate(reply)

    def drop_one(self, queue: str, letter_id: str) -> DeadLetterView:
        """The message that was dropped; NotFoundError."""
        reply = self._api.post(path("dead-letters", queue, letter_id, "drop"))
        return DeadLetterView.model_validate(reply)

    def held(self, pipeline: str | None) -> tuple[HeldMessageView, ...]:
        """The messages that were set aside, of one pipeline or of all; NotFoundError."""
        rows = self._api.unpaged("/held-messages", {"pipeline": pipeline})
        return tuple(map(HeldMessageView.model_validate, rows))

    def retry_held(self, pipeline: str | None) -> Iterator[HeldMessageRetryView]:
        """What became of each message that was set aside."""
        named = (pipeline,) if pipeline else (message.pipeline for message in self.held(None))
        for name in dict.fromkeys(named):
            reply = self._api.post("/held-messages/retry", {"pipeline": name})
            yield from map(HeldMessageRetryView.model_validate, reply["items"])

    def retry_one_held(self, pipeline: str, message_id: str) -> HeldMessageRetryView:
        """What became of one message that was set aside; NotFoundError."""
        reply = self._api.post(path("held-messages", pipeline, message_id, "retry"))
        return HeldMessageRetryView.model_validate(reply)

    def drop_one_held(self, pipeline: str, message_id: str) -> None:
        """Drop one message that was set aside; NotFoundError."""
        self._api.post(path("held-messages", pipeline, message_id, "drop"))

    def check_pipeline(self, pipeline: str) -> None:
        """NotFoundError where it is not published."""
        self._api.get(path("pipelines", pipeline))

    def drop_held(self, pipeline: str) -> int:
        """How many messages of a pipeline were dropped."""
        return int(self._api.post("/held-messages/drop", {"pipeline": pipeline})["dropped"])

    def rejected(self, connection: str | None) -> RejectedRows:
        """The rejected webhooks, of one connection or of all, newest first; NotFoundError."""
        pages = tuple(self._api.pages("/rejected-requests", {"connection": connection}))
        rows = [RejectedRequestRow.model_validate(row) for page in pages for row in page["items"]]
        rows.sort(key=lambda row: row.id)
        rows.sort(key=lambda row: row.received_at, reverse=True)
        return RejectedRows(
            tuple(rows), tuple(text for page in pages for text in page["unreadable"])
        )

    def show_rejected(self, rejected_id: str) -> RejectedRequestView:
        """One rejected webhook; NotFoundError."""
        reply = self._api.get(path("rejected-requests", rejected_id))
        return RejectedRequestView.model_validate(reply)

    def rejected_ids(self) -> tuple[str, ...]:
        """The ids of all rejected webhooks."""
        return tuple(sorted(row.id for row in self.rejected(None).rows))

    def retry_rejected(self, ids: tuple[str, ...]) -> Iterator[RejectedRetryView]:
        """What became of each of the webhooks that were taken again."""
        for rejected_id in ids:
            try:
                reply = self._api.post(path("rejected-requests", rejected_id, "retry"))
            except NotFoundError as error:
                reply = _still_rejected(rejected_id, str(error))
            yield RejectedRetryView.model_validate(reply)


def _letters(reply: Any) -> tuple[DeadLetterView, ...]:
    return tuple(map(DeadLetterView.model_validate, reply["items"]))


def _still_rejected(rejected_id: str, reason: str) -> dict[str, Any]:
    return {"id": rejected_id, "outcome": "rejected", "documents": (), "reason": reason}


def messages_of(context: CliContext) -> StackMessages | ApiMessages:
    """Messages, the way that commands go."""
    return StackMessages(context) if context.api is None else ApiMessages(context.api)
