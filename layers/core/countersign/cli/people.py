"""Commands for people who may sign in, and for the clients of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.persons.people import people_of
from countersign.cli.output.formats import Column, show_list, show_one
from countersign.cli.parsing.groups import NounGroup
from countersign.errors import PermanentError
from countersign.model.person import Language, Person, Role

if TYPE_CHECKING:
    from countersign.ports import Programs

ROLE = click.Choice(("administrator", "operator", "viewer"))
ROLES = click.option("--role", "roles", type=ROLE, multiple=True, help="Role to give; repeatable.")
EMAIL = click.argument("email")


@click.group("people", cls=NounGroup)
def people() -> None:
    """Invite people, and change what they may do.

    A viewer reads, an operator also changes documents and resolves runs, an administrator also
    publishes pipelines and manages connections, secrets and people.
    """


@people.command("list", examples=["countersign people list"])
@click.pass_obj
def list_people(context: CliContext) -> None:
    """List everybody who may sign in, with roles and last sign-in."""
    records = [
        _record(person) | {"last_sign_in": person.last_sign_in}
        for person in people_of(context).everybody()
    ]
    columns: dict[str, Column] = {
        "EMAIL": "email",
        "ROLES": lambda record: ", ".join(record["roles"]) or "none",
        "STATUS": "status",
        "LAST SIGN-IN (UTC)": "last_sign_in",
    }
    none = "nobody may sign in; add somebody with `countersign people add EMAIL --role ROLE`"
    show_list(records, columns, none)


@people.command(examples=["countersign people add ada@acme.example --role administrator"])
@EMAIL
@ROLES
@click.option(
    "--language",
    type=click.Choice(("en", "de")),
    default="en",
    show_default=True,
    help="Language that the person prefers.",
)
@click.pass_obj
def add(context: CliContext, email: str, roles: tuple[str, ...], language: str) -> None:
    """Invite EMAIL, who gets a mail with a temporary password."""
    if not roles:
        raise click.UsageError("give at least one --role")
    person = people_of(context).invite(email, roles, cast(Language, language))
    text = f"{person.email} is invited as {', '.join(person.roles)}; the mail is on its way"
    show_one(_record(person), [text])


@people.command("invite-again", examples=["countersign people invite-again ben@acme.example"])
@EMAIL
@click.pass_obj
def invite_again(context: CliContext, email: str) -> None:
    """Send another invitation to EMAIL, whose temporary password is a week old or lost."""
    person = people_of(context).invite_again(email)
    show_one(_record(person), [f"{person.email} is invited again; the mail is on its way"])


@people.command(examples=["countersign people roles ben@acme.example --role operator"])
@EMAIL
@ROLES
@click.option("--none", is_flag=True, help="Take every role.")
@click.pass_obj
def roles(context: CliContext, email: str, roles: tuple[str, ...], none: bool) -> None:
    """Give EMAIL these roles and no others."""
    if none is bool(roles):
        raise click.UsageError("give either --role, once or several times, or --none")
    person = people_of(context).change_roles(email, roles)
    has = ", ".join(person.roles) or "no role"
    show_one(_record(person), [f"{person.email} has {has}, within 15 minutes"])


@people.command(examples=["countersign people remove ben@acme.example --yes"])
@EMAIL
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def remove(context: CliContext, email: str, yes: bool) -> None:
    """Remove EMAIL, who cannot sign in from then on."""
    pool = people_of(context)
    person = pool.show(email)
    if not yes:
        click.confirm(f"remove {person.email} for good?", abort=True, err=True)
    pool.remove(person.id)
    show_one({"email": person.email, "removed": True}, [f"{person.email} is removed"])


@click.group("programs", cls=NounGroup)
def programs() -> None:
    """Show the clients by which programs call the API.

    There is one for each role.
    """


@programs.command("list", examples=["countersign programs list"])
@click.pass_obj
def list_programs(context: CliContext) -> None:
    """List the clients, with when each last got a token and used it."""
    records = [
        {"role": program.role, "client_id": program.client_id, "last_used": program.last_used}
        for program in people_of(context).programs().items
    ]
    columns: dict[str, Column] = {
        "ROLE": "role",
        "CLIENT ID": "client_id",
        "LAST USED (UTC)": "last_used",
    }
    show_list(records, columns, "this stack has no clients for programs")


@programs.command(examples=["countersign programs show viewer"])
@click.argument("role", type=ROLE)
@click.pass_obj
def show(context: CliContext, role: str) -> None:
    """Show how a program gets a token in the role ROLE."""
    programs = people_of(context).programs()
    [program] = [program for program in programs.items if program.role == role]
    endpoint = programs.token_endpoint
    record = {
        "role": role,
        "client_id": program.client_id,
        "scope": f"countersign/{role}",
        "token_endpoint": endpoint,
    }
    lines = [
        f"client id       {program.client_id}",
        f"scope           countersign/{role}",
        f"token endpoint  {endpoint}",
        "",
        f"secret: countersign programs secret {role}",
        f"token:  curl -u CLIENT_ID:SECRET -d grant_type=client_credentials {endpoint}",
    ]
    show_one(record, lines)


@programs.command(examples=["countersign programs secret viewer"])
@click.argument("role", type=ROLE)
@click.pass_obj
def secret(context: CliContext, role: str) -> None:
    """Print the secret of the client for ROLE. Needs AWS credentials that may read it."""
    value = _programs(context).secret(cast(Role, role))
    show_one({"role": role, "secret": value}, [value])


def _record(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "email": person.email,
        "roles": person.roles,
        "status": person.status,
        "language": person.language,
        "company": person.company,
        "created_at": person.created_at,
    }


def _programs(context: CliContext) -> Programs:
    clients = context.cloud.program_clients
    if clients is None:
        raise PermanentError("the stack has no programs yet; deploy the version that you use")
    return clients
