"""Commands that change connections: create, update, rotate, remove."""

from __future__ import annotations

from typing import Any

import click

from countersign.cli.connections.options import (
    ASK,
    LONGEST_KEY,
    ConnectionOptions,
    CreateOptions,
    Description,
    RotateOptions,
    SecretOptions,
    creation,
    described,
    description,
    new_secret,
    rotation,
)
from countersign.cli.connections.text import show_connected
from countersign.cli.context import CliContext
from countersign.cli.operations.connections import (
    CredentialsWanted,
    RotationWanted,
    connections_of,
)
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.parsing.parameters import CONNECTION
from countersign.cli.secrets import asked_for
from countersign.errors import PermanentError
from countersign.model.connection import Connection, PartyMapping
from countersign.providers import named_provider
from countersign.providers import provider as provider_of
from countersign.use_cases.connections.connect import (
    can_choose,
    made_secret,
    not_made,
    offered_files,
)


@click.command(
    cls=Verb,
    examples=[
        "countersign connections create docusign --pipeline contracts --id sales",
        "countersign connections create documenso --pipeline contracts --generate --strict",
    ],
)
@click.argument("provider", shell_complete=completions.providers)
@creation
@described
@click.pass_obj
def create(
    context: CliContext, provider: str, target: CreateOptions, given: ConnectionOptions
) -> None:
    """Connect a signing PROVIDER to a pipeline.

    Prints the address to enter at the provider, and the steps to take there. Many providers make
    the secret themselves, once they have the address: `countersign connections update ID
    --secret` sets it then, and the connection refuses all messages until that.
    """
    sender = named_provider(provider)
    wanted = description(given)
    key = asked_for("API token", LONGEST_KEY) if given.api_token else None
    chosen = target.generate and can_choose(sender, wanted.options)
    connection = Connection.model_validate(
        {
            "id": target.connection or provider.replace("_", "-"),
            "provider": provider,
            "pipeline": target.pipeline,
            "created_at": context.now(),
            "parties": PartyMapping.model_validate(wanted.parties),
            "keep_files": offered_files(sender) if key else (),
            **wanted.changes,
        }
    )
    generated = (made_secret(provider, wanted.options),) if chosen else ()
    connected = connections_of(context).create(
        connection,
        (*target.secret, *generated),
        CredentialsWanted(options=wanted.options, api_token=key, api_url=given.api_url),
    )
    if target.generate and not chosen:
        click.echo(f"note: {not_made(sender)}", err=True)
    show_connected(connected, shown=True, steps=True)


@click.command(
    cls=Verb,
    examples=[
        "countersign connections update docusign --role Buyer=client --silent-after 7",
        "countersign connections update pandadoc --secret",
    ],
)
@CONNECTION
@new_secret
@described
@click.pass_obj
def update(
    context: CliContext, connection: str, new: SecretOptions, given: ConnectionOptions
) -> None:
    """Change a connection's settings and how its messages are read.

    Each option replaces what was set by the same option before. A connection that has a secret
    gets another one by `countersign connections rotate`.
    """
    new.check()
    secret, generate = new.secret, new.generate
    if secret == ASK and given.api_token:
        raise click.UsageError("set the secret and the API token one after the other")
    wanted = description(given)
    connections = connections_of(context)
    known = connections.show(connection)
    renewed = generate or given.api_token or given.api_url
    if wanted.empty and secret is None and not renewed:
        raise click.UsageError("nothing to change; see --help for what can be")
    if known.secrets and (secret is not None or generate):
        rotate_it = f"countersign connections rotate {connection} --secret"
        raise PermanentError(f"{connection} has a secret already; to replace it: {rotate_it}")
    if generate:
        connections.check_generated(known.connection, wanted.options)
    new_value = _given(secret)
    api_token = asked_for("API token", LONGEST_KEY) if given.api_token else None
    if api_token and not known.api_token_set:
        # The first one: from now on there are files to keep.
        files = offered_files(provider_of(known.connection.provider))
        wanted.changes.setdefault("keep_files", files)
    if changes := _changes(known.connection, wanted):
        connections.describe(connection, changes)
    connected = connections.set_credentials(
        connection,
        CredentialsWanted(
            secret=new_value,
            generate=generate,
            options=wanted.options,
            api_token=api_token,
            api_url=given.api_url,
            keep_files=wanted.changes.get("keep_files"),
        ),
    )
    shown = secret not in (None, ASK) or generate
    steps = shown or connected.details.waits_for_secret
    show_connected(connected, shown=shown, steps=steps)


@click.command(
    cls=Verb,
    examples=[
        "countersign connections rotate docusign --secret",
        "countersign connections rotate docusign --address",
        "countersign connections rotate docusign --retire",
    ],
)
@CONNECTION
@rotation
@click.pass_obj
def rotate(context: CliContext, connection: str, wanted: RotateOptions) -> None:
    """Rotate a connection's secret or address.

    The older ones are accepted until they are retired: add the new one, enter it at the provider,
    then run this command with --retire.
    """
    wanted.check()
    secret, address = wanted.secret, wanted.address
    if secret is None and not (wanted.generate or address or wanted.retire):
        raise click.UsageError("expected --secret, --generate, --address or --retire")
    connections = connections_of(context)
    connections.check(connection)
    connected = connections.rotate(
        connection,
        RotationWanted(
            secret=_given(secret),
            generate=wanted.generate,
            address=address,
            retire=wanted.retire,
        ),
    )
    shown = secret not in (None, ASK) or wanted.generate
    steps = shown or address or connected.details.waits_for_secret
    show_connected(connected, shown=shown, steps=steps)


@click.command(cls=Verb, examples=["countersign connections remove docusign"])
@CONNECTION
@click.option(
    "--drop-messages",
    is_flag=True,
    help="Also drop its messages that wait until a paused pipeline is resumed.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def remove(context: CliContext, connection: str, drop_messages: bool, yes: bool) -> None:
    """Remove a connection: its address stops working and its secrets are deleted.

    Its documents stay. If this is interrupted, run it again.
    """
    connections = connections_of(context)
    connections.check(connection)
    if not yes:
        click.confirm(
            f"remove {connection}? Its address stops working and its secrets are deleted; "
            "its documents stay",
            abort=True,
            err=True,
        )
    connections.remove(connection, drop_messages=drop_messages)
    text = f"{connection} is removed: its address is refused and its secrets are deleted"
    show_one({"connection": connection, "removed": True}, [text])


def _changes(known: Connection, wanted: Description) -> dict[str, Any]:
    """What changes of the description. It is changed before any secret: a mistake there then
    changes nothing."""
    changes = dict(wanted.changes)
    if wanted.parties:
        changes["parties"] = PartyMapping.model_validate(
            {**known.parties.model_dump(), **wanted.parties}
        )
    return changes


def _given(secret: str | None) -> str | None:
    return asked_for("secret", LONGEST_KEY) if secret == ASK else secret
