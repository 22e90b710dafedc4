"""Requests of every sort, made of the description: answered as it says, and never by a failure."""

from __future__ import annotations

import json
from typing import Any

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
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient
from tests.unit.http.wsgi import WsgiApi

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(json.loads(openapi.text()))
schema.app = WsgiApi(ApiClient(Desk().world))


@schema.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_fits_the_description_and_what_does_not_is_answered_as_described(
    case: Case[Any],
) -> None:
    case.call_and_validate(checks=CHECKS)
