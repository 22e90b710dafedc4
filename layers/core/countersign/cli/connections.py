"""Commands for connections that exist: listed, shown, updated, removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from countersign.cli.connect import Renewal, asked_for_by, change, generated
from countersign.cli.connection_options import LONGEST_KEY, described, description
from countersign.cli.groups import DefaultGroup
from countersign.cli.rejected import number_of_rejected
from countersign.cli.secrets import asked_for
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import one_line, table
from countersign.errors import NotFoundError
from countersign.model.connection import Connection
from countersign.providers import provider as provider_of
from countersign.use_cases.connect import no_connection, set_secret, waits_for_secret
from countersign.use_cases.party_mapping import described as parties_in_words

CONNECTION = click.argument("connection", metavar="ID")
LAST = 20
"""Events and refusals that are shown of a connection."""
REFUSED_WITHIN = timedelta(days=7)
ASK = "\0"
"""What ``--secret`` stands for without a value: it is asked for."""


@click.group(cls=DefaultGroup)
def connections() -> None:
    """List, show, update and remove connections.

    Without a command, lists the connections; with an ID alone, shows that connection.
    """


@connections.command("list")
@click.pass_obj
def list_connections(surroundings: Surroundings) -> None:
    """List the connections."""
    cloud = surroundings.cloud
    there = cloud.connections.list()
    if not there:
        click.echo("there are no connections; `countersign connect PROVIDER` makes one")
        return
    rows = [(one.id, one.provider, one.pipeline, one.name) for one in there]
    click.echo(table(("CONNECTION", "PROVIDER", "PIPELINE", "NAME"), rows))
    for connection in there:
        if not provider_of(connection.provider).secret_required:
            continue
        secrets = cloud.secrets.get(connection.id)
        if secrets is not None and waits_for_secret(secrets):
            click.echo(f"{connection.id} is waiting for its secret: {set_secret(connection.id)}")


@connections.command()
@CONNECTION
@click.pass_obj
def show(surroundings: Surroundings, connection: str) -> None:
    """Show a connection with its parties, last events and refused messages."""
    cloud = surroundings.cloud
    known, secrets = cloud.connections.get(connection), cloud.secrets.get(connection)
    if known is None or secrets is None:
        raise NotFoundError(no_connection(cloud.connections, connection))
    title = provider_of(known.provider).title
    click.echo(one_line(f"{known.id} connects {title} to the pipeline {known.pipeline}"))
    click.echo(f"  secrets    {len(secrets.secrets)}, addresses {len(secrets.tokens)}")
    if waits_for_secret(secrets):
        click.echo(f"  waiting for its secret: {set_secret(secrets.connection)}")
    click.echo(f"  asked for  {asked_for_by(secrets)}")
    if known.locale is not None:
        click.echo(f"  locale     {known.locale}")
    _show_parties(known)
    _show_events(surroundings, connection)
    _show_refusals(surroundings, connection)


def _show_parties(connection: Connection) -> None:
    lines = list(parties_in_words(provider_of(connection.provider), connection.parties))
    width = max(len(who) for who, _ in lines)
    click.echo("\nParties, the first line that fits a signer counts")
    for who, party in lines:
        click.echo(one_line(f"  {who:<{width}}  {party}"))


def _show_events(surroundings: Surroundings, connection: str) -> None:
    events = surroundings.cloud.documents.recent_events(connection, LAST)
    click.echo("\nLast events" if events else "\nno events yet")
    rows = [
        (shown(one.at), one.provider_event, one.kind, one.grade, one.document or "")
        for one in events
    ]
    if rows:
        click.echo(table(("AT (UTC)", "EVENT", "MEANS", "GRADE", "DOCUMENT"), rows))


def _show_refusals(surroundings: Surroundings, connection: str) -> None:
    since = surroundings.now() - REFUSED_WITHIN
    refusals = surroundings.cloud.refusals.recent(connection, LAST, since=since)
    told = f"in the last {REFUSED_WITHIN.days} days"
    if rejected := number_of_rejected(surroundings, connection):
        click.echo(f"\n{rejected}")
    click.echo(f"\nRefused {told}" if refusals else f"\nnothing refused {told}")
    if refusals:
        lines = [(shown(one.at), str(one.status), one.because) for one in refusals]
        click.echo(table(("AT (UTC)", "STATUS", "BECAUSE"), lines))


def shown(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


@connections.command()
@CONNECTION
@click.option(
    "--secret",
    is_flag=False,
    flag_value=ASK,
    metavar="[SECRET]",
    help="Set the secret that the provider made (prompted for, or read from standard input, "
    "unless given here). An older one is accepted until --retire.",
)
@click.option(
    "--generate", is_flag=True, help="Generate a new secret, if the provider lets you choose it."
)
@click.option(
    "--renew-address", is_flag=True, help="Add a new address and keep accepting the old one."
)
@click.option("--retire", is_flag=True, help="Stop accepting old secrets and addresses.")
@described
@click.pass_obj
def update(
    surroundings: Surroundings, /, connection: str, secret: str | None, **given: Any
) -> None:
    """Change a connection: its secret, its address, or how its messages are read.

    Each option replaces what was set by the same option before.
    """
    if secret is not None and given["generate"]:
        raise click.UsageError("use --secret or --generate, not both")
    if secret == ASK and given["api_token"]:
        raise click.UsageError("set the secret and the API token one after the other")
    told = description(given)
    known = surroundings.cloud.secrets.get(connection)
    if known is None:
        raise NotFoundError(no_connection(surroundings.cloud.connections, connection))
    options = {**known.options, **told.options}
    secrets = generated(provider_of(known.provider), options, given["generate"])
    if secret is not None:
        secrets = (asked_for("secret", LONGEST_KEY) if secret == ASK else secret,)
    renewal = Renewal(
        secrets=secrets,
        address=given["renew_address"],
        retire=given["retire"],
        api_token=asked_for("API token", LONGEST_KEY) if given["api_token"] else None,
        api_url=given["api_url"],
        prompted=secret == ASK,
    )
    if told.empty and renewal.empty:
        raise click.UsageError("nothing to change; see --help for what can be")
    change(surroundings, connection, told, renewal)


@connections.command()
@CONNECTION
@click.option(
    "--drop-messages",
    is_flag=True,
    help="Also drop its messages that wait until a paused pipeline is resumed.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def remove(surroundings: Surroundings, connection: str, drop_messages: bool, yes: bool) -> None:
    """Remove a connection: its address stops working and its secrets are deleted.

    Its documents stay. If this is interrupted, run it again.
    """
    from countersign.use_cases.remove import remove_connection

    remover = surroundings.remover
    if remover.connections.get(connection) is None and remover.secrets.get(connection) is None:
        raise NotFoundError(no_connection(remover.connections, connection))
    if not yes:
        click.confirm(
            f"remove {connection}? Its address stops working and its secrets are deleted; "
            "its documents stay",
            abort=True,
        )
    remove_connection(remover, connection, drop_messages=drop_messages)
    click.echo(f"{connection} is removed: its address is refused and its secrets are deleted")
