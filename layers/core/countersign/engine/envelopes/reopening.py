"""Envelopes that a provider opens again after their end.

What ended the envelope, or a signer's part in it, before it was opened again is over, whether it
is reported before or after that.
"""

from __future__ import annotations

from datetime import datetime

from countersign.model.document import Document, OverridingEnd
from countersign.model.log import FactOutcome
from countersign.model.signing_event import EnvelopeStatus, Signer, SignerStatus

ENDS: frozenset[EnvelopeStatus] = frozenset(
    {"completed", "declined", "voided", "expired", "deleted"}
)
OVER: frozenset[SignerStatus] = frozenset({"declined", "expired"})
"""How a signer's part ends without a signature."""


def is_before_reopening(document: Document, at: datetime) -> bool:
    """Whether an end of that time came before the envelope was opened again.

    One of the same second did: what is opened again had ended.
    """
    return document.reopened_at is not None and at <= document.reopened_at


def reopened(document: Document, at: datetime) -> tuple[Document, FactOutcome]:
    """The document of an envelope that was opened again; late where it has ended since."""
    ended = document.status in ENDS
    last = max(at, document.reopened_at or at)
    document = document.model_copy(
        update={
            "reopened_at": last,
            "signers": tuple(_opened(signer, at) for signer in document.signers),
        }
    )
    if not ended:
        return document, "new"
    if document.status_at is not None and at < document.status_at:
        return document, "late"
    later = document.later_end
    if later is not None and at < later.at:
        update = {"status": later.status, "status_at": later.at, "reason": later.reason}
        completed = later.at if later.status == "completed" else None
        update |= {"completed_at": completed, "later_end": None}
        return document.model_copy(update=update), "late"
    status = "delivered" if "document.delivered" in document.heard else "sent"
    opened = {"status": status, "status_at": at, "reason": None, "completed_at": None}
    return document.model_copy(update={**opened, "later_end": None}), "new"


def has_signed_since(signer: Signer, at: datetime) -> bool:
    """Whether a signature of that time says that the envelope was opened again after the signer
    had declined: no provider takes one otherwise."""
    return (
        signer.status == "declined" and signer.declined_at is not None and at > signer.declined_at
    )


def with_later_end(
    document: Document, status: EnvelopeStatus, at: datetime, reason: str | None
) -> Document:
    """The document that knows an end that was reported besides its own, if it is the latest."""
    known = document.later_end.at if document.later_end else document.status_at
    if known is None or at <= known:
        return document
    later = OverridingEnd(status=status, at=at, reason=reason)
    return document.model_copy(update={"later_end": later})


def _opened(signer: Signer, at: datetime) -> Signer:
    """The signer, who may act once more where they had declined or were too late."""
    if signer.status not in OVER or (signer.declined_at is not None and signer.declined_at > at):
        return signer
    status = "viewed" if signer.viewed_at else "notified" if signer.notified_at else "waiting"
    return signer.model_copy(update={"status": status, "declined_at": None, "reason": None})
