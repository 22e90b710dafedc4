"""Connections of signing providers: listed, shown and changed. Their secrets are never read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession, path
from countersign.errors import PermanentError
from countersign.http.views.connections import (
    ConnectionDescription,
    ConnectionRowView,
    ConnectionView,
)
from countersign.model.connection import Connection, PartyMapping
from countersign.model.refusal import RefusedCall
from countersign.model.run_purpose import KeptKind
from countersign.model.transaction import ProcessedEvent
from countersign.providers import provider as provider_of
from countersign.providers.base import Request
from countersign.use_cases.connections import connect as use_cases
from countersign.use_cases.connections.connect import NewConnection, NewCredentials, setup_steps
from countersign.use_cases.connections.credentials import (
    CredentialsChange,
    Rotation,
    change_credentials,
    rotate,
)
from countersign.use_cases.connections.party_mapping import warnings
from countersign.use_cases.pipelines.remove import pipeline_of_connection, remove_connection
from countersign.use_cases.queries import connections as queries
from countersign.use_cases.queries.connections import (
    ConnectionDetails,
    ConnectionRow,
    ConnectionStores,
)

DESCRIBED = frozenset(ConnectionDescription.model_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A connection that was made or changed."""

    details: ConnectionDetails
    url: str
    """The address to enter at its provider."""
    secret: str | None
    """The newest secret, where it was given or made just now."""

    def steps(self, *, shown: bool) -> tuple[str, ...]:
        """What to do at the provider, with the secret if it is ``shown``."""
        known = self.details
        if shown and self.secret is not None:
            return setup_steps(known.connection, self.url, self.secret)
        secret = use_cases.KEPT if known.secrets else None
        return setup_steps(known.connection, self.url, secret)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What its parties leave open."""
        known = self.details.connection
        return tuple(warnings(provider_of(known.provider), known.parties))


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsWanted:
    """What is set of a connection's credentials, as it was given; what is left out stays."""

    secret: str | None = None
    generate: bool = False
    """Whether a secret is made."""
    options: Mapping[str, str]
    api_token: str | None = None
    api_url: str | None = None
    keep_files: tuple[KeptKind, ...] | None = None
    """What is kept, where that was said: with its first API token a connection keeps all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationWanted:
    """What a connection gets beside what it has, and whether that is retired."""

    secret: str | None = None
    generate: bool = False
    """Whether a secret is made."""
    address: bool = False
    retire: bool = False


class Recipient(NamedTuple):
    """Where an example message goes to."""

    provider: str
    waits_for_secret: bool


class Delivered(NamedTuple):
    """How an example message was answered."""

    status: int
    text: str


class StackConnections:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def listed(self) -> tuple[ConnectionRow, ...]:
        """Every connection by id, and whether it waits for its secret."""
        cloud = self._context.cloud
        return queries.list_connections(cloud.connections, cloud.secrets)

    def show(self, connection: str) -> ConnectionDetails:
        """One connection with its last events and the calls refused lately; NotFoundError."""
        cloud = self._context.cloud
        stores = ConnectionStores(
            connections=cloud.connections,
            secrets=cloud.secrets,
            documents=cloud.documents,
            refusals=cloud.refusals,
        )
        return queries.show_connection(stores, connection, now=self._context.now())

    def create(
        self, made: Connection, secrets: tuple[str, ...], wanted: CredentialsWanted
    ) -> Connected:
        """The connection, with an address of its own."""
        context = self._context
        given = NewCredentials(
            token=context.address_token(made.id),
            secrets=secrets,
            options=wanted.options,
            api_token=wanted.api_token,
            api_url=wanted.api_url,
        )
        return self._connected(use_cases.connect(context.connector(context.auditor), made, given))

    def check_generated(self, connection: Connection, options: Mapping[str, str]) -> None:
        """PermanentError where no secret can be made for the connection."""
        self._secrets(connection.id, None, options, generate=True)

    def describe(self, connection: str, changes: Mapping[str, Any]) -> None:
        """Change how its messages are read."""
        use_cases.amend(self._context.connector(self._context.auditor), connection, changes)

    def set_credentials(self, connection: str, wanted: CredentialsWanted) -> Connected:
        """The connection once its credentials are set."""
        change = CredentialsChange(
            secrets=self._secrets(
                connection, wanted.secret, wanted.options, generate=wanted.generate
            ),
            options=wanted.options,
            api_token=wanted.api_token,
            api_url=wanted.api_url,
        )
        connector = self._context.connector(self._context.auditor)
        return self._connected(change_credentials(connector, connection, change))

    def rotate(self, connection: str, wanted: RotationWanted) -> Connected:
        """The connection with what it got, and without what was retired."""
        secrets = self._secrets(connection, wanted.secret, {}, generate=wanted.generate)
        token = self._context.address_token(connection) if wanted.address else None
        rotation = Rotation(token=token, secrets=secrets, retire=wanted.retire)
        connector = self._context.connector(self._context.auditor)
        return self._connected(rotate(connector, connection, rotation))

    def recipient(self, connection: str) -> Recipient:
        """Where an example message to the connection goes to; NotFoundError."""
        cloud = self._context.cloud
        known = use_cases.existing_credentials(cloud.connections, cloud.secrets, connection)
        return Recipient(known.provider, use_cases.waits_for_secret(known))

    def send(self, connection: str, request: Request) -> Delivered:
        """The answer to a message that is signed as the provider signs, and sent to its address."""
        context, cloud = self._context, self._context.cloud
        known = use_cases.existing_credentials(cloud.connections, cloud.secrets, connection)
        secret = next(iter(known.secrets), "")
        signed = provider_of(known.provider).sign(request, secret, context.now())
        slot = f"/{signed.slot}" if signed.slot else ""
        query = f"?{urlencode(signed.query)}" if signed.query else ""
        url = f"{cloud.webhooks}/{connection}.{known.tokens[0]}{slot}{query}"
        return Delivered(*context.post(url, signed))

    def check(self, connection: str) -> None:
        """NotFoundError where there is nothing to remove."""
        pipeline_of_connection(self._context.remover(self._context.auditor), connection)

    def remove(self, connection: str, *, drop_messages: bool) -> None:
        """Forget the connection with its secrets; NotFoundError."""
        remover = self._context.remover(self._context.auditor)
        remove_connection(remover, connection, drop_messages=drop_messages)

    def _secrets(
        self, connection: str, secret: str | None, options: Mapping[str, str], *, generate: bool
    ) -> tuple[str, ...]:
        if not generate:
            return () if secret is None else (secret,)
        cloud = self._context.cloud
        known = use_cases.existing_credentials(cloud.connections, cloud.secrets, connection)
        return (use_cases.made_secret(known.provider, {**known.options, **options}),)

    def _connected(self, done: NewConnection) -> Connected:
        url = f"{self._context.cloud.webhooks}/{done.address}"
        known, credentials = done.connection, done.secrets
        details = ConnectionDetails(
            connection=known,
            secrets=len(credentials.secrets),
            addresses=len(credentials.tokens),
            waits_for_secret=use_cases.waits_for_secret(credentials),
            api_token_set=credentials.api_token is not None,
            api_url=credentials.api_url,
            last_events=(),
            refusals=(),
        )
        return Connected(details=details, url=url, secret=next(iter(credentials.secrets), None))


class ApiConnections:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def listed(self) -> tuple[ConnectionRow, ...]:
        """Every connection by id, and whether it waits for its secret."""
        rows = map(ConnectionRowView.model_validate, self._api.items("/connections"))
        return tuple(ConnectionRow(_connection(row), row.waits_for_secret) for row in rows)

    def show(self, connection: str) -> ConnectionDetails:
        """One connection with its last events and the calls refused lately; NotFoundError."""
        reply = self._api.get(path("connections", connection))
        view = ConnectionView.model_validate(reply)
        return ConnectionDetails(
            connection=_connection(view),
            secrets=view.secrets,
            addresses=view.addresses,
            waits_for_secret=view.waits_for_secret,
            api_token_set=view.api_token_set,
            api_url=view.api_url,
            last_events=tuple(
                ProcessedEvent(key="", connection=connection, **event.model_dump())
                for event in view.last_events
            ),
            refusals=tuple(
                RefusedCall(connection=connection, **call.model_dump()) for call in view.refusals
            ),
        )

    def create(
        self, made: Connection, secrets: tuple[str, ...], wanted: CredentialsWanted
    ) -> Connected:
        """The connection, with an address of its own."""
        about = made.model_dump(mode="json", include=set(DESCRIBED), exclude_unset=True)
        body = {
            **{name: value for name, value in about.items() if value is not None},
            "id": made.id,
            "provider": made.provider,
            "pipeline": made.pipeline,
            "secrets": list(secrets),
            "options": dict(wanted.options),
            "api_token": wanted.api_token,
            "api_url": wanted.api_url,
        }
        reply = self._api.post("/connections", body)
        return self._connected(reply, next(iter(secrets), None))

    def check_generated(self, connection: Connection, options: Mapping[str, str]) -> None:
        """PermanentError where no secret can be made; the API knows the options that are set."""
        provider = provider_of(connection.provider)
        if provider.own_secrets_option is None and not use_cases.can_choose(provider, options):
            raise PermanentError(use_cases.not_made(provider))

    def describe(self, connection: str, changes: Mapping[str, Any]) -> None:
        """Change how its messages are read."""
        self._api.patch(path("connections", connection), _plain(changes))

    def set_credentials(self, connection: str, wanted: CredentialsWanted) -> Connected:
        """The connection once its credentials are set."""
        body = {
            "secret": wanted.secret,
            "options": dict(wanted.options),
            "api_token": wanted.api_token,
            "api_url": wanted.api_url,
        }
        reply = self._api.post(path("connections", connection, "credentials"), body)
        if wanted.api_token is not None and wanted.keep_files is not None:
            self.describe(connection, {"keep_files": wanted.keep_files})
        if wanted.generate:
            return self.rotate(connection, RotationWanted(generate=True))
        return self._connected(reply, wanted.secret)

    def rotate(self, connection: str, wanted: RotationWanted) -> Connected:
        """The connection with what it got, and without what was retired."""
        body = {
            "secret": wanted.secret,
            "generate": wanted.generate,
            "address": wanted.address,
            "retire": wanted.retire,
        }
        reply = self._api.post(path("connections", connection, "rotate"), body)
        return self._connected(reply, wanted.secret or reply["secret"])

    def recipient(self, connection: str) -> Recipient:
        """Where an example message to the connection goes to; NotFoundError."""
        reply = self._api.get(path("connections", connection))
        return Recipient(reply["provider"], reply["waits_for_secret"])

    def send(self, connection: str, request: Request) -> Delivered:
        """The answer to a message that is signed and taken there as if the provider had sent it."""
        body = {
            "method": request.method,
            "headers": dict(request.headers),
            "query": dict(request.query),
            "slot": request.slot,
            "body": request.body.decode(),
        }
        reply = self._api.post(path("connections", connection, "test-events"), body)
        return Delivered(reply["status"], reply["answer"])

    def check(self, connection: str) -> None:
        """NotFoundError where there is nothing to remove."""
        self._api.get(path("connections", connection))

    def remove(self, connection: str, *, drop_messages: bool) -> None:
        """Forget the connection with its secrets; NotFoundError."""
        self._api.delete(path("connections", connection), {"drop_messages": drop_messages})

    def _connected(self, reply: Any, secret: str | None) -> Connected:
        details = self.show(reply["connection"])
        return Connected(details=details, url=reply["url"], secret=secret)


def _connection(row: ConnectionRowView) -> Connection:
    names = Connection.model_fields.keys() & row.__class__.model_fields.keys()
    return Connection.model_validate({name: getattr(row, name) for name in names})


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as JSON has them."""
    return {
        name: value.model_dump(mode="json") if isinstance(value, PartyMapping) else value
        for name, value in changes.items()
    }


def connections_of(context: CliContext) -> StackConnections | ApiConnections:
    """Connections, the way that commands go."""
    return StackConnections(context) if context.api is None else ApiConnections(context.api)
