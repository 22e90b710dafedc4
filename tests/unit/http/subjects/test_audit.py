"""The audit log over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.model.audit import AuditEntry, entry_id
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient

CHANGES = {
    "a": ("pipeline.paused", "pipeline", "contracts"),
    "b": ("pipeline.resumed", "pipeline", "contracts"),
    "c": ("connection.rotated", "connection", "docusign"),
    "d": ("pipeline.published", "pipeline", "leases"),
    "e": ("secret.set", "secret", "crm"),
}
"""On the first of January to May of 2026, by the unique parts of their ids."""


@pytest.fixture
def api(desk: Desk) -> ApiClient:
    desk.world.state.audit.clear()
    for month, (unique, (action, kind, name)) in enumerate(CHANGES.items(), start=1):
        at = datetime(2026, month, 1, tzinfo=UTC)
        person = {"id": f"person-{month % 2}", "name": f"p{month % 2}@acme.example"}
        desk.world.audit.add(
            AuditEntry.model_validate(
                {
                    "id": entry_id(at, unique),
                    "at": at,
                    "actor": {**person, "roles": ("administrator",), "signed_in_by": "cognito"},
                    "source": {"channel": "api", "ip": "203.0.113.7"},
                    "action": action,
                    "subject": {"kind": kind, "id": name},
                    "outcome": "done",
                    "after": {"number": month},
                }
            )
        )
    desk.world.now = datetime(2026, 6, 1, tzinfo=UTC)
    return ApiClient(desk.world)


def _found(api: ApiClient, **query: str) -> str:
    """The unique parts of the ids that are listed, in their order."""
    answer = api("GET", "/audit", query=query)
    assert answer.status == 200, answer.body
    return "".join(one["id"].rpartition("-")[2] for one in answer.body["items"])


def test_an_entry_says_who_changed_what_when_and_from_where(api: ApiClient) -> None:
    assert api("GET", "/audit", query={"limit": "1"}).body["items"] == [
        {
            "id": "20260501T000000000000Z-e",
            "at": "2026-05-01T00:00:00Z",
            "actor": {
                "id": "person-1",
                "name": "p1@acme.example",
                "roles": ["administrator"],
                "signed_in_by": "cognito",
            },
            "source": {"channel": "api", "ip": "203.0.113.7"},
            "action": "secret.set",
            "subject": {"kind": "secret", "id": "crm"},
            "outcome": "done",
            "before": None,
            "after": {"number": 5},
            "concluded_at": None,
            "reason": None,
        }
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "edcba"),
        ({"subject": "pipeline"}, "dba"),
        ({"subject": "pipeline:contracts"}, "ba"),
        ({"subject": "pipeline:nothing"}, ""),
        ({"subject": "pipeline:"}, ""),
        ({"actor": "person-0"}, "db"),
        ({"actor": "p1@acme.example"}, "eca"),
        ({"actor": "somebody"}, ""),
        ({"action": "secret.set"}, "e"),
        ({"since": "2026-03-01T00:00:00Z"}, "edc"),
        ({"until": "2026-03-01T00:00:00Z"}, "ba"),
        ({"since": "2026-02-01T01:00:00+01:00", "until": "2026-04-01T00:00:00Z"}, "cb"),
        ({"since": "0001-01-01T00:00:00Z"}, "edcba"),
        ({"until": "0001-01-01T00:00:00Z"}, ""),
        ({"since": "9999-12-31T23:59:59Z"}, ""),
        ({"subject": "pipeline", "actor": "person-1", "since": "2026-01-01T00:00:00Z"}, "a"),
    ],
)
def test_changes_are_found_by_subject_actor_action_and_time(
    api: ApiClient, query: dict[str, str], found: str
) -> None:
    assert _found(api, **query) == found


def test_pages_follow_each_other_and_belong_to_their_filters(api: ApiClient) -> None:
    query = {"subject": "pipeline", "limit": "2"}
    first = api("GET", "/audit", query=query).body
    assert len(first["items"]) == 2
    second = {**query, "cursor": first["next"]}
    assert (_found(api, **second), api("GET", "/audit", query=second).body["next"]) == ("a", None)
    for other in ({"subject": "secret"}, {"actor": "person-1"}):
        refused = api("GET", "/audit", query={**second, **other})
        assert (refused.status, refused.body["type"]) == (
            400,
            "urn:countersign:problem:invalid-cursor",
        )


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({"subject": "pipelines:contracts"}, 422, "did you mean pipeline"),
        ({"subject": ":"}, 422, 'there is no subject ""'),
        ({"subject": "pipeline:" + "x" * 400}, 422, "subject"),
        ({"action": "pipeline.deleted"}, 422, "action"),
        ({"since": "yesterday"}, 422, "since"),
        ({"since": "2026-03-01T00:00:00"}, 422, "since"),
        ({"since": "0001-01-01T00:00:00+14:00"}, 422, "since"),
        ({"until": "9999-12-31T23:59:59-14:00"}, 422, "until"),
        ({"cursor": "bm8"}, 400, "not a valid cursor"),
        ({"limit": "0"}, 422, "limit"),
        ({"limit": "101"}, 422, "limit"),
        ({"user": "ada"}, 422, "user"),
    ],
)
def test_a_query_that_cannot_be_is_refused(
    api: ApiClient, query: dict[str, str], status: int, says: str
) -> None:
    refused = api("GET", "/audit", query=query)
    assert refused.status == status
    assert says in str(refused.body)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_method_changes_or_removes_an_entry(api: ApiClient, method: str) -> None:
    body: Any = {"outcome": "failed"}
    assert api(method, "/audit", body).status == 405
    assert api(method, "/audit/20260501T000000000000Z-e", body).status == 404
    assert _found(api) == "edcba"
