"""What Scrive is asked, by the lasting credentials of a user.

The audit trail is not asked for: the sealed PDF has it, as its verification page and evidence log
(scrive/scrive-apidocs, documentation/definitions/Signatory.yaml, hide_personal_number).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urljoin

from pydantic import Field as Limits

from countersign.errors import PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access, Reminder
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import ApiSupport, call, file, part
from countersign.providers._toolkit.links import link_call, read_answer
from countersign.providers._toolkit.payload import MaybeId, Payload

CREDENTIALS = re.compile(":".join([r"([!#-9;-~]+)"] * 4))
PATH = re.compile(r"/[!-.0-~][!-~]*")
"""A path of the account's own host: one that begins with two slashes names another."""
MAX_DOCUMENT = 4_000_000
"""Bytes of a document's JSON, which has every party and field."""


class Party(Payload):
    """A party as the document's author sees it."""

    id: MaybeId = None
    api_delivery_url: str | None = None


class Parties(Payload):
    """As much of a document as has to do with links."""

    parties: Annotated[tuple[Party, ...], Limits(max_length=500)] = ()


class ScriveCalls(ApiSupport):
    """The questions."""

    api = "https://scrive.com"
    credential = (
        "the personal credentials: client identifier, client secret, token identifier and token "
        "secret, joined with colons"
    )
    reminds_all = True

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """One call for everybody who has not signed: it cannot name anybody.

        POST /api/v2/documents/{id}/remind: scrive/scrive-apidocs,
        documentation/api/documents/document_id/remind.yaml
        """
        path = f"/api/v2/documents/{part(envelope)}/remind"
        request = call(access, "POST", path, _credentials(access))
        return (Reminder(request=request, signers=tuple(signer.id for signer in signers)),)

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The main file; 503 for some seconds until it is sealed.

        GET /api/v2/documents/{id}/files/main, .../document_id/files/main.yaml
        """
        path = f"/api/v2/documents/{part(envelope)}/files/main"
        return file(access, path, _credentials(access))

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The main file as well: until all have signed it is what they sign."""
        return self.signed_pdf(envelope, access)

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """The document as its author sees it; nothing gives the link of one party alone.

        GET /api/v2/documents/{id}/get, .../document_id/get.yaml; the user of the credentials must
        be the author.
        """
        path = f"/api/v2/documents/{part(envelope)}/get"
        return link_call(access, path, _credentials(access), MAX_DOCUMENT)

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """The party's ``api_delivery_url``, which is a path, on the API's own host.

        Scrive gives it to parties whose delivery method is ``api`` alone ("Link" on its pages),
        after the document is started: documentation/definitions/Signatory.yaml.
        """
        parties = read_answer(Parties, answer).parties
        links = {
            party.api_delivery_url
            for party in parties
            if signer.has_own_id and signer.id and party.id == signer.id
        }
        link = links.pop() if len(links) == 1 else None
        if link is None or not PATH.fullmatch(link):
            msg = (
                f"Scrive has no link to sign for {signer.label}: it has one for parties whose "
                "delivery method is Link, shown to the author of a document that was started"
            )
            raise PermanentError(msg)
        return urljoin(access.url, link)

    def api_problems(self, secrets: ConnectionCredentials) -> tuple[str, ...]:
        """The token must be its four parts."""
        problems = super().api_problems(secrets)
        if secrets.api_token is not None and not CREDENTIALS.fullmatch(secrets.api_token):
            wrong = f"the API token of Scrive is {self.credential}; four parts were expected"
            return (*problems, wrong)
        return problems


def _credentials(access: Access) -> dict[str, str]:
    """The lasting credentials as OAuth 1 in plain text: documentation/scrive_api.yaml."""
    match = CREDENTIALS.fullmatch(access.token)
    if match is None:
        msg = f"the API token of the connection is none; Scrive's is {ScriveCalls.credential}"
        raise PermanentError(msg)
    client, client_secret, token, token_secret = match.groups()
    said = (
        f'oauth_signature_method="PLAINTEXT", oauth_consumer_key="{client}", '
        f'oauth_token="{token}", oauth_signature="{client_secret}&{token_secret}"'
    )
    return {"authorization": said}
