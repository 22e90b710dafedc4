"""Problems: what errors become, and that the documentation names each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from countersign.errors import (
    ConflictError,
    CountersignError,
    InvalidCursorError,
    LeftStageError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    OutageError,
    PermanentError,
    QuotaError,
    TooLargeError,
    UnavailableError,
)
from countersign.http.problems import PROBLEM_TYPES, problem_of

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("x"), 404),
        (NotAllowedError("x"), 403),
        (NotSignedInError("x"), 401),
        (InvalidCursorError("x"), 400),
        (TooLargeError("x"), 413),
        (PermanentError("x"), 422),
        (ConflictError("x"), 409),
        (LeftStageError("x"), 409),
        (UnavailableError("x"), 503),
        (QuotaError("x"), 503),
        (OutageError("x"), 503),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_answered_by_what_can_be_done_about_it(
    error: CountersignError, status: int
) -> None:
    problem = problem_of(error)

    assert (problem.status, problem.detail) == (status, "x")
    assert (problem.headers.get("retry-after") is not None) == (status == 503)


def test_the_documentation_has_every_type_with_its_status() -> None:
    rows = re.findall(r"^\| (`.+`) \| (\d+) \|", (ROOT / "docs/api.md").read_text(), re.MULTILINE)
    documented = {
        name: int(status) for names, status in rows for name in re.findall(r"`([a-z-]+)`", names)
    }

    assert documented == {name: one.status for name, one in PROBLEM_TYPES.items()}


def test_every_title_is_there_in_both_languages() -> None:
    for one in PROBLEM_TYPES.values():
        assert one.en
        assert one.de
        assert one.en != one.de
