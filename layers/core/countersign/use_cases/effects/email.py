"""The effect of the e-mail lane: a mail, with the files that go with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from countersign.errors import NothingToDoError, PermanentError, ThrottledError
from countersign.model.document import Document
from countersign.model.message import Attachment, Email
from countersign.model.provider_api import ProviderFile
from countersign.model.run import RunMail
from countersign.ports import Mailer
from countersign.rules.base import EmailRule, RuleContext, RuleKind
from countersign.use_cases.effects.base import EffectResult, PreparedEffect, SeveralMails
from countersign.use_cases.effects.mail_pace import MailPace


class Files(Protocol):
    """Where the files of documents are had."""

    def file(self, document: Document, wanted: ProviderFile) -> bytes:
        """A file of the envelope. PermanentError where it cannot be had, TransientError where it
        can later."""
        ...


MAX_ATTACHED = 7_000_000
"""Bytes of a mail's attachments. As a mail they take 10 MB, which is what most mailboxes accept;
SES itself takes 40: https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""
LONGEST_NAME = 70
"""Letters of a file's name, so that it fits into one line of a mail's header in any script."""
NO_NAME = frozenset('\\/:*?"<>|')
"""What file systems do not take in a name."""


class EmailEffect:
    """Sends the mail that a rule has written."""

    def __init__(self, mailbox: Mailer, files: Files, pace: MailPace | None = None) -> None:
        self._mailbox = mailbox
        self._files = files
        self._pace = pace

    def prepare(self, kind: RuleKind, context: RuleContext) -> PreparedEffect | SeveralMails:
        """The mail with everything filled in; leaves the service's id of it and whom it went to.

        Its files are fetched here, so that a fault of the provider is a try again: nothing has
        left yet.
        """
        if not isinstance(kind, EmailRule):
            msg = f"the rule {context.run.rule} writes no mail and cannot run in the email lane"
            raise PermanentError(msg)
        mails = context.run.mails or kind.mails(context)
        if mails:
            return self._several(kind, context, mails)
        email = kind.email(context)
        self._admit(context.run.slot)
        email = email.model_copy(update=self._attached(kind, context))

        def execute() -> EffectResult:
            message_id = self._send(email)
            return EffectResult(result={"message_id": message_id, "to": ", ".join(email.to)})

        return PreparedEffect(execute=execute)

    def _several(
        self, kind: EmailRule, context: RuleContext, mails: tuple[RunMail, ...]
    ) -> SeveralMails:
        """The mails that are still to be sent, each made on the document's values of now.

        Raises PermanentError where none can be made, and none was sent before.
        """
        made: dict[int, Email] = {}
        after = list(mails)
        for index, mail in enumerate(mails):
            if mail.state not in ("open", "sending"):
                continue
            try:
                made[index] = email = kind.email_to(context, index, mail)
                update = {"to": ", ".join(email.to)}
            except PermanentError as error:
                update = {"state": "failed", "reason": str(error)}
            except NothingToDoError as error:
                update = {"state": "left_out", "reason": str(error)}
            after[index] = mail.model_copy(update=update)
        if not made and not context.run.mails:
            raise PermanentError("; ".join(dict.fromkeys(mail.reason or "" for mail in after)))
        if made:
            self._admit(context.run.slot)
        attached = self._attached(kind, context) if made else {}
        first = next(iter(made), None)

        def hand_over(index: int) -> Mapping[str, str]:
            if index != first:
                self._admit(None)
            email = made[index].model_copy(update=attached)
            return {"message_id": self._send(email)}

        return SeveralMails(mails=tuple(after), hand_over=hand_over)

    def _admit(self, slot: datetime | None) -> None:
        """Where mails are paced, let this one go on, or have it wait for its place."""
        if self._pace is not None:
            self._pace.admit(slot)

    def _send(self, email: Email) -> str:
        try:
            message_id = self._mailbox.send(email)
        except ThrottledError as error:
            if self._pace is None:
                raise
            raise self._pace.refused(error) from error
        if self._pace is not None:
            self._pace.taken()
        return message_id

    def _attached(self, kind: EmailRule, context: RuleContext) -> dict[str, tuple[Attachment, ...]]:
        """The mail's files, if the rule wants any."""
        if "signed_pdf" not in kind.files:
            return {}
        content = self._files.file(context.document, "the signed PDF")
        if len(content) > MAX_ATTACHED:
            msg = (
                f"the attachments have {len(content):,} bytes; expected at most "
                f"{MAX_ATTACHED:,} in a mail"
            )
            raise PermanentError(msg)
        return {"attachments": (_pdf(context.document, content),)}


def _pdf(document: Document, content: bytes) -> Attachment:
    name = _file_name(document.title or "") or _file_name(document.number or "") or "document"
    return Attachment(name=f"{name}.pdf", media_type="application/pdf", content=content)


def _file_name(text: str) -> str:
    """The text as a file's name. Titles come from outside: they must neither end the header nor
    hide, by letters that turn the direction of reading, what sort of file it is."""
    plain = (" " if one in NO_NAME or unicodedata.category(one)[0] in "CZ" else one for one in text)
    name = " ".join("".join(plain).split())[:LONGEST_NAME].strip(". ")
    return name.removesuffix(".pdf").removesuffix(".PDF").rstrip(". ")
