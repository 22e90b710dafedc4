"""Connections: the group of their commands, and those that list and show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from countersign.cli.connections.text import api_support, number_of_rejected
from countersign.cli.context import CliContext
from countersign.cli.operations.connections import connections_of
from countersign.cli.output.formats import say, show_list, show_one, utc
from countersign.cli.output.text import one_line, table
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing.groups import DefaultGroup, Lazy, LazyCommands
from countersign.cli.parsing.parameters import CONNECTION
from countersign.http.views.connections import EventView, RefusedCallView
from countersign.model.connection import DOCUMENT_FIELD, Connection
from countersign.model.refusal import RefusedCall
from countersign.model.stored_file import FILE_WORDS
from countersign.model.transaction import ProcessedEvent
from countersign.providers import provider as provider_of
from countersign.text.lists import listed
from countersign.use_cases.connections.connect import set_secret
from countersign.use_cases.connections.party_mapping import described as parties_in_words
from countersign.use_cases.queries.connections import REFUSED_WITHIN, ConnectionDetails

COMMANDS = LazyCommands(
    {
        "list": Lazy("connections.group", "List the connections.", "list_connections"),
        "show": Lazy(
            "connections.group",
            "Show a connection with its parties, last events and refused messages.",
        ),
        "create": Lazy("connections.changes", "Connect a signing PROVIDER to a pipeline."),
        "update": Lazy(
            "connections.changes", "Change a connection's settings and how its messages are read."
        ),
        "rotate": Lazy("connections.changes", "Rotate a connection's secret or address."),
        "remove": Lazy(
            "connections.changes",
            "Remove a connection: its address stops working and its secrets are deleted.",
        ),
    }
)


@click.group(cls=DefaultGroup, commands=COMMANDS)
def connections() -> None:
    """Connect signing providers.

    Without a command, lists the connections; with an ID alone, shows that connection.
    """


@click.command("list", cls=Verb, examples=["countersign connections"])
@click.pass_obj
def list_connections(context: CliContext) -> None:
    """List the connections."""
    rows = connections_of(context).listed()
    records = [
        {
            "connection": row.connection.id,
            "provider": row.connection.provider,
            "pipeline": row.connection.pipeline,
            "name": row.connection.name,
            "waits_for_secret": row.waits_for_secret,
        }
        for row in rows
    ]
    columns = {
        "CONNECTION": "connection",
        "PROVIDER": "provider",
        "PIPELINE": "pipeline",
        "NAME": "name",
    }
    none = "there are no connections; create one with `countersign connections create PROVIDER`"
    show_list(records, columns, none)
    for row in rows:
        if row.waits_for_secret:
            name = row.connection.id
            say(f"{name} is waiting for its secret: {set_secret(name)}")


@click.command(cls=Verb, examples=["countersign connections docusign"])
@CONNECTION
@click.pass_obj
def show(context: CliContext, connection: str) -> None:
    """Show a connection with its parties, last events and refused messages."""
    details = connections_of(context).show(connection)
    record = {
        "connection": details.connection,
        "secrets": details.secrets,
        "addresses": details.addresses,
        "waits_for_secret": details.waits_for_secret,
        "api_token_set": details.api_token_set,
        "api_url": details.api_url,
        "last_events": tuple(map(EventView.model_validate, details.last_events)),
        "refusals": tuple(map(RefusedCallView.model_validate, details.refusals)),
    }
    rejected = number_of_rejected(context, connection)
    lines = (
        *_settings(details),
        *_parties(details.connection),
        *_events(details.last_events),
        *((f"\n{rejected}",) if rejected else ()),
        *_refusals(details.refusals),
    )
    show_one(record, lines)


def _settings(details: ConnectionDetails) -> Iterator[str]:
    known = details.connection
    title = provider_of(known.provider).title
    yield one_line(f"{known.id} connects {title} to the pipeline {known.pipeline}")
    yield f"  secrets    {details.secrets}, addresses {details.addresses}"
    if details.waits_for_secret:
        yield f"  waiting for its secret: {set_secret(known.id)}"
    yield f"  API        {api_support(known.provider, details.api_token_set, details.api_url)}"
    if known.keep_files:
        words = listed([FILE_WORDS[kind] for kind in known.keep_files])
        yield f"  keeps      {words}, once all have signed"
    if known.locale is not None:
        yield f"  locale     {known.locale}"
    if known.document_field != DOCUMENT_FIELD:
        yield f"  documents  named by the custom field {one_line(known.document_field)}"


def _parties(connection: Connection) -> Iterator[str]:
    lines = list(parties_in_words(provider_of(connection.provider), connection.parties))
    width = max(len(who) for who, _ in lines)
    yield "\nParties, the first line that fits a signer counts"
    for who, party in lines:
        yield one_line(f"  {who:<{width}}  {party}")


def _events(events: Sequence[ProcessedEvent]) -> Iterator[str]:
    yield "\nLast events" if events else "\nno events yet"
    if events:
        rows = [
            (
                utc(event.at),
                event.provider_event,
                event.kind,
                event.authenticity,
                event.document or "",
            )
            for event in events
        ]
        yield table(("AT (UTC)", "EVENT", "MEANS", "AUTHENTICITY", "DOCUMENT"), rows)


def _refusals(refusals: Sequence[RefusedCall]) -> Iterator[str]:
    when = f"in the last {REFUSED_WITHIN.days} days"
    yield f"\nRefused {when}" if refusals else f"\nnothing refused {when}"
    if refusals:
        rows = [(utc(call.at), str(call.status), call.reason) for call in refusals]
        yield table(("AT (UTC)", "STATUS", "REASON"), rows)
