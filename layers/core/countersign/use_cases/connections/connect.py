"""Connecting a signing provider: the connection, its first credentials, and its address."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field

from countersign.errors import NotFoundError, PermanentError
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.fields import WRITABLE
from countersign.model.provider_api import KEPT_FILES
from countersign.model.run_purpose import KeptKind
from countersign.model.stored_file import FILE_WORDS
from countersign.model.users import user_of
from countersign.model.values import InvalidValueError
from countersign.ports import Connections, CredentialStore, Pipelines
from countersign.providers import provider as load_provider
from countersign.providers.base import Provider
from countersign.text.locales import locale_of
from countersign.use_cases.auditor import Auditor, Change, entry_of, recorded
from countersign.use_cases.connections.party_mapping import problems
from countersign.use_cases.connections.recorded import (
    connection_subject,
    recorded_connection,
    recorded_credentials,
)
from countersign.use_cases.queries.pipelines import published_head

KEPT = "its secret, which is set"
"""What stands for a secret where it is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """A connection that is ready to receive."""

    connection: Connection
    secrets: ConnectionCredentials

    @property
    def address(self) -> str:
        """The last part of the address, with the newest token."""
        return f"{self.connection.id}.{self.secrets.tokens[0]}"

    def steps(self, url: str, *, shown: bool) -> tuple[str, ...]:
        """What to do at the provider, with the address and, if ``shown``, the newest secret filled
        in; or with the command that sets the secret, where the provider has yet to make it."""
        secret = next(iter(self.secrets.secrets), None)
        return setup_steps(self.connection, url, secret if shown or secret is None else KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredentials:
    """The credentials that a new connection begins with."""

    token: str
    """Of its address. It must be unguessable: for some providers it is the only key."""
    secrets: tuple[str, ...] = ()
    """None yet for a provider that makes them itself."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The provider's own settings."""
    api_token: str | None = None
    """By which the provider's API is asked; None where nothing is asked."""
    api_url: str | None = None
    """The API's base address, where it is not the provider's usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """What connecting needs from outside."""

    connections: Connections
    credentials: CredentialStore
    pipelines: Pipelines
    auditor: Auditor | None = None
    """Records who changes a connection; nobody does for None."""


def connect(connector: Connector, connection: Connection, given: NewCredentials) -> NewConnection:
    """Make a connection.

    Without secrets of a provider that makes them itself, the connection waits for its secret
    and refuses all messages until ``change_credentials`` brings it.
    Raises PermanentError for a provider, pipeline, field, user or locale that does not exist, for
    an id that is taken, where the provider signs with a secret of one's own and none is given, and
    for parties, options, a secret or an API token that cannot be used.
    """
    provider = load_provider(connection.provider)
    if connector.connections.get(connection.id) is not None:
        msg = f'the connection "{connection.id}" exists already; choose another id, or rotate it'
        raise PermanentError(msg)
    if (
        provider.secret_required
        and not any(given.secrets)
        and not made_there(provider, given.options)
    ):
        msg = f"{provider.title} proves its messages with a secret; give it one, or have one made"
        raise PermanentError(msg)
    if given.secrets:
        check_secrets(provider)
    connection = _checked(connector.pipelines, connection)
    made = ConnectionCredentials(
        connection=connection.id,
        provider=connection.provider,
        pipeline=connection.pipeline,
        tokens=(given.token,),
        secrets=given.secrets,
        options=dict(given.options),
        api_token=given.api_token,
        api_url=given.api_url,
    )
    unknown = unknown_options(provider, given.options)
    if wrong := unknown or (*provider.problems(made), *provider.api_problems(made)):
        raise PermanentError("; ".join(wrong))
    change = Change(
        action="connection.created",
        subject=connection_subject(connection.id),
        after=recorded_connection(connection) | recorded_credentials(made),
    )
    with recorded(connector.auditor, change):
        # The secrets go last: with them the address begins to answer, and needs the rest then.
        connector.connections.put(connection)
        connector.credentials.put(made)
    return NewConnection(connection=connection, secrets=made)


def offered_files(provider: Provider) -> tuple[KeptKind, ...]:
    """The files that the provider can be asked for once all have signed."""
    return tuple(kind for kind, offer in KEPT_FILES.items() if offer in provider.offers())


def unknown_options(provider: Provider, options: Mapping[str, str]) -> tuple[str, ...]:
    """Options that the provider does not have, each as a sentence."""
    there = f"there are {', '.join(provider.options)}" if provider.options else "it has none"
    return tuple(
        f'{provider.title} has no option "{name}"; {there}'
        for name in options
        if name not in provider.options
    )


def made_there(provider: Provider, options: Mapping[str, str]) -> bool:
    """Whether only the provider can make the secret, or may, so that it comes after the address."""
    own = provider.own_secrets_option is not None and provider.own_secrets_option in options
    return provider.secrets_chosen_by in ("provider", "either") and not own


def can_choose(provider: Provider, options: Mapping[str, str]) -> bool:
    """Whether one may choose the secret oneself, and so have it generated."""
    own = provider.own_secrets_option is not None and provider.own_secrets_option in options
    return provider.secrets_chosen_by in ("you", "either") or own


def waits_for_secret(secrets: ConnectionCredentials) -> bool:
    """Whether the connection refuses all messages, because its secret is not known yet."""
    return load_provider(secrets.provider).secret_required and not any(secrets.secrets)


def made_secret(provider_id: str, options: Mapping[str, str]) -> str:
    """256 bits nobody can guess, as text that every provider takes.

    PermanentError where the provider makes its secret itself, or uses none.
    """
    provider = load_provider(provider_id)
    if not can_choose(provider, options):
        raise PermanentError(not_made(provider))
    return randomness.token_urlsafe(32)


def not_made(provider: Provider) -> str:
    """Why no secret can be made for a provider."""
    if provider.secrets_chosen_by == "nobody":
        return f"{provider.title} does not use a secret: only the address protects its messages"
    return (
        f"{provider.title} makes the secret itself, so none was generated; enter the address there "
        "first, then set the secret that it shows"
    )


def setup_steps(connection: Connection, url: str, secret: str | None) -> tuple[str, ...]:
    """What to do at the provider, with the address and the secret filled in; for None with the
    command that sets it, where the provider has yet to make it."""
    words = set_secret(connection.id) if secret is None else secret
    steps = load_provider(connection.provider).setup
    return tuple(step.replace("{url}", url).replace("{secret}", words) for step in steps)


def set_secret(connection: str) -> str:
    """The command that gives a connection the secret that its provider made."""
    return f"countersign connections update {connection} --secret"


def amend(connector: Connector, connection_id: str, changes: Mapping[str, object]) -> Connection:
    """Change what a connection says of its messages, not its provider, pipeline or secrets.

    ``changes`` are attributes of a Connection and their new values; messages that come from now
    on are read so. NotFoundError where there is no such connection, PermanentError for a field,
    user or locale that does not exist or for parties that cannot be.
    """
    known = existing_connection(connector.connections, connection_id)
    wanted = Connection.model_validate({**known.model_dump(), **changes})
    after = _checked(connector.pipelines, wanted)
    change = Change(
        action="connection.changed",
        subject=connection_subject(connection_id),
        before=recorded_connection(known),
        after=recorded_connection(after),
    )
    connector.connections.put(
        after, entry_of(connector.auditor, change) if after != known else None
    )
    return after


def existing_connection(connections: Connections, connection_id: str) -> Connection:
    """The connection; NotFoundError names those there are."""
    connection = connections.get(connection_id)
    if connection is None:
        raise _no_connection(connections, connection_id)
    return connection


def with_credentials(
    connections: Connections, store: CredentialStore, connection_id: str
) -> tuple[Connection, ConnectionCredentials]:
    """The connection that is there whole; NotFoundError names those there are."""
    credentials = existing_credentials(connections, store, connection_id)
    return existing_connection(connections, connection_id), credentials


def existing_credentials(
    connections: Connections, store: CredentialStore, connection_id: str
) -> ConnectionCredentials:
    """The connection's credentials; NotFoundError names the connections there are."""
    credentials = store.get(connection_id)
    if credentials is None:
        raise _no_connection(connections, connection_id)
    return credentials


def _no_connection(connections: Connections, connection_id: str) -> NotFoundError:
    ids = ", ".join(connection.id for connection in connections.list())
    return NotFoundError(f'there is no connection "{connection_id}"; there are {ids or "none"}')


def check_secrets(provider: Provider) -> None:
    """PermanentError for a provider that is given a secret and does not use any."""
    if provider.secrets_chosen_by == "nobody":
        msg = f"{provider.title} does not use a secret: only the address protects its messages"
        raise PermanentError(f"{msg}; leave the secret out")


def _checked(pipelines: Pipelines, connection: Connection) -> Connection:
    """The connection with its responsible user as the pipeline lists him.

    PermanentError for parties that cannot be, for fields that do not exist and for a responsible
    that is not a user.
    """
    if wrong := tuple(problems(connection.parties)):
        raise PermanentError("; ".join(wrong))
    if connection.locale is not None:
        locale_of(connection.locale)
    provider = load_provider(connection.provider)
    for kind in connection.keep_files:
        if kind not in offered_files(provider):
            msg = f"{provider.title} cannot be asked for the {FILE_WORDS[kind]}, to keep it"
            raise PermanentError(msg)
    head = published_head(pipelines, connection.pipeline)
    pipeline = pipelines.version(head.pipeline, head.version).pipeline
    writable = (*WRITABLE, *pipeline.fields)
    for mapping in connection.fields:
        if mapping.field not in writable:
            msg = (
                f'"{mapping.source}" cannot be written into "{mapping.field}": '
                f"documents of {head.pipeline} have no such field; expected {', '.join(writable)}"
            )
            raise PermanentError(msg)
    if connection.responsible is None:
        return connection
    try:
        user = user_of(connection.responsible, pipeline)
    except InvalidValueError as error:
        raise PermanentError(f"responsible: {error}") from error
    return connection.model_copy(update={"responsible": user})
