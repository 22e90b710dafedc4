"""Commands that change connections: create, update, rotate, remove."""

from __future__ import annotations

import secrets as randomness

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
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.parsing.parameters import CONNECTION
from countersign.cli.secrets import asked_for
from countersign.errors import PermanentError
from countersign.model.connection import Connection, ConnectionCredentials, PartyMapping
from countersign.providers import named_provider
from countersign.providers import provider as provider_of
from countersign.providers.base import Provider
from countersign.use_cases.connections.connect import (
    NewCredentials,
    amend,
    can_choose,
    connect,
    existing_connection,
    existing_credentials,
    offered_files,
    waits_for_secret,
)
from countersign.use_cases.connections.credentials import (
    CredentialsChange,
    Rotation,
    change_credentials,
)
from countersign.use_cases.connections.credentials import rotate as rotate_credentials


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
    made = Connection.model_validate(
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
    connected = connect(
        context.connector(context.auditor),
        made,
        NewCredentials(
            token=context.address_token(made.id),
            secrets=(*target.secret, *((_new_secret(),) if chosen else ())),
            options=wanted.options,
            api_token=key,
            api_url=given.api_url,
        ),
    )
    if target.generate and not chosen:
        click.echo(f"note: {_not_generated(sender)}", err=True)
    show_connected(context, connected, shown=True, steps=True)


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
    known = _known(context, connection)
    renewed = generate or given.api_token or given.api_url
    if wanted.empty and secret is None and not renewed:
        raise click.UsageError("nothing to change; see --help for what can be")
    if known.secrets and (secret is not None or generate):
        rotate_it = f"countersign connections rotate {connection} --secret"
        raise PermanentError(f"{connection} has a secret already; to replace it: {rotate_it}")
    secrets = _generated(known, wanted.options) if generate else _given(secret)
    api_token = asked_for("API token", LONGEST_KEY) if given.api_token else None
    if api_token and known.api_token is None:
        # The first one: from now on there are files to keep.
        wanted.changes.setdefault("keep_files", offered_files(provider_of(known.provider)))
    _describe(context, connection, wanted)
    connected = change_credentials(
        context.connector(context.auditor),
        connection,
        CredentialsChange(
            secrets=secrets,
            options=wanted.options,
            api_token=api_token,
            api_url=given.api_url,
        ),
    )
    shown = bool(secrets) and secret != ASK
    steps = shown or waits_for_secret(connected.secrets)
    show_connected(context, connected, shown=shown, steps=steps)


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
    known = _known(context, connection)
    secrets = _generated(known, {}) if wanted.generate else _given(secret)
    token = context.address_token(connection) if address else None
    connected = rotate_credentials(
        context.connector(context.auditor),
        connection,
        Rotation(token=token, secrets=secrets, retire=wanted.retire),
    )
    shown = bool(secrets) and secret != ASK
    steps = shown or address or waits_for_secret(connected.secrets)
    show_connected(context, connected, shown=shown, steps=steps)


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
    from countersign.use_cases.pipelines.remove import pipeline_of_connection, remove_connection

    remover = context.remover(context.auditor)
    pipeline_of_connection(remover, connection)
    if not yes:
        click.confirm(
            f"remove {connection}? Its address stops working and its secrets are deleted; "
            "its documents stay",
            abort=True,
            err=True,
        )
    remove_connection(remover, connection, drop_messages=drop_messages)
    text = f"{connection} is removed: its address is refused and its secrets are deleted"
    show_one({"connection": connection, "removed": True}, [text])


def _known(context: CliContext, connection: str) -> ConnectionCredentials:
    cloud = context.cloud
    return existing_credentials(cloud.connections, cloud.secrets, connection)


def _describe(context: CliContext, connection: str, wanted: Description) -> None:
    """Change the description, before any secret: a mistake there then changes nothing."""
    changes = dict(wanted.changes)
    if wanted.parties:
        known = existing_connection(context.cloud.connections, connection)
        before = known.parties.model_dump()
        changes["parties"] = PartyMapping.model_validate({**before, **wanted.parties})
    if changes:
        amend(context.connector(context.auditor), connection, changes)


def _given(secret: str | None) -> tuple[str, ...]:
    if secret is None:
        return ()
    return (asked_for("secret", LONGEST_KEY) if secret == ASK else secret,)


def _new_secret() -> str:
    """256 bits nobody can guess, as text that every provider takes."""
    return randomness.token_urlsafe(32)


def _generated(known: ConnectionCredentials, options: dict[str, str]) -> tuple[str, ...]:
    """A new secret; PermanentError where the provider makes it itself."""
    sender = provider_of(known.provider)
    if not can_choose(sender, {**known.options, **options}):
        raise PermanentError(_not_generated(sender))
    return (_new_secret(),)


def _not_generated(sender: Provider) -> str:
    """Why no secret can be generated for a provider."""
    if sender.secrets_chosen_by == "nobody":
        return f"{sender.title} does not use a secret: only the address protects its messages"
    return (
        f"{sender.title} makes the secret itself, so none was generated; enter the address there "
        "first, then set the secret that it shows"
    )
