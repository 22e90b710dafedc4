"""What the benchmark of the API compares answers at all."""

from __future__ import annotations

import pytest

from tests.benchmarks.api import FLOOR, OURS, first_answer


@pytest.mark.parametrize("code", [FLOOR, OURS], ids=["one empty route", "the API"])
def test_a_new_process_answers_its_first_request(code: str) -> None:
    assert first_answer(code) > 0
