"""Statistics as people read them: tables, rates in percent, times in days, hours and minutes."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.cli.output.table import table
from countersign.use_cases.queries.statistics import (
    Duration,
    EnvelopeStatistics,
    PipelineStatistics,
)

UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def length(seconds: int | None) -> str:
    """A time by its two largest units: ``3 d 4 h``; empty where there is none."""
    if seconds is None:
        return ""
    parts = []
    rest = seconds
    for unit, size in UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append((unit, number))
        elif parts:
            break
    return " ".join(f"{number} {unit}" for unit, number in parts[:2]) or "0 s"


def share(rate: float | None) -> str:
    """A rate in percent; empty where there is none."""
    return "" if rate is None else f"{rate * 100:.0f} %"


def lines_of(statistics: PipelineStatistics) -> Iterator[str]:
    """The statistics of a pipeline."""
    yield f"{statistics.pipeline}, {statistics.period.first} to {statistics.period.last} (UTC)"
    yield ""
    yield _stages(statistics)
    yield ""
    cohort = statistics.cohort
    yield (
        f"Documents created in the period: {cohort.created}; of them {cohort.sent} sent, "
        f"{_ends(cohort.ends)}"
    )
    if cohort.completion_rate is not None:
        yield (
            f"Of those whose envelope ended: {share(cohort.completion_rate)} completed, "
            f"{share(cohort.decline_rate)} declined"
        )
    yield f"Envelopes in the period: {statistics.sent} sent, {_ends(statistics.ends)}"
    yield f"Time to sign: {_duration(statistics.time_to_sign)}"
    for party in statistics.parties:
        yield (
            f"Signatures of {party.party}: {party.signatures}; "
            f"time to sign: {_duration(party.time_to_sign)}"
        )
    mails = statistics.mails
    yield (
        f"Mails: {mails.sent} sent, {mails.delivered} delivered, {mails.bounced} bounced, "
        f"{mails.complained} marked as unwanted, {mails.rejected} rejected"
    )
    if statistics.rules:
        yield ""
        yield _rules(statistics)


def _stages(statistics: PipelineStatistics) -> str:
    heading = ("STAGE", "PRESENT", "ARRIVED", "LEFT", "MEDIAN TIME", "90 %", "REACHED")
    created = statistics.cohort.created
    rows = []
    for stage in statistics.stages:
        reached = f"{stage.reached} ({share(stage.reached / created)})" if created else "0"
        numbers = (str(stage.present), str(stage.arrived), str(stage.left))
        took = stage.time_in_stage
        rows.append(
            (stage.stage, *numbers, length(took.median), length(took.percentile_90), reached)
        )
    return table(heading, rows)


def _rules(statistics: PipelineStatistics) -> str:
    heading = ("RULE", "KIND", "DONE", "SKIPPED", "FAILED", "IN DOUBT")
    return table(
        heading,
        [
            (
                *(rule.rule, rule.kind),
                *map(str, (rule.done, rule.skipped, rule.failed, rule.in_doubt)),
            )
            for rule in statistics.rules
        ],
    )


def _ends(ends: EnvelopeStatistics) -> str:
    return (
        f"{ends.completed} completed, {ends.declined} declined, {ends.voided} voided, "
        f"{ends.expired} expired, {ends.deleted} deleted"
    )


def _duration(duration: Duration) -> str:
    if duration.median is None:
        return "nothing to tell"
    return (
        f"median {length(duration.median)}, 90 % within {length(duration.percentile_90)} "
        f"({duration.number} counted)"
    )
