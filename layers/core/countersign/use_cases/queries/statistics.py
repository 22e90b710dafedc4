"""A pipeline's statistics of a period, from its counters alone: no document is read.

Every figure is defined in docs/semantics.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.statistics import counters
from countersign.engine.statistics.counters import parts_of
from countersign.engine.statistics.durations import percentile
from countersign.errors import PermanentError
from countersign.model.statistics import CounterKey
from countersign.ports import Statistics

MAX_DAYS = 366
"""Days of a period: what one question may cost."""
DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """UTC days, the first and the last of them included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long something took, in seconds; None where nothing is counted."""

    number: int
    """How often it is counted."""
    median: int | None
    percentile_90: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStatistics:
    """One stage."""

    stage: str
    present: int
    """Documents that are there now."""
    arrived: int
    left: int
    time_in_stage: Duration
    """Of those that left in the period."""
    reached: int
    """Of the documents that were created in the period, how many were ever there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeStatistics:
    """How envelopes ended."""

    completed: int
    declined: int
    voided: int
    expired: int
    deleted: int

    @property
    def ended(self) -> int:
        """How many ended, in whatever way."""
        return self.completed + self.declined + self.voided + self.expired + self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortStatistics:
    """The documents that were created in the period, as they are now."""

    created: int
    sent: int
    ends: EnvelopeStatistics

    completion_rate: float | None
    """Completed envelopes among those that ended, from 0 to 1; None where none ended."""
    decline_rate: float | None
    """The same of declined ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStatistics:
    """The signatures of one party."""

    party: str
    signatures: int
    time_to_sign: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStatistics:
    """The runs of one rule that came to their present state in the period."""

    rule: str
    kind: str
    done: int
    skipped: int
    failed: int
    in_doubt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStatistics:
    """Mails, and what the mail service reported of them."""

    sent: int
    delivered: int
    bounced: int
    complained: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStatistics:
    """One day of the period."""

    day: date
    created: int
    sent: int
    ends: EnvelopeStatistics
    failed_runs: int
    mails: MailStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStatistics:
    """One pipeline's statistics of a period."""

    pipeline: str
    period: Period
    stages: tuple[StageStatistics, ...]
    """In the order of the pipeline; behind them those that it no longer has."""
    cohort: CohortStatistics
    sent: int
    """Envelopes that were sent in the period, by the provider's clock."""
    ends: EnvelopeStatistics
    """Envelopes that ended in the period, whenever their documents were created."""
    time_to_sign: Duration
    """Of the envelopes that were completed in the period."""
    parties: tuple[PartyStatistics, ...]
    rules: tuple[RuleStatistics, ...]
    """Those with most failures first."""
    mails: MailStatistics
    days: tuple[DayStatistics, ...]
    """Every day of the period, in order."""


def documents_present(statistics: Statistics, pipeline: str) -> int:
    """How many documents the pipeline has now, by its counters: seconds behind, and without what
    was there before anything was counted. A few reads, however many there are."""
    return sum(
        number
        for key, number in statistics.present(pipeline).items()
        if parts_of(key.name)[0] == counters.PRESENT
    )


def period_of(first: date | None, last: date | None, *, today: date) -> Period:
    """The period of these days; the last 30 days up to today where they are left out.

    PermanentError where it ends before it begins, or has more than 366 days.
    """
    end = last or today
    start = first or end - timedelta(days=DEFAULT_DAYS - 1)
    if start > end:
        raise PermanentError(f"the period begins on {start} and ends before, on {end}")
    if (end - start).days >= MAX_DAYS:
        days = (end - start).days + 1
        raise PermanentError(f"the period has {days} days; expected at most {MAX_DAYS}")
    return Period(first=start, last=end)


def statistics_of(
    statistics: Statistics, program: CompiledPipeline, period: Period
) -> PipelineStatistics:
    """The pipeline's statistics of the period.

    Counted seconds after what happened; what the pipeline's stages are is said by its published
    version. UnavailableError when the database cannot answer.
    """
    pipeline = program.pipeline.pipeline
    counts = statistics.read(pipeline, period.first, period.last)
    total = _Counters(counts)
    stages = tuple(
        dict.fromkeys((*(stage.id for stage in program.pipeline.stages), *total.stages()))
    )
    return PipelineStatistics(
        pipeline=pipeline,
        period=period,
        stages=tuple(map(total.stage, stages)),
        cohort=total.cohort(),
        sent=total.of(counters.SENT),
        ends=total.ends(counters.ENDED),
        time_to_sign=total.duration(counters.SIGNING),
        parties=tuple(total.parties()),
        rules=tuple(total.rules()),
        mails=total.mails(),
        days=tuple(_days(counts, period)),
    )


