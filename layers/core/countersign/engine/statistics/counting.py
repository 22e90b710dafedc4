"""What is counted of one document, and what that adds to the counters.

What is counted follows from the document, its timeline and its runs alone, whichever part of them
was counted when: counting on from an earlier version gives what counting it all at once gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import cast, get_args

from countersign.engine.statistics import counters
from countersign.engine.statistics.counters import counter
from countersign.engine.statistics.durations import bucket, seconds_between
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run
from countersign.model.run_purpose import BacklogRun, TimerRun
from countersign.model.signing_event import EnvelopeStatus
from countersign.model.statistics import (
    REMOVED,
    CountedDocument,
    CountedRun,
    CountedSignature,
    CountedState,
    CounterKey,
    PendingCount,
    StageStay,
    run_name,
)

Counts = Mapping[CounterKey, int]

ENDS: frozenset[EnvelopeStatus] = frozenset(
    {"completed", "declined", "voided", "expired", "deleted"}
)
"""How an envelope may have ended."""
_STATES: frozenset[str] = frozenset(get_args(CountedState))
_MAIL_EVENTS: Mapping[str, str] = {
    "mail.delivered": "delivered",
    "mail.bounced": "bounced",
    "mail.complained": "complained",
    "mail.rejected": "rejected",
}
"""Lines of the timeline that are counted, and what they are counted as."""


def uncounted(document: Document, epoch: int) -> CountedDocument:
    """A document of which nothing is counted yet."""
    return CountedDocument(
        document=document.id,
        pipeline=document.pipeline,
        created_at=document.created_at,
        epoch=epoch,
    )


def with_document(
    counted: CountedDocument, document: Document, lines: Iterable[LogEntry]
) -> CountedDocument:
    """What is counted once the document is in that version.

    ``lines``: its timeline's of the versions after the counted one, up to the document's, in order.
    """
    stays, mails = list(counted.stays), Counter(counted.mail_events)
    for line in lines:
        if line.kind in ("created", "moved") and line.to_stage is not None:
            _leave(stays, line.at)
            stays.append(StageStay(stage=line.to_stage, since=line.at))
        elif line.kind == "event" and (reported := _MAIL_EVENTS.get(line.event or "")):
            mails[counter(reported, _day(line.at).isoformat())] += 1
    return counted.model_copy(
        update={
            "version": document.version,
            "stays": tuple(stays),
            "mail_events": dict(mails),
            "sent_on": _day(document.sent_at) if document.sent_at else None,
            "signatures": tuple(_signatures(document)),
            **_ending(document),
        }
    )


def _ending(document: Document) -> dict[str, object]:
    """How its envelope ended, by the provider's clock."""
    if document.status not in ENDS:
        return {"status": None, "ended_on": None, "seconds_to_sign": None}
    is_completed = document.status == "completed"
    completed_at = document.completed_at if is_completed else None
    at = completed_at or document.status_at or document.created_at
    is_timed = is_completed and document.sent_at is not None
    return {
        "status": document.status,
        "ended_on": _day(at),
        "seconds_to_sign": seconds_between(document.sent_at or at, at) if is_timed else None,
    }


def with_runs(counted: CountedDocument, runs: Mapping[str, Run | None]) -> CountedDocument:
    """What is counted once these of its runs are as they are; None for one that is not there."""
    changed = dict(counted.runs)
    for name, run in runs.items():
        outcome = None if run is None else _outcome(run)
        if outcome is not None:
            changed[name] = outcome
        else:
            changed.pop(name, None)
    return counted.model_copy(update={"runs": dict(sorted(changed.items()))})


def whole(
    document: Document, lines: Sequence[LogEntry], runs: Iterable[Run], epoch: int
) -> CountedDocument:
    """What is counted of a document with all of its timeline and all of its runs."""
    counted = with_document(uncounted(document, epoch), document, lines)
    return with_runs(counted, {run_name(run.key): run for run in runs})


def added(before: CountedDocument | None, after: CountedDocument) -> tuple[PendingCount, ...]:
    """What the counters must grow by where ``after`` is counted instead of ``before``, with what
    was still to be added; nothing of it 0."""
    grown = Counter(counts_of(after))
    if before is not None:
        grown.subtract(counts_of(before))
        for rest in before.pending:
            grown[CounterKey(rest.epoch, rest.day, rest.name)] += rest.number
    return tuple(PendingCount(*key, grown[key]) for key in sorted(grown, key=_place) if grown[key])


