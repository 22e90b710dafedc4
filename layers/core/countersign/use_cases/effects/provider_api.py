"""Asking signing providers: by the API token of the connection that a document came through."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from countersign.engine.runs.kept_files import is_signed
from countersign.errors import CountersignError, InDoubtError, PermanentError, TransientError
from countersign.model.document import Document
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import MAX_FILE, Access, Offer, ProviderFile
from countersign.model.signing_event import Signer
from countersign.ports import ApiTokens, HttpClient
from countersign.providers import provider as load_provider
from countersign.providers.base import Provider
from countersign.rules._shared.signers import OVER
from countersign.text.folding import same_address
from countersign.use_cases.effects.http_call import check, without

NOT_YET = frozenset({202, 409})
"""Answers of providers whose file is still being made."""
NOT_LET_IN = frozenset({401, 403})
NOT_TO_SIGN = frozenset({"signed", "declined", "expired"})
"""Signers' states in which there is nothing left to sign."""
_OAUTH = re.compile(r'oauth_(?:consumer_key|token|signature)="([^"]+)"')
OPEN = frozenset({"accept", "content-type"})
"""Headers that hold no token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A document's envelope at its provider, and how it is asked for."""

    provider: Provider
    envelope: str
    connection: str
    access: Access

    def file_request(self, wanted: ProviderFile) -> WebRequest:
        """The call that fetches a file of the envelope, or says where it is."""
        return _CALLS[wanted](self.provider)(self.envelope, self.access)

    def check(self, answer: WebAnswer) -> None:
        """Raise what an answer other than 2xx means, naming the provider and who can fix it."""
        title = self.provider.title
        if answer.status in NOT_LET_IN:
            msg = (
                f"{title} did not accept the API token of the connection {self.connection} "
                f"({answer.status}); give it one that may do this: {self.provider.credential}"
            )
            raise PermanentError(msg)
        try:
            check(answer)
        except PermanentError as error:
            raise PermanentError(f"{title}: {error}") from None
        except TransientError as error:
            raise TransientError(f"{title}: {error}", after=error.after) from None
        except InDoubtError as error:
            raise InDoubtError(f"{title}: {error}") from None


class Accounts:
    """The providers' accounts behind the connections."""

    def __init__(self, web: HttpClient, tokens: ApiTokens) -> None:
        self._web = web
        self._tokens = tokens

    def of(self, document: Document, wanted: Offer) -> Account:
        """The account that the document's envelope is in; PermanentError where it cannot be
        asked for what is wanted."""
        connection, envelope = document.connection, document.envelope
        if connection is None or envelope is None:
            msg = "the document has no envelope at a signing provider, so there is nobody to ask"
            raise PermanentError(msg)
        secrets = self._tokens.get(connection)
        if secrets is None:
            msg = (
                f"there is no API token of the connection {connection}: it was removed, or was "
                "connected by a version that kept the token elsewhere; set its --api-token again"
            )
            raise PermanentError(msg)
        provider = load_provider(secrets.provider)
        if wanted not in provider.offers():
            raise PermanentError(provider.not_offered(wanted))
        return Account(
            provider=provider,
            envelope=provider.api_id(envelope, document.envelope_aliases),
            connection=connection,
            access=provider.access(secrets),
        )

    def call(self, request: WebRequest) -> WebAnswer:
        """Make one call; a token that the answer repeats is left out of it."""
        return _without_token(self._web.call(request), request)

    def file(self, document: Document, wanted: ProviderFile) -> bytes:
        """A file of the document's envelope, as the provider has it now. PermanentError where it
        cannot be had, TransientError where it can later: fetching changes nothing, so a fault of
        any other sort is one of these too."""
        check_progress(document, wanted)
        account = self.of(document, wanted)
        answer = self._fetched(account, account.file_request(wanted), wanted)
        elsewhere = account.provider.located(answer, wanted, account.access)
        if elsewhere is not None:
            answer = self._fetched(account, elsewhere, wanted)
        return _pdf(account.provider.title, answer, wanted)

    def signing_link(self, document: Document, signer: Signer) -> str:
        """The address at which the signer signs now; anyone who has it can sign.

        PermanentError where there is none, TransientError where it can be had later. Neither
        quotes what the provider answered.
        """
        check_can_sign(document, signer)
        account = self.of(document, "the link to sign")
        if account.provider.links_by_address:
            _check_own_address(account.provider.title, document, signer)
        request = account.provider.signing_link(account.envelope, signer, account.access)
        try:
            answer = self._fetched(account, request, "the link to sign")
            _check_whole(account.provider.title, answer, request.most)
            return account.provider.link_in(answer, signer, account.access)
        except CountersignError:
            raise
        except Exception as error:
            # Its text may quote the answer. Nothing has left, so it may be tried again.
            msg = f"the link to sign of {account.provider.title} could not be read"
            raise TransientError(f"{msg} ({type(error).__name__})") from None

    def _fetched(self, account: Account, request: WebRequest, wanted: Offer) -> WebAnswer:
        title = account.provider.title
        try:
            answer = self._web.call(request)
            if not 200 <= answer.status < 300:  # files and links are taken as they come
                answer = _without_token(answer, request)
            if answer.status in NOT_YET and wanted != "the link to sign":
                msg = f"{title} is still making {wanted}"
                raise TransientError(msg)
            account.check(_unquoted(answer) if wanted == "the link to sign" else answer)
        except InDoubtError as error:
            raise TransientError(str(error)) from error
        return answer


