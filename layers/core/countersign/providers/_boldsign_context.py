"""Tells which signer a BoldSign message is about, by its context or by what the state leaves.

Facts: developers.boldsign.com/webhooks/event-context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import Field

from countersign.model.signing_event import Envelope, EventKind, Signer, SignerRef
from countersign.providers._boldsign_state import CamelPayload, Document, Recipient
from countersign.providers.base import (
    MalformedError,
    MaybeEmail,
    MaybeId,
    MaybeText,
    only,
    read_payload,
)


class Actor(CamelPayload):
    """Who did it: a signer by its id in the document, others by their account's id."""

    user_type: MaybeText = None
    id: MaybeId = None


class Former(CamelPayload):
    """A signer as it was before, as far as it was different."""

    id: MaybeId = None
    signer_name: MaybeText = None
    signer_email: MaybeEmail = None


class Before(CamelPayload):
    """What was different before."""

    signer_details: Annotated[tuple[Former, ...], Field(max_length=500)] | None = None


class Context(CamelPayload):
    """Who did it and what was before."""

    actor: Actor | None = None
    previous_state: Before | None = None

    @property
    def formers(self) -> tuple[Former, ...]:
        """The signers that were different."""
        return (self.previous_state.signer_details if self.previous_state else None) or ()


def read_context(value: Any) -> Context:
    """The context, empty for what cannot be read: BoldSign calls its form unfinished ("beta").

    Documents made before 2026 have none.
    """
    try:
        return read_payload(Context, value)
    except MalformedError:
        return Context()


FITS: dict[EventKind, Callable[[Recipient], bool | None]] = {
    "document.viewed": lambda one: one.is_viewed and one.status == "NotCompleted",
    "signer.signed": lambda one: one.status == "Completed",
    "signer.started": lambda one: one.status == "NotCompleted",
    "document.declined": lambda one: one.status == "Declined",
    "signer.reassigned": lambda one: one.is_reassigned,
    "signer.delivery_failed": lambda one: one.is_delivery_failed,
    "signer.authentication_failed": lambda one: one.is_authentication_failed,
    "signer.authentication_succeeded": lambda one: one.status == "NotCompleted",
    "reminder.sent": lambda one: one.status == "NotCompleted",
}
"""Whom an event of that kind can be about; kinds that are about no signer are not here."""


def acting(kind: EventKind, context: Context, document: Document, state: Envelope) -> Signer | None:
    """The signer whom the context names or shows changed, else the only one it can be."""

    def pick(recipients: Iterable[Recipient]) -> Signer | None:
        keys = {one.key for one in recipients}
        return only(one for one in state.signers if one.id in keys)

    fits = FITS.get(kind)
    if fits is None:
        return None
    if document.signer_detail:
        return pick([document.signer_detail])
    actor = context.actor
    # Of a reassignment the actor is the one who is no longer there.
    if actor and actor.id and actor.user_type == "Signer" and kind != "signer.reassigned":
        name = actor.id.lower()
        found = pick(one for one in document.recipients if name in one.names)
        if found:
            return found
    fitting = [one for one in document.recipients if fits(one)]
    changed = {
        name.lower() for one in context.formers for name in (one.id, one.signer_email) if name
    }
    newest = max(
        (one.last_activity_date for one in fitting if one.last_activity_date), default=None
    )
    latest = [one for one in fitting if newest and one.last_activity_date == newest]
    return (
        pick(one for one in fitting if changed & one.names)
        or pick(fitting)
        or (pick(latest) if kind == "signer.signed" else None)
    )


def replaced(context: Context, signer: Signer | None) -> SignerRef | None:
    """Who had the signer's place before: a former entry with another address."""
    for one in context.formers:
        if one.signer_email and (signer is None or one.signer_email != signer.email):
            return SignerRef(id=one.id, email=one.signer_email, name=one.signer_name)
    return None
