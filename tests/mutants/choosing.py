"""A plugin of pytest's: runs the tests that a list names, in its order, and searches without luck.

The list is a file of JSON, named by COUNTERSIGN_TESTS.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.mutants.naming import name_of

NAMED_BY = "COUNTERSIGN_TESTS"


def pytest_configure() -> None:
    """Tests that search do so alike for each mutant, and need not find the shortest example."""
    settings.register_profile(
        "mutants", database=None, deadline=None, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the named tests, in their order."""
    if not (path := os.environ.get(NAMED_BY)):
        return
    places = {name: place for place, name in enumerate(json.loads(Path(path).read_text()))}
    rest = [one for one in items if name_of(one) not in places]
    items[:] = sorted(
        (one for one in items if name_of(one) in places), key=lambda one: places[name_of(one)]
    )
    config.hook.pytest_deselected(items=rest)
