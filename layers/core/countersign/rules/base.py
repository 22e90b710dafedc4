"""What every rule kind answers: the effect it has, worked out without touching the outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import model_validator

from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.pipeline import FieldType, Pipeline
from countersign.model.run import Lane, Run, RunMail
from countersign.model.task import NewTask
from countersign.templates.limits import RenderingBudget

if TYPE_CHECKING:
    from countersign.model.http import BusEvent, TextMessage, WebAnswer, WebRequest
    from countersign.model.message import Email
    from countersign.model.references import (
        NamedRule,
        NamedStage,
        ProviderRequirement,
        SettingPlace,
    )
    from countersign.model.signing_event import Signer

RuleGroup = Literal[
    "customer_communication",
    "employee_alerts",
    "task_management",
    "element_management",
    "data",
    "automation",
    "payment",
]

Asked = Literal["turn", "loads"]

SigningLink = Callable[["Signer"], str]
"""Gives the link at which the signer signs; PermanentError or TransientError where it cannot."""

Secret = Callable[[str], str]
"""Gives the secret of that name; PermanentError where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext:
    """What a rule may look at when its time has come."""

    run: Run
    document: Document
    pipeline: Pipeline
    types: Mapping[str, FieldType]
    now: datetime
    turn: int = 0
    """The rule's next number, from 0, for a rule that ``asks`` for its turn."""
    loads: Mapping[str, int] = field(default_factory=dict)
    """How many documents in open stages each user is responsible for, for a rule that asks."""
    signing_link: SigningLink | None = None
    """Gives links to sign, where a mail is about to leave."""
    work: RenderingBudget = field(default_factory=RenderingBudget, compare=False, repr=False)
    """What filling in all texts of this try may take."""


class Edit(Model):
    """A save of a document: several changes at once, by a person or a rule."""

    values: dict[str, Any] = {}
    """Fields and their new values, as they were written; a None empties the field."""
    stage: str | None = None
    """The stage the document is asked to move to, after the changes."""
    comment: str | None = None
    stop_rules: bool = False
    """Cancels every run of the current stage entry that has not begun."""
    task: NewTask | None = None
    """What somebody has to do for the document; only a rule asks for it."""

    @model_validator(mode="after")
    def _stops_alone(self) -> Self:
        # What it stops and what a move plans might together be more than a transaction takes.
        if self.stop_rules and (self.values or self.stage):
            msg = "stop_rules goes with no other change; save the fields or the stage after it"
            raise ValueError(msg)
        return self


class Reply(Model):
    """What the outside's answer means for the document."""

    values: dict[str, Any] = {}
    """Fields and their new values."""
    warnings: tuple[str, ...] = ()
    """What of the answer could not be used, for the timeline."""


