"""A script: an envelope, and what happens to it step by step, as it is written in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from countersign.engine.schedule.business_hours import BusinessHours
from countersign.engine.schedule.due import due, field_moment
from countersign.errors import PermanentError
from countersign.model.base import Model
from countersign.model.connection import FieldMapping, PartyMapping
from countersign.model.pipeline import Pipeline
from countersign.model.run import RunState
from countersign.model.signing_event import EnvelopeStatus, Party, SignerAction
from countersign.model.stored_file import MAX_SIZE, NewFile, checked
from countersign.model.timing import Span, Timing
from countersign.text.folding import same, same_address

Word = Literal[
    "created",
    "sent",
    "delivered",
    "signers_turn",
    "viewed",
    "signed",
    "declined",
    "completed",
    "voided",
    "expired",
    "deleted",
    "reassigned",
    "delivery_failed",
    "authentication_failed",
    "signed_pdf_ready",
]
"""What can happen at the provider, in the words of the triggers that wait for it."""

OF_A_SIGNER: frozenset[Word] = frozenset(
    {
        "signers_turn",
        "viewed",
        "signed",
        "declined",
        "reassigned",
        "delivery_failed",
        "authentication_failed",
    }
)
"""Words that need a ``by``: whose turn it is, or who did it."""


def _person(value: object) -> object:
    return {"email": value} if isinstance(value, str) else value


def _address(text: str) -> str:
    name, at, domain = text.partition("@")
    if not (name and at and domain) or "@" in domain or text.split() != [text]:
        msg = f'"{text}" is not a valid e-mail address; expected one such as anna@acme.example'
        raise ValueError(msg)
    return text


class Person(Model):
    """Somebody with an e-mail address; may be written as the address alone."""

    word: ClassVar = "a person"
    name: str | None = None
    email: Annotated[str, AfterValidator(_address)]


Addressed = Annotated[Person, BeforeValidator(_person)]


class ScriptSigner(Model):
    """One who receives the envelope; may be written as the address alone."""

    word: ClassVar = "a signer"
    name: str | None = None
    email: Annotated[str, AfterValidator(_address)] | None = None
    phone: str | None = None
    role: str | None = None
    order: int | None = None
    """Place in the signing order; those without one are asked at once."""
    action: SignerAction = "sign"
    party: Party | None = None
    """The side, where the domain of the address does not tell it."""

    @model_validator(mode="after")
    def _somebody(self) -> ScriptSigner:
        if not (self.email or self.name or self.phone):
            msg = "a signer needs an email, a name or a phone"
            raise ValueError(msg)
        return self

    @property
    def label(self) -> str:
        """What the signer is known by, as a step may name it in ``by``."""
        return f"{self.name} <{self.email}>" if self.name and self.email else self.shortest

    @property
    def shortest(self) -> str:
        """The name, or the address, or the phone."""
        return self.name or self.email or self.phone or ""

    def is_named(self, by: str) -> bool:
        """Whether ``by`` may mean this signer: an address, a name, a phone, or name and address."""
        name, address = parseaddr(by)
        if name and "@" in address:
            return same(self.name, name) and same_address(self.email, address)
        return same_address(self.email, by) or same(self.name, by) or same(self.phone, by)


class ScriptEnvelope(Model):
    """The envelope as its sender made it."""

    word: ClassVar = "an envelope"
    title: str | None = None
    sender: Addressed
    signers: Annotated[
        tuple[Annotated[ScriptSigner, BeforeValidator(_person)], ...], Field(min_length=1)
    ]
    expires: str | None = None
    """When the provider lets it expire if it has not ended before; in the pipeline's zone."""
    custom_fields: dict[str, str] = Field(default_factory=dict)
    signer_ids: bool = True
    """Whether the provider gives its signers ids; some know them by name and address alone."""


class ScriptConnection(Model):
    """How the provider's messages become documents; see ``model.connection``."""

    word: ClassVar = "a connection"
    provider: str = "docusign"
    responsible: str | None = None
    parties: PartyMapping = PartyMapping()
    fields: tuple[FieldMapping, ...] = ()
    locale: str | None = None


class Event(Model):
    """Something happens at the provider, whose message comes at once."""

    word: ClassVar = "an event"
    event: Word
    by: str | None = None
    """The signer's e-mail address or name; ``Name <address>`` where several share either."""
    envelope: str | None = None
    """Which of several envelopes; the first unless said."""
    reason: str | None = None
    to: Addressed | None = None
    """Who signs instead, for ``reassigned``."""
    lost: bool = False
    """It happens, but no message tells of it; the next one carries the state it led to."""

    @model_validator(mode="after")
    def _whole(self) -> Event:
        if (self.by is None) == (self.event in OF_A_SIGNER):
            needs = "needs by: the signer's e-mail address" if self.by is None else "takes no by"
            msg = f"the event {self.event} {needs}"
            raise ValueError(msg)
        if (self.to is not None) != (self.event == "reassigned"):
            msg = "reassigned, and no other event, has to: who signs instead"
            raise ValueError(msg)
        return self


