"""Lists of words in sentences that people read."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """The words as a list in an English sentence: "a", "a and b", "a, b and c"; empty for none."""
    *first, last = words or ("",)
    return f"{', '.join(first)} and {last}" if first else last
