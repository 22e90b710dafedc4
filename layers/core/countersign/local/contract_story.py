"""The contract in the mail: attached, with the link to sign; and the signed PDF afterwards."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from countersign.errors import PermanentError
from countersign.local.mail_files import MailFolder, SentMail
from countersign.local.playing import Player, Sending, add_file, until
from countersign.local.provider_stand_in import ProviderStandIn
from countersign.model.provider_api import Access
from countersign.model.stored_file import FILE_KINDS, FILE_WORDS, StoredFile

PIPELINE = "contract-by-mail"
SENDING = Sending(
    provider="docuseal",
    pipeline=PIPELINE,
    fields={"external_id": "number", "Rent": "amount", "currency": "currency"},
    keep_files=("signed_pdf", "audit_trail"),
)
CLIENT = "klara.vogel@kunde.example"
DIRECTOR = "anna.berger@acme.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """What stands in for the world outside: the provider's API, and the mailboxes of all."""

    provider: ProviderStandIn
    address: str
    """Where the provider's API answers."""
    mails: MailFolder


class ContractStory:
    """Plays DocuSeal's part, whose API is asked for the link to sign and for the signed PDF."""

    def __init__(self, player: Player, stand_ins: StandIns) -> None:
        self._player = player
        self._stand_in = stand_ins.provider
        self._api = Access(token=stand_ins.provider.token, url=stand_ins.address)
        self._mails = stand_ins.mails

    def set_up(self) -> Iterator[str]:
        """Publish the pipeline and connect DocuSeal."""
        yield f"published the pipeline {PIPELINE}: {self._player.publish(PIPELINE)}"
        self._player.connect(SENDING, self._api)
        yield f"connected DocuSeal; a stand-in of its API answers at {self._api.url}"

    def play(self) -> Iterator[str]:
        """The part; PermanentError where a step is not seen to happen."""
        player = self._player
        document = self._send("submission.created")
        first = until(f"the document {document} appears", lambda: player.find(document))
        yield f'DocuSeal: a document appears, "{first.title}", in stage {first.stage}'
        content = self._stand_in.contract(first.envelope or "")
        contract = add_file(player.stack, document, "Contract.pdf", "contract", content)
        yield f"  its contract is uploaded: {_file(contract)}"
        self._send("form.completed_director")
        player.until_in(document, "sent")
        yield "  the director signs: it moves to Sent"
        yield from self._tell_contract(document)
        self._send("form.completed_client")
        self._send("submission.completed")
        player.until_in(document, "signed")
        yield "  the client signs: it moves on to Signed"
        for address in (CLIENT, DIRECTOR):
            yield from _shown(self._mail(address, document, "send-signed"))
        files = until("the signed PDF and the audit trail are kept", lambda: self._kept(document))
        yield "  files of the document:"
        for file in files:
            yield f"    {FILE_WORDS[file.kind]}: {_file(file)}, SHA-256 {file.sha256[:12]}…"

    def _send(self, example: str) -> str:
        message = self._player.message("docuseal", example)
        # First, as with DocuSeal itself: it knows what its messages tell.
        self._stand_in.take(json.loads(message.body))
        return self._player.post("docuseal", message)

    def _tell_contract(self, document: str) -> Iterator[str]:
        mail = self._mail(CLIENT, document, "send-contract")
        yield from _shown(mail, *mail.text.strip().splitlines())
        link = re.search(rf"{re.escape(self._api.url)}\S+", mail.text)
        if link is None:
            raise PermanentError("the mail to the client has no link to sign")
        with urllib.request.urlopen(link[0], timeout=20) as page:  # noqa: S310 - the stand-in
            title = re.search(r"<title>(.*)</title>", page.read().decode())
        yield f"  the link opens: {title[1] if title else 'a page'}"

    def _mail(self, address: str, document: str, rule: str) -> SentMail:
        """The newest mail to the address, once the rule has sent it."""
        run = until(f"the rule {rule} ends", lambda: self._player.ended(document, rule))
        if run.state != "done":
            raise PermanentError(f"the rule {rule} has sent no mail: {run.reason}")
        return until(
            f"the mail to {address} lies in {self._mails.folder}",
            lambda: next(reversed(self._mails.to(address)), None),
        )

    def _kept(self, document: str) -> tuple[StoredFile, ...] | None:
        files = self._player.document(document).stored_files
        if not {"signed_pdf", "audit_trail"} <= {file.kind for file in files}:
            return None
        return tuple(sorted(files, key=lambda file: FILE_KINDS.index(file.kind)))


def _shown(mail: SentMail, *text: str) -> Iterator[str]:
    yield f'  mail to {mail.to[0]}: "{mail.subject}"'
    yield from (f"    | {line}".rstrip() for line in text)
    for file in mail.attachments:
        yield f"    attached: {file.name}, {len(file.content):,} bytes"


def _file(file: StoredFile) -> str:
    return f"{file.name}, {file.size:,} bytes"
