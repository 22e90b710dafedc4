"""Requests of every sort, made of the description, through the gateway of the real stack.

What is read is asked as an administrator, and what changes something as a viewer, who changes
nothing: the stack is that of all tests. ``tests/unit/http/test_fuzz.py`` makes the changes.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from countersign.local.people import LocalPeople, program_token
from countersign.model.person import Role
from tests.described_api import CHECKS, described_api
from tests.end_to_end.conftest import Running

LONGEST = 30.0
"""Seconds that API Gateway waits for an answer."""
schema = described_api()


@pytest.fixture(scope="module")
def tokens(people: LocalPeople) -> dict[str, str]:
    """Those of programs, by whether they only read."""
    roles: dict[str, Role] = {"reads": "administrator", "acts": "viewer"}
    return {use: program_token(people, role) for use, role in roles.items()}


@schema.parametrize()
@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_gateway_answers_as_described(
    case: Case[Any], running: Running, tokens: dict[str, str]
) -> None:
    token = tokens["reads" if case.method.upper() == "GET" else "acts"]
    case.call_and_validate(
        base_url=running.stack.api,
        headers={"authorization": f"Bearer {token}"},
        checks=CHECKS,
        timeout=LONGEST,
    )
