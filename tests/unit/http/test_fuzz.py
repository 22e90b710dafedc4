"""Requests of every sort, made of the description: answered as it says, and never by a failure."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from tests.described_api import CHECKS, described_api
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient
from tests.unit.http.wsgi import WsgiApi

schema = described_api()
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
