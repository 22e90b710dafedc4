"""Tells which signer a BoldSign message is about, by its context or by what the state leaves.

Facts: developers.boldsign.com/webhooks/event-context.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from countersign.model.signing_event import Envelope, EventKind, Signer, SignerRef
from countersign.providers._toolkit.payload import CamelPayload, MaybeEmail, MaybeId, MaybeText
from countersign.providers._toolkit.reading import read_payload
from countersign.providers._toolkit.signers import only, reference
from countersign.providers.base import MalformedError
from countersign.providers.boldsign.state import Document, Recipient
from countersign.text.folding import fold, fold_address, same, same_address


class Actor(CamelPayload):
    """Who did it: a signer by its id in the document, others by their account's id."""

    user_type: MaybeText = None
    id: MaybeId = None


class PreviousSigner(CamelPayload):
    """A signer as it was before, as far as it was different."""

    id: MaybeId = None
    signer_name: MaybeText = None
    signer_email: MaybeEmail = None


class PreviousState(CamelPayload):
    """What was different before."""

    signer_details: Annotated[tuple[PreviousSigner, ...], Field(max_length=500)] | None = None


class Context(CamelPayload):
    """Who did it and what was before."""

    actor: Actor | None = None
    previous_state: PreviousState | None = None

    @property
    def formers(self) -> tuple[PreviousSigner, ...]:
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
    "document.viewed": lambda recipient: recipient.is_viewed and recipient.status == "NotCompleted",
    "signer.signed": lambda recipient: recipient.status == "Completed",
    "signer.started": lambda recipient: recipient.status == "NotCompleted",
    "document.declined": lambda recipient: recipient.status == "Declined",
    "signer.reassigned": lambda recipient: recipient.is_reassigned,
    "signer.delivery_failed": lambda recipient: recipient.is_delivery_failed,
    "signer.authentication_failed": lambda recipient: recipient.is_authentication_failed,
    "signer.authentication_succeeded": lambda recipient: recipient.status == "NotCompleted",
    "reminder.sent": lambda recipient: recipient.status == "NotCompleted",
}
"""Whom an event of that kind can be about; kinds that are about no signer are not here."""


def acting(
    kind: EventKind, context: Context, document: Document, state: Envelope
) -> SignerRef | None:
    """The signer whom the context names or shows changed, else the only one it can be.

    An address that several share, and that nothing tells apart, stands for itself.
    """
    fits = FITS.get(kind)
    if fits is None:
        return None
    signers = list(zip(document.recipients, state.signers, strict=False))
    if document.signer_detail:
        subject = document.signer_detail
        named = [pair for pair in signers if pair[0] is subject or pair[0].names & subject.names]
        return reference(only(signer for _, signer in named))
    actor = context.actor
    # Of a reassignment the actor is the one who is no longer there.
    if actor and actor.id and actor.user_type == "Signer" and kind != "signer.reassigned":
        names = {fold(actor.id), fold_address(actor.id)}
        named = [pair for pair in signers if names & pair[0].names]
        if named:
            shared = SignerRef(email=actor.id) if "@" in actor.id else None
            signer = only(signer for _, signer in named) or _shown(kind, context, named)
            return reference(signer) or shared
    return reference(_shown(kind, context, signers))


def _shown(
    kind: EventKind, context: Context, signers: Sequence[tuple[Recipient, Signer]]
) -> Signer | None:
    """Whom of these the message shows changed, else the only one whom the event can be about."""
    fits = FITS[kind]
    fitting = [(recipient, signer) for recipient, signer in signers if fits(recipient)]
    changed = _changed(context)
    times = [
        recipient.last_activity_date for recipient, _ in fitting if recipient.last_activity_date
    ]
    newest = max(times, default=None)
    latest = [pair for pair in fitting if newest and pair[0].last_activity_date == newest]
    return (
        only(signer for recipient, signer in fitting if changed & recipient.names)
        or only(signer for _, signer in fitting)
        or (only(signer for _, signer in latest) if kind == "signer.signed" else None)
    )


def _changed(context: Context) -> frozenset[str]:
    ids = frozenset(fold(former.id) for former in context.formers if former.id)
    addresses = (former.signer_email for former in context.formers if former.signer_email)
    return ids or frozenset(fold_address(address) for address in addresses)


def replaced(context: Context, signer: SignerRef | None) -> SignerRef | None:
    """Who had the signer's place before: a former entry with another address, or another name."""
    email, name = (signer.email, signer.name) if signer else (None, None)
    for former in context.formers:
        other_address = not same_address(former.signer_email, email)
        other_name = bool(former.signer_name and name) and not same(former.signer_name, name)
        if former.signer_email and (other_address or other_name):
            return SignerRef(id=former.id, email=former.signer_email, name=former.signer_name)
    return None
