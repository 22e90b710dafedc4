"""What is printed of a connection: its address, steps at the provider, warnings, and how many of
its messages were rejected."""

from __future__ import annotations

from collections.abc import Iterator

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.connections import Connected
from countersign.cli.operations.documents import documents_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.terminal import one_line
from countersign.errors import CountersignError
from countersign.providers import provider as provider_of
from countersign.text.lists import listed
from countersign.use_cases.connections.connect import set_secret


def show_connected(connected: Connected, *, shown: bool, steps: bool) -> None:
    """Print the connection's address, its secret if it is ``shown``, the ``steps`` at the provider
    if they are to be taken, and, on standard error, what its parties leave open."""
    details = connected.details
    connection = details.connection
    record = {
        "connection": connection.id,
        "provider": connection.provider,
        "pipeline": connection.pipeline,
        "name": connection.name,
        "url": connected.url,
        "secret": connected.secret if shown else None,
        "waits_for_secret": details.waits_for_secret,
        "secrets": details.secrets,
        "addresses": details.addresses,
        "steps": connected.steps(shown=shown) if steps else [],
        "warnings": connected.warnings,
    }
    lines = [*_address(connected, shown=shown)]
    if steps:
        lines += _steps(connected, shown=shown)
    show_one(record, lines)
    for text in connected.warnings:
        click.echo(f"warning: {text}", err=True)


def _address(connected: Connected, *, shown: bool) -> Iterator[str]:
    details = connected.details
    connection = details.connection
    sender = provider_of(connection.provider)
    yield f"{connection.id} connects {sender.title} to the pipeline {connection.pipeline}"
    yield f"  address  {connected.url}"
    if details.secrets:
        yield f"  secret   {connected.secret if shown else 'set'}"
    if details.waits_for_secret:
        yield (
            f"  secret   waiting for it: {sender.title} makes it; until you set it, all messages "
            f"are refused:\n           {set_secret(connection.id)}"
        )
    if details.api_token_set:
        yield f"  API      {api_support(connection.provider, True, details.api_url)}"
    for word, count in (("address", details.addresses - 1), ("secret", details.secrets - 1)):
        if count > 0:
            yield f"  {count} older {word} accepted until --retire"


def _steps(connected: Connected, *, shown: bool) -> Iterator[str]:
    """What to do at the provider, with the address and, if it is ``shown``, the secret."""
    yield f"\nAt {provider_of(connected.details.connection.provider).title}:"
    for number, step in enumerate(connected.steps(shown=shown), start=1):
        yield f"  {number}. {step}"


def api_support(provider: str, token_set: bool, url: str | None) -> str:
    """What the provider's API is used for by a connection, with its API address if it has one."""
    offered = listed(provider_of(provider).offers())
    if not offered:
        return "nothing"
    if not token_set:
        return f"nothing yet; set the API token (--api-token) for {offered}"
    return f"{offered}, at {url}" if url else offered


def number_of_rejected(context: CliContext, connection: str) -> str | None:
    """How many messages of the connection are kept, as a sentence; None where there are none.

    What is shown beside it does not depend on it: the sentence says where the
    bucket cannot be read.
    """
    try:
        number = documents_of(context).count_rejected(connection)
    except CountersignError as error:
        return one_line(f"rejected messages could not be counted: {error}")
    if number == 0:
        return None
    messages = f"{number} genuine message{'s' * (number != 1)} of {connection}"
    return f"{messages} rejected and kept: countersign rejected list {connection}"
