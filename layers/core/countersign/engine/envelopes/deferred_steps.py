"""What was received of a signer before any message named the signer: it counts once one does.

Some providers list signers by id and name one only in messages about that one. A signature that
another message brings first is then of an unknown party and fires no party's trigger. What the
signer did is kept with the signer; when the party, role or place in the order becomes known, each
step is held against the triggers again, once: those that it matched before had their turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from countersign.engine.envelopes.reconcile import (
    ENVELOPE_RANK,
    KIND_OF_ENVELOPE,
    KIND_OF_STATUS,
    SIGNER_DATES,
)
from countersign.engine.envelopes.signers import MergedState, with_signer
from countersign.model.document import Document
from countersign.model.signing_event import EventKind, Signer

_Last = Mapping[EventKind, Sequence[tuple[datetime, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredStep:
    """One step of a signer who has just been named."""

    kind: EventKind
    at: datetime
    signer: Signer
    """The signer as named now."""
    unnamed: Signer
    """The signer as the triggers saw the step before: with the same id."""
    later: frozenset[EventKind]
    """What else is known that came after the step."""


def deferred(learned: MergedState) -> tuple[Document, tuple[DeferredStep, ...]]:
    """The document in which nobody is named yet of whom steps are known, and those steps, oldest
    first for each signer; each of them names its signer."""
    document = learned.document
    steps: list[DeferredStep] = []
    last: _Last = {}
    for signer in learned.document.signers:
        before = learned.before.get(signer.id)
        if before is None or not _is_newly_named(before, signer):
            continue
        update = {"party": before.party, "role": before.role, "order": before.order}
        unnamed = signer.model_copy(update=update)
        last = last or _last(learned.document)
        mine = tuple(_steps(learned.document, signer, unnamed, last))
        if mine:
            document = with_signer(document, unnamed)
            steps.extend(mine)
    return document, tuple(steps)


def _is_newly_named(before: Signer, after: Signer) -> bool:
    """Whether something that triggers ask for is known of the signer for the first time."""
    party = before.party == "unknown" and after.party != "unknown"
    return party or any(
        getattr(before, name) is None and getattr(after, name) is not None
        for name in ("role", "order")
    )


def _steps(
    document: Document, signer: Signer, unnamed: Signer, last: _Last
) -> Iterator[DeferredStep]:
    """What is known that the signer did, in the order of the steps."""
    for status, kind in KIND_OF_STATUS.items():
        name = SIGNER_DATES.get(status)
        at = getattr(signer, name) if name is not None else None
        if at is None and status == signer.status:
            at = document.status_at or document.since
        if at is not None:
            later = _later(document, signer, at, last) - {kind}
            yield DeferredStep(kind=kind, at=at, signer=signer, unnamed=unnamed, later=later)


def _last(document: Document) -> _Last:
    """Of each step the two signers who took it last, looked up once for all signers."""
    return {
        KIND_OF_STATUS[status]: sorted(
            (at, signer.id)
            for signer in document.signers
            if (at := getattr(signer, name)) is not None
        )[-2:]
        for status, name in SIGNER_DATES.items()
    }


def _later(document: Document, signer: Signer, at: datetime, last: _Last) -> frozenset[EventKind]:
    """What other signers did after it, and the envelope's end."""
    later = {
        kind
        for kind, latest in last.items()
        if any(date > at and signer_id != signer.id for date, signer_id in latest)
    }
    if document.status is not None and ENVELOPE_RANK[document.status] >= 3:
        later.add(KIND_OF_ENVELOPE[document.status])
    return frozenset(later)
