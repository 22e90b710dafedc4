"""What every rule kind answers: the effect it has, worked out without touching the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.pipeline import FieldType, Pipeline
from countersign.model.run import Lane, Run

RuleGroup = Literal[
    "customer_communication",
    "employee_alerts",
    "task_management",
    "element_management",
    "data",
    "automation",
    "payment",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext:
    """What a rule may look at when its time has come."""

    run: Run
    document: Document
    pipeline: Pipeline
    types: Mapping[str, FieldType]
    now: datetime


class Edit(Model):
    """A save of a document: several changes at once, by a person or a rule."""

    values: dict[str, Any] = {}
    """Fields and their new values, as they were written; a None empties the field."""
    stage: str | None = None
    """The stage the document is asked to move to, after the changes."""
    comment: str | None = None
    stop_rules: bool = False
    """Cancels every run of the current stage entry that has not begun."""


class RuleKind(Model):
    """One kind of rule; its attributes are the kind's own settings.

    A kind is a file of this package with one class; the file's name is the kind.
    """

    group: ClassVar[RuleGroup]
    lane: ClassVar[Lane]
    """The function that performs it."""
    titles: ClassVar[dict[str, str]]
    """The kind's title in ``en`` and ``de``."""
    descriptions: ClassVar[dict[str, str]]
    """What it does, in ``en`` and ``de``."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        """What publishing must refuse beyond the settings' types: (setting, sentence) each."""
        return ()


class DocumentRule(RuleKind):
    """A rule whose whole effect is a change of the document: one transaction with its claim."""

    lane: ClassVar[Lane] = "document"

    def edit(self, context: RuleContext) -> Edit:
        """The change; PermanentError where it cannot be made."""
        raise NotImplementedError
