"""The audit log, as the API has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from countersign.http.views.base import View
from countersign.model.actor import SignIn
from countersign.model.audit import AuditAction, AuditOutcome, Channel, SubjectKind


class AuditActorView(View):
    """Who made a change."""

    id: str
    """`iam:<arn>`, `local:<user>`, or the id of a person or a program."""
    name: str | None
    """A person's address then, or what a program is called; null where the id says it."""
    roles: tuple[str, ...]
    """What the person or program was allowed to do then."""
    signed_in_by: SignIn


class AuditSourceView(View):
    """From where a change was made."""

    channel: Channel
    ip: str | None
    """Null where it is not known."""


class AuditSubjectView(View):
    """What was changed."""

    kind: SubjectKind
    id: str


class AuditEntryView(View):
    """One change of the configuration. It holds no secret, and no pipeline's whole file."""

    id: str
    """Sorts by time."""
    at: datetime
    actor: AuditActorView
    source: AuditSourceView
    action: AuditAction
    subject: AuditSubjectView
    outcome: AuditOutcome
    """`requested`: it is under way, or ended without saying how."""
    before: dict[str, Any] | None
    """What it was; null where it was not there."""
    after: dict[str, Any] | None
    """What it became; null where it is gone."""
    concluded_at: datetime | None
    """When a change that takes several steps ended."""
    reason: str | None
    """Why it failed."""
