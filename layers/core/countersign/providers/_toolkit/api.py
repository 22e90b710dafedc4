"""What a provider can be asked for: reminders, files of an envelope, links to sign. No I/O."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from countersign.errors import PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import Method, WebAnswer, WebRequest
from countersign.model.provider_api import MAX_FILE, Access, Offer, ProviderFile, Reminder
from countersign.model.signing_event import Signer

FILE_WITHIN = 10
"""Seconds for a file, so that function and mail service keep their own time."""


class ApiSupport:
    """The part of a provider that is asked; each question is *not offered* until it says more."""

    title: ClassVar[str]
    api: ClassVar[str | None] = None
    """The usual base address of its API; None where each account has its own."""
    credential: ClassVar[str] = "its API key"
    """What the API token is, as its pages call it."""
    reminds_all: ClassVar[bool] = False
    """Whether a reminder goes to everybody who has not signed, and cannot go to fewer."""
    links_by_address: ClassVar[bool] = False
    """Whether a link to sign is asked for by the signer's address, and the answer does not say
    whose it is."""

    def api_id(self, envelope: str, aliases: Sequence[str]) -> str:
        """By which of an envelope's ids the API is asked: the first it had, unless overridden."""
        return envelope

    def reminders(
        self, envelope: str, signers: Sequence[Signer], access: Access
    ) -> tuple[Reminder, ...]:
        """The calls that remind these signers, each of them in one.

        PermanentError where the provider offers none, or cannot name a signer.
        """
        raise PermanentError(self.not_offered("reminders"))

    def not_reminded(self, answer: WebAnswer) -> Mapping[str, str]:
        """Whom an answer of 2xx says were not reminded: ids of signers, each with the reason."""
        return {}

    def signed_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The call that fetches the signed document as one PDF; PermanentError as above."""
        raise PermanentError(self.not_offered("the signed PDF"))

    def unsigned_pdf(self, envelope: str, access: Access) -> WebRequest:
        """The call that fetches, as one PDF, what the signers are to sign, before all have signed;
        PermanentError as above."""
        raise PermanentError(self.not_offered("the unsigned document"))

    def audit_trail(self, envelope: str, access: Access) -> WebRequest:
        """The call that fetches, as a PDF of its own, who did what and when; PermanentError as
        above. Not offered where the signed PDF has it as its last pages."""
        raise PermanentError(self.not_offered("the audit trail"))

    def located(self, answer: WebAnswer, wanted: ProviderFile, access: Access) -> WebRequest | None:
        """The call that fetches the file, where the answer only says where it lies."""
        return None

    def signing_link(self, envelope: str, signer: Signer, access: Access) -> WebRequest:
        """The call whose answer has the address at which this signer signs; PermanentError as
        above, or where the provider cannot name the signer."""
        raise PermanentError(self.not_offered("the link to sign"))

    def link_in(self, answer: WebAnswer, signer: Signer, access: Access) -> str:
        """The whole link that an answer of 2xx has for the signer, of ``access`` the address alone.

        PermanentError where it has none, such as for somebody whose turn it is not. Whoever has
        the link can sign: no error may quote it.
        """
        raise PermanentError(self.not_offered("the link to sign"))

    @classmethod
    def offers(cls) -> tuple[Offer, ...]:
        """What it can be asked for, in words."""
        asked: dict[Offer, str] = {
            "reminders": "reminders",
            "the signed PDF": "signed_pdf",
            "the unsigned document": "unsigned_pdf",
            "the audit trail": "audit_trail",
            "the link to sign": "signing_link",
        }
        return tuple(
            offer
            for offer, method in asked.items()
            if getattr(cls, method) is not getattr(ApiSupport, method)
        )

    def access(self, secrets: ConnectionCredentials) -> Access:
        """How the connection's account is asked; PermanentError says what it lacks."""
        if secrets.api_token is None:
            msg = (
                f"the connection {secrets.connection} has no API token, by which {self.title} is "
                f"asked; give it: countersign connections update {secrets.connection} --api-token"
            )
            raise PermanentError(msg)
        url = secrets.api_url or self.api
        if url is None:
            raise PermanentError(self._no_address(secrets))
        return Access(token=secrets.api_token, url=url.rstrip("/"))

    def api_problems(self, secrets: ConnectionCredentials) -> tuple[str, ...]:
        """What is wrong with a connection's API token and address, each as a sentence."""
        if secrets.api_token is None and secrets.api_url is None:
            return ()
        if not self.offers():
            return (f"{self.title} is asked for nothing; leave API token and address out",)
        token, url = secrets.api_token, secrets.api_url
        problems = []
        if token is None:
            problems.append("an API address serves nothing without an API token; give that as well")
        elif not (token.isascii() and token.isprintable() and " " not in token):
            problems.append("the API token is none: expected one line of ASCII without blanks")
        if url is not None:
            problems += _url_problems(url)
        elif self.api is None:
            problems.append(self._no_address(secrets))
        return tuple(problems)

    def not_offered(self, what: Offer) -> str:
        """That it cannot be asked for it, and what to do about that."""
        return (
            f"{self.title} cannot be asked for {what} from here; give the rule a condition that "
            "leaves its documents out, or take the rule out"
        )

    def _no_address(self, secrets: ConnectionCredentials) -> str:
        return (
            f"each account of {self.title} has an API address of its own; give the connection "
            f"{secrets.connection} its: --api-url"
        )


