"""Documents over the API."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.model.file_transfer import UploadAddress
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient


def test_a_document_is_made_shown_and_found_at_its_location(api: ApiClient) -> None:
    made = api(
        "POST",
        "/documents",
        {"pipeline": "contracts", "fields": {"title": "Lease", "amount": "1250.50"}},
    )

    assert made.status == 201
    location = made.headers["location"]
    assert location == f"/api/v1/documents/{made.body['id']}"
    shown = api("GET", location.removeprefix("/api/v1"))
    assert shown.status == 200
    followed = {"timeline", "planned"}
    assert shown.body == {name: one for name, one in made.body.items() if name not in followed}
    assert [entry["kind"] for entry in made.body["timeline"]] == ["created"]
    assert made.body["planned"] == []
    assert {name: shown.body[name] for name in ("title", "amount", "pipeline", "version")} == {
        "title": "Lease",
        "amount": "1250.50",
        "pipeline": "contracts",
        "version": 1,
    }
    assert shown.body["envelope"] is None
    assert shown.etag == made.etag == '"1"'


def test_a_document_of_a_list_says_whose_turn_it_is(desk: Desk, api: ApiClient) -> None:
    (out,) = api("GET", "/documents").body["items"]
    assert [(one["name"], one["party"]) for one in out["signers_in_turn"]] == [
        ("Anna Berger", "company")
    ]
    api("POST", "/documents", {"pipeline": "contracts", "fields": {"title": "Lease"}})
    rows = {row["title"]: row["signers_in_turn"] for row in api("GET", "/documents").body["items"]}
    assert rows["Lease"] == []


def test_a_person_s_documents_are_listed_and_with_me_one_s_own(api: ApiClient) -> None:
    for title, person in (("Mine", "ada@acme.example"), ("Theirs", "ben@acme.example")):
        fields = {"title": title, "responsible": person}
        api("POST", "/documents", {"pipeline": "contracts", "fields": fields})

    def titles(**query: str) -> list[str]:
        return [row["title"] for row in api("GET", "/documents", query=query).body["items"]]

    assert titles(person="me") == titles(person="ADA@acme.example") == ["Mine"]
    assert titles(person="nobody@acme.example") == []


def test_a_document_shows_its_envelope_its_signers_and_whose_turn_it_is(
    api: ApiClient, desk: Desk
) -> None:
    shown = api("GET", f"/documents/{desk.document}").body

    assert shown["envelope"]["connection"] == "docusign"
    assert shown["envelope"]["status"] == "sent"
    names = {signer["id"]: signer["name"] for signer in shown["signers"]}
    assert [names[signer] for signer in shown["in_turn"]] == ["Anna Berger"]


def test_fields_are_changed_in_the_version_that_was_read(api: ApiClient, desk: Desk) -> None:
    path = f"/documents/{desk.document}"
    read = api("GET", path)

    changed = api("PATCH", path, {"fields": {"number": "C-7"}}, headers={"if-match": read.etag})

    assert changed.status == 200
    assert changed.body["document"]["number"] == "C-7"
    assert changed.body["timeline"][0]["kind"] == "edited"
    assert changed.body["timeline"][0]["by"] == "ada@acme.example"
    assert changed.etag != read.etag
    assert api("GET", path).etag == changed.etag


def test_a_change_needs_the_version_that_it_is_made_to(api: ApiClient, desk: Desk) -> None:
    path = f"/documents/{desk.document}"

    refused = api("PATCH", path, {"fields": {"number": "C-7"}})

    assert refused.status == 428
    assert refused.body["type"] == "urn:countersign:problem:version-required"
    assert api("GET", path).body["number"] is None


def test_of_two_editors_the_second_is_refused_and_loses_nothing(api: ApiClient, desk: Desk) -> None:
    path = f"/documents/{desk.document}"
    read = api("GET", path).etag
    first = api("PATCH", path, {"fields": {"number": "C-1"}}, headers={"if-match": read})

    second = api("PATCH", path, {"fields": {"number": "C-2"}}, headers={"if-match": read})

    assert second.status == 412
    assert second.body["type"] == "urn:countersign:problem:stale-version"
    assert second.body["present"] == first.etag == second.etag
    assert api("GET", path).body["number"] == "C-1"


def test_a_key_makes_one_document_however_often_it_is_sent(api: ApiClient, desk: Desk) -> None:
    body = {"pipeline": "contracts", "fields": {"title": "Lease"}}
    first = api("POST", "/documents", body, headers={"idempotency-key": "k-1"})
    api("POST", f"{_path(first.headers)}/comments", {"text": "Seen"})

    again = api("POST", "/documents", body, headers={"idempotency-key": "k-1"})

    assert again.status == 201
    assert again.body["id"] == first.body["id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert again.body["version"] == 2
    titles = [one.title for one in desk.world.documents.in_stage("contracts")]
    assert titles.count("Lease") == 1


def test_another_request_under_the_same_key_is_refused(api: ApiClient, desk: Desk) -> None:
    headers = {"idempotency-key": "k-1"}
    api("POST", "/documents", {"pipeline": "contracts"}, headers=headers)

    other = api(
        "POST",
        "/documents",
        {"pipeline": "contracts", "fields": {"title": "Other"}},
        headers=headers,
    )

    assert other.status == 422
    assert other.body["type"] == "urn:countersign:problem:key-reused"
    assert len(list(desk.world.documents.in_stage("contracts"))) == 2


def test_a_key_is_free_again_after_a_day(api: ApiClient, desk: Desk) -> None:
    headers = {"idempotency-key": "k-1"}
    first = api("POST", "/documents", {"pipeline": "contracts"}, headers=headers)
    desk.world.advance(timedelta(days=1))

    later = api("POST", "/documents", {"pipeline": "contracts"}, headers=headers)

    assert later.status == 201
    assert later.body["id"] != first.body["id"]


def test_a_comment_under_a_key_stands_on_the_timeline_once(api: ApiClient, desk: Desk) -> None:
    path = f"/documents/{desk.document}/comments"
    for _ in range(2):
        given = api("POST", path, {"text": "Call her"}, headers={"idempotency-key": "k"})
        assert given.status == 201

    entries = desk.world.documents.timeline(desk.document)
    assert [entry.kind for entry in entries].count("commented") == 1


def test_a_move_starts_the_rules_of_the_stage(api: ApiClient, desk: Desk) -> None:
    moved = api("POST", f"/documents/{desk.document}/move", {"stage": "signed"})

    assert moved.status == 200
    assert moved.body["moved"] is True
    assert moved.body["document"]["stage"] == "signed"
    assert moved.body["timeline"][-1]["kind"] == "moved"
    assert [run["rule"] for run in moved.body["planned"]] != []


def test_a_stage_that_does_not_exist_changes_nothing(api: ApiClient, desk: Desk) -> None:
    before = api("GET", f"/documents/{desk.document}").etag

    refused = api("POST", f"/documents/{desk.document}/move", {"stage": "singed"})

    assert refused.status == 422
    assert "singed" in refused.body["detail"]
    assert api("GET", f"/documents/{desk.document}").etag == before


def test_why_names_the_rules_with_their_states_and_the_triggers_that_did_not_fire(
    api: ApiClient, desk: Desk
) -> None:
    api("POST", f"/documents/{desk.document}/move", {"stage": "signed"})

    why = api("GET", f"/documents/{desk.document}/why").body

    current = [entry for entry in why["entries"] if entry["current"]]
    assert [entry["stage"] for entry in current] == ["signed"]
    assert all(run["words"] for run in current[0]["runs"])
    assert why["decisions"][0]["fired"]["kind"] == "sent"


def test_a_removed_document_is_gone(api: ApiClient, desk: Desk) -> None:
    path = f"/documents/{desk.document}"
    removed = api("DELETE", path, headers={"if-match": api("GET", path).etag})

    assert (removed.status, removed.body) == (204, None)
    assert api("GET", path).status == 404
    assert list(desk.world.documents.in_stage("contracts")) == []


def test_a_file_is_announced_sent_and_completed(api: ApiClient, desk: Desk) -> None:
    content = b"%PDF-1.7 a contract"
    file = _file(content)
    path = f"/documents/{desk.document}/files"
    begun = api("POST", path, file)
    assert begun.status == 201
    desk.world.transfers.send(_address(begun.body), content)

    added = api("PUT", f"{path}/{begun.body['upload']}", file)

    assert added.status == 200
    assert (added.body["name"], added.body["size"]) == ("lease.pdf", 19)
    files = api("GET", f"/documents/{desk.document}").body["files"]
    assert [one["id"] for one in files] == [added.body["id"]]
    assert api("GET", f"{path}/{added.body['id']}").body["seconds"] == 900
    assert api("DELETE", f"{path}/{added.body['id']}").status == 204
    assert api("GET", f"/documents/{desk.document}").body["files"] == []


def test_an_upload_that_is_larger_than_said_adds_no_file(api: ApiClient, desk: Desk) -> None:
    file = _file(b"%PDF-1.7")
    path = f"/documents/{desk.document}/files"
    begun = api("POST", path, file).body
    with pytest.raises(PermanentError):
        desk.world.transfers.send(_address(begun), b"%PDF-1.7 and more")

    refused = api("PUT", f"{path}/{begun['upload']}", file)

    assert refused.status == 404
    assert api("GET", f"/documents/{desk.document}").body["files"] == []


def _path(headers: Mapping[str, str]) -> str:
    return headers["location"].removeprefix("/api/v1")


def _file(content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": "lease.pdf", "kind": "contract", "size": len(content), "sha256": digest}


def _address(begun: Mapping[str, Any]) -> UploadAddress:
    return UploadAddress(url=begun["url"], headers=begun["headers"])


def test_an_envelope_is_attached_to_a_document_once(api: ApiClient, desk: Desk) -> None:
    made = api("POST", "/documents", {"pipeline": "contracts"}).body["id"]
    body = {"connection": "docusign", "envelope": "env-77"}

    attached = api("POST", f"/documents/{made}/envelope", body)

    assert attached.status == 200
    assert attached.body["document"]["envelope"]["id"] == "env-77"
    refused = api("POST", f"/documents/{made}/envelope", body)
    assert (refused.status, refused.body["type"][-12:]) == (422, "not-possible")


def test_the_mails_of_a_rule_are_shown_and_not_sent(api: ApiClient, desk: Desk) -> None:
    shown = api("GET", f"/documents/{desk.document}/preview/mail-contract").body

    assert shown["rule"] == "mail-contract"
    assert shown["mails"][0]["subject"]
    assert desk.world.mailbox.sent == []
    assert api("GET", f"/documents/{desk.document}/preview/nothing").status == 404
