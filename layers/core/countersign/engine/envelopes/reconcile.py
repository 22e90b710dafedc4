"""What a signing event says that the document does not know yet, as happenings in time order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from countersign.engine.envelopes.hand_overs import (
    handed_over,
    has_handed_on,
    heir_of,
    is_listed_since,
)
from countersign.engine.envelopes.reopening import (
    OVER,
    has_signed_since,
    is_before_reopening,
    reopened,
    with_later_end,
)
from countersign.engine.envelopes.signers import (
    SIGNER_RANK,
    assign,
    find_signer,
    is_named,
    match,
    signer_from_reference,
    with_signer,
)
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.log import FactOutcome
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EnvelopeStatus,
    EventKind,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)

ENVELOPE_RANK: dict[EnvelopeStatus, int] = {
    "created": 0,
    "sent": 1,
    "delivered": 2,
    "completed": 3,
    "declined": 3,
    "voided": 3,
    "expired": 3,
    "deleted": 4,
}
SIGNER_FACTS: dict[EventKind, SignerStatus] = {
    "signer.notified": "notified",
    "document.viewed": "viewed",
    "signer.started": "started",
    "signer.signed": "signed",
    "signer.declined": "declined",
    "signer.expired": "expired",
}
KIND_OF_STATUS: dict[SignerStatus, EventKind] = {
    status: kind for kind, status in SIGNER_FACTS.items()
}
ENVELOPE_FACTS: dict[EventKind, EnvelopeStatus] = {
    f"document.{status}": status  # type: ignore[misc]
    for status in get_args(EnvelopeStatus)
}
KIND_OF_ENVELOPE: dict[EnvelopeStatus, EventKind] = {
    status: kind for kind, status in ENVELOPE_FACTS.items()
}
SIGNER_DATES: dict[SignerStatus, str] = {
    "notified": "notified_at",
    "viewed": "viewed_at",
    "signed": "signed_at",
    "declined": "declined_at",
}
ENVELOPE_DATES: dict[EnvelopeStatus, str] = {"sent": "sent_at", "completed": "completed_at"}
ALWAYS_NEW: frozenset[EventKind] = frozenset({"payment.received", "call.received"})
"""What concerns a document whatever its envelope has come to; only the event's key tells whether
it was heard before."""
WITHOUT_EFFECT: frozenset[EventKind] = frozenset({"other", "template.changed", "webhook.test"})
PROGRESS: frozenset[EventKind] = frozenset(
    {"document.sent", "document.delivered", "document.viewed", "signer.notified"}
)
"""Steps on the way that a later one may overtake: reported after it, they still happened."""
REOPENING: frozenset[str] = frozenset({"reactivated", "restarted", "revived"})
"""Values of ``detail.change`` with which a provider reopens an envelope that had ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing an event says: its own word, or read off the state it carries."""

    kind: EventKind
    at: datetime
    signer: SignerRef | None = None
    reason: str | None = None
    derived: bool = False
    timed: bool = True
    """Whether ``at`` is the fact's own time; otherwise it is that of the message."""
    until: datetime | None = None
    """Where ``at`` is a guess that only gives the fact its place: when it had happened at the
    latest, which is what the document records."""

    @property
    def place(self) -> tuple[datetime, bool, bool, bool, int]:
        """Where it stands among the facts of one message: by time; what is reported without a time
        came about before the message's own fact, unless it is the end. Of one moment: sending, then
        signers, then the end."""
        status, step = ENVELOPE_FACTS.get(self.kind), SIGNER_FACTS.get(self.kind, "waiting")
        rank = SIGNER_RANK[step] if status is None else ENVELOPE_RANK[status]
        is_end = status is not None and rank > 1
        return self.at, self.timed or is_end, is_end, status is None, rank


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedFact:
    """One fact after it was held against the document: what it did and what it means."""

    document: Document
    happening: DocumentEvent
    applied: FactOutcome
    several: tuple[Signer, ...] = ()
    """The signers whom the message may mean equally well; none of them is marked."""
    overtaken_by: frozenset[EventKind] | None = None
    """Where a step is heard of for the first time, though later ones are known: those."""


