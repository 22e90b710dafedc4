"""What the rules that send a mail have in common: its sender, its texts, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace
from countersign.model.signing_event import Signer
from countersign.rules._shared import mail_texts, rendering, senders
from countersign.rules._shared.mail_texts import MailText
from countersign.rules._shared.recipients import MAX_RECIPIENTS, addresses
from countersign.rules._shared.senders import Senders, written_senders
from countersign.rules._shared.template_variables import SIGNING_LINK, first, known, values
from countersign.rules.base import EmailRule, RuleContext
from countersign.text.addresses import is_one_line
from countersign.text.folding import same_address, unique

MAX_SUBJECT = 500
"""Characters of a subject after its inserts are filled in."""


def somebody(to: tuple[str, ...]) -> tuple[str, ...]:
    """The recipients; ValueError where there are none."""
    if not to:
        msg = "the mail goes to nobody; give at least one recipient in to"
        raise ValueError(msg)
    return to


class SingleEmailRule(EmailRule):
    """Sends one mail; its subject, text and HTML may hold inserts in Liquid."""

    may_link_to_sign: ClassVar[bool] = False
    """Whether its texts may have the link to sign."""
    sender: Annotated[Senders, AfterValidator(written_senders), Field(alias="from")]
    """One of the pipeline's senders, also with a name to show, as in ``Acme Contracts
    <contracts@acme.example>``; ``responsible`` for that person's address, if it is one. Or a list
    in order of preference: the first that is among the senders is taken."""
    subject: str | None = None
    """One line, with template variables; needed unless the ``template`` has one."""
    text: str | None = None
    """The plain text, with template variables; text, html or both, unless ``template`` gives
    them."""
    html: str | None = None
    """Values are escaped in it: text from outside is data. Made from the text unless given."""
    plain: bool = False
    """Whether the mail is the text alone, without HTML."""
    template: str | None = None
    """One of the pipeline's ``mail_templates``: the mail has its subject where the rule has none,
    and its text and HTML where the rule has neither."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        written = self._written()
        if not (self.subject or "").strip() and (self.subject is not None or not self.template):
            msg = "the mail has no subject; give it one"
            raise ValueError(msg)
        says = (self.text or "").strip() or (self.html or "").strip()
        if not says and (written.has_body or not self.template):
            msg = "the mail says nothing; give it a text, html, or both"
            raise ValueError(msg)
        return self

    def recipients(self, context: RuleContext) -> Mapping[str, tuple[str, ...]]:
        """Whom it goes to: the addresses of ``to``, ``cc``, ``bcc`` and ``reply_to``, each good.

        Raises PermanentError where one is missing.
        """
        raise NotImplementedError

    def recipient_problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        """What publishing must refuse about the recipients: (setting, sentence) each."""
        raise NotImplementedError

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        written = self._written()
        texts = written.own()
        problems: list[tuple[SettingPlace, str]] = [
            *senders.problems(self.sender, pipeline),
            *self.recipient_problems(pipeline),
            *written.problems(pipeline),
            *rendering.problems(_without_body(texts), pipeline),
            *rendering.problems(
                _body(texts), pipeline, known(pipeline, signing_link=self.may_link_to_sign)
            ),
        ]
        if not self.may_link_to_sign and self.text_with_signing_link(pipeline) not in (
            None,
            *texts,
        ):
            text = f'the mail template "{self.template}" has signer.signing_link, which only mails'
            problems.append(("template", f"{text} of send_email can have; write a text without it"))
        if not is_one_line(texts.get("subject", "")):
            problems.append(("subject", "the subject has a line break; write it on one line"))
        if self.plain and self.html is not None:
            problems.append(("plain", "a plain mail has no HTML; leave out html, or plain"))
        return tuple(problems)

    def email(self, context: RuleContext) -> Email:
        """The mail to send; PermanentError, with what to fix, where it cannot be made."""
        recipients = self.recipients(context)
        return self.written(context, recipients, spoken_to(recipients["to"], context.document))

    def written(
        self,
        context: RuleContext,
        recipients: Mapping[str, tuple[str, ...]],
        signer: Signer | None,
        elsewhere: tuple[str, ...] = (),
    ) -> Email:
        """A mail to these recipients, whose text speaks to the signer.

        ``elsewhere`` are addresses that get a mail of their own, and so no copy of this one.
        """
        document = context.document
        to = unique(recipients["to"])
        cc = unique(recipients.get("cc", ()), (*to, *elsewhere))
        bcc = unique(recipients.get("bcc", ()), (*to, *cc, *elsewhere))
        if (count := len(to) + len(cc) + len(bcc)) > MAX_RECIPIENTS:
            msg = f"the mail has {count} recipients; expected at most {MAX_RECIPIENTS}"
            raise PermanentError(msg)
        sender = senders.sender_for(self.sender, document, context.pipeline)
        alone = not (cc or bcc) and len(to) == 1
        inserted = values(context, signer, self.titles["en"])
        sources = self._written().of(context.pipeline)
        if "subject" not in sources:
            raise PermanentError("the mail has no subject; give it one")
        subject = {"subject": sources.pop("subject")}
        linked = inserted
        if self.may_link_to_sign and _label_of_link(sources) is not None:
            link = self._link_to_sign(context, signer, to[0] if alone else None)
            linked = values(context, signer, self.titles["en"], link)
        # Only the body may have the link, so nothing else is filled in with it.
        texts = {
            **mail_texts.filled(subject, inserted),
            **mail_texts.filled(sources, linked),
        }
        _check_subject(texts["subject"], subject["subject"], inserted)
        if not (texts.get("text", "").strip() or texts.get("html", "").strip()):
            msg = "the mail says nothing once its inserts are filled in; correct its text"
            raise PermanentError(msg)
        if "html" not in texts and not self.plain:
            texts["html"] = mail_texts.html_of(texts["text"], context.pipeline)
        if self.is_signed and context.pipeline.signature is not None:
            texts = mail_texts.with_signature(texts, context.pipeline.signature, inserted)
        return Email(
            sender=sender,
            to=to,
            cc=cc,
            bcc=bcc,
            reply_to=unique(recipients.get("reply_to", ())),
            subject=texts["subject"],
            text=texts.get("text"),
            html=texts.get("html"),
            run=context.run.key,
            pipeline=context.run.pipeline,
        )

    def has_signing_link(self, pipeline: Pipeline) -> bool:
        return self.may_link_to_sign and self.text_with_signing_link(pipeline) is not None

    def text_with_signing_link(self, pipeline: Pipeline) -> str | None:
        """Which text of the mail has the link to sign, as errors call it, or None."""
        try:
            texts = self._written().of(pipeline)
        except PermanentError:  # there is no such template, which is refused for itself
            return None
        return _label_of_link(texts)

    def no_link_to_sign(self) -> str | None:
        """Why the rule's mails can have no link to sign, whomever they go to, or None."""
        return None

    def _link_to_sign(
        self, context: RuleContext, signer: Signer | None, only: str | None
    ) -> Callable[[], str]:
        """What gives the link to sign, which is a key: to a mail that goes to that signer alone.

        ``only``: the address of a mail that goes to nobody else.
        """

        def ask() -> str:
            reason = self.no_link_to_sign()
            if reason is not None:
                raise PermanentError(reason)
            if signer is None or only is None or not same_address(signer.email, only):
                msg = (
                    "signer.signing_link is only for the signer, and the mail does not go to one "
                    "signer alone"
                )
                raise PermanentError(msg)
            if context.signing_link is None:
                msg = "there is no link to sign here"
                raise PermanentError(msg)
            return context.signing_link(signer)

        return ask

    @property
    def is_signed(self) -> bool:
        """Whether the pipeline's signature stands below its mails."""
        return False

    def _written(self) -> mail_texts.WrittenTexts:
        return mail_texts.WrittenTexts(
            subject=self.subject,
            text=self.text,
            html=self.html,
            plain=self.plain,
            template=self.template,
        )


