"""A world in memory behind the API: the example pipeline, DocuSign, and a contract that is out."""

from __future__ import annotations

import pytest

from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def api(desk: Desk) -> ApiClient:
    """Calls as an administrator."""
    return ApiClient(desk.world)