_CALLS: Mapping[ProviderFile, Callable[[Provider], Callable[[str, Access], WebRequest]]] = {
    "the signed PDF": lambda provider: provider.signed_pdf,
    "the unsigned document": lambda provider: provider.unsigned_pdf,
    "the audit trail": lambda provider: provider.audit_trail,
}


def _without_token(answer: WebAnswer, request: WebRequest) -> WebAnswer:
    given = (value for name, value in request.headers.items() if name not in OPEN)
    masks = {secret: "(its token)" for value in given for secret in _secrets_in(value)}
    return without(answer, masks)


def _secrets_in(header: str) -> Iterator[str]:
    """The token of a header, longest first, and what it is made of: both keys and both secrets of
    OAuth 1.0, RFC 5849, and the user's name of Basic, RFC 7617."""
    *words, last = header.split() or [""]
    yield last
    for quoted in _OAUTH.findall(header):
        yield from quoted.split("&")
    if [word.lower() for word in words] == ["basic"]:
        with contextlib.suppress(ValueError):
            yield base64.b64decode(last, validate=True).decode().removesuffix(":")


def check_can_sign(document: Document, signer: Signer) -> None:
    """PermanentError for a signer who has nothing to sign, or not any more."""
    if not signer.must_act or signer.status in NOT_TO_SIGN:
        msg = f"there is no link to sign for {signer.label}, who has nothing to sign any more"
        raise PermanentError(msg)
    if document.status in OVER:
        msg = f"there is no link to sign for {signer.label}: the envelope is {document.status}"
        raise PermanentError(msg)


def _check_own_address(title: str, document: Document, signer: Signer) -> None:
    """A link that is asked for by an address is the signer's only if nobody else has it."""
    others = (other for other in document.signers if other.id != signer.id and other.must_act)
    if any(same_address(other.email, signer.email) for other in others):
        msg = (
            f"{title} tells signers apart by e-mail address alone, and {signer.email} is that of "
            "several; give each signer an address of their own"
        )
        raise PermanentError(msg)


def _unquoted(answer: WebAnswer) -> WebAnswer:
    """The answer as errors may quote it: of one that may hold links to sign, nothing."""
    return answer.model_copy(update={"body": b""})


def _check_whole(title: str, answer: WebAnswer, most: int) -> None:
    """Of half an answer nobody can say that it has no link."""
    if answer.unread is not None:
        raise TransientError(f"{title} did not give the link to sign: {answer.unread}")
    if answer.cut and len(answer.body) < most:
        raise TransientError(f"{title} did not give the whole answer with the link to sign in time")
    if answer.cut:
        msg = f"{title}'s answer with the link to sign has more than {most:,} bytes"
        raise PermanentError(msg)


def check_progress(document: Document, wanted: ProviderFile) -> None:
    """PermanentError where the envelope's state has the file no longer, or not yet."""
    completed = is_signed(document)
    if wanted == "the unsigned document" and completed:
        msg = (
            "the document is signed by all, so the provider has the unsigned document no longer; "
            "attach signed_pdf, or keep the contract among the document's files"
        )
        raise PermanentError(msg)
    if wanted != "the unsigned document" and not completed:
        msg = (
            f"the document is not signed by all yet, so there is no {wanted.removeprefix('the ')} "
            "to attach; move the rule to a later stage, or give it a condition"
        )
        raise PermanentError(msg)


def _pdf(title: str, answer: WebAnswer, wanted: ProviderFile) -> bytes:
    if answer.unread is not None:
        raise TransientError(f"{title} did not give {wanted}: {answer.unread}")
    if answer.cut and len(answer.body) < MAX_FILE:
        whole = wanted.replace("the ", "the whole ", 1)
        raise TransientError(f"{title} did not give {whole} in time")
    if answer.cut:
        msg = f"{wanted} of {title} has more than {MAX_FILE:,} bytes, the most a file may have"
        raise PermanentError(msg)
    if not answer.body.startswith(b"%PDF-"):
        kind = (answer.header("content-type") or "nothing").partition(";")[0][:80]
        msg = (
            f"{title} gave {kind} where {wanted} was expected, as it does for envelopes of "
            "several files; take the attachment out of the rule"
        )
        raise PermanentError(msg)
    return answer.body
