"""Lists of messages that need somebody, as the API has them."""

from __future__ import annotations

from countersign.http.views.messages import DeadLetterView, RejectedRequestRow
from countersign.http.views.page import PageOf
from countersign.model.dead_letter import DeadLetterQueue


class DeadLettersView(PageOf[DeadLetterView]):
    """Messages that were given up, or what became of them."""

    queues: tuple[DeadLetterQueue, ...]
    """The queues that were looked at."""


class RejectedRequestsView(PageOf[RejectedRequestRow]):
    """Genuine webhooks that could not be read."""

    unreadable: tuple[str, ...]
    """About each that this version cannot read as it is kept, a sentence."""
