"""What ``ports.People`` and ``ports.Programs`` promise, kept in a user pool and by their twins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from botocore.stub import Stubber

from countersign.adapters.aws import client_config
from countersign.adapters.cognito.people import CognitoPeople
from countersign.adapters.cognito.programs import CognitoPrograms
from countersign.adapters.memory.services.people import MemoryPeople, MemoryPrograms
from countersign.errors import (
    ExistsError,
    NotAllowedError,
    NotFoundError,
    PermanentError,
    UnavailableError,
)
from countersign.model.person import Person, Program, Role
from countersign.ports import People, Programs
from tests.template_file import Template

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

REGION = "eu-central-1"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA, BEN, CAM = "ada@acme.example", "ben@acme.example", "cam@acme.example"
TOLD: dict[str, Any] = {
    "Username": "u-1",
    "UserCreateDate": NOON,
    "UserLastModifiedDate": NOON,
    "Enabled": True,
    "UserStatus": "CONFIRMED",
}
"""A user as Cognito tells it, but for the attributes."""


class Pool(Protocol):
    """People, and what happens without us."""

    people: People

    def signs_in(self, person: Person) -> None: ...

    def is_disabled(self, person: Person) -> None: ...


class MemoryPool:
    def __init__(self) -> None:
        self.twin = MemoryPeople(lambda: NOON)
        self.people: People = self.twin

    def signs_in(self, person: Person) -> None:
        self.twin.put(replace(person, status="active"))

    def is_disabled(self, person: Person) -> None:
        self.twin.put(replace(person, status="disabled"))


class CognitoPool:
    """A pool with the template's settings and groups, on moto."""

    def __init__(self, template: Template) -> None:
        self.client: CognitoIdentityProviderClient = boto3.client(
            "cognito-idp", region_name=REGION, config=client_config.PEOPLE
        )
        wanted = template["Resources"]["People"]["Properties"]
        settings = {name: wanted[name] for name in ("UsernameAttributes", "UsernameConfiguration")}
        made = self.client.create_user_pool(PoolName="people", **settings)
        self.id = made["UserPool"]["Id"]
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Cognito::UserPoolGroup":
                name = resource["Properties"]["GroupName"]
                self.client.create_group(UserPoolId=self.id, GroupName=name)
        self.client.create_group(UserPoolId=self.id, GroupName="sales")
        self.people: People = CognitoPeople(lambda: self.client, self.id)

    def signs_in(self, person: Person) -> None:
        self.client.admin_set_user_password(
            UserPoolId=self.id, Username=person.id, Password="Correct-Horse-7", Permanent=True
        )

    def is_disabled(self, person: Person) -> None:
        self.client.admin_disable_user(UserPoolId=self.id, Username=person.id)


@pytest.fixture
def cognito(aws: None, template: Template) -> CognitoPool:
    return CognitoPool(template)


@pytest.fixture(params=["memory", "cognito"])
def pool(request: pytest.FixtureRequest) -> Pool:
    if request.param == "memory":
        return MemoryPool()
    found: Pool = request.getfixturevalue("cognito")
    return found


def emails(people: Iterable[Person]) -> set[str]:
    return {one.email for one in people}


def test_whoever_is_invited_is_there_without_a_role(pool: Pool) -> None:
    made = pool.people.invite(ADA, "de")
    assert replace(made, id="", created_at=NOON) == Person(
        id="", email=ADA, roles=(), status="invited", language="de", created_at=NOON
    )
    assert made.id not in ("", ADA)
    assert made.created_at.tzinfo is UTC
    assert pool.people.get(made.id) == made


def test_somebody_is_found_by_the_address_too(pool: Pool) -> None:
    made = pool.people.invite(ADA, "en")
    assert pool.people.get(ADA) == made
    assert pool.people.named(ADA) == (made,)
    assert pool.people.named(BEN) == ()


@pytest.mark.parametrize("nobody", [BEN, "u-9", "", "two words", "a\nb", "x" * 129])
def test_nobody_is_found_by_what_names_nobody(pool: Pool, nobody: str) -> None:
    pool.people.invite(ADA, "en")
    assert pool.people.get(nobody) is None


@pytest.mark.parametrize("odd", ['x" or email = "', "x\\", '"', ADA + '"'])
def test_an_address_with_quotes_finds_nobody_else(pool: Pool, odd: str) -> None:
    pool.people.invite(ADA, "en")
    assert pool.people.named(odd) == ()


def test_whoever_is_there_is_not_invited_twice(pool: Pool) -> None:
    pool.people.invite(ADA, "en")
    with pytest.raises(ExistsError, match=r"ada@acme\.example was invited before"):
        pool.people.invite(ADA, "en")


