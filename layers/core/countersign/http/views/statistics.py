"""A pipeline's statistics, as the API has them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from countersign.http.views.base import Body, Id, View
from countersign.http.views.message import Message


class DurationView(View):
    """How long something took, in seconds; null where nothing is counted."""

    number: int
    median: int | None
    percentile_90: int | None


class StageStatisticsView(View):
    """One stage."""

    stage: str
    present: int
    """Documents that are there now."""
    arrived: int
    left: int
    time_in_stage: DurationView
    reached: int
    """Of the documents that were created in the period, how many were ever there."""


class EndsView(View):
    """How envelopes ended."""

    completed: int
    declined: int
    voided: int
    expired: int
    deleted: int


class CohortView(View):
    """The documents that were created in the period, as they are now."""

    created: int
    sent: int
    ends: EndsView
    completion_rate: float | None
    """Completed envelopes among those that ended, from 0 to 1."""
    decline_rate: float | None


class PartyStatisticsView(View):
    """The signatures of one party."""

    party: str
    signatures: int
    time_to_sign: DurationView


class RuleStatisticsView(View):
    """The runs of one rule."""

    rule: str
    kind: str
    done: int
    skipped: int
    failed: int
    in_doubt: int


class MailStatisticsView(View):
    """Mails, and what the mail service reported of them."""

    sent: int
    delivered: int
    bounced: int
    complained: int
    rejected: int


class DayStatisticsView(View):
    """One day."""

    day: date
    created: int
    sent: int
    ends: EndsView
    failed_runs: int
    mails: MailStatisticsView


class PeriodView(View):
    """UTC days, the first and the last of them included."""

    first: date
    last: date


class StatisticsView(View):
    """A pipeline's statistics of a period."""

    pipeline: str
    period: PeriodView
    stages: tuple[StageStatisticsView, ...]
    cohort: CohortView
    sent: int
    ends: EndsView
    """Envelopes that ended in the period."""
    time_to_sign: DurationView
    parties: tuple[PartyStatisticsView, ...]
    rules: tuple[RuleStatisticsView, ...]
    """Those with most failures first."""
    mails: MailStatisticsView
    days: tuple[DayStatisticsView, ...]


class RebuildBody(Body):
    """Which statistics are compared with the documents."""

    pipeline: Id | None = None
    """All pipelines where none is given."""
    replace: bool = False
    """Whether what differs is corrected."""


class DifferenceView(View):
    """Something that was not counted as it should be."""

    pipeline: str
    what: Literal["document", "counter"]
    """`document`: what was counted of it is not what its timeline and its runs say; `counter`: it
    holds what no document has counted."""
    name: str
    """The document's id; the counter's day and name."""
    text: Message
