"""Recording who changes the configuration, or erases or exports personal data: every use case that
does it records it here.

A change that is one transaction is written together with its entry (``entry_of``). Any other is
requested first and concluded afterwards (``recorded``, or ``record_request`` and
``conclude_request`` where that is much later), so that none is made without an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from countersign.errors import ConflictError, CountersignError, TransientError, logged
from countersign.model.actor import Actor
from countersign.model.audit import (
    AuditAction,
    AuditActor,
    AuditEntry,
    AuditFilter,
    AuditSource,
    AuditSubject,
    Values,
    entry_id,
)
from countersign.ports import AuditLog

BEHIND = "~"
"""Stands behind every character of an entry's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """Who makes changes from where, and where that is recorded."""

    log: AuditLog
    actor: AuditActor
    source: AuditSource
    clock: Callable[[], datetime]
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of the configuration. Its values hold no secrets."""

    action: AuditAction
    subject: AuditSubject
    before: Values | None = None
    """None where it was not there."""
    after: Values | None = None
    """None where it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEnd:
    """How a change ended that was requested."""

    outcome: Literal["done", "failed"]
    reason: str | None = None
    """Why it failed."""
    at: datetime


def audit_actor(actor: Actor) -> AuditActor:
    """Who signed in, as the audit log has it."""
    if actor.id is None or actor.signed_in_by is None:
        msg = f"{actor} has not signed in"
        raise LookupError(msg)
    known_by_name = actor.signed_in_by in ("cognito", "program") and actor.name != actor.id
    return AuditActor(
        id=actor.id,
        name=actor.name if known_by_name else None,
        roles=actor.roles,
        signed_in_by=actor.signed_in_by,
    )


def entry_of(auditor: Auditor | None, change: Change) -> AuditEntry | None:
    """What is written in one transaction with the change; None where nobody records it."""
    return None if auditor is None else _entry(auditor, change)


@contextmanager
def recorded(auditor: Auditor | None, change: Change) -> Iterator[None]:
    """Around a change that is made in steps, or by another service than the database.

    Raises what writing the entry raises; the change is not made then. What a temporary failure
    interrupts stays ``requested``, since it may have been made nevertheless, as does one whose end
    cannot be written.
    """
    if auditor is None:
        yield
        return
    requested = _entry(auditor, change).model_copy(update={"outcome": "requested"})
    auditor.log.add(requested)
    try:
        yield
    except TransientError:
        raise
    except Exception as error:
        _conclude(auditor, requested, {"outcome": "failed", "reason": logged(error)})
        raise
    _conclude(auditor, requested, {"outcome": "done"})


def record_request(auditor: Auditor, change: Change) -> str:
    """Record that a change was asked for, which is made later: the id of its entry.

    ``conclude_request`` records how it ended.
    """
    entry = _entry(auditor, change).model_copy(update={"outcome": "requested"})
    auditor.log.add(entry)
    return entry.id


def conclude_request(log: AuditLog, entry: str, subject: AuditSubject, end: RequestEnd) -> None:
    """Record how a change ended that was ``requested`` under this id, if nobody has yet.

    Raises what reading and writing the log raises.
    """
    wanted = AuditFilter(subject_kind=subject.kind, subject_id=subject.id)
    page = log.page(wanted, 1, before=f"{entry}{BEHIND}")
    for audit_entry in page.items:
        if audit_entry.id == entry and audit_entry.outcome == "requested":
            how = {"outcome": end.outcome, "reason": end.reason, "concluded_at": end.at}
            with suppress(ConflictError):  # somebody else has at the same time
                log.add(audit_entry.model_copy(update=how))


def _entry(auditor: Auditor, change: Change) -> AuditEntry:
    at = auditor.clock()
    return AuditEntry(
        id=entry_id(at, auditor.new_id()),
        at=at,
        actor=auditor.actor,
        source=auditor.source,
        action=change.action,
        subject=change.subject,
        outcome="done",
        before=change.before,
        after=change.after,
    )


def _conclude(auditor: Auditor, requested: AuditEntry, how: dict[str, Any]) -> None:
    concluded = requested.model_copy(update={"concluded_at": auditor.clock(), **how})
    with suppress(CountersignError):
        auditor.log.add(concluded)