def test_roles_are_those_that_were_given_last(pool: Pool) -> None:
    made = pool.people.invite(ADA, "en")
    pool.people.set_roles(made.id, ["viewer", "administrator"])
    known = pool.people.get(made.id)
    assert known == replace(made, roles=("administrator", "viewer"))
    pool.people.set_roles(made.id, ["viewer"])
    assert pool.people.get(made.id) == replace(made, roles=("viewer",))
    pool.people.set_roles(made.id, ["viewer"])
    pool.people.set_roles(made.id, [])
    assert pool.people.get(made.id) == made


def test_roles_of_nobody_cannot_be_given(pool: Pool) -> None:
    with pytest.raises(NotFoundError, match='nobody "u-9"'):
        pool.people.set_roles("u-9", ["viewer"])


def test_those_with_a_role_are_told(pool: Pool) -> None:
    given: tuple[tuple[str, tuple[Role, ...]], ...] = (
        (ADA, ("administrator",)),
        (BEN, ("administrator", "viewer")),
        (CAM, ()),
    )
    for email, roles in given:
        pool.people.set_roles(pool.people.invite(email, "en").id, roles)
    assert emails(pool.people.with_role("administrator")) == {ADA, BEN}
    assert emails(pool.people.with_role("viewer")) == {BEN}
    assert list(pool.people.with_role("operator")) == []


def test_whoever_has_signed_in_is_active_until_disabled(pool: Pool) -> None:
    made = pool.people.invite(ADA, "en")
    pool.signs_in(made)
    known = pool.people.get(made.id)
    assert known is not None
    assert known.status == "active"
    pool.is_disabled(known)
    known = pool.people.get(made.id)
    assert known is not None
    assert known.status == "disabled"


def test_whoever_is_removed_is_gone_and_can_be_invited_anew(pool: Pool) -> None:
    made = pool.people.invite(ADA, "en")
    pool.people.set_roles(made.id, ["administrator"])
    pool.people.remove(made.id)
    assert pool.people.get(made.id) is None
    assert pool.people.named(ADA) == ()
    again = pool.people.invite(ADA, "en")
    assert (again.id != made.id, again.roles) == (True, ())


def test_removing_nobody_is_harmless(pool: Pool) -> None:
    for nobody in ("u-9", BEN, "", "two words"):
        pool.people.remove(nobody)


def test_pages_hold_everybody_once(pool: Pool) -> None:
    wanted = {f"person{number}@acme.example" for number in range(5)}
    for email in wanted:
        pool.people.set_roles(pool.people.invite(email, "en").id, ["viewer"])
    seen: list[Person] = []
    cursor = None
    sizes = []
    while True:
        page = pool.people.page(2, cursor)
        seen += page.items
        sizes.append(len(page.items))
        cursor = page.next
        if cursor is None:
            break
    assert sizes == [2, 2, 1]
    assert sorted(one.email for one in seen) == sorted(wanted)
    assert {one.roles for one in seen} == {("viewer",)}


def test_nobody_is_one_empty_page(pool: Pool) -> None:
    page = pool.people.page(20)
    assert (page.items, page.next) == ((), None)


def test_an_invitation_of_nobody_cannot_be_sent_again(pool: Pool) -> None:
    with pytest.raises(NotFoundError, match='nobody "u-9"'):
        pool.people.invite_again("u-9")


# --- what only the service tells


def test_groups_that_are_no_roles_are_left_alone(cognito: CognitoPool) -> None:
    made = cognito.people.invite(ADA, "en")
    cognito.client.admin_add_user_to_group(
        UserPoolId=cognito.id, Username=made.id, GroupName="sales"
    )
    cognito.people.set_roles(made.id, ["viewer"])
    groups = cognito.client.admin_list_groups_for_user(UserPoolId=cognito.id, Username=made.id)
    assert {one["GroupName"] for one in groups["Groups"]} == {"sales", "viewer"}
    known = cognito.people.get(made.id)
    assert known is not None
    assert known.roles == ("viewer",)


def client() -> Any:
    """A client without rights anywhere."""
    return boto3.client(
        "cognito-idp",
        region_name=REGION,
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=client_config.PEOPLE,
    )


