"""What DocuSeal is asked, by its API key.

Facts: docusealco/docuseal, docs/openapi.json, of August 2026.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from countersign.errors import TransientError
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, ProviderFile, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, as_file, call, identified, part
from countersign.providers._toolkit.links import OfferedLink, id_for_link, own_link, read_answer
from countersign.providers._toolkit.payload import Payload
from countersign.providers.docuseal.state import Submitter


class File(Payload):
    """A file of a submission, by its address."""

    url: str | None = None


class Files(Payload):
    """The files of a submission."""

    documents: tuple[File, ...] = ()


class AuditLog(Payload):
    """As much of a submission as says where its audit log lies."""

    audit_log_url: str | None


class LinkedSubmitter(Submitter):
    """A submitter with the address of the signing form."""

    embed_src: str | None = None
    """"To embed the signing form or sign via a link": it opens in a browser of its own too."""


class DocuSealCalls(ApiSupport):
    """What can be asked of DocuSeal's API."""

    api = "https://api.docuseal.com"

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call a submitter, whose request is mailed again.

        PUT /submitters/{id} with send_email: operation updateSubmitter.
        """
        return tuple(
            Reminder(
                request=call(
                    access,
                    "PUT",
                    f"/submitters/{part(identified(signer, self.title))}",
                    _token(access),
                    {"send_email": True},
                ),
                signers=(signer.id,),
            )
            for signer in signers
        )

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """Where the merged PDF lies, without the audit log: operation getSubmissionDocuments."""
        return _documents(envelope, access)

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The same call: until a submission is completed, it gives what is filled in so far."""
        return _documents(envelope, access)

    def audit_trail(self, envelope: str, access: Access) -> WebRequest:
        """Where the audit log lies, a PDF: GET /submissions/{id}, operation getSubmission."""
        return call(access, "GET", f"/submissions/{part(envelope)}", _token(access))

    def located(self, answer: WebAnswer, wanted: ProviderFile, access: Access) -> WebRequest | None:
        """The one file that the answer names; its address works for anyone who has it.

        TransientError where the audit log is not there yet: it is made after the last signature.
        """
        if wanted == "the audit trail":
            return self._audit_log(answer)
        try:
            files = Files.model_validate_json(answer.body).documents
        except ValidationError:
            return None
        if len(files) != 1 or not files[0].url:
            return None
        return as_file(WebRequest(method="GET", url=files[0].url))

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """The submitter, unchanged: PUT /submitters/{id} without a member, operation
        updateSubmitter.

        Its answer has the whole link; those that only read (getSubmitter, getSubmission) leave it
        out, and the address of an account's forms does not follow from that of its API. 422 where
        the submitter has completed or declined.
        """
        path = f"/submitters/{part(id_for_link(signer, self.title))}"
        return call(access, "PUT", path, _token(access), {})

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """The address of the submitter's form."""
        submitter = read_answer(LinkedSubmitter, answer)
        return own_link([OfferedLink(submitter.read(), submitter.embed_src)], signer, self.title)

    def _audit_log(self, answer: WebAnswer) -> WebRequest | None:
        try:
            url = AuditLog.model_validate_json(answer.body).audit_log_url
        except ValidationError:
            return None
        if not url:
            raise TransientError(f"{self.title} is still making the audit trail")
        return as_file(WebRequest(method="GET", url=url))


def _documents(envelope: str, access: Access) -> WebRequest:
    path = f"/submissions/{part(envelope)}/documents?merge=true"
    return call(access, "GET", path, _token(access))


def _token(access: Access) -> dict[str, str]:
    return {"x-auth-token": access.token}
