"""The effect of the e-mail lane: a mail, with the files that go with it."""

from __future__ import annotations

import unicodedata
from typing import Protocol, runtime_checkable

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.message import Attachment, Email
from countersign.ports import Mailbox
from countersign.rules.base import RuleContext, RuleKind
from countersign.use_cases.effects import Had, Prepared


@runtime_checkable
class WritesEmail(Protocol):
    """A rule kind whose effect is a mail."""

    def email(self, context: RuleContext) -> Email:
        """The mail, ready to send; PermanentError where it can never be sent."""
        ...


@runtime_checkable
class AttachesFiles(Protocol):
    """A rule kind whose mail takes files of the document with it."""

    @property
    def attachments(self) -> tuple[str, ...]:
        """Which of them: ``signed_pdf``."""
        ...


class Files(Protocol):
    """Where the files of documents are had."""

    def signed_pdf(self, document: Document) -> bytes:
        """The signed document. PermanentError where it cannot be had, TransientError where it can
        later."""
        ...


LONGEST_NAME = 70
"""Letters of a file's name, so that it fits into one line of a mail's header in any script."""
NO_NAME = frozenset('\\/:*?"<>|')
"""What file systems do not take in a name."""


class EmailEffect:
    """Sends the mail that a rule has written."""

    def __init__(self, mailbox: Mailbox, files: Files) -> None:
        self._mailbox = mailbox
        self._files = files

    def prepare(self, kind: RuleKind, context: RuleContext) -> Prepared:
        """The mail with everything filled in; leaves the service's id of it and whom it went to.

        Its files are fetched here, so that a fault of the provider is a try again: nothing has
        left yet.
        """
        if not isinstance(kind, WritesEmail):
            msg = f"the rule {context.run.rule} writes no mail and cannot run in the email lane"
            raise PermanentError(msg)
        email = kind.email(context)
        if isinstance(kind, AttachesFiles) and kind.attachments:
            found = (_pdf(context.document, self._files.signed_pdf(context.document)),)
            email = email.model_copy(update={"attachments": found})

        def act() -> Had:
            message_id = self._mailbox.send(email)
            return Had(result={"message_id": message_id, "to": ", ".join(email.to)})

        return Prepared(act=act)


def _pdf(document: Document, content: bytes) -> Attachment:
    name = _file_name(document.title or "") or _file_name(document.number or "") or "document"
    return Attachment(name=f"{name}.pdf", media_type="application/pdf", content=content)


def _file_name(text: str) -> str:
    """The text as a file's name. Titles come from outside: they must neither end the header nor
    hide, by letters that turn the direction of reading, what sort of file it is."""
    plain = (" " if one in NO_NAME or unicodedata.category(one)[0] in "CZ" else one for one in text)
    name = " ".join("".join(plain).split())[:LONGEST_NAME].strip(". ")
    return name.removesuffix(".pdf").removesuffix(".PDF").rstrip(". ")