class Message(Model):
    """A captured message of the connection's provider comes."""

    word: ClassVar = "a message"
    message: Annotated[str, Field(min_length=1)]
    """The file, from the script's folder; read as ``countersign events inspect`` reads it."""


class ScriptFile(Model):
    """A file of a document; its content is made up."""

    word: ClassVar = "a file"
    name: str
    """The file's name with its extension, which says its type."""
    kind: Literal["contract", "invoice", "offer", "attachment"] = "attachment"
    """What the file is, as rules name it in ``attachments``."""
    size: Annotated[int, Field(ge=1, le=MAX_SIZE)] = 100_000
    """Bytes."""

    @model_validator(mode="after")
    def _accepted(self) -> ScriptFile:
        try:
            checked(NewFile(name=self.name, kind=self.kind, size=self.size, sha256="0" * 64))
        except PermanentError as error:
            raise ValueError(str(error)) from None
        return self


class FileStep(Model):
    """A person adds a file to the document, in place of one of the same name."""

    word: ClassVar = "an added file"
    add_file: ScriptFile
    by: str | None = None
    """The user; the envelope's sender unless said."""
    envelope: str | None = None
    """Whose document, where there are several envelopes."""


class Length(Model):
    """A length of time in one unit; days, weeks, months and working days keep the clock
    time; working hours are counted through the calendar."""

    word: ClassVar = "a waiting time"
    seconds: Annotated[int, Field(ge=1)] | None = None
    minutes: Annotated[int, Field(ge=1)] | None = None
    hours: Annotated[int, Field(ge=1)] | None = None
    days: Annotated[int, Field(ge=1)] | None = None
    weeks: Annotated[int, Field(ge=1)] | None = None
    months: Annotated[int, Field(ge=1)] | None = None
    working_hours: Annotated[int, Field(ge=1)] | None = None
    working_days: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Length:
        Span.model_validate(self.model_dump(exclude_none=True))
        return self

    @property
    def timing(self) -> Timing:
        """The same as a rule's time."""
        return Timing(after=Span.model_validate(self.model_dump(exclude_none=True)))


class WaitStep(Model):
    """Time passes; what falls due meanwhile happens at its own moment."""

    word: ClassVar = "a wait"
    wait: Length


class UntilStep(Model):
    """Time passes up to a moment, in the pipeline's zone unless it has an offset."""

    word: ClassVar = "an until"
    until: str


class SaveStep(Model):
    """A person saves changes of the document, all of them at once."""

    word: ClassVar = "a save"
    edit: dict[str, Any] = Field(default_factory=dict)
    """Fields and their new values; null empties a field."""
    move: str | None = None
    comment: str | None = None
    stop_rules: bool = False
    by: str | None = None
    """The user; the envelope's sender unless said."""
    envelope: str | None = None
    """Whose document, where there are several envelopes."""


class Complete(Model):
    """A person completes the newest open task that a rule has made."""

    word: ClassVar = "a completed task"
    complete_task: str
    """The rule."""
    by: str | None = None
    """The user; whose task it is unless said, or the first of the group. Who may not complete it
    does so as an operator."""
    envelope: str | None = None
    """Whose document, where there are several envelopes."""


class Call(Model):
    """The document is called by a code that triggers wait for."""

    word: ClassVar = "a call"
    call: Annotated[str, Field(min_length=1)]
    """The code."""
    by: str | None = None
    """The user; the envelope's sender unless said."""
    from_outside: bool = False
    """Whether it comes to the address of an incoming call, rather than from a user."""
    envelope: str | None = None
    """Whose document, where there are several envelopes."""


class Report(Model):
    """The mail service reports on the newest mail of a rule."""

    word: ClassVar = "a report"
    report: Literal["delivered", "opened", "clicked", "bounced", "complained"]
    rule: str
    to: str | None = None
    """The address whose mail it is, where the rule sent several; otherwise the first of them."""
    link: str | None = None
    """The link that was followed, for ``clicked``."""
    automated: bool = False
    """Whether a machine did it, such as a security scanner, for ``opened`` and ``clicked``."""
    envelope: str | None = None
    """Whose document, where there are several envelopes."""


class ScriptAnswer(Model):
    """What a web address answers."""

    word: ClassVar = "an answer"
    status: Annotated[int, Field(ge=100, le=599)] = 200
    body: Any = None
    """Sent as JSON; a text as it is."""


class Expectation(Model):
    """What must be true when the script comes here; what is not named is not looked at."""

    word: ClassVar = "an expectation"
    stage: str | None = None
    status: EnvelopeStatus | None = None
    mails: int | tuple[str, ...] | None = None
    """How many mails were sent up to here, or the subject of each."""
    rules: dict[str, RunState] = Field(default_factory=dict)
    """The state of each rule's newest run."""
    attachments: tuple[str, ...] | None = None
    """The names of what went with the document's newest mail, in any order."""
    files: tuple[str, ...] | None = None
    """The names of the document's files, in any order."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """Values of the document's fields."""


class Expect(Model):
    """The script is a test here."""

    word: ClassVar = "an expect"
    expect: Expectation
    envelope: str | None = None
    """Whose document, where there are several envelopes."""


