"""Each figure of a pipeline's statistics, from counters that a person can add up."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from countersign.adapters.memory.tables.process.statistics import MemoryStatistics
from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.errors import PermanentError
from countersign.model.pipeline import Version
from countersign.model.statistics import CounterKey
from countersign.use_cases.queries.statistics import (
    CohortStatistics,
    DayStatistics,
    Duration,
    EnvelopeStatistics,
    MailStatistics,
    PartyStatistics,
    Period,
    PipelineStatistics,
    RuleStatistics,
    StageStatistics,
    period_of,
    statistics_of,
)
from tests.builders import pipeline, stage

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
PERIOD = Period(first=MONDAY, last=TUESDAY)
NOTHING = Duration(number=0, median=None, percentile_90=None)
NO_END = EnvelopeStatistics(completed=0, declined=0, voided=0, expired=0, deleted=0)
NO_MAIL = MailStatistics(sent=0, delivered=0, bounced=0, complained=0, rejected=0)


def program() -> CompiledPipeline:
    version = Version(
        number=1,
        pipeline=pipeline(stage("sent"), stage("signed")),
        published_at="2026-03-02T12:00:00Z",
        published_by="anna",
    )
    return CompiledPipeline(version)


def asked(counters: dict[tuple[date | None, str], int], *, epoch: int = 1) -> PipelineStatistics:
    statistics = MemoryStatistics()
    held = statistics.counters.setdefault("contracts", Counter())
    for (day, name), number in counters.items():
        held[CounterKey(epoch, day, name)] = number
    return statistics_of(statistics, program(), PERIOD)


def test_where_nothing_is_counted_there_is_nothing() -> None:
    nothing = {"present": 0, "arrived": 0, "left": 0, "time_in_stage": NOTHING, "reached": 0}
    assert asked({}) == PipelineStatistics(
        pipeline="contracts",
        period=PERIOD,
        stages=(
            StageStatistics(stage="sent", **nothing),  # type: ignore[arg-type]
            StageStatistics(stage="signed", **nothing),  # type: ignore[arg-type]
        ),
        cohort=CohortStatistics(
            created=0, sent=0, ends=NO_END, completion_rate=None, decline_rate=None
        ),
        sent=0,
        ends=NO_END,
        time_to_sign=NOTHING,
        parties=(),
        rules=(),
        mails=NO_MAIL,
        days=tuple(
            DayStatistics(day=day, created=0, sent=0, ends=NO_END, failed_runs=0, mails=NO_MAIL)
            for day in (MONDAY, TUESDAY)
        ),
    )


def test_stages_stand_in_the_order_of_the_pipeline_and_what_it_no_longer_has_behind_them() -> None:
    found = asked(
        {
            (None, "present/signed"): 3,
            (None, "present/old"): 2,
            (MONDAY, "arrived/sent"): 4,
            (TUESDAY, "arrived/sent"): 1,
            (TUESDAY, "left/sent"): 3,
            (TUESDAY, "stay/sent/4"): 2,
            (TUESDAY, "stay/sent/77935"): 1,
            (MONDAY, "cohort/reached/sent"): 4,
            (TUESDAY, "cohort/reached/sent"): 1,
        }
    )
    assert found.stages == (
        StageStatistics(
            stage="sent",
            present=0,
            arrived=5,
            left=3,
            time_in_stage=Duration(number=3, median=4, percentile_90=84_988),
            reached=5,
        ),
        StageStatistics(
            stage="signed", present=3, arrived=0, left=0, time_in_stage=NOTHING, reached=0
        ),
        StageStatistics(
            stage="old", present=2, arrived=0, left=0, time_in_stage=NOTHING, reached=0
        ),
    )


def test_rates_are_of_the_documents_created_in_the_period_whose_envelopes_ended() -> None:
    found = asked(
        {
            (MONDAY, "created"): 10,
            (MONDAY, "cohort/sent"): 9,
            (MONDAY, "cohort/ended/completed"): 4,
            (TUESDAY, "cohort/ended/declined"): 1,
            (TUESDAY, "cohort/ended/voided"): 1,
            (MONDAY, "ended/completed"): 7,
        }
    )
    assert found.cohort == CohortStatistics(
        created=10,
        sent=9,
        ends=EnvelopeStatistics(completed=4, declined=1, voided=1, expired=0, deleted=0),
        completion_rate=0.6667,
        decline_rate=0.1667,
    )
    assert found.ends == EnvelopeStatistics(completed=7, declined=0, voided=0, expired=0, deleted=0)


def test_signatures_are_timed_by_party() -> None:
    found = asked(
        {
            (MONDAY, "signature/client"): 3,
            (MONDAY, "signer/client/4"): 1,
            (MONDAY, "signer/client/16"): 1,
            (TUESDAY, "signature/company"): 1,
            (TUESDAY, "signing/3444"): 1,
        }
    )
    assert found.parties == (
        PartyStatistics(
            party="client",
            signatures=3,
            time_to_sign=Duration(number=2, median=4, percentile_90=16),
        ),
        PartyStatistics(party="company", signatures=1, time_to_sign=NOTHING),
    )
    assert found.time_to_sign == Duration(number=1, median=3_755, percentile_90=3_755)


def test_rules_stand_with_most_failures_first_and_mails_are_added_up() -> None:
    found = asked(
        {
            (MONDAY, "run/done/send_email/a"): 5,
            (MONDAY, "run/failed/send_email/b"): 1,
            (TUESDAY, "run/failed/send_email/b"): 1,
            (TUESDAY, "run/failed/task_mail/a"): 1,
            (TUESDAY, "run/in_doubt/send_email/c"): 1,
            (TUESDAY, "run/skipped/send_email/a"): 0,
            (MONDAY, "mail/sent"): 8,
            (TUESDAY, "mail/sent"): 1,
            (TUESDAY, "mail/bounced"): 2,
        }
    )
    none = {"done": 0, "skipped": 0, "failed": 0, "in_doubt": 0}
    assert found.rules == (
        RuleStatistics(rule="b", kind="send_email", **(none | {"failed": 2})),
        RuleStatistics(rule="a", kind="task_mail", **(none | {"failed": 1})),
        RuleStatistics(rule="c", kind="send_email", **(none | {"in_doubt": 1})),
        RuleStatistics(rule="a", kind="send_email", **(none | {"done": 5})),
    )
    assert (found.mails.sent, found.mails.bounced) == (9, 2)
    assert [(day.day, day.failed_runs, day.mails.sent) for day in found.days] == [
        (MONDAY, 1, 8),
        (TUESDAY, 2, 1),
    ]


def test_days_outside_the_period_do_not_count() -> None:
    day = timedelta(days=1)
    days = ((MONDAY - day, 5), (TUESDAY, 1), (TUESDAY + day, 5))
    assert asked({(day, "created"): number for day, number in days}).cohort.created == 1


@pytest.mark.parametrize(("epoch", "created"), [(0, 4), (1, 4), (2, 0)])
def test_what_removed_documents_have_counted_is_read_too(epoch: int, created: int) -> None:
    assert asked({(MONDAY, "created"): 4}, epoch=epoch).cohort.created == created


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, (date(2026, 3, 2), date(2026, 3, 31))),
        (None, date(2026, 1, 30), (date(2026, 1, 1), date(2026, 1, 30))),
        (MONDAY, None, (MONDAY, date(2026, 3, 31))),
        (MONDAY, MONDAY, (MONDAY, MONDAY)),
        (date(2025, 3, 1), date(2026, 3, 1), (date(2025, 3, 1), date(2026, 3, 1))),
    ],
)
def test_a_period_is_the_last_thirty_days_unless_told(
    first: date | None, last: date | None, expected: tuple[date, date]
) -> None:
    period = period_of(first, last, today=date(2026, 3, 31))
    assert (period.first, period.last) == expected


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (TUESDAY, MONDAY, "the period begins on 2026-03-03 and ends before, on 2026-03-02"),
        (date(2025, 3, 1), date(2026, 3, 2), "the period has 367 days; expected at most 366"),
    ],
)
def test_a_period_that_cannot_be_asked_for_is_refused(first: date, last: date, text: str) -> None:
    with pytest.raises(PermanentError, match=text):
        period_of(first, last, today=MONDAY)


ENDS = ("completed", "declined", "voided", "expired", "deleted")


def test_envelopes_are_counted_by_how_they_ended_in_all_of_the_period_and_on_each_day() -> None:
    found = asked(
        {
            **{(MONDAY, f"ended/{end}"): 10 + number for number, end in enumerate(ENDS)},
            **{(TUESDAY, f"ended/{end}"): 1 for end in ENDS},
            **{(MONDAY, f"cohort/ended/{end}"): 20 + number for number, end in enumerate(ENDS)},
        }
    )
    assert found.ends == EnvelopeStatistics(
        completed=11, declined=12, voided=13, expired=14, deleted=15
    )
    assert found.cohort.ends == EnvelopeStatistics(
        completed=20, declined=21, voided=22, expired=23, deleted=24
    )
    assert (found.cohort.completion_rate, found.cohort.decline_rate) == (0.1818, 0.1909)
    monday, tuesday = found.days
    assert monday.ends == EnvelopeStatistics(
        completed=10, declined=11, voided=12, expired=13, deleted=14
    )
    assert tuesday.ends == EnvelopeStatistics(
        completed=1, declined=1, voided=1, expired=1, deleted=1
    )


MAILS = ("sent", "delivered", "bounced", "complained", "rejected")


def test_mails_are_counted_by_what_became_of_them() -> None:
    found = asked(
        {
            **{(MONDAY, f"mail/{kind}"): 30 + number for number, kind in enumerate(MAILS)},
            (MONDAY, "run/done/send_email/hello"): 40,
            (MONDAY, "run/failed/send_email/hello"): 2,
            (MONDAY, "run/in_doubt/send_email/hello"): 3,
            (MONDAY, "run/skipped/send_email/hello"): 4,
        }
    )
    (rule,) = found.rules
    assert (rule.rule, rule.kind, rule.done, rule.failed, rule.in_doubt, rule.skipped) == (
        ("hello", "send_email", 40, 2, 3, 4)
    )
    assert found.days[0].failed_runs == 2
    assert found.days[1].failed_runs == 0
    assert found.mails == MailStatistics(
        sent=30, delivered=31, bounced=32, complained=33, rejected=34
    )
    assert (found.days[0].mails, found.days[1].mails) == (found.mails, NO_MAIL)
