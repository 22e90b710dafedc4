"""Who the signers of a document are, as messages tell it piece by piece."""

from __future__ import annotations

from datetime import datetime

from countersign.engine.parties import party_of
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.signing_event import (
    Envelope,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)

SIGNER_RANK: dict[SignerStatus, int] = {
    "waiting": 0,
    "notified": 1,
    "viewed": 2,
    "started": 3,
    "signed": 4,
    "declined": 4,
    "expired": 4,
}


def learn(document: Document, state: Envelope, as_of: datetime, connection: Connection) -> Document:
    """Take over what is not a happening: title, sender, deadline, and who the signers are.

    An older state than the document has seen only fills what is still unknown.
    """
    newer = document.state_at is None or as_of >= document.state_at
    sender = (state.sender if newer else None) or document.sender or state.sender
    signers = _signers(document, state, newer)
    parties = [
        one.model_copy(update={"party": party_of(one, sender, connection.parties)})
        for one in signers
    ]
    update: dict[str, object] = {"sender": sender, "signers": tuple(parties)}
    for name in ("title", "expires_at", "sent_at"):
        told_value, old_value = getattr(state, name), getattr(document, name)
        if told_value is not None and (newer or old_value is None):
            update[name] = told_value
    if newer:
        update["state_at"] = as_of
    return document.model_copy(update=update)


def _signers(document: Document, state: Envelope, newer: bool) -> list[Signer]:
    """The signers as they are now known; a partial list neither drops nor reorders them."""
    known = {signer.id: signer for signer in document.signers}
    whole = newer and state.all_signers and bool(state.signers)
    told_names = ("name", "email", "role", "order", *(("action",) if state.all_signers else ()))
    merged: dict[str, Signer] = {} if whole else dict(known)
    for told in state.signers:
        old = known.get(told.id) or _same_address(known, told)
        fresh = told if newer or old is None else old
        base = old or Signer(id=told.id, action=told.action)
        if old is not None and old.id != told.id:
            merged.pop(old.id, None)
            base = old.model_copy(update={"id": told.id})
        names = {name: getattr(fresh, name) for name in told_names}
        given = {name: value for name, value in names.items() if value is not None}
        merged[told.id] = base.model_copy(update=given)
    return list(merged.values())


def _same_address(known: dict[str, Signer], told: Signer) -> Signer | None:
    """A signer first met by mail address, before a message told the provider's id."""
    return known.get((told.email or "").lower()) if told.email else None


def find(document: Document, ref: SignerRef | None) -> Signer | None:
    if ref is None:
        return None
    if ref.id is not None and (found := document.signer(ref.id)):
        return found
    email = (ref.email or "").lower()
    if not email:
        return None
    return next((s for s in document.signers if (s.email or "").lower() == email), None)


def replaced(document: Document, event: SigningEvent, connection: Connection) -> Document:
    """The document with the new recipient in the place of the one who handed on."""
    old, new = find(document, event.previous_signer), find(document, event.signer)
    if old is None or SIGNER_RANK[old.status] >= 4 or old == new:
        return document
    if new is None and event.signer is not None:
        new = met(document, event.signer, connection)
        new = new.model_copy(update={"order": old.order, "role": new.role or old.role})
    rest = [one for one in document.signers if one not in (old, new)]
    place = document.signers.index(old)
    signers = [*rest[:place], *([new] if new else []), *rest[place:]]
    return document.model_copy(update={"signers": tuple(signers)})


def met(document: Document, ref: SignerRef, connection: Connection) -> Signer:
    """A signer that no state has told of yet."""
    signer = Signer(
        id=ref.id or (ref.email or "").lower(), name=ref.name, email=ref.email, role=ref.role
    )
    party = party_of(signer, document.sender, connection.parties)
    return signer.model_copy(update={"party": party})


def with_signer(document: Document, signer: Signer) -> Document:
    others = list(document.signers)
    for place, one in enumerate(others):
        if one.id == signer.id:
            others[place] = signer
            break
    else:
        others.append(signer)
    return document.model_copy(update={"signers": tuple(others)})
