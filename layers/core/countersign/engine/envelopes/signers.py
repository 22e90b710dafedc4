"""Who the signers of a document are, as messages tell it piece by piece.

A provider's id identifies a signer. Where a message has none, a signer is known by as much as both
sides say: address and phone, then name, then order, then role. An address alone is not an
identity: two signers may share one. Where several signers fit, nobody is picked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from countersign.engine.envelopes.parties import party_of
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.erased_person import is_pseudonym
from countersign.model.signing_event import (
    Envelope,
    Sender,
    Signer,
    SignerRef,
    SignerStatus,
)
from countersign.text.folding import fold, fold_address, same, same_address

SIGNER_RANK: dict[SignerStatus, int] = {
    "waiting": 0,
    "notified": 1,
    "viewed": 2,
    "started": 3,
    "signed": 4,
    "declined": 4,
    "expired": 4,
}


class Match(NamedTuple):
    """Which signer a message means."""

    signer: Signer | None
    """None where nobody fits, or several do."""
    several: tuple[Signer, ...] = ()
    """Those who fit equally well, two at least."""


class MergedState(NamedTuple):
    """The document after it has taken over what a message says of its envelope."""

    document: Document
    before: Mapping[str, Signer]
    """What was known of each signer, by the id that the signer has now; not of new ones."""
    listed: Mapping[str, Signer] = {}
    """What the message's list says of each signer, by the same ids."""


def title_to_take(document: Document, state: Envelope, *, newer: bool) -> str | None:
    """The title of the state where the document is to have it: a template's name gives way to any
    title of the envelope's own, whichever is reported first."""
    if state.title is None or document.title is None:
        return state.title
    if state.title_of_template != document.title_of_template:
        return state.title if document.title_of_template else None
    return state.title if newer else None


def merge_state(
    document: Document, state: Envelope, as_of: datetime, connection: Connection
) -> MergedState:
    """Take over what is not a happening: title, sender, deadline, and who the signers are.

    An older state than the document has seen only fills what is still unknown.
    """
    newer = document.state_at is None or as_of >= document.state_at
    sender = (state.sender if newer else None) or document.sender or state.sender
    assigned = assign(document.signers, state.signers, whole=state.all_signers)
    later = document.state_at is None or as_of > document.state_at
    mentions = tuple(_merged(document, state, assigned, newer=newer, later=later))
    signers = tuple(mention.signer for mention in mentions)
    whole = state.all_signers and bool(state.signers)
    added = len(signers) > len(document.signers)
    update: dict[str, object] = {
        "sender": sender,
        "signers": tuple(with_party(signer, sender, connection) for signer in signers),
        "signers_complete": whole or (document.signers_complete and not added),
    }
    if (title := title_to_take(document, state, newer=newer)) is not None:
        update |= {"title": title, "title_of_template": state.title_of_template}
    for name in ("expires_at", "sent_at"):
        new_value, known_value = getattr(state, name), getattr(document, name)
        if new_value is not None and (newer or known_value is None):
            update[name] = new_value
    if newer:
        update["state_at"] = as_of
    return MergedState(
        document.model_copy(update=update),
        {mention.signer.id: mention.known for mention in mentions if mention.known is not None},
        {mention.signer.id: mention.listed for mention in mentions if mention.listed is not None},
    )


def introduce(document: Document, ref: SignerRef, connection: Connection) -> MergedState:
    """Take over what a message without a state says of the signer whom it names, where nothing
    was known: another message may have named the signer by an id alone."""
    known = find_signer(document, ref)
    before = {signer.id: signer for signer in document.signers}
    if known is None:
        return MergedState(document, before)
    update = {
        name: value
        for name in ("name", "email", "phone", "role", "order")
        if getattr(known, name) is None and (value := getattr(ref, name)) is not None
    }
    if not update:
        return MergedState(document, before)
    signer = with_party(known.model_copy(update=update), document.sender, connection)
    return MergedState(with_signer(document, signer), before)


