"""What BoldSign is asked, by its API key."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import (
    ApiSupport,
    addressed,
    call,
    file,
    part,
    signing_link,
)
from countersign.providers._toolkit.links import address_for_link, link_call, read_answer
from countersign.providers._toolkit.payload import CamelPayload


class EmbeddedSigningLink(CamelPayload):
    """The one link that was asked for."""

    sign_link: str | None = None


class BoldSignCalls(ApiSupport):
    """The questions."""

    api = "https://api.boldsign.com"
    links_by_address = True

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call for all.

        POST /v1/document/remind: developers.boldsign.com/documents/send-reminder; the query's
        receiverEmails, one for each signer: boldsign/api-csharp-sdk, DocumentClient.cs.
        """
        whom = "".join(
            f"&receiverEmails={part(addressed(signer, self.title))}" for signer in signers
        )
        path = f"/v1/document/remind?documentId={part(envelope)}{whom}"
        request = call(access, "POST", path, _key_header(access), {})
        return (Reminder(request=request, signers=tuple(signer.id for signer in signers)),)

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """GET /v1/document/download: developers.boldsign.com/documents/download-document"""
        path = f"/v1/document/download?documentId={part(envelope)}"
        return file(access, path, _key_header(access))

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The same call: it gives any document "that has been sent for signature",
        developers.boldsign.com/how-to-guides/download-document."""
        return self.signed_pdf(envelope, access)

    def audit_trail(self, envelope: str, access: Access) -> WebRequest:
        """Of a completed document only.

        GET /v1/document/downloadAuditLog: developers.boldsign.com/documents/download-audit-trail
        """
        path = f"/v1/document/downloadAuditLog?documentId={part(envelope)}"
        return file(access, path, _key_header(access))

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """A link of the one signer, for "an iFrame, popup window, or new tab"; good for 180 days.

        GET /v1/document/getEmbeddedSignLink:
        developers.boldsign.com/embedded-signing/get-embedded-signing-link and
        .../how-to-guides/embedded-link-expiration. It knows signers by address, or by country code
        and number: boldsign/boldsign-python-sdk, docs/DocumentApi.md. Nothing else tells apart
        signers who share one.
        """
        whom = _whom(signer, self.title)
        path = f"/v1/document/getEmbeddedSignLink?documentId={part(envelope)}&{whom}"
        return link_call(access, path, _key_header(access))

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """``signLink``."""
        return signing_link(read_answer(EmbeddedSigningLink, answer).sign_link, signer, self.title)


def _key_header(access: Access) -> dict[str, str]:
    return {"x-api-key": access.token}


def _whom(signer: Signer, title: str) -> str:
    # Numbers come with their country's code before a blank: people.full_number.
    code, blank, number = (signer.phone or "").partition(" ")
    if not signer.email and code.startswith("+") and blank:
        return f"countryCode={part(code)}&phoneNumber={part(number)}"
    return f"signerEmail={part(address_for_link(signer, title))}"
