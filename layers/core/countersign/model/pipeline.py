"""The pipeline: stages in order, with their triggers and rules, and what they need to know."""

from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from countersign.model.base import Model
from countersign.model.condition import Condition
from countersign.model.timing import IMMEDIATELY, Clock, When
from countersign.standards.decimals import as_json, with_decimals

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Lower-case letters, digits, ``-`` and ``_``, at most 63, beginning with a letter or digit."""

FieldId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Setting = Annotated[Any, BeforeValidator(with_decimals), PlainSerializer(as_json, when_used="json")]
"""A plain value of a kind's own settings; its numbers are int or Decimal, and stay numbers."""
FieldType = Literal["text", "number", "money", "date", "datetime", "choice", "user", "bool", "list"]
IfPassed = Literal["run", "skip"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class FieldSpec(Model):
    """One of the pipeline's own fields."""

    type: FieldType
    """What the field holds."""
    label: str = ""
    """The name that people see; the id unless given."""
    options: tuple[str, ...] = ()
    """The values a ``choice`` may take."""


def _day_text(value: object) -> object:
    # YAML reads a bare 2026-12-24 as a date.
    return value.isoformat() if isinstance(value, date) else value


def _region(value: object) -> object:
    listed = value if isinstance(value, list | tuple) else [value]
    if any(element is False for element in listed):
        msg = 'holidays: write "NO" in quotes, for Norway (bare NO means false in YAML)'
        raise ValueError(msg)
    return value


Country = Literal[
    "AT", "BE", "BG", "CA", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR",
    "HU", "IE", "IT", "LI", "LU", "LV", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "US",
]  # fmt: skip
"""Countries, in ISO 3166, whose phone numbers ``text.phones`` knows as they are called within."""


def _country(value: object) -> object:
    if value is False:
        msg = 'country: write "NO" in quotes, for Norway (bare NO means false in YAML)'
        raise ValueError(msg)
    return value


class Calendar(Model):
    """Working time: hours per weekday, public holidays, own days off, hours of single days.

    ``hours`` maps a weekday or a range (``mon-thu``) to ``HH:MM-HH:MM``, one or several spans
    separated by commas. ``holidays`` is a country or region of ISO 3166 (``DE``, ``DE-BY``), with
    the days of a category besides (``DE-BY:catholic``), or a list of them: a holiday of any of
    them is a day off.
    """

    hours: dict[str, str] = {"mon-fri": "09:00-18:00"}
    """Business hours by weekday or range of weekdays, such as ``mon-thu``: one or several spans
    ``HH:MM-HH:MM``, separated by commas."""
    holidays: Annotated[str | tuple[str, ...] | None, BeforeValidator(_region)] = None
    """Public holidays of a country or region of ISO 3166 (``DE``, ``DE-BY``), with those of a
    category besides (``DE-BY:catholic``), or a list: a holiday of any of them is a day off."""
    days_off: tuple[Annotated[str, BeforeValidator(_day_text)], ...] = ()
    """Own days off, each ``YYYY-MM-DD``, or ``MM-DD`` for every year."""
    special_hours: dict[str, str] = {}
    """Hours of single days, such as half days. ``YYYY-MM-DD`` has these hours whatever day it is;
    ``MM-DD`` has them in every year in which it is a working day."""

    @property
    def regions(self) -> tuple[str, ...]:
        """The countries and regions whose holidays are days off, as they are written."""
        if self.holidays is None:
            return ()
        return (self.holidays,) if isinstance(self.holidays, str) else self.holidays


class Trigger(Model):
    """Waits in a stage for one kind of happening and moves the document into that stage."""

    id: Slug
    """Names the trigger, once in the pipeline."""
    kind: str
    """What it is; ``countersign kinds`` lists them."""
    name: str = ""
    """The name that people see; the kind's title unless given."""
    condition: Condition | None = None
    """Fires only for documents that match it, as they are after the event."""
    move_as: str = "responsible"
    """``responsible``, or the user who is written as the author of the move."""
    allow_return: bool = False
    """Whether it may move a document to an earlier stage, or out of a final one."""
    enabled: bool = True
    """Whether it is on."""
    authenticity: Literal["signed", "shared_secret", "none"] = "none"
    """The least proof of its sender an event must have to fire this trigger."""
    settings: dict[str, Setting] = {}
    """The settings of its kind."""


class Rule(Model):
    """Does one thing when a document arrives in its stage."""

    id: Slug
    """Names the rule, once in the pipeline."""
    kind: str
    """What it is; ``countersign kinds`` lists them."""
    name: str = ""
    """The name that people see; the kind's title unless given."""
    execution: Literal["after_previous", "independent"] = "after_previous"
    """Whether it waits for the rule above it, or starts on arrival."""
    time: When = IMMEDIATELY
    """When it runs: ``immediately``, or a delay, a date or a clock time."""
    condition: Condition | None = None
    """Runs only for documents that match it when its time has come; otherwise it is skipped."""
    on_leave: Literal["cancel", "keep"] = "cancel"
    """What becomes of a run that has not begun when the document leaves the stage."""
    on_reentry: Literal["every_arrival", "once"] = "every_arrival"
    """Whether it runs on every arrival in the stage, or once per document."""
    on_failure: Literal["continue", "stop"] = "continue"
    """Whether the chain goes on when it has failed."""
    on_doubt: Literal["stay", "send_again"] = "stay"
    """What becomes of a mail that the mail service neither answered nor reported on: it stays in
    doubt until a person resolves it, or is sent again by itself, up to twice."""
    if_passed: IfPassed = "run"
    """What becomes of a run whose time has passed when it is armed: it runs at once, or is skipped.
    What is due before a date never runs after it."""
    again: bool = False
    """Whether a date that moves ahead after the rule was done arms it again."""
    enabled: bool = True
    """Whether it is on."""
    settings: dict[str, Setting] = {}
    """The settings of its kind."""


class Stage(Model):
    """A step of the process."""

    id: Slug
    """Names the stage, once in the pipeline."""
    name: str = ""
    """The name that people see; the id unless given."""
    kind: Literal["open", "success", "failure"] = "open"
    """``success`` and ``failure`` are final: they end the process."""
    color: str | None = None
    """Its colour on a board."""
    triggers: tuple[Trigger, ...] = ()
    """What moves a document into this stage, in the order in which they are tried."""
    rules: tuple[Rule, ...] = ()
    """What runs when a document arrives, in order."""

    @property
    def is_final(self) -> bool:
        """Whether it ends the process: of all triggers only one with *allow return* leaves it."""
        return self.kind != "open"


class DailyReport(Model):
    """A mail a day about runs that have failed or are in doubt; none on a day without any."""

    to: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)]
    """The addresses it goes to."""
    at: Clock = time(8)
    """When it is sent, in the pipeline's time zone."""


