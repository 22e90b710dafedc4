"""What the tests of the command line share."""

from __future__ import annotations

import pytest

from tests.unit.cli.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A console on a world in which a contract was sent."""
    return Desk()