def _days(counts: Mapping[CounterKey, int], period: Period) -> Iterator[DayStatistics]:
    by_day: defaultdict[date | None, dict[CounterKey, int]] = defaultdict(dict)
    for key, number in counts.items():
        by_day[key.day][key] = number
    for place in range((period.last - period.first).days + 1):
        day = period.first + timedelta(days=place)
        of_day = _Counters(by_day[day])
        yield DayStatistics(
            day=day,
            created=of_day.of(counters.CREATED),
            sent=of_day.of(counters.SENT),
            ends=of_day.ends(counters.ENDED),
            failed_runs=sum(rule.failed for rule in of_day.rules()),
            mails=of_day.mails(),
        )


def _share(number: int, of: int) -> float | None:
    return round(number / of, 4) if of else None


class _Counters:
    """Counters by the parts of their names, of all days and epochs together."""

    def __init__(self, counts: Mapping[CounterKey, int]) -> None:
        self._numbers: Counter[tuple[str, ...]] = Counter()
        for key, number in counts.items():
            self._numbers[parts_of(key.name)] += number

    def of(self, *parts: str) -> int:
        """One counter."""
        return self._numbers[parts]

    def stages(self) -> Iterable[str]:
        """The stages of which there is something to tell."""
        about = (counters.PRESENT, counters.ARRIVED, counters.LEFT)
        return sorted({parts[1] for parts in self._below() if parts[0] in about})

    def stage(self, stage: str) -> StageStatistics:
        return StageStatistics(
            stage=stage,
            present=self.of(counters.PRESENT, stage),
            arrived=self.of(counters.ARRIVED, stage),
            left=self.of(counters.LEFT, stage),
            time_in_stage=self.duration(counters.STAY, stage),
            reached=self.of(counters.COHORT, "reached", stage),
        )

    def cohort(self) -> CohortStatistics:
        ends = self.ends(counters.COHORT, counters.ENDED)
        return CohortStatistics(
            created=self.of(counters.CREATED),
            sent=self.of(counters.COHORT, "sent"),
            ends=ends,
            completion_rate=_share(ends.completed, ends.ended),
            decline_rate=_share(ends.declined, ends.ended),
        )

    def ends(self, *parts: str) -> EnvelopeStatistics:
        """What ended how, of the counters whose names begin so."""
        return EnvelopeStatistics(
            completed=self.of(*parts, "completed"),
            declined=self.of(*parts, "declined"),
            voided=self.of(*parts, "voided"),
            expired=self.of(*parts, "expired"),
            deleted=self.of(*parts, "deleted"),
        )

    def duration(self, *parts: str) -> Duration:
        """What the buckets of the counters tell whose names begin so."""
        buckets = {int(below[-1]): self._numbers[below] for below in self._below(*parts)}
        return Duration(
            number=sum(buckets.values()),
            median=percentile(buckets, 50),
            percentile_90=percentile(buckets, 90),
        )

    def parties(self) -> Iterator[PartyStatistics]:
        for parts in sorted(self._below(counters.SIGNATURE)):
            yield PartyStatistics(
                party=parts[1],
                signatures=self.of(*parts),
                time_to_sign=self.duration(counters.SIGNER, parts[1]),
            )

    def rules(self) -> list[RuleStatistics]:
        names = {(parts[3], parts[2]) for parts in self._below(counters.RUN)}
        rules = [self._rule(rule, kind) for rule, kind in names]
        return sorted(rules, key=lambda rule: (-rule.failed, -rule.in_doubt, rule.rule, rule.kind))

    def _rule(self, rule: str, kind: str) -> RuleStatistics:
        return RuleStatistics(
            rule=rule,
            kind=kind,
            done=self.of(counters.RUN, "done", kind, rule),
            skipped=self.of(counters.RUN, "skipped", kind, rule),
            failed=self.of(counters.RUN, "failed", kind, rule),
            in_doubt=self.of(counters.RUN, "in_doubt", kind, rule),
        )

    def mails(self) -> MailStatistics:
        return MailStatistics(
            sent=self.of(counters.MAIL, "sent"),
            delivered=self.of(counters.MAIL, "delivered"),
            bounced=self.of(counters.MAIL, "bounced"),
            complained=self.of(counters.MAIL, "complained"),
            rejected=self.of(counters.MAIL, "rejected"),
        )

    def _below(self, *parts: str) -> list[tuple[str, ...]]:
        """The counters whose names begin so and go on, and that are not 0."""
        size = len(parts)
        return [
            name_parts
            for name_parts, number in self._numbers.items()
            if number and len(name_parts) > size and name_parts[:size] == parts
        ]
