"""The effect of the e-mail lane: a mail, with the files that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from countersign.errors import NothingToDoError, PermanentError, ThrottledError
from countersign.model.erased_person import is_pseudonym
from countersign.model.message import Email
from countersign.model.run import RunMail
from countersign.ports import Mailer
from countersign.rules._shared.mail_texts import appended
from countersign.rules._shared.template_variables import zone_of
from countersign.rules.base import EmailRule, RuleContext, RuleKind, SigningLink
from countersign.templates.limits import RenderingBudget
from countersign.text.html import escape
from countersign.use_cases.effects.attachments import Attachments, LinkedFile, MailFiles
from countersign.use_cases.effects.base import EffectResult, PreparedEffect, SeveralMails
from countersign.use_cases.effects.mail_pace import MailPace

_LINKED: Mapping[str, str] = {
    "en": "{name} ({size}, until {until}): ",
    "de": "{name} ({size}, bis {until}): ",
}
"""What stands before the address of a file that is linked, by language."""
LINK_TO_COME = "https://signing-link.example/"
"""Stands for a link to sign while it is tried whether a mail can be made."""


class EmailEffect:
    """Sends the mail that a rule has written."""

    def __init__(
        self, mailbox: Mailer, attachments: Attachments, pace: MailPace | None = None
    ) -> None:
        self._mailbox = mailbox
        self._attachments = attachments
        self._pace = pace

    def prepare(self, kind: RuleKind, context: RuleContext) -> PreparedEffect | SeveralMails:
        """The mail with everything filled in; leaves the service's id of it and whom it went to.

        Its files and its link to sign are fetched here, so that a fault of the provider is a try
        again: nothing has left yet.
        """
        if not isinstance(kind, EmailRule):
            msg = f"the rule {context.run.rule} writes no mail and cannot run in the email lane"
            raise PermanentError(msg)
        mails = context.run.mails or kind.mails(context)
        if mails:
            return self._several(kind, context, mails)
        email = kind.email(replace(context, signing_link=self._signing_link(context)))
        email = to_reachable(email)
        self._admit(context.run.slot)
        email = with_files(email, self._files(kind, context), context)

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
        # The links themselves are fetched one by one, right before each mail leaves.
        tried = replace(context, signing_link=lambda signer: LINK_TO_COME)
        after = list(mails)
        for index, mail in enumerate(mails):
            if mail.state not in ("open", "sending"):
                continue
            try:
                made[index] = email = to_reachable(kind.email_to(tried, index, mail))
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
        files = self._files(kind, context) if made else MailFiles()
        linking = replace(context, signing_link=self._signing_link(context), work=RenderingBudget())
        is_linked = kind.has_signing_link(context.pipeline)
        first = next(iter(made), None)

        def hand_over(index: int) -> Mapping[str, str]:
            if index != first:
                self._admit(None)
            email = made[index]
            if is_linked:
                email = to_reachable(kind.email_to(linking, index, mails[index]))
            return {"message_id": self._send(with_files(email, files, context))}

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

    def _files(self, kind: EmailRule, context: RuleContext) -> MailFiles:
        return self._attachments.of(kind, context.document, context.now)

    def _signing_link(self, context: RuleContext) -> SigningLink:
        return lambda signer: self._attachments.accounts.signing_link(context.document, signer)


def to_reachable(email: Email) -> Email:
    """The mail without those whose personal data was erased; NothingToDoError where it was for
    nobody else."""
    given = {name: getattr(email, name) for name in ("to", "cc", "bcc", "reply_to")}
    left = {
        name: tuple(address for address in addresses if not is_pseudonym(address))
        for name, addresses in given.items()
    }
    if left == given:
        return email
    if not left["to"]:
        raise NothingToDoError("the recipient's personal data was erased on request")
    return email.model_copy(update=left)


def with_files(email: Email, files: MailFiles, context: RuleContext) -> Email:
    """The mail with its attachments, and with links to what is too large below its text."""
    update: dict[str, object] = {"attachments": files.attached}
    if files.linked:
        zone = zone_of(context.pipeline)
        words = _LINKED.get(context.pipeline.language or "en", _LINKED["en"])
        lines = [(_line(file, words, zone), file.address) for file in files.linked]
        if email.text is not None:
            below = (line + address for line, address in lines)
            update["text"] = "\n\n".join((email.text.rstrip(), *below)) + "\n"
        if email.html is not None:
            update["html"] = appended(email.html, "".join(_html(*line) for line in lines))
    return email.model_copy(update=update)


def _line(file: LinkedFile, words: str, zone: ZoneInfo) -> str:
    until = f"{file.expires_at.astimezone(zone):%Y-%m-%d}"
    return words.format(name=file.name, size=f"{file.size / 1_000_000:.1f} MB", until=until)


def _html(line: str, address: str) -> str:
    return f'<p>{escape(line)}<a href="{escape(address)}">{escape(address)}</a></p>'