def call(
    access: Access,
    method: Method,
    path: str,
    headers: Mapping[str, str],
    content: Mapping[str, Any] | None = None,
) -> WebRequest:
    """A call of the API; ``content`` goes as JSON."""
    body = b""
    given = dict(headers)
    if content is not None:
        body = json.dumps(content, ensure_ascii=False).encode()
        given["content-type"] = "application/json"
    return WebRequest(method=method, url=f"{access.url}{path}", headers=given, body=body)


def file(access: Access, path: str, headers: Mapping[str, str]) -> WebRequest:
    """A call that fetches a PDF; making it again does no harm."""
    return as_file(call(access, "GET", path, headers))


def as_file(request: WebRequest) -> WebRequest:
    """The call, ready for an answer of a file's size."""
    return request.model_copy(
        update={
            "headers": {**request.headers, "accept": "application/pdf"},
            "most": MAX_FILE,
            "within": FILE_WITHIN,
            "repeatable": True,
        }
    )


def part(text: str) -> str:
    """An id as one part of a path or value of a query: it comes from outside."""
    return quote(text, safe="")


def bearer(access: Access) -> dict[str, str]:
    """The header that most APIs take."""
    return {"authorization": f"Bearer {access.token}"}


def basic(access: Access) -> dict[str, str]:
    """The key as a user's name without a password, RFC 7617."""
    return {"authorization": f"Basic {base64.b64encode(f'{access.token}:'.encode()).decode()}"}


def addressed(signer: Signer, title: str) -> str:
    """The signer's e-mail address; PermanentError where the provider needs one and none is
    known."""
    if not signer.email:
        msg = (
            f"{title} reminds by e-mail address, and did not send one for the signer "
            f"{signer.name or signer.id}"
        )
        raise PermanentError(msg)
    return signer.email


def is_known_by_id(signer: Signer) -> bool:
    """Whether the signer's id is the provider's own."""
    return bool(signer.id and signer.has_own_id)


def identified(signer: Signer, title: str, does: str = "reminds") -> str:
    """The provider's id of the signer; PermanentError, with what its API ``does`` by it, where none
    is known."""
    if not is_known_by_id(signer):
        msg = (
            f"{title} {does} by the signer's id, and its messages have none of the signer "
            f"{signer.label}"
        )
        raise PermanentError(msg)
    return signer.id


def signing_link(link: str | None, signer: Signer, title: str) -> str:
    """The link to sign as the provider gave it; PermanentError where it gave none."""
    if link and _is_link(link):
        return link
    msg = (
        f"{title} has no link to sign for {signer.label}: there is none for signers who have "
        "signed, or whose turn has not come"
    )
    raise PermanentError(msg)


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        return False
    return whole and text.isprintable() and " " not in text


def _url_problems(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    plain = url.isascii() and url.isprintable() and " " not in url
    if not plain or parts.scheme not in ("https", "http") or not host:
        return [
            f'"{url[:80]}" is not a valid address of an API; write one that begins with https://'
        ]
    if parts.query or parts.fragment or "@" in parts.netloc:
        return ["the API's address ends with its path: no query, no password, no fragment"]
    return []
