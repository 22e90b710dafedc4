"""What Dropbox Sign is asked, by its API key.

Facts: hellosign/hellosign-openapi, openapi.yaml, operations signatureRequestRemind and
signatureRequestFiles.

Links to sign are not asked for: an embedded request's sign_url opens in a frame of an application
with a client id alone (embeddedSignUrl), and the signing_url of any other request asks its signer
to sign in to an account (SignatureRequestResponse). The audit trail is not asked for: the signed
PDF ends with it (help.dropbox.com/account-settings/dropbox-sign-separate-audit-trail).
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.model.http import WebRequest
from countersign.model.provider_api import Access, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, addressed, basic, call, file, part


class DropboxSignCalls(ApiSupport):
    """The questions."""

    api = "https://api.hellosign.com/v3"

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call a signer; at most one an hour, and none for embedded requests.

        The name tells apart signers who share an address.
        """
        path = f"/signature_request/remind/{part(envelope)}"
        return tuple(
            Reminder(
                request=call(access, "POST", path, basic(access), _whom(signer)),
                signers=(signer.id,),
            )
            for signer in signers
        )

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """All files as one PDF; 409 while they are being made."""
        path = f"/signature_request/files/{part(envelope)}?file_type=pdf"
        return file(access, path, basic(access))

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The same call: it gives "the current documents"."""
        return self.signed_pdf(envelope, access)


def _whom(signer: Signer) -> dict[str, str]:
    named = {"name": signer.name} if signer.name else {}
    return {"email_address": addressed(signer, "Dropbox Sign"), **named}
