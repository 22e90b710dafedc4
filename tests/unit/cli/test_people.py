"""People are invited, listed, given roles and removed, and programs are shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from countersign.adapters.memory.services.people import MemoryPeople, MemoryPrograms
from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.simulation.world import World
from countersign.use_cases.people import note_sign_in
from tests.unit.cli.desk import cloud_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA = "ada@acme.example"


class Desk:
    """Runs commands on a world with people."""

    def __init__(self) -> None:
        self.world = World()
        self.people = MemoryPeople(lambda: NOON)
        self.programs = MemoryPrograms({"viewer": "s-1", "administrator": "s-2", "operator": "s-3"})

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        cloud = cloud_of(
            self.world,
            people=self.people,
            program_clients=self.programs,
            token_endpoint="https://sign-in.acme.example/oauth2/token",
        )
        context = CliContext(user=ADA, open_cloud=lambda: cloud)
        return CliRunner(mix_stderr=False).invoke(
            countersign, [*arguments], obj=context, input=answer
        )

    def sign_in(self, email: str) -> None:
        person = self.people.get(email)
        assert person is not None
        self.people.put(replace(person, status="active"))
        note_sign_in(self.world.heartbeats, person.id, 1772441400)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_first_administrator_is_invited_and_listed(desk: Desk) -> None:
    told = desk("people", "add", ADA, "--role", "administrator")
    assert (told.exit_code, told.stdout) == (
        0,
        "ada@acme.example is invited as administrator; the mail is on its way\n",
    )
    desk("people", "add", "ben@acme.example", "--role", "operator", "--role", "viewer")
    desk.sign_in(ADA)
    assert desk("people", "list").stdout == (
        "EMAIL             ROLES             STATUS   LAST SIGN-IN (UTC)\n"
        "ada@acme.example  administrator     active   2026-03-02 08:50:00\n"
        "ben@acme.example  operator, viewer  invited\n"
    )


def test_programs_get_people_as_json(desk: Desk) -> None:
    desk("people", "add", ADA, "--role", "viewer", "--language", "de")
    assert json.loads(desk("people", "list", "--output", "json").stdout) == [
        {
            "id": "person-1",
            "email": ADA,
            "roles": ["viewer"],
            "status": "invited",
            "language": "de",
            "company": False,
            "created_at": "2026-03-02T12:00:00Z",
            "last_sign_in": None,
        }
    ]


def test_where_nobody_may_sign_in_the_way_is_shown(desk: Desk) -> None:
    assert desk("people", "list").stdout == (
        "nobody may sign in; add somebody with `countersign people add EMAIL --role ROLE`\n"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("add", ADA), "give at least one --role"),
        (("add", ADA, "--role", "boss"), "'boss' is not one of"),
        (("roles", ADA), "give either --role, once or several times, or --none"),
        (("roles", ADA, "--role", "viewer", "--none"), "give either --role"),
    ],
)
def test_a_wrong_command_line_is_refused(desk: Desk, arguments: tuple[str, ...], text: str) -> None:
    told = desk("people", *arguments)
    assert told.exit_code == 2
    assert text in told.stderr
    assert desk.people.invitations == []


def test_roles_are_changed_and_taken(desk: Desk) -> None:
    desk("people", "add", ADA, "--role", "viewer")
    told = desk("people", "roles", ADA, "--role", "operator")
    assert told.stdout == "ada@acme.example has operator, within 15 minutes\n"
    told = desk("people", "roles", ADA, "--none")
    assert told.stdout == "ada@acme.example has no role, within 15 minutes\n"


def test_the_last_administrator_is_neither_removed_nor_demoted(desk: Desk) -> None:
    desk("people", "add", ADA, "--role", "administrator")
    for arguments in (("remove", ADA, "--yes"), ("roles", ADA, "--role", "viewer")):
        told = desk("people", *arguments)
        assert (told.exit_code, told.stdout) == (1, "")
        assert "ada@acme.example, the last administrator" in told.stderr


def test_removing_asks_first(desk: Desk) -> None:
    desk("people", "add", ADA, "--role", "viewer")
    assert desk("people", "remove", ADA, answer="n\n").exit_code == 1
    assert desk.people.get(ADA) is not None
    told = desk("people", "remove", ADA, answer="y\n")
    assert told.stdout.splitlines()[-1] == "ada@acme.example is removed"
    assert desk.people.get(ADA) is None


def test_nobody_is_not_found(desk: Desk) -> None:
    told = desk("people", "remove", ADA, "--yes")
    assert (told.exit_code, told.stdout) == (4, "")
    assert told.stderr == (
        'Error: there is nobody "ada@acme.example"; `countersign people list` has everybody\n'
    )


def test_an_invitation_is_sent_again(desk: Desk) -> None:
    desk("people", "add", ADA, "--role", "viewer")
    told = desk("people", "invite-again", ADA)
    assert told.stdout == "ada@acme.example is invited again; the mail is on its way\n"
    assert desk.people.invitations == [ADA, ADA]


def test_programs_are_listed_with_when_they_were_used(desk: Desk) -> None:
    note_sign_in(desk.world.heartbeats, "viewer-program", 1772441400)
    assert desk("programs", "list").stdout == (
        "ROLE           CLIENT ID              LAST USED (UTC)\n"
        "administrator  administrator-program\n"
        "operator       operator-program\n"
        "viewer         viewer-program         2026-03-02 08:50:00\n"
    )


def test_how_a_program_gets_a_token_is_shown_without_its_secret(desk: Desk) -> None:
    told = desk("programs", "show", "viewer").stdout
    assert told == (
        "client id       viewer-program\n"
        "scope           countersign/viewer\n"
        "token endpoint  https://sign-in.acme.example/oauth2/token\n"
        "\n"
        "secret: countersign programs secret viewer\n"
        "token:  curl -u CLIENT_ID:SECRET -d grant_type=client_credentials "
        "https://sign-in.acme.example/oauth2/token\n"
    )


def test_a_secret_is_printed_alone(desk: Desk) -> None:
    assert desk("programs", "secret", "viewer").stdout == "s-1\n"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (("people", "list"), "the stack has no people yet; deploy the version that you use"),
        (("programs", "list"), "the stack has no programs yet; deploy the version that you use"),
    ],
)
def test_an_older_stack_is_told(desk: Desk, command: tuple[str, ...], text: str) -> None:
    context = CliContext(user=ADA, open_cloud=lambda: cloud_of(desk.world))
    told = CliRunner(mix_stderr=False).invoke(countersign, [*command], obj=context)
    assert (told.exit_code, told.stderr) == (1, f"Error: {text}\n")
