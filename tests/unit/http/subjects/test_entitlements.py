"""What the deployment's plan includes, over the API."""

from __future__ import annotations

import pytest

from countersign.model.entitlements import Entitlements
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiAnswer, ApiClient

EVERYTHING = {
    "automation": True,
    "trigger_kinds": None,
    "rule_kinds": None,
    "pipelines": None,
    "rules": None,
    "plan": "",
}


def _set(api: ApiClient, body: object, tag: str | None = None) -> ApiAnswer:
    read = tag or api("GET", "/entitlements").etag
    return api("PUT", "/entitlements", body, headers={"if-match": read})


def test_everything_is_included_unless_it_is_set_otherwise(desk: Desk) -> None:
    assert ApiClient(desk.world, "viewer")("GET", "/entitlements").body == EVERYTHING


def test_what_is_set_is_shown_and_what_is_left_out_is_not_limited(api: ApiClient) -> None:
    first = {
        "automation": False,
        "trigger_kinds": ["signed_by_all", "sent"],
        "rule_kinds": [],
        "pipelines": 1,
        "rules": 0,
        "plan": "Basic",
    }
    answer = _set(api, first)
    assert (answer.status, answer.body) == (
        200,
        first | {"trigger_kinds": ["sent", "signed_by_all"]},
    )
    assert api("GET", "/entitlements").etag == answer.etag
    assert _set(api, {"plan": "Pro"}).body == EVERYTHING | {"plan": "Pro"}


def test_setting_the_same_changes_no_version(api: ApiClient) -> None:
    first = _set(api, {"rules": 5})
    again = _set(api, {"rules": 5})
    assert (again.status, again.etag) == (200, first.etag)


def test_of_two_administrators_the_second_is_told_of_the_first(api: ApiClient) -> None:
    read = api("GET", "/entitlements").etag
    done = _set(api, {"rules": 5}, read)
    stale = _set(api, {"pipelines": 2}, read)
    assert (stale.status, stale.body["present"]) == (412, done.etag)
    assert api("PUT", "/entitlements", {"pipelines": 2}).status == 428
    assert api("GET", "/entitlements").body == EVERYTHING | {"rules": 5}
    assert _set(api, {"pipelines": 2}, "*").body == EVERYTHING | {"pipelines": 2}


def test_what_is_set_between_reading_and_writing_is_not_lost(
    desk: Desk, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = desk.world.entitlements
    kept = store.get

    def get_then_somebody_sets() -> Entitlements:
        monkeypatch.setattr(store, "get", kept)
        read = kept()
        store.put(Entitlements(rules=9, version=1))
        return read

    read = api("GET", "/entitlements").etag
    monkeypatch.setattr(store, "get", get_then_somebody_sets)
    refused = api("PUT", "/entitlements", {"rules": 5}, headers={"if-match": read})
    assert refused.status == 409
    assert api("GET", "/entitlements").body == EVERYTHING | {"rules": 9}


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"rules": -1}, 422, "/rules"),
        ({"rules": "many"}, 422, "/rules"),
        ({"rules": 10**30}, 422, "/rules"),
        ({"automation": None}, 422, "/automation"),
        ({"rule_kinds": "send_email"}, 422, "/rule_kinds"),
        ({"rule_kinds": ["send_mail"]}, 422, "did you mean send_email"),
        ({"trigger_kinds": ["send_email"]}, 422, 'there is no kind of trigger "send_email"'),
        ({"plan": "x" * 101}, 422, "/plan"),
        ({"tariff": "Basic"}, 422, "/tariff"),
        ({"version": 7}, 422, "/version"),
        ([], 422, ""),
        ("{", 400, "not valid JSON"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    api: ApiClient, body: object, status: int, says: str
) -> None:
    before = api("GET", "/entitlements")
    refused = _set(api, body)
    assert refused.status == status
    assert says in str(refused.body)
    after = api("GET", "/entitlements")
    assert (after.body, after.etag) == (before.body, before.etag)


def test_whoever_sets_them_is_recorded(api: ApiClient) -> None:
    _set(api, {"rules": 5})
    _set(api, {"rules": 5})
    (found,) = api("GET", "/audit", query={"action": "entitlements.set"}).body["items"]
    assert (found["actor"]["id"], found["subject"]) == (
        "ada@acme.example",
        {"kind": "entitlements", "id": "deployment"},
    )
    assert (found["before"], found["after"]) == (EVERYTHING, EVERYTHING | {"rules": 5})


def test_the_session_says_what_the_plan_includes(desk: Desk, api: ApiClient) -> None:
    _set(api, {"automation": False, "plan": "Basic"})
    session = ApiClient(desk.world, "viewer")("GET", "/session").body
    assert session["entitlements"] == EVERYTHING | {"automation": False, "plan": "Basic"}
