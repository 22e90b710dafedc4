"""The description of the API: true, whole, and served to everybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from countersign.http import openapi
from countersign.http.application import SUBJECTS, Application, routes_of
from tests.unit.cli.desk import Desk
from tests.unit.http.client import CONTEXT, ApiClient, event_of

FILE = Path(openapi.__file__).with_name("openapi.json")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_bytes())
    return found


def test_the_file_is_what_the_routes_say_now(described: dict[str, Any]) -> None:
    """After a change: .venv/bin/python -m countersign.http.openapi"""
    assert described == openapi.described()


def test_every_route_is_described_with_its_role(described: dict[str, Any]) -> None:
    operations = {
        (method.upper(), path.replace("{", "<").replace("}", ">")): operation["x-role"]
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if path != "/sign-in"
    }

    assert operations == {
        (endpoint.method, endpoint.path): endpoint.role
        for subject in SUBJECTS
        for endpoint in routes_of(subject).endpoints
    }


def test_every_operation_says_what_it_does_and_may_be_answered_with(
    described: dict[str, Any],
) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if path == "/sign-in":
                continue
            assert operation["summary"].endswith(".")
            assert {"400", "401", "403", "404", "422", "500", "503"} <= set(operation["responses"])
            takes_key = "Idempotency-Key" in {one["name"] for one in operation["parameters"]}
            assert takes_key == (method == "post")


def test_what_is_read_may_be_known_already(described: dict[str, Any]) -> None:
    for path in described["paths"].values():
        for method, operation in path.items():
            named = {one["name"] for one in operation.get("parameters", ())}
            reads = method == "get" and bool(operation["security"])
            assert ("304" in operation["responses"]) == reads
            assert ("If-None-Match" in named) == reads


def test_references_lead_somewhere(described: dict[str, Any]) -> None:
    text = json.dumps(described)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}

    assert references - set(described["components"]["schemas"]) == set()


def test_where_people_sign_in_is_open_to_everybody(described: dict[str, Any]) -> None:
    assert list(described["paths"]["/sign-in"]) == ["get"]
    assert described["paths"]["/sign-in"]["get"]["security"] == []
    members = described["components"]["schemas"]["SignIn"]["properties"]
    assert set(members) == {"sign_in_url", "client_id", "scopes", "redirect_ports"}


def test_members_are_described(described: dict[str, Any]) -> None:
    document = described["components"]["schemas"]["Document"]["properties"]

    assert document["in_turn"]["description"] == "Ids of the signers who must act now."


def test_it_is_served_without_signing_in(desk: Desk, described: dict[str, Any]) -> None:
    def identify(event: object) -> Any:
        raise AssertionError("nobody is asked who he is")

    application = Application(ApiClient(desk.world).services, identify)

    answer = application.respond(event_of("GET", "/api/v1/openapi.json", None), CONTEXT)

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert json.loads(answer["body"]) == described
