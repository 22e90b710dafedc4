"""Times in buckets: bounds, what a percentile says, and how far it may be off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.engine.statistics.durations import bucket, percentile, seconds_between

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("seconds", "first"),
    [
        (-5, 0),
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
        (7, 6),
        (8, 8),
        (10, 9),
        (11, 11),
        (16, 16),
        (60, 53),
        (3_600, 3_444),
        (DAY, 77_935),
        (30 * DAY, 2_493_948),
        (10 * 365 * DAY, 268_435_456),
        (10**12, 34_359_738_368),
    ],
)
def test_a_time_is_in_the_bucket_that_begins_with(seconds: int, first: int) -> None:
    assert bucket(seconds) == first


@pytest.mark.parametrize(
    ("end", "seconds"),
    [
        (timedelta(0), 0),
        (timedelta(milliseconds=999), 0),
        (timedelta(seconds=61, milliseconds=999), 61),
        (timedelta(days=3), 259_200),
        (timedelta(seconds=-1), 0),
    ],
)
def test_whole_seconds_are_counted_and_none_below_nothing(end: timedelta, seconds: int) -> None:
    assert seconds_between(NOON, NOON + end) == seconds


def test_of_no_time_there_is_no_percentile() -> None:
    assert percentile({}, 50) is None
    assert percentile({60: 0}, 90) is None


@pytest.mark.parametrize(
    ("buckets", "percent", "expected"),
    [
        ({4: 1}, 50, 4),
        ({4: 1, 16: 1}, 50, 4),
        ({4: 1, 16: 2}, 50, 16),
        ({1: 9, 4: 1}, 90, 1),
        ({1: 8, 4: 2}, 90, 4),
        ({1: 1, 2: 1, 4: 1}, 100, 4),
        ({2: 1, 1: 1, 4: 1}, 1, 1),
        ({77_935: 5}, 50, 84_988),
    ],
)
def test_a_percentile_is_the_least_time_that_so_many_do_not_exceed(
    buckets: dict[int, int], percent: int, expected: int
) -> None:
    assert percentile(buckets, percent) == expected


@given(
    st.lists(st.integers(0, 10 * 365 * DAY), min_size=1, max_size=30),
    st.sampled_from([1, 10, 50, 90, 99, 100]),
)
def test_a_percentile_is_at_most_a_tenth_or_a_second_off(times: list[int], percent: int) -> None:
    buckets: dict[int, int] = {}
    for seconds in times:
        buckets[bucket(seconds)] = buckets.get(bucket(seconds), 0) + 1
    rank = -(-len(times) * percent // 100)
    exact = sorted(times)[rank - 1]
    found = percentile(buckets, percent)
    assert found is not None
    assert abs(found - exact) <= max(1, exact / 10)
