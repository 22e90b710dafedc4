"""Rejected webhooks: what is kept, and taking one again after a fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from countersign.errors import CountersignError, NotFoundError, logged
from countersign.model.rejected_request import RejectedRequest
from countersign.ports import RejectedRequests
from countersign.use_cases.messages.receive import Receiver, WebhookResult, take_again


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRequestRetry:
    """What became of a message that was taken again."""

    id: str
    received: WebhookResult | None = None
    """None where it is still kept."""
    reason: str | None = None
    """Why it is still kept."""


def find(kept: RejectedRequests, rejected_id: str) -> RejectedRequest:
    """One message; NotFoundError where there is none."""
    rejected = kept.get(rejected_id)
    if rejected is None:
        msg = (
            f'there is no rejected message "{rejected_id}": it was taken again, has expired, or '
            "never was; `countersign rejected list` shows those there are"
        )
        raise NotFoundError(msg)
    return rejected


def retry(receiver: Receiver, rejected_ids: Iterable[str]) -> Iterator[RejectedRequestRetry]:
    """Take messages again by the code as it is now, each for itself; what is applied is removed.

    They have proved their sender, and keep their authenticity. Doing it twice is harmless.
    """
    for rejected_id in rejected_ids:
        try:
            received = take_again(receiver, find(receiver.rejected, rejected_id).request)
            receiver.rejected.remove(rejected_id)
        except CountersignError as error:
            yield RejectedRequestRetry(id=rejected_id, reason=str(error))
        except Exception as error:
            # A fault in reading this one; the others are taken all the same.
            yield RejectedRequestRetry(id=rejected_id, reason=logged(error))
        else:
            yield RejectedRequestRetry(id=rejected_id, received=received)