def _label_of_link(texts: Mapping[str, MailText]) -> str | None:
    """Which text of the body has the link to sign, as errors call it."""
    body = (text for part, text in texts.items() if part != "subject")
    return next((text.label for text in body if SIGNING_LINK in text.source), None)


def _body(texts: Mapping[str, str]) -> dict[str, str]:
    return {part: text for part, text in texts.items() if part != "subject"}


def _without_body(texts: Mapping[str, str]) -> dict[str, str]:
    return {part: text for part, text in texts.items() if part == "subject"}


def addressed(setting: str, part: str, document: Document, pipeline: Pipeline) -> tuple[str, ...]:
    """The addresses a recipient stands for; PermanentError names the setting."""
    try:
        return addresses(part, document, pipeline)
    except PermanentError as error:
        msg = f"{setting} {error}"
        raise PermanentError(msg) from None


def spoken_to(to: tuple[str, ...], document: Document) -> Signer | None:
    """The one signer a mail goes to; for several, or none of them, the first client."""
    if len(to) == 1:
        for signer in document.signers:
            if same_address(signer.email, to[0]):
                return signer
    return first(document, "client")


def _check_subject(text: str, source: MailText, inserted: Mapping[str, object]) -> None:
    if not is_one_line(text):
        from countersign.templates import check  # Liquid takes a quarter of a second to load.

        broken = check.matching_inserts(
            source.source, inserted, lambda value: not is_one_line(value)
        )
        which = f" in {', '.join(broken)}" if broken else ""
        msg = (
            f"{source.label}: there is a line break or control character{which}; correct the "
            "value, or put it on one line with the filter squish"
        )
        raise PermanentError(msg)
    if not text.strip() or len(text) > MAX_SUBJECT:
        size = f"has {len(text)} characters" if text.strip() else "is empty"
        msg = (
            f"{source.label}: it {size} once its inserts are filled in; expected 1 to {MAX_SUBJECT}"
        )
        raise PermanentError(msg)