def apply_fact(
    document: Document,
    fact: Fact,
    event: SigningEvent,
    connection: Connection,
    authenticity: Authenticity,
) -> AppliedFact:
    """Hold one fact against the document: known, late or without effect, it changes nothing."""
    after, applied = _absorb(document, fact, event, connection)
    overtaken_by = None
    if fact.kind in PROGRESS:
        if applied == "late" and not _is_heard(document, fact):
            overtaken_by = _later_than(document, fact)
        after = _heard(after, fact.kind)
    several = match(document, fact.signer).several if fact.kind in SIGNER_FACTS else ()
    return AppliedFact(
        document=after,
        happening=_happening(after, fact, event, authenticity),
        applied="derived" if fact.derived and applied == "new" else applied,
        several=several,
        overtaken_by=overtaken_by,
    )


def _is_heard(document: Document, fact: Fact) -> bool:
    """Whether the step was reported before; where nobody is named, only the event's key says."""
    if fact.kind in ENVELOPE_FACTS:
        return fact.kind in document.heard
    signer = find_signer(document, fact.signer)
    date = SIGNER_DATES[SIGNER_FACTS[fact.kind]]
    return signer is not None and getattr(signer, date) is not None


def _heard(document: Document, kind: EventKind) -> Document:
    """The document that knows which steps of its envelope were reported; a signer's have dates."""
    if kind not in ENVELOPE_FACTS or kind in document.heard:
        return document
    return document.model_copy(update={"heard": (*document.heard, kind)})


def _later_than(document: Document, fact: Fact) -> frozenset[EventKind]:
    """What is known that comes after the step."""
    later: set[EventKind] = set()
    if document.status is not None:
        later.add(KIND_OF_ENVELOPE[document.status])
    signer = find_signer(document, fact.signer)
    if signer is not None and signer.status in KIND_OF_STATUS:
        later.add(KIND_OF_STATUS[signer.status])
    return frozenset(later)


def new_facts(document: Document, event: SigningEvent) -> list[Fact]:
    """The event's own fact and those of its state that the document does not know, oldest first.

    Facts that only the carried state tells are ``derived``; they stand ahead of or behind the
    event's own in the order of time.
    """
    own = Fact(kind=event.kind, at=event.occurred_at, signer=event.signer, reason=event.reason)
    # A payment's or a call's message names the document but knows nothing of its envelope.
    state = None if "document" in event.detail else event.state
    facts = list(_news(document, state, event.occurred_at)) if state else []
    same = [fact for fact in facts if _same(fact, own, document)]
    if own.kind in SIGNER_FACTS and same and find_signer(document, own.signer) is None:
        # The message does not say which signer acted, its state does: the latest one acted.
        acting = max(same, key=lambda fact: fact.at)
        own = replace(own, signer=acting.signer, reason=own.reason or acting.reason)
        same = [acting]
    # What a state dates is not younger than the message that tells of it.
    earliest = min((fact.at for fact in same if fact.timed), default=own.at)
    own = replace(own, at=min(own.at, earliest))
    facts = [fact for fact in facts if fact not in same]
    facts.append(own)
    if document.status == "completed" or any(f.kind == "document.completed" for f in facts):
        facts.extend(_signatures_before_the_end(document, facts, event))
    return sorted(facts, key=lambda fact: fact.place)


def sharpened(
    document: Document, state: Envelope, listed: Mapping[str, Signer], at: datetime
) -> Document:
    """The document with each date that it knows as the earliest message tells it.

    What a state tells without a date had happened by the time of the state, so that
    of several messages that tell of one fact the earliest is the nearest to it. ``listed`` is what
    the state says of each signer, by the id that the document knows the signer by.
    """
    signers = tuple(
        _sharpened(signer, listed[signer.id], at) if signer.id in listed else signer
        for signer in document.signers
    )
    update: dict[str, object] = {"signers": signers} if signers != document.signers else {}
    status = _status_of(state, [signer for signer in state.signers if signer.must_act])
    rank = ENVELOPE_RANK[status] if status is not None else 0
    dates = {"sent_at": (state.sent_at or at) if 1 <= rank < 4 else None}
    dates["completed_at"] = _completed_at(state, at) if status == "completed" else None
    for name, value in dates.items():
        known = getattr(document, name)
        # What is not known yet is a fact, unless an end was reported before.
        if value is not None and (value < known if known else _ended(document)):
            update[name] = value
    return document.model_copy(update=update) if update else document


def _sharpened(known: Signer, reported: Signer, at: datetime) -> Signer:
    update = {}
    for status, name in SIGNER_DATES.items():
        value, before = getattr(reported, name), getattr(known, name)
        if value is None and reported.status == status:
            value = at
        if value is not None and before is not None and value < before:
            update[name] = value
    return known.model_copy(update=update) if update else known


