"""What Documenso is asked, by an API token: version 2 of its API.

Facts: documenso/documenso of August 2026, apps/docs/content/docs/developers/api and
packages/trpc/server/envelope-router. Calls by a document's number end in March 2027
(migrate-to-envelopes.mdx); they are made for the bare numbers of older versions alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, ProviderFile, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, call, file, part
from countersign.providers._toolkit.links import (
    OfferedLink,
    id_for_link,
    link_call,
    own_link,
    read_answer,
)
from countersign.providers._toolkit.payload import CamelPayload, MaybeId
from countersign.providers.documenso.state import Recipient, read_recipient

VERSIONS: dict[ProviderFile, str] = {
    "the signed PDF": "signed",
    "the unsigned document": "original",
}
ACTED = frozenset({"SIGNED", "REJECTED"})


class LinkedRecipient(Recipient):
    """A recipient with the token of the signing page."""

    token: MaybeId = None


class Item(CamelPayload):
    """One of an envelope's files."""

    id: MaybeId = None


class Items(CamelPayload):
    """The files of an envelope."""

    envelope_items: tuple[Item, ...] = ()


class DocumensoCalls(ApiSupport):
    """What can be asked of Documenso's API."""

    api = "https://app.documenso.com"

    def api_id(self, envelope: str, aliases: Sequence[str]) -> str:
        """The envelope's own id where a message has had it: calls by number are deprecated."""
        return next((alias for alias in aliases if not _is_number(alias)), envelope)

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call for all, whose invitation is mailed again.

        POST /api/v2/envelope/redistribute; for the bare numbers of older versions
        /api/v2/document/redistribute.
        """
        whom = [_number(signer) for signer in signers]
        content: dict[str, Any]
        if _is_number(envelope):
            path = "/api/v2/document/redistribute"
            content = {"documentId": int(envelope), "recipients": whom}
        else:
            path = "/api/v2/envelope/redistribute"
            content = {"envelopeId": envelope, "recipients": whom}
        request = call(access, "POST", path, _token(access), content)
        return (Reminder(request=request, signers=tuple(signer.id for signer in signers)),)

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """Which files the envelope has: GET /api/v2/envelope/{envelopeId}."""
        return self._envelope(envelope, access)

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The same call; the file is fetched as it was uploaded."""
        return self._envelope(envelope, access)

    def audit_trail(self, envelope: str, access: Access) -> WebRequest:
        """The audit log, which the signed PDF has only where the team chose so.

        GET /api/v2/envelope/{envelopeId}/audit-log/download: download-envelope-audit-log-pdf.ts
        """
        path = f"/api/v2/envelope/{part(self._own_id(envelope))}/audit-log/download"
        return file(access, path, _token(access))

    def located(self, answer: WebAnswer, wanted: ProviderFile, access: Access) -> WebRequest | None:
        """The envelope's file, where it has one only.

        GET /api/v2/envelope/item/{envelopeItemId}/download: download-envelope-item.types.ts
        """
        if wanted not in VERSIONS:
            return None
        items = read_answer(Items, answer).envelope_items
        if len(items) != 1 or items[0].id is None:
            return None
        path = f"/api/v2/envelope/item/{part(items[0].id)}/download?version={VERSIONS[wanted]}"
        return file(access, path, _token(access))

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """This recipient alone; the calls whose answers have the whole link send mails.

        GET /api/v2/envelope/recipient/{recipientId}, for the bare numbers of older versions
        /api/v2/document/recipient/{recipientId}: recipients.mdx
        """
        number = id_for_link(signer, self.title)
        kind = "document" if _is_number(envelope) else "envelope"
        return link_call(access, f"/api/v2/{kind}/recipient/{part(number)}", _token(access))

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """``/sign/`` and the recipient's token ("Unique token for signing URL", recipients.mdx; the
        form is in documents.mdx and packages/lib/utils/recipients.ts), on the API's own host."""
        recipient = read_answer(LinkedRecipient, answer)
        token = None if recipient.signing_status in ACTED else recipient.token
        link = token and f"{access.url}/sign/{part(token)}"
        return own_link([OfferedLink(read_recipient(recipient), link)], signer, self.title)

    def _envelope(self, envelope: str, access: Access) -> WebRequest:
        path = f"/api/v2/envelope/{part(self._own_id(envelope))}"
        return call(access, "GET", path, _token(access))

    def _own_id(self, envelope: str) -> str:
        if _is_number(envelope):
            msg = (
                f"{self.title} gives files by the envelope's own id, and its messages have only "
                f"the number {envelope}, as in older versions; update {self.title}"
            )
            raise PermanentError(msg)
        return envelope


def _token(access: Access) -> dict[str, str]:
    return {"authorization": access.token}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _number(signer: Signer) -> int:
    if not (signer.has_own_id and _is_number(signer.id)):
        msg = (
            f"Documenso reminds by the recipient's number, and did not send one for the signer "
            f"{signer.name or signer.id}"
        )
        raise PermanentError(msg)
    return int(signer.id)
