"""What SignWell is asked, by its API key.

Facts: developers.signwell.com/reference, and its OpenAPI of March 2026 (api-evangelist/signwell).
The audit trail is the last page of the signed PDF, and no call gives the files before it is
completed: neither is offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, addressed, call, file, part
from countersign.providers._toolkit.links import OfferedLink, link_call, own_link, read_answer
from countersign.providers._toolkit.payload import Payload
from countersign.providers.signwell.state import Recipient

LONG_ANSWER = 2_000_000
"""Bytes of a document's state: every field of every page is in it."""


class LinkedRecipient(Recipient):
    """A recipient with the link that SignWell mails."""

    signing_url: str | None = None


class LinkedDocument(Payload):
    """As much of a document as has the links."""

    recipients: Annotated[tuple[LinkedRecipient, ...], Field(max_length=500)] | None = None


class SignWellCalls(ApiSupport):
    """What can be asked of SignWell's API."""

    api = "https://www.signwell.com"

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call for all; the name tells apart recipients who share an address.

        POST /api/v1/documents/{id}/remind: operation sendReminder.
        """
        whom = [
            {
                "email": addressed(signer, self.title),
                **({"name": signer.name} if signer.name else {}),
            }
            for signer in signers
        ]
        path = f"/api/v1/documents/{part(envelope)}/remind"
        request = call(access, "POST", path, _key(access), {"recipients": whom})
        return (Reminder(request=request, signers=tuple(signer.id for signer in signers)),)

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """All files as one PDF with the audit page.

        GET /api/v1/documents/{id}/completed_pdf: operation getCompletedPdf.
        """
        path = f"/api/v1/documents/{part(envelope)}/completed_pdf?url_only=false&file_format=pdf"
        return file(access, path, _key(access))

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """The whole document: no call gives one recipient.

        GET /api/v1/documents/{id}: operation getDocument.
        """
        return link_call(access, f"/api/v1/documents/{part(envelope)}", _key(access), LONG_ANSWER)

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """The recipient's ``signing_url``; ``embedded_signing_url`` works inside a frame alone, and
        documents that are signed so have no other."""
        recipients = read_answer(LinkedDocument, answer).recipients or ()
        offered = [OfferedLink(recipient.read(), recipient.signing_url) for recipient in recipients]
        return own_link(offered, signer, self.title)


def _key(access: Access) -> dict[str, str]:
    return {"x-api-key": access.token}
