"""Dead letters: messages that were given up, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.message_lists import DeadLettersView
from countersign.http.views.messages import DeadLetterView, QueueBody, dead_letter_view
from countersign.model.dead_letter import DeadLetterQueue
from countersign.use_cases.messages import dead_letters as use_cases
from countersign.use_cases.messages.dead_letters import DeadLetterFinding
from countersign.use_cases.queries.operations import messages as queries

routes = Routes("dead-letters")


@routes.get("/dead-letters", role="operator")
def list_dead_letters(queue: DeadLetterQueue | None = None) -> DeadLettersView:
    """List the messages that were given up, oldest first, with what redriving does with each."""
    cloud = current().services.cloud
    queues = queries.dead_letter_queues(cloud.dead_letters, queue)
    findings = queries.dead_letters(cloud.documents, cloud.dead_letters, queue)
    return _shown(findings, queues)


@routes.post("/dead-letters/redrive", role="operator")
def redrive_dead_letters(body: QueueBody) -> DeadLettersView:
    """Send back what can be performed still, and remove what is void; the rest stays."""
    cloud = current().services.cloud
    queues = queries.dead_letter_queues(cloud.dead_letters, body.queue)
    findings = use_cases.redrive(cloud.documents, cloud.dead_letters, queues)
    return _shown(findings, queues)


@routes.post("/dead-letters/drop", role="administrator")
def drop_dead_letters(body: QueueBody) -> DeadLettersView:
    """Remove those that nobody can do anything with but look at them; the others stay."""
    cloud = current().services.cloud
    queues = queries.dead_letter_queues(cloud.dead_letters, body.queue)
    findings = use_cases.drop(cloud.documents, cloud.dead_letters, queues)
    return _shown(findings, queues)


@routes.post("/dead-letters/<queue>/<letter>/redrive", role="operator")
def redrive_dead_letter(queue: str, letter: str) -> DeadLetterView:
    """Send one message back, or remove it where it is void."""
    cloud = current().services.cloud
    (named,) = queries.dead_letter_queues(cloud.dead_letters, queue)
    done = use_cases.redrive_one(cloud.documents, cloud.dead_letters, named, letter)
    return dead_letter_view(done)


@routes.post("/dead-letters/<queue>/<letter>/drop", role="administrator")
def drop_dead_letter(queue: str, letter: str) -> DeadLetterView:
    """Remove one message for good, whatever it asks for."""
    cloud = current().services.cloud
    (named,) = queries.dead_letter_queues(cloud.dead_letters, queue)
    done = use_cases.drop_one(cloud.documents, cloud.dead_letters, named, letter)
    return dead_letter_view(done)


def _shown(
    findings: Iterable[DeadLetterFinding], queues: tuple[DeadLetterQueue, ...]
) -> DeadLettersView:
    return DeadLettersView(items=tuple(map(dead_letter_view, findings)), queues=queues)