Switch = Literal["pause", "resume"]
"""The pipeline is paused or resumed."""

VERBS: Mapping[str, str] = {
    "event": "event",
    "message": "message",
    "wait": "wait",
    "until": "until",
    "edit": "save",
    "move": "save",
    "comment": "save",
    "stop_rules": "save",
    "add_file": "file",
    "complete_task": "complete",
    "call": "call",
    "report": "report",
    "expect": "expect",
}
"""Keys that say what a step does, and which sort of step that is."""


def step_kinds(step: Mapping[Any, Any]) -> tuple[str, ...]:
    """Which kinds of step the keys of one that is written name; one is right."""
    return tuple(dict.fromkeys(VERBS[key] for key in step if key in VERBS))


def _tag(step: object) -> str:
    # No tag may look like a key: errors tell both in one path.
    if isinstance(step, Mapping):
        return f"{next(iter(step_kinds(step)), 'event')} step"
    name = type(step).__name__.removesuffix("Step").lower()
    return f"{name if isinstance(step, Model) else 'switch'} step"


Step = Annotated[
    Annotated[Event, Tag("event step")]
    | Annotated[Message, Tag("message step")]
    | Annotated[WaitStep, Tag("wait step")]
    | Annotated[UntilStep, Tag("until step")]
    | Annotated[SaveStep, Tag("save step")]
    | Annotated[FileStep, Tag("file step")]
    | Annotated[Complete, Tag("complete step")]
    | Annotated[Call, Tag("call step")]
    | Annotated[Report, Tag("report step")]
    | Annotated[Expect, Tag("expect step")]
    | Annotated[Switch, Tag("switch step")],
    Discriminator(_tag),
]
SWITCHES: tuple[str, ...] = get_args(Switch)


SOMEBODY = "somebody@simulation.example"


class Script(Model):
    """An envelope, and what happens to it and to its document, in order."""

    word: ClassVar = "a script"
    start: str
    """When it begins; in the pipeline's zone unless it has an offset."""
    envelope: ScriptEnvelope | None = None
    """The one envelope. None where all that happens comes as captured messages."""
    envelopes: dict[str, ScriptEnvelope] = Field(default_factory=dict)
    """Several envelopes instead, each by a name of its own."""
    connection: ScriptConnection = ScriptConnection()
    answers: dict[str, ScriptAnswer] = Field(default_factory=dict)
    """What the web addresses that rules call answer, by rule; 200 and nothing more unless said."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_way(self) -> Script:
        if self.envelope is not None and self.envelopes:
            msg = "a script has envelope or envelopes, not both"
            raise ValueError(msg)
        if not self.named and any(isinstance(step, Event) for step in self.steps):
            msg = "events need the envelope they happen to; give the script one"
            raise ValueError(msg)
        return self

    @property
    def named(self) -> dict[str, ScriptEnvelope]:
        """The envelopes by name; the only one is named ``""``."""
        return {"": self.envelope} if self.envelope is not None else self.envelopes

    @property
    def author(self) -> str:
        """Who does what a step does not say by whom: the first envelope's sender."""
        return next(
            (envelope.sender.email for envelope in self.named.values()),
            "somebody@simulation.example",
        )

    def moments(self, pipeline: Pipeline) -> Iterator[datetime]:
        """When each step is over, in UTC; PermanentError at a time that is none or has passed."""
        working = BusinessHours.of(pipeline)
        now = moment_of(self.start, pipeline)
        for step in self.steps:
            if isinstance(step, WaitStep):
                now = due(step.wait.timing, now, working, lambda _: None).at or now
            elif isinstance(step, UntilStep):
                until = moment_of(step.until, pipeline)
                if until < now:
                    local = now.astimezone(working.zone)
                    msg = f"it is {local:%Y-%m-%d %H:%M} by then; expected a later time"
                    raise PermanentError(f"until is {step.until}, but {msg}")
                now = until
            yield now


def moment_of(text: str, pipeline: Pipeline) -> datetime:
    """A written time in UTC; a bare date is its first moment. PermanentError if it is none."""
    at = field_moment(text, BusinessHours.of(pipeline).zone)
    if at is None:
        msg = "the time is empty; expected one such as 2026-03-02 09:00"
        raise PermanentError(msg)
    return at


def with_parties(script: Script) -> PartyMapping:
    """The connection's mapping, and the parties that the envelopes' signers name themselves.

    Each by what tells the signer from all others: the address, else the role, else the order.
    """
    people = [signer for envelope in script.named.values() for signer in envelope.signers]
    parties = script.connection.parties
    emails, roles, orders = dict(parties.emails), dict(parties.roles), dict(parties.orders)
    for person in people:
        if person.party is None:
            continue
        others = [signer for signer in people if signer.party != person.party]
        if person.email and not any(same_address(signer.email, person.email) for signer in others):
            emails[person.email] = person.party
        elif person.role and not any(same(signer.role, person.role) for signer in others):
            roles[person.role] = person.party
        elif person.order is not None and all(signer.order != person.order for signer in others):
            orders[person.order] = person.party
    return parties.model_copy(update={"emails": emails, "roles": roles, "orders": orders})
