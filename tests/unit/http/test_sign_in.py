"""Where people sign in is told to everybody, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.errors import NotSignedInError
from countersign.http.application import Application
from tests.unit.cli.desk import Desk
from tests.unit.http.client import CONTEXT, SIGN_IN, ApiClient, event_of


def nobody(event: object) -> Any:
    raise NotSignedInError("the call has no access token of this deployment; sign in")


@pytest.fixture
def closed(desk: Desk) -> Application:
    """The API, called by somebody who has not signed in."""
    return Application(ApiClient(desk.world).services, nobody, SIGN_IN)


def test_it_is_told_without_a_token(closed: Application) -> None:
    answer = closed.respond(event_of("GET", "/api/v1/sign-in", None), CONTEXT)

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["headers"]["cache-control"] == "no-store"
    assert json.loads(answer["body"]) == {
        "sign_in_url": "https://sign-in.acme.example",
        "client_id": "console",
        "scopes": ["openid", "email", "profile"],
        "redirect_ports": [53682, 53683, 53684],
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/sign-in"), ("DELETE", "/sign-in"), ("GET", "/sign-in/x"), ("GET", "/session")],
)
def test_nothing_else_is(closed: Application, method: str, path: str) -> None:
    answer = closed.respond(event_of(method, f"/api/v1{path}", None), CONTEXT)

    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["type"] == "urn:countersign:problem:not-signed-in"


def test_there_is_nothing_where_nobody_can_sign_in(desk: Desk) -> None:
    application = Application(ApiClient(desk.world).services, nobody)

    answer = application.respond(event_of("GET", "/api/v1/sign-in", None), CONTEXT)

    assert answer["statusCode"] == 401
