"""What Adobe Acrobat Sign is asked, by an integration key.

Facts: AdobeDocs/acrobat-sign-developer-guide, developer_guide/apiusage.md, published as
opensource.adobe.com/acrobat-sign/developer_guide/apiusage.html; adobe-sign/AdobeSignJavaSdk,
docs/AgreementsApi.md. The API's address is the account's own access point, such as
https://api.eu1.adobesign.com.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Limits

from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, bearer, file, part
from countersign.providers._toolkit.links import (
    OfferedLink,
    address_for_link,
    link_call,
    own_link,
    read_answer,
)
from countersign.providers._toolkit.payload import CamelPayload, MaybeEmail


class SigningUrl(CamelPayload):
    """The link of one who may sign now."""

    email: MaybeEmail = None
    esign_url: str | None = None


class SigningUrlSet(CamelPayload):
    """The links of a set of participants, any one of whom may sign."""

    signing_urls: Annotated[tuple[SigningUrl, ...], Limits(max_length=500)] = ()


class SigningUrls(CamelPayload):
    """The links of those whose turn it is."""

    signing_url_set_infos: Annotated[tuple[SigningUrlSet, ...], Limits(max_length=500)] = ()


class AdobeSignCalls(ApiSupport):
    """The questions."""

    credential = (
        "an integration key with the scope agreement_read, and agreement_write for links to sign"
    )

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """All documents of the agreement as one PDF, without the audit report.

        GET /api/rest/v6/agreements/{id}/combinedDocument, apiusage.md, "Download the Agreement".
        """
        return file(access, f"{_agreement(envelope)}/combinedDocument", bearer(access))

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The same call: "the agreement can be downloaded even before it gets signed"."""
        return self.signed_pdf(envelope, access)

    def audit_trail(self, envelope: str, access: Access) -> WebRequest:
        """GET /api/rest/v6/agreements/{id}/auditTrail, AgreementsApi.md, getAuditTrail."""
        return file(access, f"{_agreement(envelope)}/auditTrail", bearer(access))

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """The links of those whose turn it is; nothing gives that of one alone.

        GET /api/rest/v6/agreements/{id}/signingUrls, apiusage.md, "Get the Signing URL"; meant for
        mails of one's own: helpx.adobe.com/sign/kb/retrieve-the-signing-url-for-an-agreement-in-
        rest-api.html. It names signers by address.
        """
        address_for_link(signer, self.title)
        return link_call(access, f"{_agreement(envelope)}/signingUrls", bearer(access))

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """The ``esignUrl`` beside the signer's address; none where two links have it."""
        sets = read_answer(SigningUrls, answer).signing_url_set_infos
        offered = (
            OfferedLink(Signer(email=signing_url.email), signing_url.esign_url)
            for each in sets
            for signing_url in each.signing_urls
        )
        return own_link(offered, signer, self.title)


def _agreement(envelope: str) -> str:
    return f"/api/rest/v6/agreements/{part(envelope)}"
