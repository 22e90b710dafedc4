"""What ``ports.AuditLog`` promises; changes are kept with their entries or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from countersign.adapters.dynamodb.stores.configuration.audit_log import DynamoAuditLog
from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.drafts import DynamoDrafts
from countersign.adapters.dynamodb.stores.configuration.entitlements import DynamoEntitlementStore
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.memory.tables.configuration.audit_log import MemoryAuditLog
from countersign.adapters.memory.tables.configuration.drafts import MemoryDrafts
from countersign.adapters.memory.tables.configuration.entitlements import MemoryEntitlementStore
from countersign.adapters.memory.tables.process.state import (
    MemoryConnections,
    MemoryPipelines,
    MemoryState,
)
from countersign.errors import ConflictError
from countersign.model.audit import AuditEntry, AuditFilter, entry_id
from countersign.model.connection import Connection
from countersign.model.draft import Draft, StaleDraftError
from countersign.model.entitlements import Entitlements
from countersign.model.page import Page
from countersign.model.pipeline import Head, Pipeline
from countersign.model.publication import Publication
from countersign.ports import AuditLog, Connections, Drafts, EntitlementStore, Pipelines
from tests.contract.adapters.conftest import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AUDIT = "Audit"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
END = "202606"
SALES = Pipeline.model_validate({"pipeline": "sales", "stages": [{"id": "sent"}]})
CONNECTION = Connection(id="c1", provider="docusign", pipeline="sales", created_at=NOON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The log, and the ports whose changes are kept with their entries."""

    log: AuditLog
    pipelines: Pipelines
    drafts: Drafts
    connections: Connections
    entitlements: EntitlementStore


@pytest.fixture
def audit_table(dynamodb: DynamoDBClient, audit_table_definition: dict[str, Any]) -> DynamoDBClient:
    dynamodb.create_table(TableName=AUDIT, **audit_table_definition)
    return dynamodb


@pytest.fixture(params=["memory", "dynamodb"])
def recorded(request: pytest.FixtureRequest) -> Recorded:
    if request.param == "memory":
        state = MemoryState()
        return Recorded(
            log=MemoryAuditLog(state),
            pipelines=MemoryPipelines(state),
            drafts=MemoryDrafts(state),
            connections=MemoryConnections(state),
            entitlements=MemoryEntitlementStore(state),
        )
    client = request.getfixturevalue("audit_table")
    return Recorded(
        log=DynamoAuditLog(client, AUDIT),
        pipelines=DynamoPipelines(client, TABLE, audit_table=AUDIT),
        drafts=DynamoDrafts(client, TABLE),
        connections=DynamoConnections(client, TABLE, audit_table=AUDIT),
        entitlements=DynamoEntitlementStore(client, TABLE, AUDIT),
    )


@pytest.fixture
def log(recorded: Recorded) -> AuditLog:
    return recorded.log


def entry(at: datetime = NOON, unique: str = "a", **more: Any) -> AuditEntry:
    """An entry, as of that moment."""
    given: dict[str, Any] = {
        "id": entry_id(at, unique),
        "at": at,
        "actor": {"id": "local:anna@acme.example", "signed_in_by": "local"},
        "source": {"channel": "command line"},
        "action": "pipeline.paused",
        "subject": {"kind": "pipeline", "id": "sales"},
        "outcome": "done",
        "before": {"paused": False},
        "after": {"paused": True, "nested": [1, None, {"a": "ä"}]},
    }
    return AuditEntry.model_validate({**given, **more})


def ids(log: AuditLog, **wanted: Any) -> list[str]:
    """The unique parts of the entries that are wanted, in their order."""
    page = log.page(AuditFilter.model_validate(wanted), 100, before=END)
    while page.next is not None:
        more = log.page(AuditFilter.model_validate(wanted), 100, before=page.next)
        page = type(page)((*page.items, *more.items), more.next)
    return [one.id.partition("-")[2] for one in page.items]


