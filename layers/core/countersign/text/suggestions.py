"""Names that were probably meant, for sentences about names that do not exist."""

from __future__ import annotations

from collections.abc import Iterable


def close_name(name: str, there: Iterable[str]) -> str | None:
    """The name that was probably meant, or None."""
    from difflib import get_close_matches  # Only for an error's text.

    return next(iter(get_close_matches(name, tuple(there), n=1, cutoff=0.6)), None)


def close_or_all(name: str, there: Iterable[str]) -> str:
    """The names that are close, or all of them: how a sentence about an unknown name goes on."""
    from difflib import get_close_matches  # Only for an error's text.

    there = tuple(there)
    close = get_close_matches(name, there, n=2, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"expected {', '.join(there)}" if there else "it has none"
