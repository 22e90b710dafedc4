"""Times counted in buckets, and the percentiles that can be read off them.

The bounds of the buckets grow by the fourth root of two, in whole seconds, so that a percentile is
at most 10 % off, or 1 second.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from math import isqrt

_STEPS = 4 * 35
BOUNDS = (0, *sorted({isqrt(isqrt(2**step)) for step in range(_STEPS + 1)}))
"""The first second of each bucket. They are computed in whole numbers: a bound that another
machine rounds otherwise would count a document elsewhere. The last one begins after 1,000 years."""


def seconds_between(start: datetime, end: datetime) -> int:
    """Whole seconds from one moment to another; 0 where the clocks that set them disagree."""
    return max(0, int((end - start).total_seconds()))


def bucket(seconds: int) -> int:
    """The first second of the bucket in which a time is counted."""
    return BOUNDS[bisect_right(BOUNDS, max(0, seconds)) - 1]


def percentile(buckets: Mapping[int, int], percent: int) -> int | None:
    """The least time, in seconds, that so many percent of the counted times do not exceed.

    ``buckets``: how many times there are in the bucket that begins with a second. None where there
    is no time. 50 gives the median; of an even number of times, the lower of the middle two.
    """
    counted = sorted((first, number) for first, number in buckets.items() if number > 0)
    rank = -(-sum(number for _, number in counted) * percent // 100)
    for first, number in counted:
        rank -= number
        if rank <= 0:
            return _middle(first)
    return None


def _middle(first: int) -> int:
    """What a time of the bucket is taken for: the geometric mean of its first and last second."""
    following = bisect_right(BOUNDS, first)
    last = BOUNDS[following] - 1 if following < len(BOUNDS) else first
    return isqrt(first * last)
