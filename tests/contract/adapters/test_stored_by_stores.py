"""What the stores that write their own items keep: the next version has to read it."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from countersign.adapters.dynamodb.stores.configuration.drafts import DynamoDrafts
from countersign.adapters.dynamodb.stores.configuration.entitlements import DynamoEntitlementStore
from countersign.adapters.dynamodb.stores.operations.daily_reports import DynamoDailyReports
from countersign.adapters.dynamodb.stores.operations.heartbeats import DynamoHeartbeats
from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
from countersign.adapters.dynamodb.stores.operations.round_robin import DynamoRoundRobin
from countersign.adapters.dynamodb.stores.operations.sending_slots import DynamoSendingSlots
from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
from countersign.adapters.dynamodb.stores.process.upgrades import DynamoUpgrades
from countersign.model.entitlements import Entitlements
from countersign.model.upgrade import UpgradeProgress
from tests.contract.adapters.conftest import TABLE
from tests.contract.adapters.test_drafts import a_draft
from tests.contract.adapters.test_jobs import a_job
from tests.contract.adapters.test_statistics import change, counted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def kept(dynamodb: DynamoDBClient) -> list[dict[str, Any]]:
    """All items, by their keys: attributes without their types, JSON as what it says."""
    found: list[Any] = dynamodb.scan(TableName=TABLE)["Items"]
    items = [{name: _plain(value) for name, value in item.items()} for item in found]
    return sorted(items, key=lambda item: (item["pk"], item["sk"]))


def _plain(attribute: dict[str, Any]) -> Any:
    [(kind, value)] = attribute.items()
    if kind == "B":
        return json.loads(zlib.decompress(value))
    if kind == "S" and value[0] in "{[":
        return json.loads(value)
    return int(value) if kind == "N" else value


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(f"{moment}+00:00").timestamp())


def test_a_counted_document_its_counters_and_the_epochs_of_its_pipeline(
    dynamodb: DynamoDBClient,
) -> None:
    statistics = DynamoStatistics(dynamodb, TABLE)
    counts = ((1, date(2026, 3, 2), "created", 2), (1, None, "present/sent", 1))
    statistics.record([change(counted(version=3), *counts)])
    statistics.begin_epoch("contracts", NOON)
    assert kept(dynamodb) == [
        {
            "pk": "COUNTED#d-1",
            "sk": "COUNTED",
            "type": "counted",
            "revision": 1,
            "body": {
                "document": "d-1",
                "pipeline": "contracts",
                "created_at": "2026-03-02T12:00:00Z",
                "version": 3,
                "revision": 1,
            },
        },
        {
            "pk": "STATISTICS#contracts",
            "sk": "EPOCHS",
            "type": "epochs",
            "oldest": 1,
            "newest": 2,
            "rebuilding": True,
            "begun_at": "2026-03-02T12:00:00.000000Z",
        },
        {"pk": "STATISTICS#contracts#3", "sk": "000001#2026-03-02", "created": 2},
        {"pk": "STATISTICS#contracts#3", "sk": "000001#NOW", "present/sent": 1},
    ]


def test_epochs_that_never_began_anew_have_no_moment(dynamodb: DynamoDBClient) -> None:
    DynamoStatistics(dynamodb, TABLE).end_rebuild("contracts", 1, drop=False)
    assert kept(dynamodb) == [
        {
            "pk": "STATISTICS#contracts",
            "sk": "EPOCHS",
            "type": "epochs",
            "oldest": 1,
            "newest": 1,
            "rebuilding": False,
        }
    ]


def test_a_job_with_its_parts_and_one_that_has_ended(dynamodb: DynamoDBClient) -> None:
    jobs = DynamoJobs(dynamodb, TABLE)
    jobs.add(a_job())
    later = NOON + timedelta(minutes=1)
    running = a_job(state="running", version=2, delay=60, parts=1, updated_at=later)
    jobs.put(running, ["a", "b"])
    jobs.add(a_job("j-2", state="done"))
    body = {
        "kind": "change_runs",
        "arguments": '{"change":{"action":"now"}}',
        "by": "ben@acme.example",
        "created_at": "2026-03-02T12:00:00Z",
    }
    assert kept(dynamodb) == [
        {
            "pk": "JOB#j-1",
            "sk": "JOB",
            "type": "job",
            "id": "j-1",
            "state": "running",
            "version": 2,
            "delay": 60,
            "body": {
                **body,
                "id": "j-1",
                "state": "running",
                "version": 2,
                "delay": 60,
                "parts": 1,
                "updated_at": "2026-03-02T12:01:00Z",
            },
            "events_pk": "JOBS",
            "events_sk": "2026-03-02T12:00:00.000000Z#j-1",
            "due_pk": "JOBS",
            "due_sk": "2026-03-02T12:01:00.000000Z#j-1",
            "expires_ttl": seconds("2026-04-01T12:01"),
        },
        {
            "pk": "JOB#j-1",
            "sk": "PART#000000",
            "type": "job_part",
            "items": ["a", "b"],
            "expires_ttl": seconds("2026-04-01T12:01"),
        },
        {
            "pk": "JOB#j-2",
            "sk": "JOB",
            "type": "job",
            "id": "j-2",
            "state": "done",
            "version": 1,
            "body": {**body, "id": "j-2", "state": "done", "updated_at": "2026-03-02T12:00:00Z"},
            "events_pk": "JOBS",
            "events_sk": "2026-03-02T12:00:00.000000Z#j-2",
            "expires_ttl": seconds("2026-04-01T12:00"),
        },
    ]


def test_a_draft_of_a_new_pipeline_and_one_of_a_published_version(
    dynamodb: DynamoDBClient,
) -> None:
    drafts = DynamoDrafts(dynamodb, TABLE)
    drafts.put(a_draft())
    drafts.put(a_draft("rent", base_version=4))
    same = {
        "sk": "DRAFT",
        "type": "draft",
        "board_pk": "DRAFTS",
        "version": 1,
        "created_at": "2026-03-02T12:00:00.000000Z",
        "saved_at": "2026-03-02T12:00:00.000000Z",
        "saved_by": "eva@acme.example",
    }
    assert kept(dynamodb) == [
        {
            **same,
            "pk": "PIPELINE#rent",
            "board_sk": "rent",
            "base_version": 4,
            "body": {"pipeline": "rent", "stages": [{"id": "sent"}]},
        },
        {
            **same,
            "pk": "PIPELINE#sales",
            "board_sk": "sales",
            "body": {"pipeline": "sales", "stages": [{"id": "sent"}]},
        },
    ]


def test_what_the_plan_includes(dynamodb: DynamoDBClient) -> None:
    DynamoEntitlementStore(dynamodb, TABLE).put(Entitlements(version=1, rules=5))
    assert kept(dynamodb) == [
        {
            "pk": "ENTITLEMENTS",
            "sk": "ENTITLEMENTS",
            "type": "entitlements",
            "version": 1,
            "body": {
                "automation": True,
                "trigger_kinds": None,
                "rule_kinds": None,
                "pipelines": None,
                "rules": 5,
                "plan": "",
                "version": 1,
            },
        }
    ]


def test_what_operations_note(dynamodb: DynamoDBClient) -> None:
    DynamoHeartbeats(dynamodb, TABLE).beat("email", NOON)
    DynamoDailyReports(dynamodb, TABLE).claim("contracts", date(2026, 3, 2))
    DynamoSendingSlots(dynamodb, TABLE).take("mail", timedelta(seconds=1), NOON)
    DynamoRoundRobin(dynamodb, TABLE).draw("contracts", "assign")
    DynamoUpgrades(dynamodb, TABLE).note(UpgradeProgress(pipeline="contracts", documents=3))
    assert kept(dynamodb) == [
        {
            "pk": "HEARTBEAT#email",
            "sk": "HEARTBEAT",
            "type": "heartbeat",
            "at": "2026-03-02T12:00:00.000000Z",
        },
        {
            "pk": "PIPELINE#contracts",
            "sk": "REPORT#2026-03-02",
            "type": "daily_report",
            "expires_ttl": seconds("2026-04-11T00:00"),
        },
        {"pk": "PIPELINE#contracts", "sk": "TURN#assign", "type": "turn", "drawn": 1},
        {
            "pk": "SENDING#mail",
            "sk": "ROW",
            "type": "sending row",
            "free": 1000 * seconds("2026-03-02T12:00:01"),
        },
        {
            "pk": "UPGRADE",
            "sk": "PROGRESS",
            "type": "upgrade",
            "progress": {
                "word_index": 0,
                "pipeline": "contracts",
                "place": None,
                "task": None,
                "documents": 3,
                "indexed": 0,
                "tasks": 0,
            },
        },
    ]