def counts_of(counted: CountedDocument) -> Counts:
    """What the document adds to the counters. One that was removed is nowhere now, and counted
    apart from those that can be counted again."""
    epoch = counted.epoch if counted.removed_at is None else REMOVED
    counts: Counter[CounterKey] = Counter()
    for day, name in _names(counted):
        if day is not None or counted.removed_at is None:
            counts[CounterKey(epoch, day, name)] += 1
    for what, number in counted.mail_events.items():
        kind, day_of = what.split("/")
        counts[CounterKey(epoch, date.fromisoformat(day_of), counter(counters.MAIL, kind))] += (
            number
        )
    for run in counted.runs.values():
        if run.mails:
            counts[CounterKey(epoch, run.day, counter(counters.MAIL, "sent"))] += run.mails
    return counts


def _names(counted: CountedDocument) -> Iterator[tuple[date | None, str]]:
    """What the document adds 1 to, by day; None for what there is now."""
    if not counted.version:
        return
    created = _day(counted.created_at)
    yield created, counters.CREATED
    for stage in dict.fromkeys(stay.stage for stay in counted.stays):
        yield created, counter(counters.COHORT, "reached", stage)
    for stay in counted.stays:
        yield from _stay_names(stay)
    if counted.sent_on is not None:
        yield counted.sent_on, counters.SENT
        yield created, counter(counters.COHORT, "sent")
    if counted.status is not None:
        yield counted.ended_on, counter(counters.ENDED, counted.status)
        yield created, counter(counters.COHORT, "ended", counted.status)
    if counted.seconds_to_sign is not None:
        yield counted.ended_on, counter(counters.SIGNING, bucket(counted.seconds_to_sign))
    for signature in counted.signatures:
        yield signature.day, counter(counters.SIGNATURE, signature.party)
        if signature.seconds is not None:
            first = bucket(signature.seconds)
            yield signature.day, counter(counters.SIGNER, signature.party, first)
    for run in counted.runs.values():
        yield run.day, counter(counters.RUN, run.state, run.kind, run.rule)


def _stay_names(stay: StageStay) -> Iterator[tuple[date | None, str]]:
    yield _day(stay.since), counter(counters.ARRIVED, stay.stage)
    if stay.until is None:
        yield None, counter(counters.PRESENT, stay.stage)
        return
    left, first = _day(stay.until), bucket(seconds_between(stay.since, stay.until))
    yield left, counter(counters.LEFT, stay.stage)
    yield left, counter(counters.STAY, stay.stage, first)


def _leave(stays: list[StageStay], at: datetime) -> None:
    if stays and stays[-1].until is None:
        stays[-1] = stays[-1].model_copy(update={"until": at})


def _signatures(document: Document) -> Iterator[CountedSignature]:
    for signer in document.signers:
        if not signer.has_signed or signer.signed_at is None:
            continue
        since = signer.notified_at or document.sent_at
        yield CountedSignature(
            party=signer.party,
            day=_day(signer.signed_at),
            seconds=None if since is None else seconds_between(since, signer.signed_at),
        )


def _outcome(run: Run) -> CountedRun | None:
    """What is counted of a run; None while nothing is."""
    if run.state not in _STATES or isinstance(run.purpose, TimerRun | BacklogRun):
        return None
    at = run.concluded_at or run.started_at or run.planned_at
    purpose = run.purpose
    return CountedRun(
        kind=run.kind,
        rule=getattr(purpose, "rule", None) or run.kind,
        state=cast(CountedState, run.state),
        day=_day(at),
        mails=_mails(run),
        generation=run.generation,
    )


def _mails(run: Run) -> int:
    """How many mails of a run the mail service took."""
    if run.mails:
        return len(run.sent_mails)
    return int(run.lane == "email" and run.state == "done" and "message_id" in run.result)


def _place(key: CounterKey) -> tuple[int, date, str]:
    return key.epoch, key.day or date.max, key.name


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