def test_an_entry_is_read_back_as_it_was_added(log: AuditLog) -> None:
    made = entry(
        actor={"id": "u-1", "roles": ["administrator"], "signed_in_by": "cognito"},
        source={"channel": "api", "ip": "192.0.2.7"},
        before=None,
    )
    log.add(made)
    page = log.page(AuditFilter(), 10, before=END)
    assert (page.items, page.next) == ((made,), None)


def test_a_page_reads_so_many_months_and_the_next_one_goes_on(log: AuditLog) -> None:
    log.add(entry())
    page = log.page(AuditFilter(), 10, before="20280101")
    for _ in range(5):
        if page.items or page.next is None:
            break
        page = log.page(AuditFilter(), 10, before=page.next)
    assert page.items == (entry(),)


def test_the_newest_come_first_over_months(log: AuditLog) -> None:
    moments = {
        "old": datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC),
        "first": datetime(2026, 2, 1, tzinfo=UTC),
        "noon": NOON,
        "last": datetime(2026, 5, 31, 23, tzinfo=UTC),
    }
    for unique, at in moments.items():
        log.add(entry(at, unique))
    assert ids(log) == ["last", "noon", "first", "old"]


def test_a_page_ends_at_its_limit_and_the_next_one_goes_on_behind_it(log: AuditLog) -> None:
    for number in range(5):
        log.add(entry(NOON + timedelta(days=20 * number), str(number)))
    first = log.page(AuditFilter(), 2, before=END)
    assert [one.id[-1] for one in first.items] == ["4", "3"]
    assert first.next is not None
    second = log.page(AuditFilter(), 2, before=first.next)
    assert [one.id[-1] for one in second.items] == ["2", "1"]
    assert second.next is not None
    third = log.page(AuditFilter(), 2, before=second.next)
    assert ([one.id[-1] for one in third.items], third.next) == (["0"], None)


def test_entries_of_one_moment_are_all_there(log: AuditLog) -> None:
    for unique in ("a", "b", "c"):
        log.add(entry(unique=unique))
    first = log.page(AuditFilter(), 1, before=END)
    assert first.next is not None
    rest = log.page(AuditFilter(), 5, before=first.next)
    assert [one.id[-1] for one in (*first.items, *rest.items)] == ["c", "b", "a"]


def test_a_page_looks_through_a_year_at_most_and_says_where_it_ended(
    audit_table: DynamoDBClient,
) -> None:
    partitions: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        partitions.append(params["ExpressionAttributeValues"][":pk"]["S"])

    log = DynamoAuditLog(audit_table, AUDIT)
    log.add(entry(unique="a"))
    audit_table.meta.events.register("provide-client-params.dynamodb.Query", note)
    first = log.page(AuditFilter(), 5, before="202803")
    assert (len(partitions), first.items) == (12, ())
    assert first.next is not None
    assert first.next.startswith("202703")
    second = log.page(AuditFilter(), 5, before=first.next)
    assert [each.id[-1] for each in second.items] == ["a"]


