"""What Yousign is asked, by an API key.

Facts: developers.yousign.com/reference, the OpenAPI of API v3 of August 2026
(api-evangelist/yousign, openapi/_original).
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, bearer, call, file, identified, part
from countersign.providers._toolkit.links import (
    OfferedLink,
    id_for_link,
    link_call,
    own_link,
    read_answer,
)
from countersign.providers.yousign.state import Recipient


class LinkedRecipient(Recipient):
    """A signer or an approver, each with a link of its sort; null until it is their turn."""

    signature_link: str | None = None
    approval_link: str | None = None


class YousignCalls(ApiSupport):
    """What can be asked of Yousign's API."""

    api = "https://api.yousign.app/v3"

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call a signer or approver, who must have been notified.

        POST /signature_requests/{id}/signers/{id}/send_reminder, or .../approvers/{id}/...
        """

        def reminder(signer: Signer) -> Reminder:
            path = f"{_place(envelope, signer)}/{part(identified(signer, self.title))}"
            request = call(access, "POST", f"{path}/send_reminder", bearer(access))
            return Reminder(request=request, signers=(signer.id,))

        return tuple(map(reminder, signers))

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The signed document; of several documents a ZIP comes, which is refused as no PDF.

        GET /signature_requests/{id}/documents/download
        """
        return _documents(envelope, "completed", access)

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The document as it is now; of several documents a ZIP, as above."""
        return _documents(envelope, "current", access)

    def audit_trail(self, envelope: str, access: Access) -> WebRequest:
        """The audit trails of all signers as one PDF, once the request is done.

        GET /signature_requests/{id}/audit_trails/download
        """
        path = f"/signature_requests/{part(envelope)}/audit_trails/download?merge=true"
        return file(access, path, bearer(access))

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """This signer or approver alone.

        GET /signature_requests/{id}/signers/{id}, or .../approvers/{id}:
        developers.yousign.com/docs/manage-signature-link-delivery
        """
        path = f"{_place(envelope, signer)}/{part(id_for_link(signer, self.title))}"
        return link_call(access, path, bearer(access))

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """The signer's ``signature_link``, the approver's ``approval_link``."""
        recipient = read_answer(LinkedRecipient, answer)
        link = recipient.approval_link if signer.action == "approve" else recipient.signature_link
        return own_link([OfferedLink(recipient.read(signer.action), link)], signer, self.title)


def _place(envelope: str, signer: Signer) -> str:
    where = "approvers" if signer.action == "approve" else "signers"
    return f"/signature_requests/{part(envelope)}/{where}"


def _documents(envelope: str, version: str, access: Access) -> WebRequest:
    path = f"/signature_requests/{part(envelope)}/documents/download?version={version}"
    return file(access, path, bearer(access))
