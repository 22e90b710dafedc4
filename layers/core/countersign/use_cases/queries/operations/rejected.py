"""Rejected webhooks: as a list, and one as it may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from countersign.errors import PermanentError
from countersign.model.page import PageRequest
from countersign.model.rejected_request import RejectedRequest
from countersign.ports import Connections, CredentialStore, RejectedRequests
from countersign.providers import provider
from countersign.providers._toolkit.redaction import REDACTED
from countersign.use_cases.connections.connect import existing_connection
from countersign.use_cases.messages.rejected_requests import find
from countersign.use_cases.messages.verified_request import VerifiedRequest


@dataclass(frozen=True, slots=True)
class RejectedList:
    """Messages that were rejected."""

    requests: tuple[RejectedRequest, ...]
    unreadable: tuple[str, ...]
    """About each that this version cannot read, a sentence."""


@dataclass(frozen=True, slots=True)
class RejectedDetails:
    """One rejected message."""

    kept: RejectedRequest
    verified: VerifiedRequest
    body: str
    """Without secrets: as a message is kept where it can be read, otherwise as it came but for the
    connection's secrets."""


def list_rejected(
    rejected: RejectedRequests, connections: Connections, connection: str | None = None
) -> RejectedList:
    """The rejected messages (of one connection), newest first, then by id.

    NotFoundError for a connection that is not there and of which nothing is kept.
    """
    ids = tuple(rejected.ids(connection))
    if connection is not None and not ids:
        existing_connection(connections, connection)
    return _read(rejected, ids)


def page_rejected(
    rejected: RejectedRequests,
    connections: Connections,
    connection: str | None,
    page: PageRequest,
) -> tuple[RejectedList, str | None]:
    """A page of the rejected messages (of one connection), and where the next one begins.

    Pages are by connection, and each has its newest message first. NotFoundError as of
    ``list_rejected``, InvalidCursorError for a place that no page gave.
    """
    id_page = rejected.page(connection, page)
    if connection is not None and page.after is None and not id_page.items:
        existing_connection(connections, connection)
    return _read(rejected, id_page.items), id_page.next


def _read(rejected: RejectedRequests, ids: Iterable[str]) -> RejectedList:
    requests, unreadable = [], []
    for rejected_id in sorted(ids):
        try:
            kept = rejected.get(rejected_id)
        except PermanentError as error:
            unreadable.append(str(error))
            continue
        if kept is not None:
            requests.append(kept)
    requests.sort(key=lambda kept: kept.received_at, reverse=True)
    return RejectedList(tuple(requests), tuple(unreadable))


def count_rejected(rejected: RejectedRequests, connection: str) -> int:
    """How many messages of the connection are kept."""
    return sum(1 for _ in rejected.ids(connection))


def show_rejected(
    rejected: RejectedRequests, secrets: CredentialStore, rejected_id: str
) -> RejectedDetails:
    """One rejected message without secrets; NotFoundError where there is none."""
    kept = find(rejected, rejected_id)
    verified = VerifiedRequest.model_validate_json(kept.request)
    return RejectedDetails(kept, verified, _redacted(secrets, kept, verified))


def _redacted(secrets: CredentialStore, kept: RejectedRequest, verified: VerifiedRequest) -> str:
    request = verified.request()
    try:
        text = provider(kept.provider).redact(request)
    except Exception:
        # Unreadable is what most of these are, in ways that nobody foresaw.
        text = request.body.decode("utf-8", "replace")
    known = secrets.get(kept.connection)
    for secret in filter(None, known.secrets if known else ()):
        text = text.replace(secret, REDACTED)
    return text