def _completed_at(state: Envelope, at: datetime) -> datetime:
    """When all had acted: where it is not reported, with the last signature that is dated."""
    last = max((s.signed_at for s in state.signers if s.must_act and s.signed_at), default=None)
    return state.completed_at or last or at


def _signatures_before_the_end(
    document: Document, facts: list[Fact], event: SigningEvent
) -> Iterator[Fact]:
    """A completed envelope means that everyone who had to act has acted, whoever is heard of
    before or after its end."""
    signed = {find_signer(document, f.signer) for f in facts if f.kind == "signer.signed"}
    end = document.completed_at if document.status == "completed" else None
    if end is None:
        end = min(event.occurred_at, *(f.at for f in facts if f.kind == "document.completed"))
    open_ = [s for s in document.signers if s.must_act and SIGNER_RANK[s.status] < 4]
    refs = [_reference(signer) for signer in open_ if signer not in signed]
    own = next((f.signer for f in facts if f.kind in SIGNER_FACTS and not f.derived), None)
    if is_listed_since(document, event.occurred_at):
        own = None  # whoever is on no later list was taken off it, and had to act no more
    if event.kind == "signer.reassigned":
        own = heir_of(document, event)
    stranger = own is not None and is_named(own) and match(document, own) == (None, ())
    if own is not None and stranger and None not in signed:
        refs.append(own)
    for ref in refs:
        yield Fact(kind="signer.signed", at=end, signer=ref, derived=True)


def _reference(signer: Signer) -> SignerRef:
    return SignerRef(id=signer.id)


def _same(fact: Fact, own: Fact, document: Document) -> bool:
    """Whether the state's fact may be the event's own: of the signer it names, or may mean."""
    if fact.kind != own.kind:
        return False
    if own.signer is None or fact.signer is None:
        return True
    signer, several = match(document, own.signer)
    acted = find_signer(document, fact.signer)
    return acted == signer if signer is not None else acted in several


def _news(document: Document, state: Envelope, at: datetime) -> Iterator[Fact]:
    """What the state says beyond what the document knows."""
    assigned = assign(document.signers, state.signers, whole=state.all_signers)
    for signer, known in zip(state.signers, assigned, strict=True):
        if known is None:
            continue  # taken off the list since
        ref = _reference(known)
        if signer.viewed_at is not None and known.viewed_at is None and signer.status != "viewed":
            yield Fact(kind="document.viewed", at=signer.viewed_at, signer=ref, derived=True)
        kind = KIND_OF_STATUS.get(signer.status)
        date = SIGNER_DATES.get(signer.status)
        # A step that a later one has overtaken still happened, and is reported for the first time.
        first = kind in PROGRESS and date is not None and getattr(known, date) is None
        if kind is None or not (first or SIGNER_RANK[signer.status] > SIGNER_RANK[known.status]):
            continue
        when = getattr(signer, date) if date is not None else None
        yield Fact(
            kind=kind,
            at=when or at,
            signer=ref,
            reason=signer.reason,
            derived=True,
            timed=when is not None,
        )
    yield from _status_news(document, state, at)


def _status_news(document: Document, state: Envelope, at: datetime) -> Iterator[Fact]:
    must_act = [signer for signer in state.signers if signer.must_act]
    status = _status_of(state, must_act)
    if status is None:
        return
    before = -1 if document.status is None else ENVELOPE_RANK[document.status]
    if "document.sent" not in document.heard and 1 <= ENVELOPE_RANK[status] < 4:
        sent = state.sent_at or state.created_at or at
        until = state.sent_at or at
        yield Fact(
            kind="document.sent",
            at=min(sent, at),
            until=min(until, at),
            derived=True,
            timed=state.sent_at is not None,
        )
    # A delivery that a later step has overtaken still happened, and is reported for the first time.
    first = status == "delivered" and "document.delivered" not in document.heard
    if status != "sent" and (first or ENVELOPE_RANK[status] > before):
        when = _completed_at(state, at) if status == "completed" else at
        timed = status != "completed" or state.completed_at is not None
        yield Fact(
            kind=KIND_OF_ENVELOPE[status],
            at=when,
            reason=state.reason,
            derived=True,
            timed=timed,
        )


def _status_of(state: Envelope, must_act: Sequence[Signer]) -> EnvelopeStatus | None:
    """How far the envelope is: the provider's word counts alone where it has one.

    A provider that calls an envelope open may wait for more than is reported. Without a word,
    it is complete where everyone of a whole list has acted.
    """
    if state.status is not None:
        return state.status
    if state.all_signers and must_act and all(signer.status == "signed" for signer in must_act):
        return "completed"
    return "sent" if any(SIGNER_RANK[signer.status] > 0 for signer in must_act) else None


