"""Connections of signing providers. Their secrets are written, and never read."""

from __future__ import annotations

from countersign.errors import PermanentError
from countersign.http.call import ApiCall, current
from countersign.http.once import once_noted
from countersign.http.routes import Routes
from countersign.http.views.connections import (
    ConnectedView,
    ConnectionDescription,
    ConnectionRowView,
    ConnectionView,
    CredentialsBody,
    EventView,
    NewConnectionBody,
    ReceivedView,
    RefusedCallView,
    RotationBody,
    TestEventBody,
)
from countersign.http.views.page import Cursor, Limit, PageOf, page_of
from countersign.model.connection import Connection
from countersign.model.person import includes
from countersign.providers import named_provider
from countersign.providers import provider as provider_of
from countersign.providers.base import Request
from countersign.use_cases.connections.connect import (
    Connector,
    NewConnection,
    NewCredentials,
    amend,
    can_choose,
    connect,
    existing_connection,
    existing_credentials,
    made_secret,
    offered_files,
    waits_for_secret,
)
from countersign.use_cases.connections.credentials import (
    CredentialsChange,
    Rotation,
    change_credentials,
    rotate,
)
from countersign.use_cases.connections.party_mapping import warnings
from countersign.use_cases.queries.connections import (
    ConnectionStores,
    is_waiting,
    show_connection,
)
from countersign.use_cases.queries.pages.cursors import PagedList

routes = Routes("connections")
DESCRIBED = frozenset(ConnectionDescription.model_fields)


@routes.get("/connections")
def list_connections(cursor: Cursor = None, limit: Limit = 50) -> PageOf[ConnectionRowView]:
    """List the connections by id, with the time of their last events."""
    cloud = current().services.cloud
    listed = PagedList(subject="connections")
    page = cloud.pages.connections(listed.request(cursor, limit))
    return page_of(listed.page(page), lambda connection: _row(current(), connection))


@routes.post("/connections", role="administrator", status=201, confirmed=True)
def create_connection(body: NewConnectionBody) -> ConnectedView:
    """Connect a signing provider to a pipeline.

    The answer has the address to enter at the provider, a secret that was made here, and the steps
    to take there. Many providers make the secret themselves, once they have the address.
    """
    call = current()

    def act() -> ConnectedView:
        return _connected(call, *_made(call, body))

    def show(_: str) -> ConnectedView:
        cloud = call.services.cloud
        credentials = existing_credentials(cloud.connections, cloud.secrets, body.id)
        known = existing_connection(cloud.connections, body.id)
        return _connected(call, NewConnection(connection=known, secrets=credentials), None)

    call.locate(f"/connections/{body.id}")
    return once_noted(call, f"/connections/{body.id}", act, show)


@routes.get("/connections/<connection>")
def get_connection(connection: str) -> ConnectionView:
    """Show a connection with its last events and the calls that were refused."""
    call = current()
    cloud = call.services.cloud
    stores = ConnectionStores(
        connections=cloud.connections,
        secrets=cloud.secrets,
        documents=cloud.documents,
        refusals=cloud.refusals,
    )
    details = show_connection(stores, connection, now=call.services.now())
    known = details.connection
    call.tag(_tag(known))
    row = _row(call, known).model_dump()
    described = DESCRIBED.intersection(ConnectionView.model_fields)
    plain = {name: getattr(known, name) for name in described}
    return ConnectionView(
        **{
            **row,
            **plain,
            "url": _url(call, known),
            "secrets": details.secrets,
            "addresses": details.addresses,
            "api_token_set": details.api_token_set,
            "api_url": details.api_url,
            "last_events": tuple(map(EventView.model_validate, details.last_events)),
            "refusals": tuple(map(RefusedCallView.model_validate, details.refusals)),
            "warnings": tuple(warnings(provider_of(known.provider), known.parties)),
        }
    )


@routes.patch("/connections/<connection>", role="administrator", versioned=True, confirmed=True)
def change_connection(connection: str, body: ConnectionDescription) -> ConnectionView:
    """Change how a connection's messages are read from now on."""
    call = current()
    known = existing_connection(call.services.cloud.connections, connection)
    call.expected_version(_tag(known))
    amend(_connector(call), connection, body.model_dump(exclude_unset=True))
    return get_connection(connection)


@routes.delete("/connections/<connection>", role="administrator", status=204, confirmed=True)
def remove_connection(connection: str, drop_messages: bool = False) -> None:
    """Remove a connection with its secrets; its documents stay.

    With `drop_messages` also where messages of it wait for a paused pipeline.
    """
    from countersign.use_cases.pipelines.remove import remove_connection as remove

    call = current()
    remove(call.services.remover(call.auditor), connection, drop_messages=drop_messages)


@routes.post("/connections/<connection>/credentials", role="administrator", confirmed=True)
def set_credentials(connection: str, body: CredentialsBody) -> ConnectedView:
    """Set the secret that the provider made, options of the provider, or the API token."""
    call = current()
    cloud = call.services.cloud
    known = existing_credentials(cloud.connections, cloud.secrets, connection)
    if body.secret is not None and known.secrets:
        raise PermanentError(f"{connection} has a secret already; rotate it to replace it")
    if body.api_token is not None and known.api_token is None:
        # The first one: from now on there are files to keep.
        files = {"keep_files": offered_files(provider_of(known.provider))}
        amend(_connector(call), connection, files)
    change = CredentialsChange(
        secrets=() if body.secret is None else (body.secret,),
        options=body.options,
        api_token=body.api_token,
        api_url=body.api_url,
    )
    return _connected(call, change_credentials(_connector(call), connection, change), None)


