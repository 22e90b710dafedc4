"""Published pipelines over the API."""

from __future__ import annotations

from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient


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


def test_a_script_is_played_and_nothing_is_sent(api: ApiClient, desk: Desk) -> None:
    script = {
        "connection": {"provider": "docusign"},
        "start": "2026-03-02T09:00:00+01:00",
        "envelope": {"title": "Lease", "signers": []},
        "steps": [{"at": "2026-03-02T10:00:00+01:00", "event": "sent"}],
    }

    played = api("POST", "/pipelines/contracts/simulate", {"script": script})

    assert played.status == 200
    assert played.body["problems"] != [] or played.body["result"]["moments"] != []
    assert desk.world.mailbox.sent == []


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
