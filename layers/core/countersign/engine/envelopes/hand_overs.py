"""Signers who hand on to others: the new signer has the place, in whatever order it is heard.

A list of signers, a step or a part of a list may come later than the message of the hand-over
though it is older. It then names who has handed on, which says nothing against the hand-over: the
document remembers who handed on to whom until a later whole list is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from countersign.engine.envelopes.signers import (
    assign,
    find_signer,
    match,
    signer_from_reference,
    with_party,
    with_signer,
)
from countersign.model.connection import Connection
from countersign.model.document import Document, HandOver
from countersign.model.signing_event import Signer, SignerRef, SigningEvent

MAX_HAND_OVERS = 100
"""How many one document remembers; a provider that tells whole lists makes it forget them."""


def handed_over(document: Document, event: SigningEvent, connection: Connection) -> Document:
    """The document with the new recipient in the place of the one who handed on.

    Where the message does not say who has it now, the one who handed on keeps the place: somebody
    still has to sign. So does one who has signed, unless that is only known by the envelope's end;
    one who had declined or was too late may hand on, since the envelope must be open again.
    """
    succession = _succession(document, event)
    if succession is None:
        return document
    by, old, to, new = succession
    met = new or signer_from_reference(document, to, connection)
    if old is not None and (new is None or new.order is None):
        met = _in_place_of(met, old)
    met = with_party(met, document.sender, connection)
    here = old or new
    place = document.signers.index(here) if here is not None else len(document.signers)
    gone = {met.id, old.id if old is not None else met.id}
    before = [signer for signer in document.signers[:place] if signer.id not in gone]
    behind = [signer for signer in document.signers[place:] if signer.id not in gone]
    hand_over = HandOver(by=by if old is None else _reference(old), to=to, at=event.occurred_at)
    # Whoever takes over is there again, even if that one had handed on before.
    others = [
        other
        for other in document.hand_overs
        if other.at > hand_over.at or not _same(other.by, met)
    ]
    return document.model_copy(
        update={
            "signers": (*before, met, *behind),
            # A list that is older than this says nothing against it.
            "state_at": max(event.occurred_at, document.state_at or event.occurred_at),
            "hand_overs": (*others, hand_over)[-MAX_HAND_OVERS:],
        }
    )


def heir_of(document: Document, event: SigningEvent) -> SignerRef | None:
    """Who takes over by the message of a hand-over, in the end; None where it does not hold."""
    succession = _succession(document, event)
    return None if succession is None else succession.to


class _Succession(NamedTuple):
    """Who hands on, and who has it in the end, each with the document's signer if there is one."""

    by: SignerRef
    old: Signer | None
    to: SignerRef
    new: Signer | None


def _succession(document: Document, event: SigningEvent) -> _Succession | None:
    """What the message of a hand-over says; None where it does not hold."""
    if event.signer is None or event.previous_signer is None:
        return None
    old, several = match(document, event.previous_signer)
    if several or (old is not None and _has_acted(document, old, event.occurred_at)):
        return None
    to = _last_heir(document.hand_overs, event.signer, event.occurred_at)
    new = find_signer(document, to)
    if old is not None and old == new:
        return None  # it has come back since
    if new is None and old is None and is_listed_since(document, event.occurred_at):
        return None
    return _Succession(event.previous_signer, old, to, new)