@routes.post("/connections/<connection>/rotate", role="administrator", confirmed=True)
def rotate_credentials(connection: str, body: RotationBody) -> ConnectedView:
    """Add a new secret or address beside the old ones, or end those that are older."""
    call = current()
    cloud = call.services.cloud
    known = existing_credentials(cloud.connections, cloud.secrets, connection)
    if not (body.secret or body.generate or body.address or body.retire):
        raise PermanentError("expected secret, generate, address or retire")
    if body.secret and body.generate:
        raise PermanentError("give a secret, or have one made; not both")
    made = made_secret(known.provider, known.options) if body.generate else None
    given = body.secret or made
    rotation = Rotation(
        token=_address_token(call, connection) if body.address else None,
        secrets=() if given is None else (given,),
        retire=body.retire,
    )
    return _connected(call, rotate(_connector(call), connection, rotation), made)


@routes.post("/connections/<connection>/test-events", role="administrator")
def send_test_event(connection: str, body: TestEventBody) -> ReceivedView:
    """Take a message as if the provider had sent it: signed, checked and applied for real."""
    from countersign.use_cases.messages.receive import receive

    call = current()
    services = call.services
    cloud = services.cloud
    known = existing_credentials(cloud.connections, cloud.secrets, connection)
    if waits_for_secret(known):
        raise PermanentError(f"{connection} waits for its secret and refuses all messages")
    request = Request(
        method=body.method,
        headers={name.lower(): value for name, value in body.headers.items()},
        query=body.query,
        body=body.body.encode(),
        slot=body.slot,
        received_at=services.now(),
    )
    signed = provider_of(known.provider).sign(
        request, next(iter(known.secrets), ""), services.now()
    )
    received = receive(services.receiver, f"{connection}.{known.tokens[0]}", signed)
    return ReceivedView(
        status=received.answer.status,
        answer=received.answer.body,
        outcome=received.outcome,
        documents=received.documents,
        reason=received.reason,
    )


def _connector(call: ApiCall) -> Connector:
    return call.services.connector(call.auditor)


def _made(call: ApiCall, body: NewConnectionBody) -> tuple[NewConnection, str | None]:
    """The connection, and the secret that was made for it."""
    provider = named_provider(body.provider)
    made = None
    if body.generate and can_choose(provider, body.options):
        made = made_secret(body.provider, body.options)
    about = body.model_dump(include=set(DESCRIBED), exclude_unset=True)
    if body.api_token is not None:
        about.setdefault("keep_files", offered_files(provider))
    connection = Connection.model_validate(
        {
            "id": body.id,
            "provider": body.provider,
            "pipeline": body.pipeline,
            "created_at": call.services.now(),
            **{name: value for name, value in about.items() if value is not None},
        }
    )
    credentials = NewCredentials(
        token=_address_token(call, body.id),
        secrets=(*body.secrets, *((made,) if made else ())),
        options=body.options,
        api_token=body.api_token,
        api_url=body.api_url,
    )
    return connect(_connector(call), connection, credentials), made


def _connected(call: ApiCall, done: NewConnection, secret: str | None) -> ConnectedView:
    known, credentials = done.connection, done.secrets
    url = f"{call.services.cloud.webhooks}/{done.address}"
    return ConnectedView(
        connection=known.id,
        provider=known.provider,
        pipeline=known.pipeline,
        url=url,
        secret=secret,
        waits_for_secret=waits_for_secret(credentials),
        secrets=len(credentials.secrets),
        addresses=len(credentials.tokens),
        steps=done.steps(url, shown=False),
        warnings=tuple(warnings(provider_of(known.provider), known.parties)),
    )


def _url(call: ApiCall, known: Connection) -> str | None:
    """The address of the connection as far as it may be shown to the caller."""
    cloud = call.services.cloud
    proves_otherwise = provider_of(known.provider).secret_required
    if not (proves_otherwise and includes(call.caller.role, "administrator")):
        return None
    credentials = cloud.secrets.get(known.id)
    if credentials is None:
        return None
    made = NewConnection(connection=known, secrets=credentials)
    return f"{cloud.webhooks}/{made.address}"


def _row(call: ApiCall, known: Connection) -> ConnectionRowView:
    cloud = call.services.cloud
    last = cloud.documents.recent_events(known.id, 1)
    return ConnectionRowView(
        id=known.id,
        provider=known.provider,
        pipeline=known.pipeline,
        name=known.name,
        created_at=known.created_at,
        silent_after=known.silent_after,
        waits_for_secret=is_waiting(cloud.secrets, known),
        last_event_at=last[0].at if last else None,
    )


def _tag(known: Connection) -> str:
    """A digest of what it says: nothing counts its versions."""
    import hashlib

    return hashlib.sha256(known.model_dump_json().encode()).hexdigest()[:16]


def _address_token(call: ApiCall, connection: str) -> str:
    return call.services.cloud.addresses.make(connection, call.services.token())
