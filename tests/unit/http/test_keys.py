"""Idempotency keys on routes that know nothing of them: what was done is not done again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from countersign.errors import UnavailableError
from countersign.http.application import SUBJECTS, routes_of
from countersign.model.request_key import RequestKey
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient

KEY = {"idempotency-key": "k"}
ROTATE = "/connections/docusign/rotate"
READS = {
    "/document-moves/preview",
    "/documents/<document_id>/files",
    "/drafts/<pipeline>/backtest",
    "/drafts/<pipeline>/plan",
    "/drafts/<pipeline>/preview",
    "/drafts/<pipeline>/simulate",
    "/drafts/<pipeline>/validate",
    "/personal-data/documents",
    "/personal-data/exports",
    "/pipelines/<pipeline>/simulate",
    "/pipelines/backtest",
    "/pipelines/plan",
    "/pipelines/validate",
}
"""POSTs that change nothing."""


def secrets(desk: Desk) -> tuple[str, ...]:
    found = desk.world.secrets.get("docusign")
    assert found is not None
    return found.secrets


def test_what_was_done_under_a_key_is_not_done_again_and_its_secret_is_not_kept(
    desk: Desk,
) -> None:
    api, body = ApiClient(desk.world), {"secret": "second"}
    assert api("POST", ROTATE, body, headers=KEY).status == 200

    again = api("POST", ROTATE, body, headers=KEY)

    assert (again.status, again.body["type"]) == (409, "urn:countersign:problem:done-before")
    assert again.body["detail"].startswith("this was done at 2026-")
    assert secrets(desk) == ("second", "first")
    assert "second" not in repr(desk.world.state.requests)
    assert api("POST", ROTATE, body, headers={"idempotency-key": "other"}).status == 200
    assert api("POST", ROTATE, body).status == 200


@pytest.mark.parametrize("path", [ROTATE, "/documents"])
def test_a_key_is_looked_up_once_for_a_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    looked_up: list[str] = []
    known = type(desk.world.requests).get

    def noted(requests: Any, caller: str, key: str, *, now: datetime) -> RequestKey | None:
        looked_up.append(key)
        return known(requests, caller, key, now=now)

    monkeypatch.setattr(type(desk.world.requests), "get", noted)
    body = {"secret": "second"} if path == ROTATE else {"pipeline": "contracts"}

    assert ApiClient(desk.world)("POST", path, body, headers=KEY).status in (200, 201)
    assert looked_up == ["k"]


def test_another_request_under_the_key_is_refused(desk: Desk) -> None:
    api = ApiClient(desk.world)
    assert api("POST", ROTATE, {"secret": "second"}, headers=KEY).status == 200

    for path, body in ((ROTATE, {"secret": "third"}), ("/pipelines/contracts/pause", None)):
        refused = api("POST", path, body, headers=KEY)
        assert (refused.status, refused.body["type"]) == (422, "urn:countersign:problem:key-reused")
    assert secrets(desk) == ("second", "first")


def test_what_was_refused_may_be_asked_again_under_its_key(desk: Desk) -> None:
    api = ApiClient(desk.world)
    for _ in range(2):
        assert api("POST", "/pipelines/nothing/pause", headers=KEY).status == 404
    assert api("POST", ROTATE, {}, headers={"idempotency-key": "x" * 256}).status == 400


def test_keys_of_two_callers_have_nothing_to_do_with_each_other(desk: Desk) -> None:
    for name in ("ada@acme.example", "ben@acme.example"):
        api = ApiClient(desk.world, name=name)
        assert api("POST", "/pipelines/contracts/pause", headers=KEY).status == 200


def test_what_is_done_is_answered_though_its_key_cannot_be_noted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise UnavailableError("DynamoDB does not answer")

    monkeypatch.setattr(desk.world.requests, "add", fail)
    api = ApiClient(desk.world)
    assert api("POST", ROTATE, {"secret": "second"}, headers=KEY).status == 200
    assert secrets(desk) == ("second", "first")


def test_what_only_reads_is_read_again(desk: Desk) -> None:
    api, body = ApiClient(desk.world), {"address": "klara.vogel@kunde.example"}
    first = api("POST", "/personal-data/exports", body, headers=KEY)
    again = api("POST", "/personal-data/exports", body, headers=KEY)
    assert (first.status, again.status) == (200, 200)
    assert again.body["items"] == first.body["items"]
    assert desk.world.state.requests == {}


def test_only_what_changes_nothing_is_done_as_often_as_it_is_asked() -> None:
    endpoints = [one for subject in SUBJECTS for one in routes_of(subject).endpoints]
    reading = {one.path for one in endpoints if one.method == "POST" and not one.acts}
    assert reading == READS
    assert not any(one.acts for one in endpoints if one.method != "POST")
