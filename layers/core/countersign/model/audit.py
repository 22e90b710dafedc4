"""The audit log: who changed what of the configuration, or erased or exported personal data, when
and from where."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue

from countersign.model.actor import SignIn
from countersign.model.base import Instant, Model

AuditAction = Literal[
    "pipeline.published",
    "pipeline.rolled_back",
    "pipeline.paused",
    "pipeline.resumed",
    "pipeline.removed",
    "connection.created",
    "connection.changed",
    "connection.rotated",
    "connection.retired",
    "connection.removed",
    "secret.set",
    "secret.removed",
    "entitlements.set",
    "person.invited",
    "person.roles_changed",
    "person.removed",
    "personal_data.erased",
    "personal_data.erasure_started",
    "personal_data.exported",
]
"""``connection.rotated``: new credentials beside the old ones; ``connection.retired``: the old ones
are refused from then on. ``personal_data.erasure_started``: a job erases somebody from all
documents from then on."""
SubjectKind = Literal["pipeline", "connection", "secret", "entitlements", "person", "personal_data"]
"""``personal_data``: of somebody in documents, by the pseudonym of an erasure, or the id of an
export; never by name or address."""
AuditOutcome = Literal["done", "requested", "failed"]
"""``requested``: it was asked for, and is under way or ended without saying how; ``failed``: it
ended with an error, and what it had done until then stays."""
Channel = Literal["api", "command line"]
Values = dict[str, JsonValue]


class AuditActor(Model):
    """Who made a change."""

    id: str
    """``iam:<arn>``, ``local:<user>``, or the id of a person or a program."""
    name: str | None = None
    """A person's address then, or what a program is called; None where the id says it."""
    roles: tuple[str, ...] = ()
    """What the person or program was allowed to do then."""
    signed_in_by: SignIn


class AuditSource(Model):
    """From where a change was made."""

    channel: Channel
    ip: str | None = None
    """The address that the request came from, where it is known."""


class AuditSubject(Model):
    """What was changed."""

    kind: SubjectKind
    id: str

    def __str__(self) -> str:
        """The kind and the id: ``pipeline:contracts``."""
        return f"{self.kind}:{self.id}"


class AuditEntry(Model):
    """One change of the configuration. It holds no secret, and no pipeline's whole file."""

    id: str
    """Sorts by time, see ``entry_id``."""
    at: Instant
    actor: AuditActor
    source: AuditSource
    action: AuditAction
    subject: AuditSubject
    outcome: AuditOutcome
    before: Values | None = None
    """What it was; None where it was not there."""
    after: Values | None = None
    """What it became; None where it is gone."""
    concluded_at: Instant | None = None
    """When a change that was ``requested`` ended."""
    reason: str | None = None
    """Why it failed."""


class AuditFilter(Model):
    """Which entries are wanted; all of them where nothing is given."""

    subject_kind: SubjectKind | None = None
    subject_id: str | None = None
    actor: str | None = None
    """The actor's id or name."""
    action: AuditAction | None = None
    since: Instant | None = None
    """From this moment on."""
    until: Instant | None = None
    """Before this moment."""

    def matches(self, entry: AuditEntry) -> bool:
        """Whether the entry is one of them."""
        return (
            self.subject_kind in (None, entry.subject.kind)
            and self.subject_id in (None, entry.subject.id)
            and self.actor in (None, entry.actor.id, entry.actor.name)
            and self.action in (None, entry.action)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


def entry_id(at: datetime, unique: str) -> str:
    """The id of an entry made then: ``20260302T090000000000Z-<unique>``."""
    return f"{id_bound(at)}Z-{unique}"


def id_bound(at: datetime) -> str:
    """Sorts before the ids of entries made at this moment or later, and after all others."""
    utc = at.astimezone(UTC)
    return f"{utc.year:04}{utc:%m%dT%H%M%S%f}"
