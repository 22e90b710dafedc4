"""What PandaDoc is asked, by its API key.

The audit trail is not asked for: its API has it as JSON alone (PandaDoc/pandadoc-openapi-
specification, listDocumentAuditTrail).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field as Limits
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, call, file, part
from countersign.providers._toolkit.links import OfferedLink, link_call, own_link, read_answer
from countersign.providers._toolkit.payload import MaybeEmail, MaybeId, MaybeText, Payload
from countersign.providers._toolkit.people import full_name
from countersign.text.folding import same

MAX_DETAILS = 4_000_000
"""Bytes of a document's details, which have every field and price."""


class ReminderMail(Payload):
    """Whether a reminder's mail went out."""

    status: MaybeText = None
    detail: MaybeText = None


class RecipientReminder(Payload):
    """What became of the reminder of one recipient."""

    recipient_id: MaybeId = None
    email: ReminderMail | None = None


class ReminderResult(Payload):
    """What became of a call that reminds."""

    result: tuple[RecipientReminder, ...] = ()


class SharedLink(Payload):
    """A recipient with the link to the page on which it signs."""

    id: MaybeId = None
    email: MaybeEmail = None
    first_name: MaybeText = None
    last_name: MaybeText = None
    recipient_type: MaybeText = None
    has_completed: bool | None = None
    shared_link: str | None = None

    def read(self) -> Signer:
        """The recipient as far as it tells whose the link is."""
        name = full_name(self.first_name, self.last_name)
        return Signer(id=self.id or "", email=self.email, name=name)


class SharedLinks(Payload):
    """As much of a document's details as has to do with links."""

    recipients: Annotated[tuple[SharedLink, ...], Limits(max_length=500)] = ()


class PandaDocCalls(ApiSupport):
    """What can be asked of PandaDoc's API."""

    api = "https://api.pandadoc.com"
    credential = "an API key (production)"

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call for all, POST /public/v1/documents/{id}/send-reminder.

        developers.pandadoc.com/reference/createmanualreminder
        """
        whom = [
            {"recipient_id": _recipient(signer), "delivery_methods": {"email": True}}
            for signer in signers
        ]
        path = f"/public/v1/documents/{part(envelope)}/send-reminder"
        request = call(access, "POST", path, _key_header(access), {"reminders": whom})
        return (Reminder(request=request, signers=tuple(signer.id for signer in signers)),)

    def not_reminded(self, answer: WebAnswer) -> Mapping[str, str]:
        """Its 200 says of each recipient whether the mail went out."""
        try:
            outcome = ReminderResult.model_validate_json(answer.body)
        except ValidationError:
            return {}
        return {
            reminder.recipient_id: reminder.email.detail or "PandaDoc gives no reason"
            for reminder in outcome.result
            if reminder.recipient_id and reminder.email and reminder.email.status == "error"
        }

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The completed document, sealed; a sandbox key gets 401, an unready file 202 or 409.

        GET /public/v1/documents/{id}/download-protected,
        developers.pandadoc.com/reference/download-protected-document
        """
        path = f"/public/v1/documents/{part(envelope)}/download-protected"
        return file(access, path, _key_header(access))

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The document as it is now, whole; 202 or 409 while the file is being made.

        GET /public/v1/documents/{id}/download, developers.pandadoc.com/reference/download-document
        """
        path = f"/public/v1/documents/{part(envelope)}/download"
        return file(access, path, _key_header(access))

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """The document's details, with the shared link of each recipient.

        GET /public/v1/documents/{id}/details, developers.pandadoc.com/changelog/shared-links and
        .../docs/explanations: the link of PandaDoc's own mails. Not a session of
        POST .../session: it is made for an address, which two may share, is good for an hour, and
        its answer does not say on which host (com or eu) it opens.
        """
        path = f"/public/v1/documents/{part(envelope)}/details"
        return link_call(access, path, _key_header(access), MAX_DETAILS)

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """The ``shared_link`` of the recipient, unless it has signed or only gets a copy."""
        offered = (
            OfferedLink(item.read(), None if item.has_completed else item.shared_link)
            for item in read_answer(SharedLinks, answer).recipients
            if not same(item.recipient_type, "CC")
        )
        return own_link(offered, signer, self.title)


def _key_header(access: Access) -> dict[str, str]:
    return {"authorization": f"API-Key {access.token}"}


def _recipient(signer: Signer) -> str:
    # An id that PandaDoc has not given is made of what is known of the signer.
    if not signer.has_own_id or "@" in signer.id:
        msg = (
            f"PandaDoc reminds by the recipient's id, and did not send one for the signer "
            f"{signer.name or signer.id}"
        )
        raise PermanentError(msg)
    return signer.id
