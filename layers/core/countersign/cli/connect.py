"""The command connect: a provider's account joined to a pipeline, with its address and secret."""

from __future__ import annotations

import secrets as randomness
from dataclasses import dataclass
from typing import Any

import click

from countersign.cli.connection_options import (
    LONGEST_KEY,
    Description,
    described,
    description,
    several,
)
from countersign.cli.secrets import asked_for
from countersign.cli.surroundings import Surroundings
from countersign.errors import NotFoundError, PermanentError
from countersign.model.connection import Connection, PartyMapping, Secrets
from countersign.providers import named_provider
from countersign.providers import provider as provider_of
from countersign.providers.base import Provider
from countersign.use_cases.connect import (
    Connected,
    amend,
    can_choose,
    no_connection,
    renew,
    set_secret,
    waits_for_secret,
)
from countersign.use_cases.connect import connect as make_connection
from countersign.use_cases.party_mapping import warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What is renewed of a connection that exists."""

    secrets: tuple[str, ...] = ()
    address: bool = False
    retire: bool = False
    api_token: str | None = None
    api_url: str | None = None
    prompted: bool = False
    """Whether the secret was typed unseen, and is not to be shown."""

    @property
    def empty(self) -> bool:
        """Whether nothing is renewed."""
        return self == Renewal()


@click.command()
@click.argument("provider")
@click.option("--pipeline", metavar="ID", help="The pipeline that receives its envelopes.")
@click.option("--id", "connection", metavar="ID", help="Default: the provider's name.")
@several("--secret", metavar="SECRET", text="The secret, as the provider shows it.")
@click.option(
    "--generate", is_flag=True, help="Generate a secret, if the provider lets you choose it."
)
@described
@click.option("--rotate", is_flag=True, help="Add a new secret and keep accepting the old one.")
@click.option(
    "--renew-address", is_flag=True, help="Add a new address and keep accepting the old one."
)
@click.option("--retire", is_flag=True, help="Stop accepting old secrets and addresses.")
@click.pass_obj
def connect(
    surroundings: Surroundings,
    /,
    provider: str,
    pipeline: str | None,
    connection: str | None,
    **given: Any,
) -> None:
    """Connect a signing PROVIDER to a pipeline.

    Prints the address to enter at the provider, and the steps to take there. Many providers make
    the secret themselves, once they have the address: `countersign connections update ID
    --secret` sets it then, and the connection refuses all messages until that.

    Without --pipeline, the options change a connection that exists, as `countersign connections
    update` does.
    """
    sender = named_provider(provider)
    identity = connection or provider.replace("_", "-")
    told = description(given)
    key = asked_for("API token", LONGEST_KEY) if given["api_token"] else None
    chosen = given["generate"] and can_choose(sender, told.options)
    secrets = (*given["secret"], *((new_secret(),) if chosen else ()))
    renewal = Renewal(
        secrets=secrets,
        address=given["renew_address"],
        retire=given["retire"],
        api_token=key,
        api_url=given["api_url"],
    )
    if pipeline is None:
        if given["generate"] and not chosen:
            raise PermanentError(not_generated(sender))
        _check_renewal(renewal, told, given["rotate"])
        change(surroundings, identity, told, renewal)
        return
    if given["rotate"] or renewal.address or renewal.retire:
        raise click.UsageError("--rotate, --renew-address and --retire go without --pipeline")
    made = Connection.model_validate(
        {
            "id": identity,
            "provider": provider,
            "pipeline": pipeline,
            "created_at": surroundings.now(),
            "parties": PartyMapping.model_validate(told.parties),
            **told.changes,
        }
    )
    connected = _make(surroundings, made, told, renewal)
    if given["generate"] and not chosen:
        click.echo(f"note: {not_generated(sender)}", err=True)
    show_address(surroundings, connected, shown=True)
    show_steps(surroundings, connected, shown=True)
    show_warnings(connected)


def _make(
    surroundings: Surroundings, made: Connection, told: Description, renewal: Renewal
) -> Connected:
    cloud = surroundings.cloud
    return make_connection(
        cloud.connections,
        cloud.secrets,
        cloud.pipelines,
        made,
        token=surroundings.address_token(made.id),
        secrets=renewal.secrets,
        options=told.options,
        api_token=renewal.api_token,
        api_url=renewal.api_url,
    )


def _check_renewal(renewal: Renewal, told: Description, rotate: bool) -> None:
    if rotate and not renewal.secrets:
        raise click.UsageError("--rotate needs the new secret: --secret SECRET or --generate")
    if renewal.secrets and not rotate:
        raise click.UsageError(
            "a new connection needs its pipeline: --pipeline ID; "
            "one that exists gets another secret by --rotate"
        )
    if renewal.empty and told.empty:
        raise click.UsageError("a new connection needs its pipeline: --pipeline ID")


def new_secret() -> str:
    """256 bits nobody can guess, as text that every provider takes."""
    return randomness.token_urlsafe(32)


def generated(sender: Provider, options: dict[str, str], wanted: bool) -> tuple[str, ...]:
    """A new secret if one is wanted; PermanentError where the provider makes it itself."""
    if wanted and not can_choose(sender, options):
        raise PermanentError(not_generated(sender))
    return (new_secret(),) if wanted else ()


def not_generated(sender: Provider) -> str:
    """Why no secret can be generated for a provider."""
    if sender.secrets_chosen_by == "nobody":
        return f"{sender.title} does not use a secret: only the address protects its messages"
    return (
        f"{sender.title} makes the secret itself, so none was generated; enter the address there "
        "first, then set the secret that it shows"
    )


def change(surroundings: Surroundings, identity: str, told: Description, renewal: Renewal) -> None:
    """Change a connection that exists, its description first: a mistake there changes nothing."""
    cloud = surroundings.cloud
    changes = dict(told.changes)
    if told.parties:
        known = cloud.connections.get(identity)
        if known is None:
            raise NotFoundError(no_connection(cloud.connections, identity))
        before = known.parties.model_dump()
        changes["parties"] = PartyMapping.model_validate({**before, **told.parties})
    if changes:
        amend(cloud.connections, cloud.pipelines, identity, changes)
    connected = renew(
        cloud.connections,
        cloud.secrets,
        identity,
        token=surroundings.address_token(identity) if renewal.address else None,
        secrets=renewal.secrets,
        retire=renewal.retire,
        options=told.options,
        api_token=renewal.api_token,
        api_url=renewal.api_url,
    )
    shown = bool(renewal.secrets) and not renewal.prompted
    show_address(surroundings, connected, shown=shown)
    if shown or renewal.address or waits_for_secret(connected.secrets):
        show_steps(surroundings, connected, shown=shown)
    show_warnings(connected)


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