@pytest.mark.parametrize(
    ("told", "status", "company"),
    [
        ({"UserStatus": "EXTERNAL_PROVIDER"}, "active", True),
        ({"UserStatus": "RESET_REQUIRED"}, "reset_required", False),
        ({"UserStatus": "UNCONFIRMED"}, "disabled", False),
        ({"UserStatus": "SOMETHING_NEW"}, "disabled", False),
        ({"Enabled": False}, "disabled", False),
    ],
)
def test_what_the_pool_says_of_somebody_is_read(
    told: dict[str, Any], status: str, company: bool
) -> None:
    pool = client()
    with Stubber(pool) as stub:
        stub.add_response("admin_get_user", {**TOLD, "UserAttributes": [], **told})
        stub.add_response("admin_list_groups_for_user", {"Groups": [{"GroupName": "viewer"}]})
        person = CognitoPeople(lambda: pool, "p").get("u-1")
    assert person is not None
    assert (person.status, person.company, person.email) == (status, company, "")
    assert (person.roles, person.language) == (("viewer",), None)


def test_another_invitation_goes_to_the_address() -> None:
    pool = client()
    attributes = [{"Name": "email", "Value": ADA}]
    with Stubber(pool) as stub:
        stub.add_response("admin_get_user", {**TOLD, "UserAttributes": attributes})
        stub.add_response("admin_list_groups_for_user", {"Groups": []})
        wanted = {
            "UserPoolId": "p",
            "Username": ADA,
            "MessageAction": "RESEND",
            "DesiredDeliveryMediums": ["EMAIL"],
        }
        stub.add_response("admin_create_user", {}, wanted)
        CognitoPeople(lambda: pool, "p").invite_again("u-1")
        stub.assert_no_pending_responses()


def test_whoever_is_removed_while_a_page_is_read_is_left_out() -> None:
    pool = client()
    with Stubber(pool) as stub:
        users = [{**TOLD, "Username": name, "Attributes": []} for name in ("u-1", "u-2")]
        stub.add_response("list_users", {"Users": users})
        stub.add_client_error("admin_list_groups_for_user", "UserNotFoundException")
        stub.add_response("admin_list_groups_for_user", {"Groups": []})
        page = CognitoPeople(lambda: pool, "p").page(20)
    assert [one.id for one in page.items] == ["u-2"]


def test_a_cursor_that_is_none_of_the_list_is_refused() -> None:
    pool = client()
    with Stubber(pool) as stub:
        stub.add_client_error("list_users", "InvalidParameterException")
        with pytest.raises(PermanentError, match="begin at the first page"):
            CognitoPeople(lambda: pool, "p").page(20, "another")
    with pytest.raises(PermanentError, match="begin at the first page"):
        MemoryPeople(lambda: NOON).page(20, "another")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TooManyRequestsException", UnavailableError),
        ("LimitExceededException", UnavailableError),
        ("AccessDeniedException", NotAllowedError),
        ("ResourceNotFoundException", PermanentError),
    ],
)
def test_what_the_service_refuses_is_told_in_our_words(code: str, error: type[Exception]) -> None:
    pool = client()
    people = CognitoPeople(lambda: pool, "p")
    for call, run in (
        ("list_users", lambda: people.page(20)),
        ("admin_get_user", lambda: people.get("u-1")),
        ("admin_create_user", lambda: people.invite(ADA, "en")),
        ("admin_delete_user", lambda: people.remove("u-1")),
        ("list_users_in_group", lambda: list(people.with_role("viewer"))),
    ):
        with Stubber(pool) as stub:
            stub.add_client_error(call, code)
            with pytest.raises(error, match="Cognito"):
                run()


# --- programs


@pytest.fixture(params=["memory", "cognito"])
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Programs:
    if request.param == "memory":
        return MemoryPrograms({"viewer": "s-1", "administrator": "s-2"})
    pool = client()

    def describe(**asked: str) -> dict[str, Any]:
        assert asked == {"UserPoolId": "p", "ClientId": "viewer-program"}
        return {"UserPoolClient": {"ClientSecret": "s-1"}}

    monkeypatch.setattr(pool, "describe_user_pool_client", describe)
    clients: Any = {role: f"{role}-program" for role in ("viewer", "administrator")}
    return CognitoPrograms(lambda: pool, "p", clients)


def test_there_is_a_client_for_each_role(programs: Programs) -> None:
    assert programs.list() == (
        Program(role="administrator", client_id="administrator-program"),
        Program(role="viewer", client_id="viewer-program"),
    )


def test_a_client_has_a_secret(programs: Programs) -> None:
    assert programs.secret("viewer") == "s-1"


def test_what_a_deployment_has_no_client_for_has_no_secret(programs: Programs) -> None:
    with pytest.raises(NotFoundError, match="no client for programs of the role operator"):
        programs.secret("operator")


def test_a_secret_is_for_those_who_may_read_it() -> None:
    pool = client()
    with Stubber(pool) as stub:
        stub.add_client_error("describe_user_pool_client", "AccessDeniedException")
        with pytest.raises(NotAllowedError, match="Cognito refused"):
            CognitoPrograms(lambda: pool, "p", {"viewer": "c"}).secret("viewer")
