"""What the rules that send a mail have in common: its sender, its texts, and how it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Signer
from countersign.rules._shared import rendering
from countersign.rules._shared.recipients import MAX_RECIPIENTS, addresses
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import EmailRule, RuleContext
from countersign.text.addresses import EXPECTED, AddressError, is_one_line, named
from countersign.text.folding import same_address, unique
from countersign.text.html import page, paragraphs

MAX_SUBJECT = 500
"""Characters of a subject after its inserts are filled in."""


def _sender(text: str) -> str:
    if text == "responsible":
        return text
    try:
        named(text)
    except AddressError as error:
        why = "" if str(error) == EXPECTED else f" ({error})"
        msg = (
            f'"{text}" is no sender; expected an address of the pipeline\'s senders, '
            f"or responsible{why}"
        )
        raise ValueError(msg) from None
    return text


def somebody(to: tuple[str, ...]) -> tuple[str, ...]:
    """The recipients; ValueError where there are none."""
    if not to:
        msg = "the mail goes to nobody; give at least one recipient in to"
        raise ValueError(msg)
    return to


class SingleEmailRule(EmailRule):
    """Sends one mail; its subject, text and HTML may hold inserts in Liquid."""

    sender: Annotated[str, AfterValidator(_sender), Field(alias="from")]
    """One of the pipeline's senders, also with a name to show, as in ``Acme Contracts
    <contracts@acme.example>``; ``responsible`` for that person's address, if it is one."""
    subject: str
    """One line, with template variables."""
    text: str | None = None
    """The plain text, with template variables; text, html or both."""
    html: str | None = None
    """Values are escaped in it: text from outside is data. Made from the text unless given."""
    plain: bool = False
    """Whether the mail is the text alone, without HTML."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.subject.strip():
            msg = "the mail has no subject; give it one"
            raise ValueError(msg)
        if not (self.text or "").strip() and not (self.html or "").strip():
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

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        texts = self._texts()
        found = [
            *(("from", text) for text in _about_sender(self.sender, pipeline)),
            *self.recipient_problems(pipeline),
            *rendering.problems(texts, pipeline),
        ]
        if not is_one_line(texts["subject"]):
            found.append(("subject", "the subject has a line break; write it on one line"))
        if self.plain and self.html is not None:
            found.append(("plain", "a plain mail has no HTML; leave out html, or plain"))
        return tuple(found)

    def email(self, context: RuleContext) -> Email:
        """The mail to send; PermanentError, with what to mend, where it cannot be made."""
        found = self.recipients(context)
        return self.written(context, found, spoken_to(found["to"], context.document))

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
        sender = _from(self.sender, document, context.pipeline)
        inserted = values(context, signer, self.titles["en"])
        texts = {
            name: rendering.filled(name, text, inserted, "html" if name == "html" else "text")
            for name, text in self._texts().items()
        }
        _check_subject(texts["subject"], self._texts()["subject"], inserted)
        if not (texts.get("text", "").strip() or texts.get("html", "").strip()):
            msg = "the mail says nothing once its inserts are filled in; correct its text"
            raise PermanentError(msg)
        return Email(
            sender=sender,
            to=to,
            cc=cc,
            bcc=bcc,
            reply_to=unique(recipients.get("reply_to", ())),
            subject=texts["subject"],
            text=texts.get("text"),
            html=self._html(texts, context.pipeline),
            run=context.run.key,
        )

    def _html(self, texts: Mapping[str, str], pipeline: Pipeline) -> str | None:
        """The HTML that is given, or else what the text is in HTML, unless the mail is plain."""
        text, html = texts.get("text"), texts.get("html")
        return html_of(text, pipeline) if html is None and text and not self.plain else html

    def _texts(self) -> dict[str, str]:
        # A subject written as a block of YAML ends with a line break of its own.
        given = {"subject": self.subject.strip(), "text": self.text, "html": self.html}
        return {name: text for name, text in given.items() if text is not None}


def html_of(text: str, pipeline: Pipeline) -> str:
    """The HTML part of a mail of the pipeline that is written as plain text."""
    return page(paragraphs(text), pipeline.language or "en")


def addressed(setting: str, part: str, document: Document, pipeline: Pipeline) -> tuple[str, ...]:
    """The addresses a recipient stands for; PermanentError names the setting."""
    try:
        return addresses(part, document, pipeline)
    except PermanentError as error:
        msg = f"{setting} {error}"
        raise PermanentError(msg) from None


def _about_sender(sender: str, pipeline: Pipeline) -> tuple[str, ...]:
    if sender == "responsible":
        if pipeline.senders:
            return ()
        return ("the pipeline has no senders; list the addresses of those who may be responsible",)
    if _listed(sender, pipeline) is not None:
        return ()
    there = ", ".join(pipeline.senders) or "none"
    return (f'"{sender}" is not among the pipeline\'s senders ({there}); add it there, verified',)


def _listed(sender: str, pipeline: Pipeline) -> str | None:
    """The sender as the pipeline lists it, or None."""
    address = named(sender).address
    return next((one for one in pipeline.senders if _is_of(one, address)), None)


def _is_of(listed: str, address: str) -> bool:
    try:
        return same_address(named(listed).address, address)
    except AddressError:
        return False


def _from(sender: str, document: Document, pipeline: Pipeline) -> str:
    if sender == "responsible":
        (sender,) = addressed("from", sender, document, pipeline)
    for text in _about_sender(sender, pipeline):
        msg = f"from: {text}"
        raise PermanentError(msg)
    return sender_of(sender, pipeline)


def sender_of(sender: str, pipeline: Pipeline) -> str:
    """What stands in the header: with the sender's own name, or else the pipeline's for it."""
    written = named(sender)
    if written.name:
        return str(written)
    listed = named(_listed(sender, pipeline) or sender)
    return f"{listed.name} <{written.address}>" if listed.name else written.address


def spoken_to(to: tuple[str, ...], document: Document) -> Signer | None:
    """The one signer a mail goes to; for several, or none of them, the first client."""
    if len(to) == 1:
        for signer in document.signers:
            if same_address(signer.email, to[0]):
                return signer
    return first(document, "client")


def _check_subject(text: str, source: str, inserted: Mapping[str, object]) -> None:
    if not is_one_line(text):
        from countersign.templates import check  # Liquid takes a quarter of a second to load.

        broken = check.found_in(source, inserted, lambda value: not is_one_line(value))
        which = f" in {', '.join(broken)}" if broken else ""
        msg = (
            f"subject: there is a line break or control character{which}; correct the value, "
            "or put it on one line with the filter squish"
        )
        raise PermanentError(msg)
    if not text.strip() or len(text) > MAX_SUBJECT:
        size = f"has {len(text)} characters" if text.strip() else "is empty"
        msg = f"subject: it {size} once its inserts are filled in; expected 1 to {MAX_SUBJECT}"
        raise PermanentError(msg)
