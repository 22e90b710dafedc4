"""People and programs reach the API by their tokens, and nobody else does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.local.endpoints import endpoints_file
from countersign.local.people import (
    LocalPeople,
    SignIn,
    program_token,
    session_of,
    signed_in,
)
from countersign.local.playing import local_stack
from countersign.local.project import Project
from countersign.model.person import Role
from countersign.use_cases.people import last_sign_in
from tests.end_to_end.conftest import Running


def answered(
    running: Running, path: str, token: str | None = None, **headers: str
) -> tuple[int, Any]:
    """The status and the body that a call of the API gets."""
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(  # noqa: S310 - the local cloud's own address
        f"{running.stack.api}{path}", headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("role", ["viewer", "operator", "administrator"])
def test_a_program_is_known_by_its_token(running: Running, people: LocalPeople, role: Role) -> None:
    session = session_of(running.stack.api, program_token(people, role))
    assert (session["roles"], session["signed_in_by"]) == ([role], "program")


@pytest.mark.parametrize("role", ["viewer", "operator", "administrator"])
def test_a_person_signs_in_on_the_hosted_pages(
    running: Running, people: LocalPeople, role: Role
) -> None:
    tokens = signed_in(people, people.people[role])
    session = session_of(running.stack.api, tokens["access_token"])
    assert (session["name"], session["roles"]) == (f"{role}@acme.example", [role])
    assert session["signed_in_by"] == "cognito"


def test_a_sign_in_is_noted(running: Running, people: LocalPeople) -> None:
    session_of(running.stack.api, program_token(people, "viewer"))
    cloud = local_stack(running.cloud, running.stack)
    noted = last_sign_in(cloud.heartbeats, people.programs["viewer"].client_id)
    assert noted is not None
    assert datetime.now(UTC) - noted < timedelta(minutes=10)


def test_a_person_signs_in_for_the_console(running: Running, people: LocalPeople) -> None:
    tokens = signed_in(people, people.people["viewer"], people.console)
    assert session_of(running.stack.api, tokens["access_token"])["roles"] == ["viewer"]


def test_scripts_are_told_who_may_sign_in_and_where(
    running: Running, people: LocalPeople, tmp_path: Path
) -> None:
    (tmp_path / ".local").mkdir()
    project = Project(tmp_path)
    with endpoints_file(project, running.cloud, running.stack, people, {}) as path:
        assert path.stat().st_mode & 0o077 == 0
        told = json.loads(path.read_text())
    assert not path.exists()
    assert set(told["people"]) == set(told["programs"]) == {"viewer", "operator", "administrator"}
    viewer = told["people"]["viewer"]
    assert viewer["email"] == "viewer@acme.example"
    assert signed_in(people, SignIn(**viewer), told["console"])["access_token"]
    assert set(told["programs"]["viewer"]) == {"client_id", "client_secret"}
    assert told["api"].startswith(f"{running.cloud.endpoint}/_aws/execute-api/")
    assert told["token_endpoint"] == f"{running.cloud.endpoint}/oauth2/token"


def test_an_id_token_is_no_permission(running: Running, people: LocalPeople) -> None:
    tokens = signed_in(people, people.people["administrator"])
    status, problem = answered(running, "/session", tokens["id_token"])
    assert status == 401
    assert problem["detail"] == (
        "an ID token says who somebody is and does not allow calls; send the access token"
    )


def test_somebody_without_a_role_is_told_whom_to_ask(running: Running, people: LocalPeople) -> None:
    client = running.cloud.session().client("cognito-idp", endpoint_url=running.cloud.endpoint)
    pool = running.stack.outputs["UserPoolId"]
    who = SignIn(email="nobody@acme.example", password="Correct-Horse-7")
    client.admin_create_user(UserPoolId=pool, Username=who.email, MessageAction="SUPPRESS")
    client.admin_set_user_password(
        UserPoolId=pool, Username=who.email, Password=who.password, Permanent=True
    )
    token = signed_in(people, who)["access_token"]
    status, problem = answered(running, "/session", token)
    assert status == 403
    assert "have no role in this deployment yet. Ask one of its administrators" in problem["detail"]
    status, problem = answered(running, "/session", token, **{"accept-language": "de"})
    assert status == 403
    assert "Bitten Sie einen Administrator dieser Installation" in problem["detail"]


@pytest.mark.parametrize("path", ["/session", "/documents", "/nothing", "/openapi.json/x"])
def test_nobody_gets_in_without_a_token(running: Running, path: str) -> None:
    assert answered(running, path) == (401, {"message": "Unauthorized"})


def test_what_is_no_token_of_the_pool_gets_nobody_in(running: Running, people: LocalPeople) -> None:
    token = program_token(people, "administrator")
    head, claims, signature = token.split(".")
    other = token.replace(claims, claims[:-4] + "AAAA")
    for wrong in ("", "x", "a.b.c", f"{head}.{claims}.", f"{head}..{signature}", other):
        assert answered(running, "/session", wrong) == (401, {"message": "Unauthorized"})


def test_a_token_of_another_pool_gets_nobody_in(running: Running, people: LocalPeople) -> None:
    client = running.cloud.session().client("cognito-idp", endpoint_url=running.cloud.endpoint)
    pool = client.create_user_pool(PoolName="foreign")["UserPool"]["Id"]
    client.create_resource_server(
        UserPoolId=pool,
        Identifier="countersign",
        Name="foreign",
        Scopes=[{"ScopeName": "administrator", "ScopeDescription": "foreign"}],
    )
    made = client.create_user_pool_client(
        UserPoolId=pool,
        ClientName="foreign",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["countersign/administrator"],
    )["UserPoolClient"]
    program = replace(
        people.programs["administrator"],
        client_id=made["ClientId"],
        client_secret=made["ClientSecret"],
    )
    foreign = replace(people, programs={"administrator": program})
    token = program_token(foreign, "administrator")
    assert answered(running, "/session", token) == (401, {"message": "Unauthorized"})


def test_a_program_gets_no_role_but_its_own(people: LocalPeople) -> None:
    borrowed = replace(people, programs={"administrator": people.programs["viewer"]})
    with pytest.raises(PermanentError, match="answered 400"):
        program_token(borrowed, "administrator")


def test_a_wrong_password_and_another_s_address_sign_nobody_in(people: LocalPeople) -> None:
    viewer = people.people["viewer"]
    with pytest.raises(PermanentError, match="expected a code"):
        signed_in(people, replace(viewer, password="Correct-Horse-7"))
    with pytest.raises(PermanentError, match="the sign-in page answered 400"):
        signed_in(people, viewer, "https://elsewhere.example/callback")


def test_the_description_is_for_everybody(running: Running) -> None:
    status, description = answered(running, "/openapi.json")
    assert (status, description["openapi"].startswith("3.1")) == (200, True)
