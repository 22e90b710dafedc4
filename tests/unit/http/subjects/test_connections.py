"""Connections and secrets over the API."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.desk import EVENTS, Desk
from tests.unit.http.client import ApiClient

NEW = {"id": "sales", "provider": "docusign", "pipeline": "contracts"}


def test_a_connection_is_made_with_a_secret_that_is_shown_once(api: ApiClient) -> None:
    made = api("POST", "/connections", {**NEW, "provider": "documenso", "generate": True})

    assert made.status == 201
    assert made.headers["location"] == "/api/v1/connections/sales"
    secret = made.body["secret"]
    assert len(secret) >= 40
    assert made.body["url"].startswith("https://hooks.example/webhooks/sales.")
    assert all("{url}" not in step for step in made.body["steps"])
    shown = api("GET", "/connections/sales")
    assert secret not in json.dumps(shown.body)
    assert (shown.body["secrets"], shown.body["waits_for_secret"]) == (1, False)


def test_a_connection_that_is_made_again_under_its_key_is_the_same(api: ApiClient) -> None:
    headers = {"idempotency-key": "k"}
    first = api("POST", "/connections", {**NEW, "secrets": ["one"]}, headers=headers)
    again = api("POST", "/connections", {**NEW, "secrets": ["one"]}, headers=headers)

    assert (first.status, again.status) == (201, 201)
    assert again.body["url"] == first.body["url"]
    assert again.body["secret"] is None


def test_connections_are_listed_with_their_last_events(api: ApiClient) -> None:
    (row,) = api("GET", "/connections").body["items"]

    assert (row["id"], row["provider"], row["waits_for_secret"]) == ("docusign", "docusign", False)
    assert row["last_event_at"] is not None
    shown = api("GET", "/connections/docusign").body
    assert shown["last_events"][0]["kind"] == "document.sent"


def test_a_description_is_changed_in_the_version_that_was_read(api: ApiClient) -> None:
    read = api("GET", "/connections/docusign")
    body = {"silent_after": 7, "parties": {"roles": {"Buyer": "client"}}}

    changed = api("PATCH", "/connections/docusign", body, headers={"if-match": read.etag})

    assert changed.status == 200
    assert (changed.body["silent_after"], changed.body["parties"]["roles"]) == (
        7,
        {"Buyer": "client"},
    )
    assert changed.body["responsible"] == read.body["responsible"]
    assert api("PATCH", "/connections/docusign", {"silent_after": 1}).status == 428
    stale = api(
        "PATCH", "/connections/docusign", {"silent_after": 1}, headers={"if-match": read.etag}
    )
    assert stale.status == 412


def test_secrets_and_addresses_are_rotated_and_retired(api: ApiClient) -> None:
    before = api("GET", "/connections/docusign").body
    added = api("POST", "/connections/docusign/rotate", {"secret": "second", "address": True})

    assert (added.body["secrets"], added.body["addresses"]) == (2, before["addresses"] + 1)
    assert added.body["secret"] is None
    retired = api("POST", "/connections/docusign/rotate", {"retire": True})
    assert (retired.body["secrets"], retired.body["addresses"]) == (1, 1)
    assert retired.body["url"] == added.body["url"]
    for wrong in ({}, {"secret": "x", "generate": True}):
        assert api("POST", "/connections/docusign/rotate", wrong).status == 422


def test_a_first_secret_is_set_and_another_one_is_rotated(api: ApiClient) -> None:
    api("POST", "/connections", {**NEW, "provider": "pandadoc"})
    assert api("GET", "/connections/sales").body["waits_for_secret"] is True

    done = api("POST", "/connections/sales/credentials", {"secret": "made there"})

    assert (done.status, done.body["waits_for_secret"]) == (200, False)
    assert api("POST", "/connections/sales/credentials", {"secret": "other"}).status == 422


def test_a_test_event_is_signed_and_applied(api: ApiClient, desk: Desk) -> None:
    example = json.loads((EVENTS / "docusign" / "recipient-completed-director.json").read_text())
    before = api("GET", f"/documents/{desk.document}").etag
    event = {"headers": example["headers"], "body": json.dumps(example["body"])}

    sent = api("POST", "/connections/docusign/test-events", event)

    assert (sent.body["status"], sent.body["documents"]) == (200, [desk.document])
    assert api("GET", f"/documents/{desk.document}").etag != before
    odd = api("POST", "/connections/docusign/test-events", {"body": "{"})
    assert (odd.status, odd.body["status"]) == (200, 415)


def test_a_removed_connection_is_gone_and_its_documents_stay(api: ApiClient, desk: Desk) -> None:
    assert api("DELETE", "/connections/docusign").status == 204
    assert api("GET", "/connections/docusign").status == 404
    assert api("GET", f"/documents/{desk.document}").status == 200
    assert api("DELETE", "/connections/docusign").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {**NEW, "id": "Not an id!"},
        {**NEW, "provider": "docusing"},
        {**NEW, "pipeline": "contract"},
        {**NEW, "id": "docusign"},
        {**NEW, "options": {"nothing": "x"}},
        {**NEW, "parties": {"orders": {"first": "client"}}},
        {**NEW, "silent_after": 0},
        {**NEW, "generate": "maybe"},
        {"id": "sales"},
    ],
)
def test_a_connection_that_cannot_be_is_refused(api: ApiClient, body: dict[str, object]) -> None:
    answer = api("POST", "/connections", body)

    assert answer.status in (404, 422)
    assert [one["id"] for one in api("GET", "/connections").body["items"]] == ["docusign"]


def test_secrets_of_rules_are_set_listed_by_name_and_removed(api: ApiClient) -> None:
    assert api("PUT", "/secrets/slack", {"value": "https://hooks.slack.example/x"}).status == 200

    listed = api("GET", "/secrets")
    assert listed.body["items"] == [{"name": "slack"}]
    assert api("DELETE", "/secrets/slack").status == 204
    assert api("DELETE", "/secrets/slack").status == 404
    assert api("PUT", "/secrets/not a name", {"value": "x"}).status in (404, 422)
    assert api("PUT", "/secrets/slack", {"value": ""}).status == 422


def test_the_address_of_a_connection_is_told_to_administrators(desk: Desk, api: ApiClient) -> None:
    body = {"id": "sign", "provider": "docusign", "pipeline": "contracts", "secrets": ["k" * 40]}
    made = api("POST", "/connections", body).body
    shown = api("GET", "/connections/sign").body
    assert shown["url"] == made["url"]
    assert shown["url"].startswith("https://hooks.example/webhooks/sign.")
    for role in ("operator", "viewer"):
        assert ApiClient(desk.world, role)("GET", "/connections/sign").body["url"] is None
    rotated = api("POST", "/connections/sign/rotate", {"address": True}).body
    assert rotated["url"] != made["url"]
    assert api("GET", "/connections/sign").body["url"] == rotated["url"]


def test_an_address_that_is_the_only_key_is_not_shown_again(api: ApiClient) -> None:
    body = {"id": "open", "provider": "skribble", "pipeline": "contracts"}
    made = api("POST", "/connections", body)
    assert (made.status, made.body["waits_for_secret"]) == (201, False)
    assert api("GET", "/connections/open").body["url"] is None