def test_more_than_one_query_reads_are_read_to_the_end(log: AuditLog) -> None:
    for number in range(130):
        log.add(entry(NOON + timedelta(seconds=number), f"{number:03}"))
    assert ids(log) == [f"{number:03}" for number in reversed(range(130))]
    assert ids(log, action="secret.set") == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"subject_kind": "pipeline", "subject_id": "sales"}, ["paused"]),
        ({"subject_kind": "pipeline"}, ["hr", "paused"]),
        ({"subject_kind": "connection", "subject_id": "sales"}, ["connection"]),
        ({"subject_kind": "secret", "subject_id": "sales"}, []),
        ({"actor": "iam:arn:aws:iam::123456789012:user/max"}, ["connection"]),
        ({"action": "pipeline.removed"}, ["hr"]),
        ({"since": NOON + timedelta(hours=1)}, ["hr", "connection"]),
        ({"until": NOON + timedelta(hours=1)}, ["paused"]),
        ({"since": NOON, "until": NOON + timedelta(hours=1)}, ["paused"]),
        ({"since": NOON + timedelta(days=40)}, ["hr"]),
        (
            {
                "subject_kind": "pipeline",
                "subject_id": "hr",
                "since": NOON,
                "until": NOON + timedelta(days=60),
            },
            ["hr"],
        ),
        (
            {"subject_kind": "pipeline", "subject_id": "hr", "until": NOON + timedelta(days=1)},
            [],
        ),
    ],
)
def test_only_what_is_wanted_is_listed(
    log: AuditLog, wanted: dict[str, Any], found: list[str]
) -> None:
    log.add(entry(unique="paused"))
    other = {"id": "iam:arn:aws:iam::123456789012:user/max", "signed_in_by": "iam"}
    log.add(
        entry(
            NOON + timedelta(hours=1),
            "connection",
            actor=other,
            action="connection.removed",
            subject={"kind": "connection", "id": "sales"},
        )
    )
    log.add(
        entry(
            NOON + timedelta(days=50),
            "hr",
            action="pipeline.removed",
            subject={"kind": "pipeline", "id": "hr"},
        )
    )
    assert ids(log, **wanted) == found


def test_an_entry_is_never_written_over(log: AuditLog) -> None:
    log.add(entry())
    with pytest.raises(ConflictError):
        log.add(entry(after={"paused": False}))
    assert log.page(AuditFilter(), 10, before=END).items == (entry(),)


@pytest.mark.parametrize("wanted", [{}, {"subject_kind": "pipeline", "subject_id": "sales"}])
def test_a_requested_change_is_listed_once_with_how_it_ended(
    log: AuditLog, wanted: dict[str, Any]
) -> None:
    requested = entry(outcome="requested")
    log.add(requested)
    before = entry(NOON - timedelta(days=1), "before")
    log.add(before)
    chosen = AuditFilter.model_validate(wanted)
    assert log.page(chosen, 10, before=END).items == (requested, before)
    ended = entry(outcome="failed", concluded_at=NOON + timedelta(seconds=9), reason="no")
    log.add(ended)
    assert log.page(chosen, 10, before=END).items == (ended, before)
    first = log.page(chosen, 1, before=END)
    assert first.items == (ended,)
    assert first.next is not None
    assert log.page(chosen, 1, before=first.next).items == (before,)
    with pytest.raises(ConflictError):
        log.add(ended)


@pytest.mark.parametrize("year", [1, 999])
def test_a_page_since_long_ago_ends_as_one_since_ever(log: AuditLog, year: int) -> None:
    log.add(entry())
    since = AuditFilter(since=datetime(year, 1, 1, tzinfo=UTC))
    assert log.page(since, 10, before=END) == log.page(AuditFilter(), 10, before=END)
    until = AuditFilter(until=datetime(year, 1, 1, tzinfo=UTC))
    assert log.page(until, 10, before=END) == Page((), None)


def test_an_actor_is_found_by_id_and_by_name(log: AuditLog) -> None:
    person = {"id": "person-1", "name": "ada@acme.example", "signed_in_by": "cognito"}
    log.add(entry(unique="p", actor=person))
    log.add(entry(unique="q"))
    assert ids(log, actor="person-1") == ids(log, actor="ada@acme.example") == ["p"]


def test_a_change_is_kept_with_its_entry(recorded: Recorded) -> None:
    publication = Publication(replaces=0, entry=entry(unique="a"))
    recorded.pipelines.publish(SALES, at=NOON, by="anna", publication=publication)
    recorded.pipelines.set_paused("sales", True, entry(unique="b"))
    recorded.connections.put(CONNECTION, entry(unique="c"))
    recorded.entitlements.put(Entitlements(rules=5, version=1), entry(unique="d"))
    assert ids(recorded.log) == ["d", "c", "b", "a"]
    assert recorded.pipelines.head("sales") == Head(pipeline="sales", version=1, paused=True)
    assert recorded.connections.get("c1") == CONNECTION
    assert recorded.entitlements.get() == Entitlements(rules=5, version=1)


