"""Published pipelines over the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from countersign.model.connection import ConnectionCredentials
from tests.builders import envelope, event, incoming
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiAnswer, ApiClient


def _publish_again(api: ApiClient) -> None:
    """Version 2 of the example pipeline has another name."""
    api("POST", "/drafts", {"from_pipeline": "contracts"})
    draft = api("GET", "/drafts/contracts")
    content = {**draft.body["content"], "name": "Contracts of 2026"}
    saved = api("PUT", "/drafts/contracts", {"content": content}, headers={"if-match": draft.etag})
    headers = {"if-match": saved.etag}
    done = api("POST", "/drafts/contracts/publish", {"note": "A new name"}, headers=headers)
    assert (done.status, done.body["number"]) == (200, 2)


def test_a_pipeline_is_listed_and_shown_with_what_it_says(api: ApiClient) -> None:
    listed = api("GET", "/pipelines").body["items"]
    shown = api("GET", "/pipelines/contracts")

    assert [(row["pipeline"], row["version"]) for row in listed] == [("contracts", 1)]
    stages = [stage["id"] for stage in shown.body["content"]["stages"]]
    assert stages[:2] == ["draft", "sent"]
    assert api("GET", "/pipelines/contract").status == 404


def test_versions_have_authors_notes_and_differences(api: ApiClient) -> None:
    _publish_again(api)

    versions = api("GET", "/pipelines/contracts/versions").body["items"]
    assert [(one["number"], one["note"], one["current"]) for one in versions] == [
        (2, "A new name", True),
        (1, "", False),
    ]
    assert versions[0]["published_by"] == "ada@acme.example"
    (difference,) = api("GET", "/pipelines/contracts/versions/1/diff").body["items"]
    assert difference["details"] == ["name: Contracts -> Contracts of 2026"]
    assert difference["values"] == [
        {"pointer": "/name", "before": "Contracts", "after": "Contracts of 2026"}
    ]
    assert api("GET", "/pipelines/contracts/versions/2/diff", query={"to": "2"}).body["items"] == []
    assert api("GET", "/pipelines/contracts/versions/9").status == 404
    assert api("GET", "/pipelines/contracts/versions/x").status == 422


def test_a_version_as_yaml_publishes_the_same(api: ApiClient) -> None:
    text = api("GET", "/pipelines/contracts/versions/1/yaml").body["yaml"]

    api("POST", "/drafts", {"yaml": text})

    plan = api("POST", "/drafts/contracts/plan")
    assert (plan.status, plan.body["diff"]) == (200, [])


def test_an_older_version_is_published_again_in_the_version_that_was_read(api: ApiClient) -> None:
    _publish_again(api)
    read = api("GET", "/pipelines/contracts").etag

    done = api("POST", "/pipelines/contracts/rollback", {"version": 1}, headers={"if-match": read})

    assert (done.status, done.body["number"]) == (200, 3)
    assert api("GET", "/pipelines/contracts").body["name"] == "Contracts"
    stale = api("POST", "/pipelines/contracts/rollback", {"version": 2}, headers={"if-match": read})
    assert stale.status == 412
    assert api("POST", "/pipelines/contracts/rollback", {"version": 0}).status == 422


def test_a_paused_pipeline_says_how_many_messages_wait(desk: Desk, api: ApiClient) -> None:
    assert api("GET", "/pipelines/contracts").body["held_messages"] is None
    api("POST", "/pipelines/contracts/pause")
    assert api("GET", "/pipelines/contracts").body["held_messages"] == {"number": 0, "more": False}
    credentials = ConnectionCredentials(
        connection="c1", provider="docusign", pipeline="contracts", tokens=("t",)
    )
    for number in range(101):
        told = event("document.sent", key=f"k{number}", state=envelope())
        desk.world.held.add(incoming(credentials, told))
        if number == 99:
            shown = api("GET", "/pipelines/contracts").body["held_messages"]
            assert shown == {"number": 100, "more": False}
    shown = api("GET", "/pipelines/contracts").body["held_messages"]
    assert shown == {"number": 100, "more": True}
    api("POST", "/pipelines/contracts/resume")
    assert api("GET", "/pipelines/contracts").body["held_messages"] is None


def test_a_paused_pipeline_is_resumed(api: ApiClient) -> None:
    read = api("GET", "/pipelines/contracts")
    assert api("POST", "/pipelines/contracts/pause").body["paused"] is True
    assert api("GET", "/pipelines/contracts").etag != read.etag

    resumed = api("POST", "/pipelines/contracts/resume").body

    assert (resumed["messages"], resumed["problems"]) == (0, [])
    assert api("GET", "/pipelines/contracts").etag == read.etag


def test_a_pipeline_with_documents_or_connections_is_not_removed(api: ApiClient) -> None:
    refused = api("DELETE", "/pipelines/contracts")

    assert refused.status == 422
    assert "docusign" in refused.body["detail"]
    assert api("GET", "/pipelines/contracts").status == 200


def test_a_pipeline_is_checked_without_being_kept(api: ApiClient) -> None:
    found = api("POST", "/pipelines/validate", {"content": {"pipeline": "x", "stages": []}}).body

    assert found["valid"] is False
    assert [one["pointer"] for one in found["problems"]] == ["/stages"]
    assert api("GET", "/drafts").body["items"] == []


def _script() -> Any:
    return yaml.safe_load(Path("events/pipelines/contracts.script.yaml").read_text())


def test_a_script_is_played_and_nothing_is_sent(api: ApiClient, desk: Desk) -> None:
    played = api("POST", "/pipelines/contracts/simulate", {"script": _script()})

    assert (played.status, played.body["problems"]) == (200, [])
    assert played.body["result"]["moments"] != []
    assert desk.world.mailbox.sent == []


def test_an_earlier_version_is_played_too(api: ApiClient) -> None:
    api("POST", "/drafts", {"from_pipeline": "contracts"})
    draft = api("GET", "/drafts/contracts")
    content = draft.body["content"]
    rules = [rule for stage in content["stages"] for rule in stage.get("rules", ())]
    (rule,) = [rule for rule in rules if rule["id"] == "mail-contract"]
    rule["settings"] |= {"subject": "The contract of 2026"}
    saved = api("PUT", "/drafts/contracts", {"content": content}, headers={"if-match": draft.etag})
    api("POST", "/drafts/contracts/publish", {"note": ""}, headers={"if-match": saved.etag})

    def played(**query: str) -> ApiAnswer:
        path = "/pipelines/contracts/simulate"
        return api("POST", path, {"script": _script()}, query=query)

    assert "The contract of 2026" in json.dumps(played().body)
    assert "The contract of 2026" in json.dumps(played(version="2").body)
    assert "The contract of 2026" not in json.dumps(played(version="1").body)
    assert played(version="3").status == 404
    assert played(version="0").status == 422


def test_a_rule_is_backfilled_for_the_documents_in_its_stage(api: ApiClient, desk: Desk) -> None:
    api("POST", f"/documents/{desk.document}/move", {"stage": "partially-signed"})

    answer = api("POST", "/pipelines/contracts/backfill", {"rule": "remind"})

    assert (answer.status, answer.body) == (200, {"documents": []})
    assert api("POST", "/pipelines/contracts/backfill", {"rule": "remnd"}).status in (404, 422)
    assert api("POST", "/pipelines/contracts/migrate-runs").body["items"] == []


def test_what_is_changed_over_the_api_is_in_the_audit_log(api: ApiClient) -> None:
    _publish_again(api)
    api("POST", "/pipelines/contracts/rollback", {"version": 1})
    for _ in range(2):
        api("POST", "/pipelines/contracts/pause")
    api("POST", "/pipelines/contracts/resume")

    found = api("GET", "/audit", query={"actor": "ada@acme.example"}).body["items"]

    assert sorted((one["action"], one["outcome"], one["subject"]["id"]) for one in found) == [
        ("pipeline.paused", "done", "contracts"),
        ("pipeline.published", "done", "contracts"),
        ("pipeline.resumed", "done", "contracts"),
        ("pipeline.rolled_back", "done", "contracts"),
    ]
    for one in found:
        assert one["source"] == {"channel": "api", "ip": "203.0.113.7"}
        assert (one["actor"]["roles"], one["actor"]["signed_in_by"]) == (
            ["administrator"],
            "cognito",
        )


def test_a_pipeline_says_what_of_it_the_plan_does_not_include(api: ApiClient) -> None:
    read = api("GET", "/entitlements")
    shown = api("GET", "/pipelines/contracts").body
    assert (shown["automation"], shown["not_included"]) == (True, [])
    kinds = ["sent", "signed_by_company", "signed_by_all"]

    limits = {"automation": False, "trigger_kinds": kinds}
    api("PUT", "/entitlements", limits, headers={"if-match": read.etag})

    shown = api("GET", "/pipelines/contracts").body
    assert shown["automation"] is False
    assert shown["not_included"] == ["declined", "voided", "expired"]
    assert [row["automation"] for row in api("GET", "/pipelines").body["items"]] == [False]


def test_what_migrating_makes_of_waiting_runs_is_counted_by_rule(
    api: ApiClient, desk: Desk
) -> None:
    other = ApiClient(desk.world)
    content = api("GET", "/pipelines/contracts").body["content"]
    api("POST", f"/documents/{desk.document}/move", {"stage": "partially-signed"})
    stages = [{**stage, "rules": []} for stage in content["stages"]]
    draft = other("POST", "/drafts", {"content": {**content, "stages": stages}})
    headers = {"if-match": draft.etag}
    assert other("POST", "/drafts/contracts/publish", {}, headers=headers).status == 200

    told = api("GET", "/pipelines/contracts/migrate-runs").body

    assert told["rules"] == [
        {
            "stage": "partially-signed",
            "rule": "remind",
            "goes_on": 0,
            "rescheduled": 0,
            "cancelled": 1,
        }
    ]
    assert told["items"][0]["outcome"] == "cancelled"
    assert told["items"][0]["document"] == desk.document
    assert told["items"][0]["due"] is None
