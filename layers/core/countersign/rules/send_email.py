"""Send e-mail: a mail to signers, colleagues or fixed addresses, its texts filled in on the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.run import Lane
from countersign.model.signing_event import Signer
from countersign.rules._inserts import first, known, values
from countersign.rules._mail import (
    MAX_RECIPIENTS,
    addresses,
    is_address,
    is_one_line,
    merged,
    problem,
    recipient,
)
from countersign.rules.base import RuleContext, RuleGroup, RuleKind

MAX_SUBJECT = 500
"""Characters of a subject after its inserts are filled in."""

Recipient = Annotated[str, AfterValidator(recipient)]


def _sender(text: str) -> str:
    if text == "responsible" or is_address(text):
        return text
    msg = f'"{text}" is no sender; expected an address of the pipeline\'s senders, or responsible'
    raise ValueError(msg)


class SendEmail(RuleKind):
    """Sends one mail; its subject, text and HTML may hold inserts in Liquid."""

    kind: Literal["send_email"] = "send_email"
    group: ClassVar[RuleGroup] = "customer_communication"
    lane: ClassVar[Lane] = "email"
    titles: ClassVar = {"en": "Send e-mail", "de": "E-Mail senden"}
    descriptions: ClassVar = {
        "en": "Sends a mail to signers, the responsible person or fixed addresses.",
        "de": "Sendet eine E-Mail an Unterzeichner, Verantwortliche oder feste Adressen.",
    }
    sender: Annotated[str, AfterValidator(_sender), Field(alias="from")]
    """One of the pipeline's senders; ``responsible`` for that person's address, if it is one."""
    to: tuple[Recipient, ...]
    """``client``, ``company`` (all of that side who must act), ``responsible``, ``role:<name>``,
    ``signer:<order>``, ``field:<id>`` or an address. One that is missing fails the run."""
    cc: tuple[Recipient, ...] = ()
    bcc: tuple[Recipient, ...] = ()
    reply_to: tuple[Recipient, ...] = ()
    subject: str
    text: str | None = None
    html: str | None = None
    """Values are escaped in it: text from outside is data."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.to:
            msg = "the mail goes to nobody; give at least one recipient in to"
            raise ValueError(msg)
        if not self.subject.strip():
            msg = "the mail has no subject; give it one"
            raise ValueError(msg)
        if not (self.text or "").strip() and not (self.html or "").strip():
            msg = "the mail says nothing; give it a text, html, or both"
            raise ValueError(msg)
        return self

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        from countersign.templates import check  # Liquid takes a quarter of a second to load.

        found = [("from", text) for text in _about_sender(self.sender, pipeline)]
        for setting, parts in self._recipients().items():
            told = (problem(part, pipeline) for part in parts)
            found.extend((setting, text) for text in told if text)
        inserts = known(pipeline)
        for setting, source in self._texts().items():
            told_of = check.problems(source, inserts, html=setting == "html")
            found.extend((setting, text) for text in told_of)
        if not is_one_line(self._texts()["subject"]):
            found.append(("subject", "the subject has a line break; write it on one line"))
        return tuple(found)

    def email(self, context: RuleContext) -> Email:
        """The mail to send; PermanentError, with what to mend, where it cannot be made."""
        document, pipeline = context.document, context.pipeline
        found = {
            setting: [one for part in parts for one in _addressed(setting, part, document)]
            for setting, parts in self._recipients().items()
        }
        to = merged(found["to"])
        cc = merged(found["cc"], to)
        bcc = merged(found["bcc"], (*to, *cc))
        if (count := len(to) + len(cc) + len(bcc)) > MAX_RECIPIENTS:
            msg = f"the mail has {count} recipients; expected at most {MAX_RECIPIENTS}"
            raise PermanentError(msg)
        sender = _from(self.sender, document, pipeline)
        inserted = values(context, _spoken_to(to, document), self.titles["en"])
        texts = {name: _filled(name, text, inserted) for name, text in self._texts().items()}
        if not (texts.get("text", "").strip() or texts.get("html", "").strip()):
            msg = "the mail says nothing once its inserts are filled in; correct its text"
            raise PermanentError(msg)
        return Email(
            sender=sender,
            to=to,
            cc=cc,
            bcc=bcc,
            reply_to=merged(found["reply_to"]),
            subject=texts["subject"],
            text=texts.get("text"),
            html=texts.get("html"),
            run=context.run.key,
        )

    def _recipients(self) -> dict[str, tuple[str, ...]]:
        return {"to": self.to, "cc": self.cc, "bcc": self.bcc, "reply_to": self.reply_to}

    def _texts(self) -> dict[str, str]:
        # A subject written as a block of YAML ends with a line break of its own.
        given = {"subject": self.subject.strip(), "text": self.text, "html": self.html}
        return {name: text for name, text in given.items() if text is not None}


def _about_sender(sender: str, pipeline: Pipeline) -> tuple[str, ...]:
    if sender == "responsible":
        if pipeline.senders:
            return ()
        return ("the pipeline has no senders; list the addresses of those who may be responsible",)
    if sender.lower() in {one.lower() for one in pipeline.senders}:
        return ()
    there = ", ".join(pipeline.senders) or "none"
    return (f'"{sender}" is not among the pipeline\'s senders ({there}); add it there, verified',)


def _from(sender: str, document: Document, pipeline: Pipeline) -> str:
    if sender == "responsible":
        (sender,) = _addressed("from", sender, document)
    for text in _about_sender(sender, pipeline):
        msg = f"from: {text}"
        raise PermanentError(msg)
    return sender


def _addressed(setting: str, part: str, document: Document) -> tuple[str, ...]:
    try:
        return addresses(part, document)
    except PermanentError as error:
        msg = f"{setting} {error}"
        raise PermanentError(msg) from None


def _spoken_to(to: tuple[str, ...], document: Document) -> Signer | None:
    """The one signer a mail goes to; for several, or none of them, the first client."""
    if len(to) == 1:
        for one in document.signers:
            if (one.email or "").lower() == to[0].lower():
                return one
    return first(document, "client")


def _filled(setting: str, source: str, inserted: Mapping[str, object]) -> str:
    from countersign.templates import check, render  # As above.

    try:
        text = render.render(source, inserted, html=setting == "html")
    except PermanentError as error:
        msg = f"{setting}: {error}"
        raise PermanentError(msg) from error
    if setting != "subject":
        return text
    if not is_one_line(text):
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
    return text
