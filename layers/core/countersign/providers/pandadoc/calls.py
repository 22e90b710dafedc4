"""What PandaDoc is asked: reminders and the signed PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, call, file, part
from countersign.providers._toolkit.payload import MaybeId, MaybeText, Payload


class ReminderMail(Payload):
    """Whether a reminder's mail went out."""

    status: MaybeText = None
    detail: MaybeText = None


class RecipientReminder(Payload):
    """What became of the reminder of one recipient."""

    recipient_id: MaybeId = None
    email: ReminderMail | None = None


class Outcome(Payload):
    """What became of a call that reminds."""

    result: tuple[RecipientReminder, ...] = ()


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
            {"recipient_id": _recipient(one), "delivery_methods": {"email": True}}
            for one in signers
        ]
        path = f"/public/v1/documents/{part(envelope)}/send-reminder"
        request = call(access, "POST", path, _key_header(access), {"reminders": whom})
        return (Reminder(request=request, signers=tuple(one.id for one in signers)),)

    def not_reminded(self, answer: WebAnswer) -> Mapping[str, str]:
        """Its 200 says of each recipient whether the mail went out."""
        try:
            outcome = Outcome.model_validate_json(answer.body)
        except ValidationError:
            return {}
        return {
            one.recipient_id: one.email.detail or "PandaDoc gives no reason"
            for one in outcome.result
            if one.recipient_id and one.email and one.email.status == "error"
        }

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The completed document, sealed; a sandbox key gets 401, an unready file 202 or 409.

        GET /public/v1/documents/{id}/download-protected,
        developers.pandadoc.com/reference/download-protected-document
        """
        path = f"/public/v1/documents/{part(envelope)}/download-protected"
        return file(access, path, _key_header(access))


def _key_header(access: Access) -> dict[str, str]:
    return {"authorization": f"API-Key {access.token}"}


def _recipient(signer: Signer) -> str:
    # An id that PandaDoc has not given is made of what is known of the signer.
    if not signer.has_own_id or "@" in signer.id:
        msg = (
            f"PandaDoc reminds by the recipient's id, and has told none of the signer "
            f"{signer.name or signer.id}"
        )
        raise PermanentError(msg)
    return signer.id