def assign(
    known: Sequence[Signer], listed: Sequence[Signer], *, whole: bool
) -> list[Signer | None]:
    """For each signer of a message's list the known one who is the same person, or None.

    Nobody is assigned twice: of two in a list who share an address, the surer pair goes first.
    In a ``whole`` list one whose name alone is new has been renamed; in a part of a list it may be
    another person with the same mailbox, and one whom several fit equally well is nobody of them.
    """
    by_id = {signer.id: signer for signer in known if signer.has_own_id}
    assigned: list[Signer | None] = [
        by_id.get(signer.id) if _own_id(signer) else None for signer in listed
    ]
    taken = {signer.id for signer in assigned if signer is not None}
    open_places = [place for place, signer in enumerate(assigned) if signer is None]
    if not open_places:
        return assigned
    pairs = [
        (likeness, -place, -number, place, candidate)
        for place in open_places
        for number, candidate in enumerate(known)
        if candidate.id not in taken
        and (likeness := _likeness(candidate, listed[place], alone=whole)) is not None
    ]
    for likeness, _, _, place, candidate in sorted(pairs, key=lambda pair: pair[:3], reverse=True):
        if assigned[place] is not None or candidate.id in taken:
            continue
        equal = [
            other.id
            for value, _, _, where, other in pairs
            if where == place and value == likeness and other.id not in taken
        ]
        if whole or len(equal) == 1:
            assigned[place] = candidate
            taken.add(candidate.id)
    return assigned


def match(document: Document, ref: SignerRef | Signer | None) -> Match:
    """The document's signer that a message names by whatever it says of one."""
    if ref is None:
        return Match(None)
    if _own_id(ref) and (signer := document.signer(ref.id or "")) is not None:
        return Match(signer)
    alone = document.signers_complete
    likeness = {
        signer.id: value
        for signer in document.signers
        if (value := _likeness(signer, ref, alone=alone)) is not None
    }
    if not likeness:
        return Match(None)
    best = max(likeness.values())
    fitting = tuple(signer for signer in document.signers if likeness.get(signer.id) == best)
    return Match(fitting[0]) if len(fitting) == 1 else Match(None, fitting)


def find_signer(document: Document, ref: SignerRef | None) -> Signer | None:
    """The one signer that a message names; None where nobody fits, or several do."""
    return match(document, ref).signer


def signer_from_reference(document: Document, ref: SignerRef, connection: Connection) -> Signer:
    """A signer that no state has reported yet."""
    signer = Signer(
        id=ref.id or "",
        name=ref.name,
        email=ref.email,
        role=ref.role,
        order=ref.order,
        phone=ref.phone,
    )
    identified = _identified(signer, {known.id for known in document.signers}, 0)
    return with_party(identified, document.sender, connection)


def is_named(ref: SignerRef | None) -> bool:
    """Whether a reference says enough to know a person by."""
    return ref is not None and bool(ref.id or ref.email or ref.phone or ref.name)


def with_signer(document: Document, signer: Signer) -> Document:
    """The document with this state of the signer, who is added where he is new."""
    signers = list(document.signers)
    for place, known in enumerate(signers):
        if known.id == signer.id:
            signers[place] = signer
            break
    else:
        signers.append(signer)
    return document.model_copy(update={"signers": tuple(signers)})


def with_party(signer: Signer, sender: Sender | None, connection: Connection) -> Signer:
    """The signer on the side that the connection's mapping says.

    Where an address that would tell it was erased, the signer stays on the side that was known.
    """
    gone = is_pseudonym(signer.email) or (sender is not None and is_pseudonym(sender.email))
    if gone and signer.party != "unknown":
        return signer
    party = party_of(signer, sender, connection.parties)
    return signer if signer.party == party else signer.model_copy(update={"party": party})


class _Mention(NamedTuple):
    """A signer of a document after one more message."""

    signer: Signer
    known: Signer | None
    """What was known before; None of one who is new."""
    listed: Signer | None = None
    """What the message's list says; None of one whom it does not mention."""


def _merged(
    document: Document,
    state: Envelope,
    assigned: Sequence[Signer | None],
    *,
    newer: bool,
    later: bool,
) -> Iterator[_Mention]:
    """The signers as they are now known; neither a partial list nor one of the same second as what
    is known drops or reorders them."""
    whole = later and state.all_signers and bool(state.signers)
    ids = {signer.id for signer in document.signers}
    ids |= {signer.id for signer in state.signers if signer.id}
    merged: dict[str, _Mention] = {}
    added: list[_Mention] = []
    for place, (listed, known) in enumerate(zip(state.signers, assigned, strict=True), 1):
        if known is None and not state.all_signers and match(document, listed).several:
            continue  # one of those who are known, and it is not said which
        signer = _updated(known, listed, newer=newer, all_signers=state.all_signers)
        if not signer.id:
            signer = _identified(signer, ids, place)
            ids.add(signer.id)
        mention = _Mention(signer, known, listed)
        if known is None:
            added.append(mention)
        else:
            merged[known.id] = mention
        if whole:
            yield mention
    if not whole:
        yield from (merged.get(signer.id, _Mention(signer, signer)) for signer in document.signers)
        # A list that is older than a whole one may hold some who were taken off since.
        yield from () if document.signers_complete and not newer else added