def test_what_conflicts_leaves_neither_the_change_nor_its_entry(recorded: Recorded) -> None:
    recorded.pipelines.publish(SALES, at=NOON, by="anna")
    publication = Publication(replaces=0, entry=entry())
    with pytest.raises(ConflictError, match="pipeline sales has version 1 meanwhile"):
        recorded.pipelines.publish(SALES, at=NOON, by="anna", publication=publication)
    hr = SALES.model_copy(update={"pipeline": "hr"})
    publication = Publication(replaces=1, entry=entry())
    with pytest.raises(ConflictError, match="pipeline hr has version 0 meanwhile"):
        recorded.pipelines.publish(hr, at=NOON, by="anna", publication=publication)
    recorded.entitlements.put(Entitlements(rules=5, version=1))
    for version in (1, 3):
        with pytest.raises(ConflictError):
            recorded.entitlements.put(Entitlements(version=version), entry())
    assert ids(recorded.log) == []
    assert recorded.pipelines.head("sales") == Head(pipeline="sales", version=1)
    assert recorded.pipelines.head("hr") is None
    assert recorded.entitlements.get() == Entitlements(rules=5, version=1)


def test_an_entry_that_cannot_be_added_keeps_its_change_from_being_made(
    recorded: Recorded,
) -> None:
    recorded.log.add(entry())
    publication = Publication(entry=entry())
    with pytest.raises(ConflictError):
        recorded.pipelines.publish(SALES, at=NOON, by="anna", publication=publication)
    assert recorded.pipelines.head("sales") is None


def test_a_draft_is_published_with_its_note_and_entry(recorded: Recorded) -> None:
    recorded.pipelines.publish(SALES, at=NOON, by="anna")
    draft = Draft(
        pipeline="sales",
        content={},
        base_version=1,
        created_at=NOON,
        saved_at=NOON,
        saved_by="anna",
    )
    recorded.drafts.put(draft)
    overtaken = Publication(note="Second.", draft=draft, replaces=2, entry=entry())
    with pytest.raises(ConflictError, match="pipeline sales has version 1 meanwhile"):
        recorded.pipelines.publish(SALES, at=NOON, by="anna", publication=overtaken)
    assert (recorded.drafts.get("sales"), ids(recorded.log)) == (draft, [])
    wanted = replace(overtaken, replaces=1)
    version = recorded.pipelines.publish(SALES, at=NOON, by="anna", publication=wanted)
    assert (version.number, version.note) == (2, "Second.")
    assert (recorded.drafts.get("sales"), ids(recorded.log)) == (None, ["a"])


def test_a_draft_that_was_saved_meanwhile_is_not_recorded_as_published(recorded: Recorded) -> None:
    draft = Draft(
        pipeline="sales", content={}, created_at=NOON, saved_at=NOON, saved_by="anna", version=2
    )
    recorded.drafts.put(draft.model_copy(update={"version": 1}))
    wanted = Publication(draft=draft, replaces=1, entry=entry())
    with pytest.raises(StaleDraftError):
        recorded.pipelines.publish(SALES, at=NOON, by="anna", publication=wanted)
    assert (recorded.pipelines.head("sales"), ids(recorded.log)) == (None, [])


def test_nothing_was_set_of_what_the_plan_includes(recorded: Recorded) -> None:
    assert recorded.entitlements.get() == Entitlements()


def test_what_the_plan_includes_is_kept_whole(recorded: Recorded) -> None:
    first = Entitlements(
        automation=False,
        trigger_kinds=("sent",),
        rule_kinds=(),
        pipelines=0,
        rules=None,
        plan="Basic “S”",
        version=1,
    )
    recorded.entitlements.put(first)
    assert recorded.entitlements.get() == first
    recorded.entitlements.put(Entitlements(version=2))
    assert recorded.entitlements.get() == Entitlements(version=2)
