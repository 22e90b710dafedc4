"""How tests are called where mutants are judged."""

from __future__ import annotations

import re

import pytest


def name_of(test: pytest.Item) -> str:
    """The test's id, alike in every run.

    Pytest escapes the ids of a test that several classes inherit once more for each of them.
    """
    return re.sub(r"\\+", r"\\", test.nodeid)