def _absorb(
    document: Document, fact: Fact, event: SigningEvent, connection: Connection
) -> tuple[Document, FactOutcome]:
    """The document with the fact in it, and whether the fact was new."""
    if fact.kind in WITHOUT_EFFECT:
        return document, "no_effect"
    if fact.kind in SIGNER_FACTS and (fact.signer is not None or fact.kind != "document.viewed"):
        return _absorb_signer(document, fact, connection)
    if fact.kind in ENVELOPE_FACTS:
        return _absorb_status(document, fact, ENVELOPE_FACTS[fact.kind])
    if fact.kind == "document.modified" and event.detail.get("change") in REOPENING:
        return reopened(document, fact.at)
    if fact.kind == "document.artifact_ready":
        if "signed_pdf" in document.files:
            return document, "known"
        return document.model_copy(update={"files": (*document.files, "signed_pdf")}), "new"
    if fact.kind in ALWAYS_NEW:
        return document, "new"
    if fact.kind == "signer.reassigned":
        document = handed_over(document, event, connection)
    if _ended(document) and document.status_at is not None and fact.at < document.status_at:
        return document, "late"
    return document, "new"


def _ended(document: Document) -> bool:
    return document.status is not None and ENVELOPE_RANK[document.status] >= 3


def _absorb_signer(
    document: Document, fact: Fact, connection: Connection
) -> tuple[Document, FactOutcome]:
    status = SIGNER_FACTS[fact.kind]
    signer, several = match(document, fact.signer)
    if signer is None:
        if fact.signer is None or several or not is_named(fact.signer):
            # Nobody is named: it can only be distinguished by the event's own key.
            return document, "late" if _ended(document) else "new"
        gone = status != "signed" and is_listed_since(document, fact.at)
        if gone or has_handed_on(document, fact.signer, fact.at):
            return document, "late"
        signer = signer_from_reference(document, fact.signer, connection)
    rank, before = SIGNER_RANK[status], SIGNER_RANK[signer.status]
    if status in OVER and is_before_reopening(document, fact.at):
        return document, "late"
    update: dict[str, object] = {}
    if (name := SIGNER_DATES.get(status)) is not None:
        update[name] = _earliest(getattr(signer, name), fact.at)
    if status == "declined" and signer.reason is None:
        update["reason"] = fact.reason
    signed_since = status == "signed" and has_signed_since(signer, fact.at)
    if rank > before or signer.status == "waiting" or signed_since:
        update["status"] = status
        if signed_since:
            update |= {"declined_at": None, "reason": None}
    elif rank == before and status != signer.status:
        return document, "late"
    after = with_signer(document, signer.model_copy(update=update))
    if rank < before or (rank > before and rank < 4 and _ended(document)):
        return after, "late"  # it moves nothing any more, but is no less known
    known = rank == before and signer.status != "waiting" and not signed_since
    return after, "known" if known else "new"


def _absorb_status(
    document: Document, fact: Fact, status: EnvelopeStatus
) -> tuple[Document, FactOutcome]:
    before = -1 if document.status is None else ENVELOPE_RANK[document.status]
    rank = ENVELOPE_RANK[status]
    if rank >= 3 and is_before_reopening(document, fact.at):
        return document, "late"
    if rank == before == 3:
        document = with_later_end(document, status, fact.at, fact.reason)
    if rank == before and document.status != status:
        return document, "late"
    update: dict[str, object] = {}
    if (name := ENVELOPE_DATES.get(status)) is not None:
        update[name] = _earliest(getattr(document, name), fact.until or fact.at)
    if rank <= before:
        if rank == before and document.reason is None:
            update["reason"] = fact.reason
        return document.model_copy(update=update), "known" if rank == before else "late"
    update |= {"status": status, "status_at": fact.at}
    if fact.reason is not None:
        update["reason"] = fact.reason
    return document.model_copy(update=update), "new"


def _earliest(known: datetime | None, at: datetime) -> datetime:
    """Of several messages about one fact, the earliest is the nearest to it."""
    return at if known is None else min(known, at)


def _happening(
    document: Document, fact: Fact, event: SigningEvent, authenticity: Authenticity
) -> DocumentEvent:
    return DocumentEvent(
        kind=fact.kind,
        at=fact.at,
        authenticity=authenticity,
        signer=find_signer(document, fact.signer),
        reason=fact.reason,
        detail=event.detail if not fact.derived else {},
        key=event.key,
        derived=fact.derived,
    )
