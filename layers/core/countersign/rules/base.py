"""What every rule kind answers: the effect it has, worked out without touching the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.pipeline import FieldType, Pipeline
from countersign.model.run import Lane, Run
from countersign.model.task import NewTask
from countersign.templates.limits import Work

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
    work: Work = field(default_factory=Work, compare=False, repr=False)
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
    only_in_its_stage: ClassVar[bool] = False
    """Whether its effect means nothing once its document has left the stage."""
    titles: ClassVar[dict[str, str]]
    """The kind's title in ``en`` and ``de``."""
    descriptions: ClassVar[dict[str, str]]
    """What it does, in ``en`` and ``de``."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        """What publishing must refuse beyond the settings' types: (setting, sentence) each."""
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
