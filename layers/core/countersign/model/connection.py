"""A connection: one signing provider's account, joined to one pipeline."""

from typing import Annotated

from pydantic import Field

from countersign.model.base import Instant, Model
from countersign.model.run_purpose import KeptKind
from countersign.model.signing_event import Party

DOCUMENT_FIELD = "countersign_document"
"""Custom field that names an envelope's document, unless a connection has another."""


class ConnectionCredentials(Model):
    """What a connection's parameter holds: everything needed before the table may be read."""

    connection: str
    provider: str
    pipeline: str
    tokens: tuple[str, ...]
    """The unguessable part of the address; several while the address is being renewed."""
    secrets: tuple[str, ...] = ()
    """The provider's active secrets; several while they are being rotated."""
    options: dict[str, str] = {}
    """The provider's own settings, such as the age of the oldest signed time."""
    api_token: str | None = None
    """The key or token by which the provider's API is asked; None where nothing is asked."""
    api_url: str | None = None
    """The API's base address, where it is not the provider's usual one."""


class PartyMapping(Model):
    """Which side a signer is on. The first that says something wins, in this order.

    Addresses, domains and names of roles compare as people read them (``text.folding``).
    """

    emails: dict[str, Party] = {}
    roles: dict[str, Party] = {}
    """By the role's name at the provider."""
    company_domains: tuple[str, ...] = ()
    """Mail domains of our side. The sender's own address counts too, and the sender's own domain
    unless it is one of a public mail service, where anybody can have an address."""
    orders: dict[int, Party] = {}
    """By the place in the signing order."""
    strict: bool = False
    """Whether the sender's address and domain say nothing."""
    others: Party | None = None
    """Every signer that no line above names. None: ``client`` where the lines above could have
    told that the signer is ours and did not, otherwise ``unknown``."""


class FieldMapping(Model):
    """A custom field of the envelope that is written into a field of the document."""

    source: str
    field: str
    """A field of the pipeline, or title, number, responsible, amount, currency."""


class Connection(Model):
    """How the messages of one provider's account become events of one pipeline."""

    id: str
    provider: str
    pipeline: str
    name: str = ""
    created_at: Instant | None = None
    responsible: str | None = None
    """Responsible for documents that this connection creates; the envelope's sender if None."""
    parties: PartyMapping = PartyMapping()
    fields: tuple[FieldMapping, ...] = ()
    locale: str | None = None
    """The locale (``de``, ``fr-CH``) in which custom fields of envelopes are filled in; the
    pipeline's language for None, and nothing but what programs write where that is not set."""
    document_field: str = DOCUMENT_FIELD
    """Custom field that names the document an envelope belongs to."""
    keep_files: tuple[KeptKind, ...] = ()
    """What is fetched by the API token once it is ready, and kept with the document."""
    silent_after: Annotated[int, Field(ge=1, le=365)] | None = None
    """Days without any event after which the connection counts as silent; never for None."""
