"""Who calls is read off verified claims, and nothing that only looks like a permission is one."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.errors import NotAllowedError, NotSignedInError
from countersign.http.callers import Caller, Clients, caller_of, require
from countersign.model.person import Language, Role, includes, ranked

CLIENTS = Clients(console="console", programs=frozenset({"viewer-program", "operator-program"}))
ADA = "c3d4e5f6-7081-4922-a0b1-c2d3e4f50617"
PERSON = {
    "token_use": "access",
    "client_id": "console",
    "sub": ADA,
    "username": ADA,
    "scope": "openid profile email",
    "auth_time": "1772441400",
    "iat": "1772441700",
}
PROGRAM = {
    "token_use": "access",
    "client_id": "operator-program",
    "sub": "operator-program",
    "scope": "countersign/operator",
    "iat": "1772441700",
}


def event(claims: Any) -> dict[str, Any]:
    return {"requestContext": {"authorizer": {"jwt": {"claims": claims, "scopes": None}}}}


def called(claims: Any) -> Caller:
    return caller_of(event(claims), CLIENTS)


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ("[administrator operator]", ("administrator", "operator")),
        ("[viewer]", ("viewer",)),
        ("[operator viewer operator]", ("operator", "viewer")),
        (["viewer", "administrator"], ("administrator", "viewer")),
        ("[]", ()),
        ("[administratorx]", ()),
        ("[xadministrator]", ()),
        ("[Administrator]", ()),
        ("[sales administrator]", ("administrator",)),
        ("[eu-central-1_pool_Company]", ()),
        ("[administrator", ()),
        ("administrator", ()),
        ("administrator]", ()),
        ("[[administrator]]", ()),
        ("[administrator,operator]", ()),
        ("[administrator\noperator]", ()),
        ('["administrator"]', ()),
        ("", ()),
        (None, ()),
        (7, ()),
        ({"administrator": True}, ()),
        ([["administrator"], 7], ()),
    ],
)
def test_a_person_has_the_roles_of_its_groups(groups: Any, roles: tuple[Role, ...]) -> None:
    assert called({**PERSON, "cognito:groups": groups}) == Caller(
        id=ADA, name=ADA, roles=roles, signed_in_by="cognito", signed_in_at=1772441400
    )


def test_a_person_without_a_group_is_signed_in_and_has_no_role() -> None:
    caller = called(PERSON)
    assert (caller.id, caller.roles, caller.role) == (ADA, (), None)


def test_a_person_who_signs_in_at_the_company_is_known_by_the_pool_s_name() -> None:
    claims = {**PERSON, "username": "Company_ada@acme.example", "cognito:groups": "[viewer]"}
    assert called(claims).id == "Company_ada@acme.example"


@pytest.mark.parametrize(
    ("scope", "roles", "name"),
    [
        ("countersign/operator", ("operator",), "program:operator"),
        ("countersign/viewer countersign/operator", ("operator", "viewer"), "program:operator"),
        ("crm/operator", (), "program:operator-program"),
        ("countersign/operatorx", (), "program:operator-program"),
        ("xcountersign/operator", (), "program:operator-program"),
        ("countersign/crm/operator", (), "program:operator-program"),
        ("operator", (), "program:operator-program"),
        ("", (), "program:operator-program"),
        (None, (), "program:operator-program"),
        (["countersign/operator"], (), "program:operator-program"),
    ],
)
def test_a_program_has_the_roles_of_its_scopes(
    scope: Any, roles: tuple[Role, ...], name: str
) -> None:
    assert called({**PROGRAM, "scope": scope}) == Caller(
        id="operator-program",
        name=name,
        roles=roles,
        signed_in_by="program",
        signed_in_at=1772441700,
    )


def test_a_person_gets_no_role_by_scope_and_a_program_none_by_group() -> None:
    assert called({**PERSON, "scope": "countersign/administrator"}).roles == ()
    assert called({**PROGRAM, "cognito:groups": "[administrator]"}).roles == ("operator",)


@pytest.mark.parametrize(
    "claims",
    [
        {**PERSON, "token_use": "id"},
        {**PERSON, "token_use": "ID"},
        {**PERSON, "token_use": None},
        {name: value for name, value in PERSON.items() if name != "token_use"},
        {**PERSON, "client_id": "another"},
        {**PERSON, "client_id": ""},
        {**PERSON, "client_id": None},
        {**PERSON, "client_id": ["console"]},
        {name: value for name, value in PERSON.items() if name != "client_id"},
        {**PERSON, "client_id": "another", "aud": "console"},
        {**PERSON, "username": "", "sub": ""},
        {},
        None,
        "claims",
        [PERSON],
    ],
)
def test_what_does_not_allow_calls_is_refused(claims: Any) -> None:
    with pytest.raises(NotSignedInError):
        called(claims)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"requestContext": None},
        {"requestContext": {"authorizer": None}},
        {"requestContext": {"authorizer": {"jwt": []}}},
        {"requestContext": {"authorizer": {"lambda": {"claims": PERSON}}}},
        {"headers": {"authorization": "Bearer x"}, "claims": PERSON},
    ],
)
def test_a_call_that_no_authorizer_has_seen_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(NotSignedInError, match="sign in"):
        caller_of(given, CLIENTS)


def test_an_id_token_is_told_that_the_access_token_is_wanted() -> None:
    with pytest.raises(NotSignedInError) as refused:
        called({**PERSON, "token_use": "id"})
    assert str(refused.value) == (
        "an ID token says who somebody is and does not allow calls; send the access token"
    )


@pytest.mark.parametrize("auth_time", ["", "x", "-1", "1e9", "9" * 13, None, True, 1.5])
def test_a_moment_that_is_none_is_not_known(auth_time: Any) -> None:
    assert called({**PERSON, "auth_time": auth_time}).signed_in_at is None


@pytest.mark.parametrize(
    ("role", "needed", "allowed"),
    [
        ("administrator", "administrator", True),
        ("administrator", "viewer", True),
        ("operator", "administrator", False),
        ("operator", "operator", True),
        ("viewer", "operator", False),
        ("viewer", "viewer", True),
        (None, "viewer", False),
    ],
)
def test_a_role_may_what_the_lesser_ones_may(
    role: Role | None, needed: Role, allowed: bool
) -> None:
    assert includes(role, needed) is allowed


def test_roles_are_ranked_from_the_most_to_the_least() -> None:
    assert ranked(["viewer", "sales", "administrator", "viewer"]) == ("administrator", "viewer")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "You are signed in as ada@acme.example, and have no role in this deployment yet. Ask "
            "one of its administrators for the role viewer, operator or administrator.",
        ),
        (
            "de",
            "Sie sind als ada@acme.example angemeldet und haben hier noch keine Rolle. Bitten Sie "
            "einen Administrator dieser Installation um die Rolle viewer, operator oder "
            "administrator.",
        ),
    ],
)
def test_somebody_without_a_role_is_told_whom_to_ask(language: Language, text: str) -> None:
    caller = Caller(id=ADA, name="ada@acme.example", roles=(), signed_in_by="cognito")
    with pytest.raises(NotAllowedError) as refused:
        require(caller, "viewer", language)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "This needs the role administrator; program:viewer has the role viewer. Ask an "
            "administrator of this deployment.",
        ),
        (
            "de",
            "Dafür ist die Rolle administrator nötig; program:viewer hat die Rolle viewer. Bitten "
            "Sie einen Administrator dieser Installation.",
        ),
    ],
)
def test_a_lesser_role_is_told_which_one_is_needed(language: Language, text: str) -> None:
    caller = Caller(id="c", name="program:viewer", roles=("viewer",), signed_in_by="program")
    with pytest.raises(NotAllowedError) as refused:
        require(caller, "administrator", language)
    assert str(refused.value) == text
    require(caller, "viewer", language)


def test_a_name_is_shown_as_it_is() -> None:
    caller = Caller(id="x", name="{needed} {0}", roles=(), signed_in_by="cognito")
    with pytest.raises(NotAllowedError, match=r"signed in as \{needed\} \{0\}, and"):
        require(caller, "viewer")
