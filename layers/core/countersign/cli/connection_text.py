"""What is printed of a connection: its address, its steps at the provider, its warnings."""

from __future__ import annotations

import click

from countersign.cli.surroundings import Surroundings
from countersign.model.connection import Secrets
from countersign.providers import provider as provider_of
from countersign.use_cases.connect import Connected, set_secret, waits_for_secret
from countersign.use_cases.party_mapping import warnings


def show_address(surroundings: Surroundings, connected: Connected, *, shown: bool) -> None:
    """The connection's address, and its secret if it is ``shown``."""
    connection, secrets = connected.connection, connected.secrets
    sender = provider_of(connection.provider)
    click.echo(f"{connection.id} connects {sender.title} to the pipeline {connection.pipeline}")
    click.echo(f"  address  {surroundings.cloud.webhooks}/{connected.address}")
    for secret in secrets.secrets[:1]:
        click.echo(f"  secret   {secret if shown else 'set'}")
    if waits_for_secret(secrets):
        click.echo(
            f"  secret   waiting for it: {sender.title} makes it; until you set it, all messages "
            f"are refused:\n           {set_secret(connection.id)}"
        )
    if secrets.api_token is not None:
        click.echo(f"  can be asked for {asked_for_by(secrets)}")
    for word, count in (
        ("address", len(secrets.tokens) - 1),
        ("secret", len(secrets.secrets) - 1),
    ):
        if count > 0:
            click.echo(f"  {count} older {word} accepted until --retire")


def show_steps(surroundings: Surroundings, connected: Connected, *, shown: bool) -> None:
    """What to do at the provider, with the address and, if it is ``shown``, the secret."""
    url = f"{surroundings.cloud.webhooks}/{connected.address}"
    click.echo(f"\nAt {provider_of(connected.connection.provider).title}:")
    for number, step in enumerate(connected.steps(url, shown=shown), start=1):
        click.echo(f"  {number}. {step}")


def show_warnings(connected: Connected) -> None:
    """What the connection's parties leave open."""
    sender = provider_of(connected.connection.provider)
    for text in warnings(sender, connected.connection.parties):
        click.echo(f"warning: {text}", err=True)


def asked_for_by(secrets: Secrets) -> str:
    """What the provider can be asked for by this connection."""
    offered = " and ".join(provider_of(secrets.provider).offers())
    if not offered:
        return "nothing"
    if secrets.api_token is None:
        return f"nothing yet; give it the API token (--api-token) for {offered}"
    return f"{offered}, at {secrets.api_url}" if secrets.api_url else offered