def _updated(known: Signer | None, listed: Signer, *, newer: bool, all_signers: bool) -> Signer:
    """Who a signer is after one more message; how far the signer got is a matter of facts."""
    if known is None:
        base = Signer(id=listed.id, has_own_id=_own_id(listed), action=listed.action)
    elif _own_id(listed):
        base = known.model_copy(update={"id": listed.id, "has_own_id": True})
    else:
        base = known
    names = ("name", "email", "role", "order", "phone", *(("action",) if all_signers else ()))
    update: dict[str, object] = {
        name: value
        for name in names
        if (value := getattr(listed, name)) is not None
        and value != (before := getattr(base, name))
        and (newer or known is None or before is None)
    }
    if listed.members and (newer or not base.members):
        update["members"] = listed.members
    return base.model_copy(update=update) if update else base


def _identified(signer: Signer, taken: Iterable[str], place: int) -> Signer:
    """The signer with an id: the provider's, or one made of what is known, unlike all others."""
    if signer.id:
        return signer.model_copy(update={"has_own_id": True})
    known_by = (
        fold_address(signer.email) if signer.email else None,
        signer.phone and f"phone {fold(signer.phone)}",
        signer.name and f"name {fold(signer.name)}",
        signer.order is not None and f"order {signer.order}",
        signer.role and f"role {fold(signer.role)}",
    )
    made = str(next((trait for trait in known_by if trait), f"place {place}"))[:150]
    others = set(taken)
    numbered = (made, *(f"{made} ({number})" for number in range(2, len(others) + 3)))
    own = next(name for name in numbered if name not in others)
    return signer.model_copy(update={"id": own, "has_own_id": False})


def _own_id(ref: Signer | SignerRef) -> bool:
    return bool(ref.id) and (not isinstance(ref, Signer) or ref.has_own_id)


class _Trait(NamedTuple):
    """Something that two mentions of a signer may both say, and how they compare."""

    read: Callable[[Signer | SignerRef], str | None]
    equal: Callable[[str, str], bool]


def _order(ref: Signer | SignerRef) -> str | None:
    return None if ref.order is None else str(ref.order)


_REACHED = (
    _Trait(lambda ref: ref.email, same_address),
    _Trait(lambda ref: ref.phone, lambda phone, other: _digits(phone) == _digits(other)),
)
_DESCRIPTIVE = (
    _Trait(lambda ref: ref.name, same),
    _Trait(_order, lambda order, other: order == other),
    _Trait(lambda ref: ref.role, same),
)


def _likeness(
    known: Signer, ref: Signer | SignerRef, *, alone: bool
) -> tuple[int, int, int, int] | None:
    """How well a mention fits a known signer, for comparing; None where it is somebody else.

    ``alone``: the list is known to be whole, so that a name written otherwise is a matter of
    spelling, unless somebody else fits better.
    """
    if _own_id(ref) and known.has_own_id:
        return None  # each has an id of the provider's, and the ids differ
    if ref.email and any(same_address(ref.email, member) for member in known.members):
        reached = 1
    else:
        verdicts = [_compared(trait, known, ref) for trait in _REACHED]
        if -1 in verdicts:
            return None
        reached = max(verdicts)
    name, order, role = (_compared(trait, known, ref) for trait in _DESCRIPTIVE)
    if reached:
        # Two people with one mailbox differ in their names, or in their places in the order.
        fits = (name != -1 or order == 1 or alone) and (order != -1 or name == 1)
    elif name == 0 and order == 0:
        fits = role != -1 and alone and _as_vague(known, ref)
    else:
        fits = name != -1 and order != -1 and (name == 1 or role != -1)
    return (reached, name, order, role) if fits else None


def _as_vague(known: Signer, ref: Signer | SignerRef) -> bool:
    """Whether neither side says more than a role."""
    traits = (*_REACHED, *_DESCRIPTIVE[:2])
    return not any(trait.read(side) for trait in traits for side in (known, ref))


def _compared(trait: _Trait, known: Signer, ref: Signer | SignerRef) -> int:
    """1 where both say the same, -1 where they say different things, 0 where one is silent."""
    known_value, ref_value = trait.read(known), trait.read(ref)
    if not known_value or not ref_value:
        return 0
    return 1 if trait.equal(known_value, ref_value) else -1


def _digits(phone: str) -> str:
    """The number for comparing: a leading 00 is a plus, signs between digits do not count."""
    number = "".join(letter for letter in fold(phone) if letter.isdecimal())
    return number.removeprefix("00")
