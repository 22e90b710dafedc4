"""Who made which change is recorded before it is made, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from countersign.errors import PermanentError, UnavailableError
from countersign.model.actor import Actor, SignIn, user
from countersign.model.audit import AuditActor, AuditEntry, AuditFilter, AuditSource, AuditSubject
from countersign.simulation.world import START, World
from countersign.use_cases.auditor import (
    Auditor,
    Change,
    RequestEnd,
    audit_actor,
    conclude_request,
    entry_of,
    record_request,
    recorded,
)

CONTRACTS = AuditSubject(kind="pipeline", id="contracts")
CHANGE = Change(
    action="pipeline.removed", subject=CONTRACTS, before={"version": 3}, after={"version": 4}
)


def auditor(here: World) -> Auditor:
    numbers = count(1)
    ada = AuditActor(id="ada", name="ada@acme.example", roles=("operator",), signed_in_by="cognito")
    return Auditor(
        log=here.audit,
        actor=ada,
        source=AuditSource(channel="api"),
        clock=lambda: here.now,
        new_id=lambda: f"id-{next(numbers)}",
    )


def entries(here: World) -> list[AuditEntry]:
    return [*here.audit.page(AuditFilter(), 10, before="9").items][::-1]


@pytest.mark.parametrize(
    ("actor", "signed_in_by", "name"),
    [
        ("ada@acme.example", "cognito", "ada@acme.example"),
        ("desk", "program", "desk"),
        ("ada", "cognito", None),
        ("ada", "program", None),
        ("iam:arn:aws:iam::1:user/ada", "iam", None),
    ],
)
def test_who_signed_in_has_a_name_where_it_says_more_than_the_id(
    actor: str, signed_in_by: SignIn, name: str | None
) -> None:
    signed_in = Actor(
        kind="user", name=actor, id="ada", roles=("operator", "user"), signed_in_by=signed_in_by
    )
    assert audit_actor(signed_in) == AuditActor(
        id="ada", name=name, roles=("operator", "user"), signed_in_by=signed_in_by
    )


@pytest.mark.parametrize(
    "actor",
    [
        user("ada@acme.example"),
        Actor(kind="user", name="ada@acme.example", id="ada"),
        Actor(kind="user", name="ada@acme.example", signed_in_by="cognito"),
    ],
)
def test_who_has_not_signed_in_is_nobody_for_the_audit_log(actor: Actor) -> None:
    with pytest.raises(LookupError, match=r"ada@acme\.example has not signed in"):
        audit_actor(actor)


def test_an_entry_says_who_did_what_to_what_when_and_from_where() -> None:
    here = World()
    given = auditor(here)
    entry = entry_of(given, CHANGE)
    assert entry == AuditEntry(
        id="20260302T090000000000Z-id-1",
        at=START,
        actor=given.actor,
        source=given.source,
        action="pipeline.removed",
        subject=CONTRACTS,
        outcome="done",
        before={"version": 3},
        after={"version": 4},
    )
    assert entry_of(None, CHANGE) is None


def test_a_change_in_steps_is_requested_before_and_done_afterwards() -> None:
    here = World()
    with recorded(auditor(here), CHANGE):
        (asked,) = entries(here)
        here.now += timedelta(minutes=1)
    (done,) = entries(here)
    assert (asked.outcome, asked.concluded_at, asked.at) == ("requested", None, START)
    assert (done.id, done.outcome, done.reason) == (asked.id, "done", None)
    assert done.concluded_at == START + timedelta(minutes=1)
    with recorded(None, CHANGE):
        pass
    assert entries(here) == [done]


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (PermanentError("no such thing"), "failed", "PermanentError: no such thing"),
        (UnavailableError("the database is away"), "requested", None),
    ],
)
def test_a_change_that_breaks_has_failed_unless_it_may_have_been_made(
    error: Exception, outcome: str, reason: str | None
) -> None:
    here = World()
    with pytest.raises(type(error)), recorded(auditor(here), CHANGE):
        raise error
    (entry,) = entries(here)
    assert (entry.outcome, entry.reason) == (outcome, reason)


def test_a_change_that_is_made_later_is_concluded_once_and_no_other() -> None:
    here = World()
    given = auditor(here)
    first, second = (record_request(given, CHANGE) for _ in range(2))
    at = START + timedelta(hours=1)
    end = RequestEnd(outcome="failed", reason="aborted", at=at)
    conclude_request(here.audit, first, CONTRACTS, end)
    assert [(one.id, one.outcome, one.reason, one.concluded_at) for one in entries(here)] == [
        (first, "failed", "aborted", at),
        (second, "requested", None, None),
    ]
    conclude_request(here.audit, first, CONTRACTS, RequestEnd(outcome="done", at=at))
    conclude_request(here.audit, "9", CONTRACTS, RequestEnd(outcome="done", at=at))
    for other in (("pipeline", "leases"), ("connection", "contracts")):
        subject = AuditSubject.model_validate(dict(zip(("kind", "id"), other, strict=True)))
        conclude_request(here.audit, second, subject, RequestEnd(outcome="done", at=at))
    assert [one.outcome for one in entries(here)] == ["failed", "requested"]
    conclude_request(here.audit, second, CONTRACTS, RequestEnd(outcome="done", at=at))
    assert [(one.outcome, one.reason) for one in entries(here)] == [
        ("failed", "aborted"),
        ("done", None),
    ]
