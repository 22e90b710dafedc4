"""Connections: the group of their commands, and those that list and show."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from countersign.cli.connection_text import asked_for_by
from countersign.cli.groups import DefaultGroup, Lazy, LazyCommands
from countersign.cli.rejected import number_of_rejected
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
CREATE = "`countersign connections create PROVIDER`"
REFUSED_WITHIN = timedelta(days=7)


COMMANDS = LazyCommands(
    {
        "list": Lazy("connections", "List the connections.", "list_connections"),
        "show": Lazy(
            "connections", "Show a connection with its parties, last events and refused messages."
        ),
        "create": Lazy("connection_changes", "Connect a signing PROVIDER to a pipeline."),
        "update": Lazy(
            "connection_changes", "Change a connection's settings and how its messages are read."
        ),
        "rotate": Lazy("connection_changes", "Rotate a connection's secret or address."),
        "remove": Lazy(
            "connection_changes",
            "Remove a connection: its address stops working and its secrets are deleted.",
        ),
    }
)


@click.group(cls=DefaultGroup, commands=COMMANDS)
def connections() -> None:
    """Connect signing providers.

    Without a command, lists the connections; with an ID alone, shows that connection.
    """


@click.command("list")
@click.pass_obj
def list_connections(surroundings: Surroundings) -> None:
    """List the connections."""
    cloud = surroundings.cloud
    there = cloud.connections.list()
    if not there:
        click.echo(f"there are no connections; create one with {CREATE}")
        return
    rows = [(one.id, one.provider, one.pipeline, one.name) for one in there]
    click.echo(table(("CONNECTION", "PROVIDER", "PIPELINE", "NAME"), rows))
    for connection in there:
        if not provider_of(connection.provider).secret_required:
            continue
        secrets = cloud.secrets.get(connection.id)
        if secrets is not None and waits_for_secret(secrets):
            click.echo(f"{connection.id} is waiting for its secret: {set_secret(connection.id)}")


@click.command()
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
