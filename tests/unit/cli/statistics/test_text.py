"""Times and rates as people read them."""

from __future__ import annotations

import pytest

from countersign.cli.statistics.text import length, share


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_599, "59 min 59 s"),
        (3_605, "1 h"),
        (90_000, "1 d 1 h"),
        (86_460, "1 d"),
        (400 * 86_400 + 7_200, "400 d 2 h"),
    ],
)
def test_a_time_is_told_by_its_two_largest_units(seconds: int | None, text: str) -> None:
    assert length(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(None, ""), (0.0, "0 %"), (0.6667, "67 %"), (1.0, "100 %")]
)
def test_a_rate_is_told_in_percent(rate: float | None, text: str) -> None:
    assert share(rate) == text
