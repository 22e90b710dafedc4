"""Send e-mail: mails to signers, colleagues or fixed addresses, their texts filled in on the run.

Several signers get a mail each, greeted by their own name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from countersign.errors import NothingToDoError, PermanentError
from countersign.model.document import Document
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.provider_api import KEPT_FILES, ProviderFile
from countersign.model.references import ProviderRequirement, SettingPlace
from countersign.model.run import RunMail
from countersign.model.signing_event import Signer
from countersign.model.stored_file import FILE_KINDS, file_name
from countersign.rules._shared.email_rule import SingleEmailRule, addressed, somebody, spoken_to
from countersign.rules._shared.recipients import (
    address_of,
    nobody_left,
    problem,
    recipient,
    signers,
)
from countersign.rules._shared.signers import SignerChoice
from countersign.rules.base import RuleContext, RuleGroup
from countersign.text.folding import fold_address, same, unique
from countersign.text.suggestions import close_name

Recipient = Annotated[str, AfterValidator(recipient)]

_PROVIDER_FILES: tuple[tuple[str, ProviderFile], ...] = (
    ("document", "the unsigned document"),
    *KEPT_FILES.items(),
)


def _attachment(text: str) -> str:
    """What a rule may attach; ValueError says what that is."""
    kind, colon, name = text.partition(":")
    if text in ATTACHABLE or (kind == "file" and colon and file_name(name)):
        return text
    hint = f"did you mean {close}? " if (close := close_name(text, ATTACHABLE)) else ""
    msg = f'"{text[:80]}" is not an attachment; {hint}expected {", ".join(ATTACHABLE)} or file:NAME'
    raise ValueError(msg)


ATTACHABLE = (*FILE_KINDS, "document")
AttachmentName = Annotated[
    str,
    AfterValidator(_attachment),
    WithJsonSchema({"anyOf": [{"enum": [*ATTACHABLE]}, {"type": "string", "pattern": "^file:."}]}),
]


MAX_MAILS = 200
"""Mails of one run: all of them stand in its item of the table."""


class SendEmail(SingleEmailRule):
    """Sends an email to the listed recipients: each of several signers gets one of their own.

    The other recipients of ``to`` get one mail together, and ``cc`` and ``bcc`` get a copy of each
    mail, since they differ. A mail that fails does not keep the others from theirs; the run has
    failed then, and trying it again sends only what failed.
    """

    kind: Literal["send_email"] = "send_email"
    group: ClassVar[RuleGroup] = "customer_communication"
    titles: ClassVar = {"en": "Send e-mail", "de": "E-Mail senden"}
    descriptions: ClassVar = {
        "en": "Sends a mail to signers, the responsible person or fixed addresses.",
        "de": "Sendet eine E-Mail an Unterzeichner, Verantwortliche oder feste Adressen.",
    }
    may_link_to_sign: ClassVar[bool] = True
    to: Annotated[tuple[Recipient, ...], AfterValidator(somebody)]
    """``client``, ``company`` (all of that side who must act), ``responsible``, ``role:<name>``,
    ``signer:<order>``, ``field:<id>`` or an address. One that is missing fails the run.

    ``unsigned`` (who must act and has not), ``signers_turn`` (whose turn it is) and ``signed`` are
    signers as they are when the mail is made; of some signers only as in ``unsigned:client``,
    ``signers_turn:role:<name>`` or ``signed:signer:2``. Where nobody is left to write to the run
    is skipped."""
    together: bool = False
    """One mail to all recipients of ``to``, who see each other's addresses. ``signer`` is the first
    client then, unless it goes to one alone."""
    cc: tuple[Recipient, ...] = ()
    """Copies, as ``to``."""
    bcc: tuple[Recipient, ...] = ()
    """Copies that nobody else sees, as ``to``."""
    reply_to: tuple[Recipient, ...] = ()
    """Where replies go, as ``to``; to the sender unless given."""
    attachments: Annotated[tuple[AttachmentName, ...], Field(max_length=20)] = ()
    """Files of the document: all of a kind (``contract``, ``invoice``, ``offer``,
    ``attachment``), one by its name (``file:Price list.pdf``), or what the signing provider has, by
    the API token of the connection: ``signed_pdf`` and ``audit_trail`` once all have signed, which
    are kept then; ``document`` for the unsigned contract, which is the document's own if it has
    one. One that is missing fails the run."""
    large_files: Literal["fail", "link"] = "fail"
    """What becomes of attachments that are too large for a mail, which takes 7 MB of them: the run
    fails, or the largest are linked below the text."""
    link_days: Annotated[int, Field(ge=1, le=90)] = 14
    """Days that such a link is good. Whoever has it can have the file."""

    signature: bool = True
    """Whether the pipeline's ``signature``, if it has one, stands below the mail."""
    track: bool = False
    """Whether opens and clicks are reported, which triggers may wait for: by a picture and by links
    that lead through the mail service, so not of ``plain`` mails."""

    @classmethod
    def tracks(cls, settings: Mapping[str, Any]) -> bool:
        return settings.get("track") is True

    @property
    def is_signed(self) -> bool:
        return self.signature

    @property
    def files(self) -> tuple[str, ...]:
        return self.attachments

    @property
    def links_large_files(self) -> bool:
        return self.large_files == "link"

    @property
    def days_of_links(self) -> int:
        return self.link_days

    def needs(self, pipeline: Pipeline) -> tuple[ProviderRequirement, ...]:
        files = tuple(
            ProviderRequirement(offer, "attachments")
            for name, offer in _PROVIDER_FILES
            if name in self.attachments
        )
        if not self.has_signing_link(pipeline):
            return files
        return (*files, ProviderRequirement("the link to sign"))

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        problems = super().problems(pipeline)
        problems = (*problems, *self._link_problems(pipeline))
        if self.track and self.plain:
            text = "only an HTML mail can be tracked; leave out plain, or track"
            problems = (*problems, ("track", text))
        return problems

    def _link_problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        """Why a link to sign cannot be in the rule's mails: anyone who has it can sign."""
        where = self.text_with_signing_link(pipeline)
        if where is None:
            return
        if self.together:
            text = "everybody who gets the mail could sign by signer.signing_link"
            yield "together", f"{text}; leave together out, so that each signer gets a mail"
        for setting in ("cc", "bcc"):
            if self._parts()[setting]:
                text = f"anyone who gets a copy could sign with signer.signing_link in {where}"
                yield setting, f"{text}; leave {setting} out"
        for part in self.to:
            choice = SignerChoice.read(part)
            if choice is None:
                text = f'"{part}" is not a signer, and could sign by signer.signing_link in {where}'
                yield "to", f"{text}; give the others a rule of their own"
            elif choice.progress == "signed":
                text = f'"{part}" has signed, so there is no link to sign for signer.signing_link'
                instead = part.replace("signed", "unsigned", 1)
                yield "to", f"{text} in {where}; write to {instead}"
        if reason := self.no_link_to_sign():
            yield "track", reason

    def no_link_to_sign(self) -> str | None:
        if not self.track:
            return None
        text = "reports on clicks would have signer.signing_link, by which anybody can sign"
        return f"{text}; leave track or the link out"

    def email(self, context: RuleContext) -> Email:
        """The one mail to all recipients together."""
        recipients = self.recipients(context)
        only = self._only_signer(context.document)
        signer = only or spoken_to(unique(recipients["to"]), context.document)
        return self.written(context, recipients, signer).model_copy(update={"track": self.track})

    def mails(self, context: RuleContext) -> tuple[RunMail, ...]:
        """The mails, if there are several: one to each signer, and one to all others.

        Empty where one mail goes to all. PermanentError where a recipient is missing, or where
        there are too many.
        """
        document = context.document
        people = () if self.together else self._signers(document)
        if len(people) < 2:
            return ()
        if len(people) > MAX_MAILS:
            msg = f"to: these are {len(people)} signers; expected at most {MAX_MAILS}"
            raise PermanentError(msg)
        there = [
            RunMail(signer=signer.id, to=signer.email or signer.name or "") for _, signer in people
        ]
        others = self._others(context)
        return (*there, *([RunMail(to=", ".join(others))] if others else ()))

    def email_to(self, context: RuleContext, index: int, mail: RunMail) -> Email:
        """One of several mails, on the document's values as they are now.

        NothingToDoError where its signer is not among the recipients any more, PermanentError
        where it cannot be made.
        """
        document = context.document
        people = self._signers(document)
        elsewhere = tuple(signer.email for _, signer in people if signer.email)
        if mail.signer is None:
            to = self._others(context)
            spoken = spoken_to(to, document)
        else:
            part, spoken = self._still(mail.signer, document)
            to = (self._address(part, spoken),)
        copies = self._addressed(context, "cc", "bcc", "reply_to")
        if not to:
            msg = "its recipients have a mail of their own"
            raise NothingToDoError(msg)
        email = self.written(context, {"to": to, **copies}, spoken, elsewhere)
        return email.model_copy(update={"track": self.track, "mail": index})

    def _signers(self, document: Document) -> tuple[tuple[str, Signer], ...]:
        """The signers that ``to`` names, each person once, with the recipient that names them."""
        kept: list[tuple[str, Signer]] = []
        for part in self.to:
            for signer in _named(part, document):
                known = [n for n, (_, there) in enumerate(kept) if _is_same(there, signer)]
                if not known:
                    kept.append((part, signer))
                elif signer.name and not kept[known[0]][1].name:
                    kept[known[0]] = part, signer
        return tuple(kept)

    def _still(self, signer_id: str, document: Document) -> tuple[str, Signer]:
        for part in self.to:
            for signer in _named(part, document):
                if signer.id == signer_id:
                    return part, signer
        raise NothingToDoError(_why_not(document.signer(signer_id)))

    def _address(self, part: str, signer: Signer) -> str:
        try:
            return address_of(part, signer)
        except PermanentError as error:
            msg = f"to {error}"
            raise PermanentError(msg) from None

    def _only_signer(self, document: Document) -> Signer | None:
        """The signer, where the mail goes to one and to nobody else."""
        people = self._signers(document)
        alone = all(signers(part, document) is not None for part in self.to)
        return people[0][1] if alone and len(people) == 1 else None

    def _others(self, context: RuleContext) -> tuple[str, ...]:
        """The addresses of ``to`` that no signer stands for, without those that signers have."""
        document, pipeline = context.document, context.pipeline
        addresses = [
            address
            for part in self.to
            if signers(part, document) is None
            for address in addressed("to", part, document, pipeline)
        ]
        elsewhere = (signer.email for _, signer in self._signers(document) if signer.email)
        return unique(addresses, elsewhere)

    def recipients(self, context: RuleContext) -> Mapping[str, tuple[str, ...]]:
        document = context.document
        recipients = self._addressed(context, "to", "cc", "bcc", "reply_to")
        if not recipients["to"]:
            reasons = (nobody_left(part, document) for part in self.to)
            raise NothingToDoError("; ".join(dict.fromkeys(why for why in reasons if why)))
        return recipients

    def _addressed(self, context: RuleContext, *settings: str) -> dict[str, tuple[str, ...]]:
        """The addresses that stand behind these settings."""
        document, pipeline = context.document, context.pipeline
        return {
            setting: tuple(
                address
                for part in self._parts()[setting]
                for address in addressed(setting, part, document, pipeline)
            )
            for setting in settings
        }

    def recipient_problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        for setting, parts in self._parts().items():
            problems = (problem(part, pipeline) for part in parts)
            yield from ((setting, text) for text in problems if text)

    def _parts(self) -> dict[str, tuple[str, ...]]:
        return {"to": self.to, "cc": self.cc, "bcc": self.bcc, "reply_to": self.reply_to}


def _named(part: str, document: Document) -> tuple[Signer, ...]:
    """The signers of a recipient of ``to``; PermanentError where the envelope has none such."""
    try:
        return signers(part, document) or ()
    except PermanentError as error:
        msg = f"to {error}"
        raise PermanentError(msg) from None


def _is_same(signer: Signer, other: Signer) -> bool:
    """Whether it is the same person: two may share an address, each with a name of their own."""
    if signer.id == other.id:
        return True
    if (
        not signer.email
        or not other.email
        or fold_address(signer.email) != fold_address(other.email)
    ):
        return False
    return not signer.name or not other.name or same(signer.name, other.name)


def _why_not(signer: Signer | None) -> str:
    """Why a signer is not written to any more."""
    if signer is None:
        return "is not among the envelope's signers any more"
    words = {"signed": "has signed meanwhile", "declined": "has declined meanwhile"}
    return words.get(signer.status, "is not among the recipients any more")