def with_heirs(
    document: Document, event: SigningEvent, connection: Connection
) -> tuple[Document, SigningEvent]:
    """The document and the message as it reads today: in a list of before a hand-over, whoever has
    taken over stands for the one who handed on, and has done nothing yet.

    A whole list of after a hand-over says who is there, and the document forgets the hand-over;
    one of the same second may have been made before it.
    """
    state = event.state
    if state is None or not document.hand_overs:
        return document, event
    if state.all_signers and state.signers:
        left = tuple(
            hand_over for hand_over in document.hand_overs if hand_over.at >= event.occurred_at
        )
        document = document.model_copy(update={"hand_overs": left})
    assigned, heirs = _assigned(document, state.signers, event.occurred_at)
    if not any(heirs):
        return document, event
    listed: list[Signer] = []
    present = {known.id for known in assigned if known is not None}
    for signer, heir in zip(state.signers, heirs, strict=True):
        if heir is None:
            listed.append(signer)
        elif (known := find_signer(document, heir)) is not None and known.id not in present:
            known = with_party(_in_place_of(known, signer), document.sender, connection)
            document = with_signer(document, known)
            listed.append(_signer(_reference(known)).model_copy(update={"action": known.action}))
            present.add(known.id)
    state = state.model_copy(update={"signers": tuple(listed)})
    return document, event.model_copy(update={"state": state})


def has_handed_on(document: Document, ref: SignerRef, at: datetime) -> bool:
    """Whether a message of that time means somebody who handed on then or since."""
    _, heirs = _assigned(document, (_signer(ref),), at)
    return any(heirs)


def _assigned(
    document: Document, listed: Sequence[Signer], at: datetime
) -> tuple[list[Signer | None], list[SignerRef | None]]:
    """For each of a list the signer whom it means, and for those who handed on since, who has
    taken over from them."""
    since = [hand_over for hand_over in document.hand_overs if at <= hand_over.at]
    former = {(hand_over.by.id or f"handed on {n}"): hand_over for n, hand_over in enumerate(since)}
    known = {signer.id: signer for signer in document.signers}
    gone = [
        _signer(hand_over.by).model_copy(update={"id": name})
        for name, hand_over in former.items()
        if name not in known
    ]
    assigned = assign((*document.signers, *gone), listed, whole=False)
    heirs = [
        _last_heir(since, former[signer.id].to, former[signer.id].at)
        if signer is not None and signer.id not in known
        else None
        for signer in assigned
    ]
    return assigned, heirs


def _last_heir(hand_overs: Sequence[HandOver], to: SignerRef, at: datetime) -> SignerRef:
    """Who has it in the end: the new signer may have handed on as well."""
    for hand_over in sorted(hand_overs, key=lambda hand_over: hand_over.at):
        if hand_over.at > at and _same(hand_over.by, _signer(to)):
            to = hand_over.to
    return to


def _has_acted(document: Document, signer: Signer, at: datetime) -> bool:
    """Whether the signer's own step holds against a hand-over of that time.

    A completed envelope says of all who are left that they have signed, at its end: that is no
    step of theirs, unless a whole list of after the hand-over names them.
    """
    if signer.status == "declined":
        return signer.declined_at is not None and signer.declined_at > at
    if signer.status != "signed":
        return False
    is_presumed = document.status == "completed" and signer.signed_at == document.completed_at
    return not is_presumed or is_listed_since(document, at)


def is_listed_since(document: Document, at: datetime) -> bool:
    """Whether a whole list of after that time has said who is there."""
    return document.signers_complete and document.state_at is not None and document.state_at > at


def _in_place_of(new: Signer, old: Signer) -> Signer:
    """The one who takes over, with what the place says of its signer."""
    update = {
        "order": new.order if old.order is None else old.order,
        "role": new.role or old.role,
        "action": old.action if new.action == "sign" else new.action,
    }
    return new.model_copy(update=update)


def _same(ref: SignerRef, signer: Signer) -> bool:
    return assign((signer,), (_signer(ref),), whole=False) != [None]


def _signer(ref: SignerRef) -> Signer:
    return Signer(has_own_id=bool(ref.id), **(ref.model_dump() | {"id": ref.id or ""}))


def _reference(signer: Signer) -> SignerRef:
    return SignerRef(
        id=signer.id if signer.has_own_id else None,
        name=signer.name,
        email=signer.email,
        phone=signer.phone,
        role=signer.role,
        order=signer.order,
    )
