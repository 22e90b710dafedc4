"""Connections, as the API has them. Secrets are written and never read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from countersign.http.views.base import Body, Id, View
from countersign.http.views.message import Message
from countersign.model.connection import FieldMapping, PartyMapping
from countersign.model.run_purpose import KeptKind

Secret = Annotated[str, Field(min_length=1, max_length=2_000)]
Options = Annotated[dict[str, str], Field(max_length=50)]
MAX_BODY = 1_500_000
"""Characters of a test event's body."""


class ConnectionRowView(View):
    """A connection of a list."""

    id: str
    provider: str
    pipeline: str
    name: str
    created_at: datetime | None
    silent_after: int | None
    """Days without any event after which it counts as silent; null for never."""
    waits_for_secret: bool
    """Whether it refuses all messages until its secret is set."""
    last_event_at: datetime | None


class EventView(View):
    """An event that a connection brought."""

    at: datetime
    document: str | None
    provider_event: str
    kind: str
    authenticity: str


class RefusedCallView(View):
    """A call of the connection's address that was refused."""

    at: datetime
    status: int
    reason: Message


class ConnectionView(ConnectionRowView):
    """One connection."""

    url: str | None
    """The address to enter at the provider, for administrators; null where the address alone is
    what webhooks prove themselves by, and so a secret."""
    responsible: str | None
    """Of documents that it creates; the envelope's sender if null."""
    parties: PartyMapping
    fields: tuple[FieldMapping, ...]
    locale: str | None
    document_field: str
    keep_files: tuple[KeptKind, ...]
    secrets: int
    """How many secrets are accepted."""
    addresses: int
    """How many addresses are accepted."""
    api_token_set: bool
    api_url: str | None
    last_events: tuple[EventView, ...]
    """Newest first."""
    refusals: tuple[RefusedCallView, ...]
    """Newest first."""
    warnings: tuple[Message, ...]
    """What its parties leave open."""


class ConnectedView(View):
    """A connection's address and the steps at its provider, after it was made or changed."""

    connection: str
    provider: str
    pipeline: str
    url: str
    """The address to enter at the provider. Whoever has it may call it."""
    secret: str | None
    """A secret that was made here: it is shown this once."""
    waits_for_secret: bool
    secrets: int
    addresses: int
    steps: tuple[Message, ...]
    """What to do at the provider, in order."""
    warnings: tuple[Message, ...]


class ConnectionDescription(Body):
    """How a connection's messages are read; what is left out stays as it is."""

    name: str | None = Field(default=None, max_length=200)
    responsible: str | None = Field(default=None, max_length=320)
    parties: PartyMapping | None = None
    fields: tuple[FieldMapping, ...] | None = Field(default=None, max_length=100)
    locale: str | None = Field(default=None, max_length=20)
    document_field: str | None = Field(default=None, min_length=1, max_length=200)
    keep_files: tuple[KeptKind, ...] | None = Field(default=None, max_length=10)
    silent_after: int | None = Field(default=None, ge=1, le=365)


class NewConnectionBody(ConnectionDescription):
    """A connection that is to be made."""

    id: Id
    provider: Id
    pipeline: Id
    secrets: tuple[Secret, ...] = Field(default=(), max_length=5)
    """Those that the provider shows; none yet for a provider that makes them itself."""
    generate: bool = False
    """Whether a secret is made, where the provider lets one choose it."""
    options: Options = {}
    """The provider's own settings."""
    api_token: Secret | None = None
    api_url: str | None = Field(default=None, max_length=500)


class CredentialsBody(Body):
    """Credentials that a connection gets; what is left out stays."""

    secret: Secret | None = None
    """The first one, which the provider made."""
    options: Options = {}
    api_token: Secret | None = None
    api_url: str | None = Field(default=None, max_length=500)


class RotationBody(Body):
    """What is added to a connection, and whether what is older ends."""

    secret: Secret | None = None
    generate: bool = False
    address: bool = False
    """Adds a new address."""
    retire: bool = False
    """Ends all older secrets and addresses: once the provider uses the newest."""


class TestEventBody(Body):
    """A message of the provider, as it would send it; it is signed here."""

    method: str = Field(default="POST", pattern="^(GET|POST)$")
    headers: dict[str, str] = Field(default={}, max_length=50)
    query: dict[str, str] = Field(default={}, max_length=50)
    slot: Id | None = None
    body: str = Field(max_length=MAX_BODY)


class ReceivedView(View):
    """What became of a message."""

    status: int
    """As its provider would be answered."""
    answer: str
    """The text of that answer."""
    outcome: str
    documents: tuple[str, ...]
    reason: Message | None


class SecretRow(View):
    """The name of a secret that rules use; its value is never shown."""

    name: str


class SecretBody(Body):
    """A secret's value."""

    value: str = Field(min_length=1, max_length=4_000)