class KeptFor(Model):
    """How long something is kept: days or months, as the calendar of the pipeline's zone has
    them."""

    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """So many days."""
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    """So many months."""

    @model_validator(mode="after")
    def _one_unit(self) -> "KeptFor":
        if (self.days is None) == (self.months is None):
            units = "none" if self.days is None else "days and months"
            msg = f"how long documents are kept is either days or months; found {units}"
            raise ValueError(msg)
        return self


class Retention(Model):
    """When documents whose process has ended are removed, with their runs, timelines and files."""

    final_after: KeptFor
    """How long a document is in a final stage before it is removed: ``{days: 365}`` or
    ``{months: 120}``. While a run of it is ready, running or waits for a person, it is kept."""


class MailTemplate(Model):
    """Texts of mails that several rules share."""

    name: str = ""
    """The name that people see; the id unless given."""
    subject: str | None = None
    """The subject of rules that have none of their own, with template variables."""
    text: str | None = None
    """The plain text of rules that have neither text nor html, with template variables."""
    html: str | None = None
    """The HTML that goes with it; made from the text unless given."""


class MailSignature(Model):
    """What stands below the mails to customers: text, html or both, with template variables."""

    text: str | None = None
    """Stands below the plain text, parted from it by a line of two hyphens."""
    html: str | None = None
    """Stands below the HTML, parted from it by a thin line; made from the text unless given."""


class Pipeline(Model):
    """An ordered list of stages, as it is written and published."""

    pipeline: Slug
    """Its id: lower-case letters, digits, ``-`` and ``_``."""
    name: str = ""
    """The name that people see; the id unless given."""
    managed_by: Literal["console", "git"] = "console"
    """Where it is kept: with ``git`` its file is the source, and only the command line publishes
    it; otherwise drafts on the server are published as well."""
    time_zone: str = "UTC"
    """The zone of its clock times and days, such as ``Europe/Berlin``."""
    language: str | None = None
    """The locale (``de``, ``fr-CH``) in which texts write numbers, dates and names of months,
    ``en`` unless said. Where it is said, what web addresses answer is read in it too."""
    calendar: Calendar = Calendar()
    """Business hours and days off."""
    senders: tuple[str, ...] = ()
    """The verified addresses that mails may come from, each also with a name to show:
    ``Acme Contracts <contracts@acme.example>``. ``@acme.example`` stands for all addresses of that
    domain."""
    signature: MailSignature | None = None
    """Stands below every mail of rules of the group customer communication, unless the rule says
    ``signature: false``."""
    mail_templates: dict[Slug, MailTemplate] = {}
    """Texts of mails by id, for the ``template`` of rules."""
    groups: dict[str, tuple[str, ...]] = {}
    """Users by group, for conditions and assignees."""
    supervisors: dict[str, str] = {}
    """Each user's supervisor."""
    daily_report: DailyReport | None = None
    """Who gets a daily report of failed runs, from the first of the senders; None for nobody."""
    retention: Retention | None = None
    """When documents that have ended are removed; never unless said."""
    country: Annotated[Country | None, BeforeValidator(_country)] = None
    """The country of phone numbers that name none themselves, for SMS: ``DE``."""
    task_mail: bool = False
    """Whether assignees of tasks get a mail, from the first of the senders."""
    fields: dict[FieldId, FieldSpec] = {}
    """The documents' own fields, by id."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    """The stages, in order; a new document begins in the first."""

    def stage(self, stage_id: str) -> Stage | None:
        """The stage of that id, or None."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    def index(self, stage_id: str) -> int:
        """The stage's place in the order, from 0; -1 where the pipeline no longer has it."""
        return next((n for n, stage in enumerate(self.stages) if stage.id == stage_id), -1)


class Head(Model):
    """What changes about a pipeline: which version is published, and whether it is paused."""

    pipeline: str
    name: str = ""
    version: int
    paused: bool = False
    automation: bool = True
    """Whether triggers fire and rules are planned: what the deployment's plan includes, kept here
    since every decision reads it."""


class Version(Model):
    """A published pipeline: immutable."""

    number: int
    pipeline: Pipeline
    published_at: str = ""
    published_by: str = ""
    note: str = ""
    """What the version is for, in the words of who published it."""


MAX_NOTE = 1_000
"""Characters of a version's note."""
