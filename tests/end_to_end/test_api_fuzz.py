"""Requests of every sort, made of the description, through the gateway of the real stack.

What is read is asked as an administrator, and what changes something as a viewer, who changes
nothing: the stack is that of all tests. ``tests/unit/http/test_fuzz.py`` makes the changes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from countersign.http import openapi
from countersign.local.people import LocalPeople, program_token
from countersign.model.person import Role
from tests.end_to_end.conftest import Running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(json.loads(openapi.text()))


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
        base_url=running.stack.api, headers={"authorization": f"Bearer {token}"}, checks=CHECKS
    )
