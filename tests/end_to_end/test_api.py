"""The API through the gateway, as programs call it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

import pytest

from countersign.local.people import LocalPeople, program_token
from tests.end_to_end.conftest import Running


class Answer(NamedTuple):
    """An answer of the API."""

    status: int
    headers: dict[str, str]
    body: Any


class Program:
    """Calls the API as an administrator's program."""

    def __init__(self, running: Running, people: LocalPeople) -> None:
        self._api = running.stack.api
        self._token = program_token(people, "administrator")

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        given = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(  # noqa: S310 - the local cloud's own address
            f"{self._api}{path}", data=data, headers=given | names, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
                return _answer(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error)


def _answer(status: int, answer: Any) -> Answer:
    text = answer.read()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status, headers, json.loads(text) if text else None)


@pytest.fixture(scope="module")
def api(running: Running, people: LocalPeople) -> Program:
    return Program(running, people)


def test_a_document_is_made_once_found_changed_in_its_version_and_removed(api: Program) -> None:
    new = {"pipeline": "api-leases", "sender": "leases@acme.example"}
    draft = api("POST", "/drafts", {"template": "minimal", "new": new})
    assert draft.status == 201
    published = api("POST", "/drafts/api-leases/publish", {}, if_match=draft.headers["etag"])
    assert (published.status, published.body["number"]) == (200, 1)
    fields = {"title": "Mietvertrag Größe", "amount": "12.50"}
    body = {"pipeline": "api-leases", "fields": fields}

    made = api("POST", "/documents", body, idempotency_key="end-to-end")
    again = api("POST", "/documents", body, idempotency_key="end-to-end")

    assert (made.status, again.status) == (201, 201)
    assert again.body["id"] == made.body["id"]
    path = f"/documents/{made.body['id']}"
    found = api("GET", "/documents?text=mietvertrag%20gr%C3%B6%C3%9Fe")
    assert made.body["id"] in [row["id"] for row in found.body["items"]]
    etag = made.headers["etag"]
    changed = api("PATCH", path, {"fields": {"number": "7"}}, if_match=etag)
    assert (changed.status, changed.body["document"]["number"]) == (200, "7")
    stale = api("PATCH", path, {"fields": {"number": "8"}}, if_match=etag)
    assert (stale.status, stale.headers["content-type"]) == (412, "application/problem+json")
    assert api("DELETE", path, if_match=changed.headers["etag"]).status == 204
    assert api("GET", path).status == 404


def test_what_is_wrong_is_a_problem_through_the_gateway_too(api: Program) -> None:
    unknown = api("GET", "/documents/d-nothing", accept_language="de")
    assert (unknown.status, unknown.body["title"]) == (404, "Das gibt es nicht")
    assert unknown.headers["x-request-id"]
    assert api("POST", "/documents", {"pipelin": "x"}).status == 422
    assert api("PUT", "/documents/d-1", {}).status == 405
    assert api("GET", "/documents?limit=1000").status == 422


def test_every_subject_answers(api: Program) -> None:
    for path in (
        *("/session", "/catalogue/kinds", "/pipelines", "/drafts", "/documents", "/runs", "/jobs"),
        *("/tasks", "/people", "/programs", "/dead-letters", "/held-messages"),
        *("/rejected-requests", "/runs/calendar?first=2026-01-01&last=2026-12-31"),
    ):
        answer = api("GET", path)
        assert answer.status == 200, (path, answer.body)
