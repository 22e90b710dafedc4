"""A document's timeline, as the API has it."""

from __future__ import annotations

from datetime import datetime

from countersign.http.views.base import View
from countersign.model.condition import Verdict
from countersign.model.document import FieldValue
from countersign.model.log import LogKind


class SkippedView(View):
    """A trigger that did not fire, and why."""

    trigger: str
    stage: str
    reason: str
    verdict: Verdict | None


class FiringView(View):
    """The trigger that fired."""

    trigger: str
    stage: str
    kind: str
    verdict: Verdict | None


class FieldChangeView(View):
    """A field before and after."""

    field: str
    old: FieldValue
    new: FieldValue


class TimelineEntry(View):
    """What happened to a document."""

    at: datetime
    kind: LogKind
    text: str
    by: str
    entry: int
    """The stage entry in which it happened."""
    event: str | None
    occurred_at: datetime | None
    signer: str | None
    reason: str | None
    from_stage: str | None
    to_stage: str | None
    pipeline_version: int | None
    fired: FiringView | None
    passed: tuple[SkippedView, ...]
    changes: tuple[FieldChangeView, ...]
    cause: str | None
    """The chain of causes, newest last."""
