"""A document's timeline, as the API has it."""

from __future__ import annotations

from datetime import datetime

from pydantic import computed_field

from countersign.http.views.base import View
from countersign.http.views.message import Message
from countersign.model.condition import Verdict
from countersign.model.document import FieldValue
from countersign.model.log import LogKind
from countersign.model.values import plain


class SkippedView(View):
    """A trigger that did not fire, and why."""

    trigger: str
    stage: str
    reason: Message
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

    @computed_field  # type: ignore[prop-decorator]
    @property
    def old_text(self) -> str | None:
        """What it was, as people read it."""
        return plain(self.old)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def new_text(self) -> str | None:
        """What it is, as people read it."""
        return plain(self.new)


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