class RuleKind(Model):
    """One kind of rule; its attributes are the kind's own settings.

    A kind is a file of this package with one class; the file's name is the kind.
    """

    group: ClassVar[RuleGroup]
    lane: ClassVar[Lane]
    """The function that performs it."""
    products: ClassVar[frozenset[str]] = frozenset()
    """What it leaves behind that a trigger can wait for: ``mail``, ``task``."""
    only_in_its_stage: ClassVar[bool] = False
    """Whether its effect means nothing once its document has left the stage."""
    titles: ClassVar[dict[str, str]]
    """The kind's title in ``en`` and ``de``."""
    descriptions: ClassVar[dict[str, str]]
    """What it does, in ``en`` and ``de``."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        """What publishing must refuse beyond the settings' types: (place, sentence) each."""
        return ()

    @property
    def named_rules(self) -> tuple[NamedRule, ...]:
        """The rules that its settings name; publishing looks for them."""
        return ()

    @classmethod
    def tracks(cls, settings: Mapping[str, Any]) -> bool:
        """Whether opens and clicks of its mails are reported, by the settings as they are written,
        which something else may be wrong with."""
        return False

    @property
    def moves_to(self) -> NamedStage | None:
        """The stage it moves the document to; None for a rule that does not move it."""
        return None

    def needs(self, pipeline: Pipeline) -> tuple[ProviderRequirement, ...]:
        """What it needs of the signing provider's API; publishing warns where that is missing."""
        return ()

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the secrets it needs; publishing asks whether they are kept."""
        return frozenset()


class DocumentRule(RuleKind):
    """A rule whose whole effect is a change of the document: one transaction with its claim."""

    lane: ClassVar[Lane] = "document"

    @property
    def asks(self) -> Asked | None:
        """What it must know besides, which costs a call of the database."""
        return None

    def edit(self, context: RuleContext) -> Edit:
        """The change; PermanentError where it cannot be made."""
        raise NotImplementedError


class EmailRule(RuleKind):
    """A rule whose effect is a mail, or a mail to each of several people."""

    lane: ClassVar[Lane] = "email"
    products: ClassVar[frozenset[str]] = frozenset({"mail"})

    @property
    def files(self) -> tuple[str, ...]:
        """Files of the document that its mails take with them: kinds, ``document``, or
        ``file:<name>``."""
        return ()

    @property
    def links_large_files(self) -> bool:
        """Whether what is too large for a mail is linked; otherwise the run fails."""
        return False

    @property
    def days_of_links(self) -> int:
        """How many days such a link is good."""
        return 0

    def has_signing_link(self, pipeline: Pipeline) -> bool:
        """Whether its mails may have the link to sign: each is made right before it leaves then."""
        return False

    def email(self, context: RuleContext) -> Email:
        """The one mail, ready to send; PermanentError where it can never be sent."""
        raise NotImplementedError

    def mails(self, context: RuleContext) -> tuple[RunMail, ...]:
        """Who gets a mail of their own; empty where one mail goes to all."""
        return ()

    def email_to(self, context: RuleContext, index: int, mail: RunMail) -> Email:
        """One of several mails, ready to send. PermanentError where it can never be sent,
        NothingToDoError where there is no reason to write to its recipient any more."""
        raise NotImplementedError


class HttpRule(RuleKind):
    """A rule whose effect is one HTTPS call."""

    lane: ClassVar[Lane] = "web"

    def request(self, context: RuleContext, secret: Secret) -> WebRequest:
        """The call, complete; PermanentError where it can never be made."""
        raise NotImplementedError

    def reply(self, answer: WebAnswer, context: RuleContext) -> Reply:
        """What an answer of 2xx means for the document. Never raises: the call has been made."""
        return Reply()


class EventRule(RuleKind):
    """A rule whose effect is an event on the deployment's bus."""

    lane: ClassVar[Lane] = "web"

    def event(self, context: RuleContext) -> BusEvent:
        """The event, complete; PermanentError where it can never be published."""
        raise NotImplementedError


class SmsRule(RuleKind):
    """A rule whose effect is an SMS."""

    lane: ClassVar[Lane] = "web"

    def text_message(self, context: RuleContext) -> TextMessage:
        """The SMS, ready to send; PermanentError where it can never be sent."""
        raise NotImplementedError


class ReminderRule(RuleKind):
    """A rule whose effect is that the signing provider reminds signers."""

    lane: ClassVar[Lane] = "web"

    def needs(self, pipeline: Pipeline) -> tuple[ProviderRequirement, ...]:
        """That the provider reminds."""
        from countersign.model.references import ProviderRequirement  # Only publishing asks.

        return (ProviderRequirement("reminders"),)

    @property
    def some(self) -> bool:
        """Whether it reminds some of the signers only."""
        return False

    def whom(self, document: Document) -> tuple[Signer, ...]:
        """Who is to be reminded; PermanentError where it names somebody who is not a signer."""
        raise NotImplementedError

    def nobody(self, document: Document) -> str:
        """Why nobody is to be reminded, as a sentence."""
        raise NotImplementedError
