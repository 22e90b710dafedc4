"""What every address of the API has in common: who may call it, and what requests may be."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from countersign.errors import NotSignedInError, UnavailableError
from countersign.http.application import SUBJECTS, Application, routes_of
from countersign.http.call import language_of_call
from countersign.http.callers import Caller
from countersign.http.routes import Endpoint
from countersign.model.person import Role
from tests.unit.cli.desk import Desk
from tests.unit.http.client import CONTEXT, ApiClient, event_of

PATH = "/documents/d-1"
RANK = {"viewer": 1, "operator": 2, "administrator": 3}
ENDPOINTS = [endpoint for subject in SUBJECTS for endpoint in routes_of(subject).endpoints]


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=_name)
@pytest.mark.parametrize("role", ["viewer", "operator", "administrator"])
def test_a_role_below_the_declared_one_is_refused_and_no_other(
    desk: Desk, endpoint: Endpoint, role: Role
) -> None:
    parts = ["nothing" if part.startswith("<") else part for part in endpoint.path.split("/")]

    answer = ApiClient(desk.world, role)(endpoint.method, "/".join(parts), {})

    refused = answer.status == 403
    assert refused == (RANK[role] < RANK[endpoint.role])
    if refused:
        assert endpoint.role in answer.body["detail"]
        assert answer.body["role"] == endpoint.role


def test_what_changes_something_needs_more_than_a_viewer() -> None:
    reading = {_name(one) for one in ENDPOINTS if one.role == "viewer" and one.method != "GET"}
    assert reading == set()


def test_somebody_without_a_role_may_nothing_and_is_told_whom_to_ask(desk: Desk) -> None:
    answer = ApiClient(desk.world, None)("GET", "/session")

    assert answer.status == 403
    assert "Ask one of its administrators" in answer.body["detail"]


def test_who_has_not_signed_in_is_answered_401(desk: Desk) -> None:
    def identify(event: object) -> Caller:
        raise NotSignedInError("an ID token is not an access token")

    application = Application(ApiClient(desk.world).services, identify)

    answer = application.respond(event_of("GET", "/api/v1/session", None), CONTEXT)

    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["type"] == "urn:countersign:problem:not-signed-in"


def test_a_problem_has_its_type_title_status_and_the_requests_id(api: ApiClient) -> None:
    answer = api("GET", PATH)

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "request-1"
    assert answer.body == {
        "type": "urn:countersign:problem:not-found",
        "title": "There is no such thing",
        "status": 404,
        "request_id": "request-1",
        "detail": "there is no document d-1",
    }


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("de", "Das gibt es nicht"),
        ("de-AT,de;q=0.9,en;q=0.8", "Das gibt es nicht"),
        ("en-GB,en;q=0.9,de;q=0.8", "There is no such thing"),
        ("fr", "There is no such thing"),
        ("fr,de;q=0.3", "Das gibt es nicht"),
        ("de;q=0,en", "There is no such thing"),
        ("de;q=much", "There is no such thing"),
        (";;,,=", "There is no such thing"),
    ],
)
def test_titles_are_in_the_language_that_the_caller_prefers(
    api: ApiClient, wanted: str, title: str
) -> None:
    answer = api("GET", PATH, headers={"accept-language": wanted})

    assert answer.body["title"] == title


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/documents/a/b/c", "/session/", "//"])
def test_an_address_that_does_not_exist_is_answered_404(api: ApiClient, path: str) -> None:
    answer = api("GET", path)

    assert (answer.status, answer.body["type"]) == (404, "urn:countersign:problem:not-found")


def test_another_method_of_an_address_is_answered_405_with_those_there_are(
    api: ApiClient,
) -> None:
    answer = api("PUT", PATH, {})

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, PATCH, DELETE"


@pytest.mark.parametrize("given", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_answered_415(api: ApiClient, given: str) -> None:
    answer = api("POST", "/documents", "{}", headers={"content-type": given})

    assert answer.status == 415
    assert f'"{given}"' in answer.body["detail"]


@pytest.mark.parametrize(
    "given", ["{", "nothing", '{"pipeline": NaN}', "[" * 100_000, '"\\', "  ", "1" * 5000]
)
def test_what_is_no_json_is_answered_400(api: ApiClient, given: str) -> None:
    answer = api("POST", "/documents", given)

    assert answer.status in (400, 422)
    assert answer.body["type"].startswith("urn:countersign:problem:")
    assert "Traceback" not in json.dumps(answer.body)


def test_a_body_that_is_not_utf_8_is_answered_400(desk: Desk) -> None:
    event = event_of("POST", "/api/v1/documents", base64.b64encode(b"\xff{}").decode())
    event["isBase64Encoded"] = True

    answer = _respond(desk, event)

    assert answer["statusCode"] == 400


def test_ten_megabytes_are_answered_413(api: ApiClient) -> None:
    answer = api("POST", "/documents", '{"pipeline": "' + "x" * 10_000_000 + '"}')

    assert answer.status == 413


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, {"pointer": "/pipeline", "detail": "is required"}),
        ({"pipeline": 7}, {"pointer": "/pipeline", "detail": "is not text"}),
        (
            {"pipeline": "contracts", "tite": "Lease"},
            {"pointer": "/tite", "detail": "is not a known member"},
        ),
        (
            {"pipeline": "contracts", "a/b~c": 1},
            {"pointer": "/a~1b~0c", "detail": "is not a known member"},
        ),
        ([], {"pointer": "", "detail": "is not an object"}),
        (
            {"pipeline": "contracts", "fields": []},
            {"pointer": "/fields", "detail": "is not an object"},
        ),
    ],
)
def test_a_body_that_does_not_fit_says_where(
    api: ApiClient, desk: Desk, body: object, error: dict[str, str]
) -> None:
    answer = api("POST", "/documents", body)

    assert answer.status == 422
    assert answer.body["errors"] == [error]
    assert len(list(desk.world.documents.in_stage("contracts"))) == 1


def test_errors_are_in_german_for_germans(api: ApiClient) -> None:
    answer = api("POST", "/documents", {"stage": 7}, headers={"accept-language": "de"})

    assert answer.body["title"] == "Die Anfrage ist ungültig"
    assert [error["detail"] for error in answer.body["errors"]] == [
        "wird benötigt",
        "ist kein Text",
    ]


def test_half_a_letter_is_refused(api: ApiClient) -> None:
    answer = api("POST", "/documents", '{"pipeline": "contracts", "stage": "\\ud800"}')

    assert answer.status == 422


def test_a_parameter_that_nothing_knows_is_refused(api: ApiClient) -> None:
    answer = api("GET", "/session", query={"limt": "5"})

    assert answer.status == 422
    assert answer.body["errors"] == [{"parameter": "limt", "detail": "is not a known member"}]


@pytest.mark.parametrize(
    "document", ["%00", "a b", "ä", "%2F", "..", "d-1;x", "<script>", "d" * 3000]
)
def test_odd_ids_are_answered_404(api: ApiClient, document: str) -> None:
    answer = api("GET", f"/documents/{document}")

    assert answer.status == 404


def test_a_database_that_does_not_answer_is_503_and_worth_another_try(desk: Desk) -> None:
    def away() -> Any:
        raise UnavailableError("DynamoDB cannot answer now: throttled")

    client = ApiClient(desk.world)
    client.services.__dict__["cloud"] = _Away(away)

    answer = client("GET", PATH)

    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.body["detail"] == "DynamoDB cannot answer now: throttled"


def test_a_bug_is_answered_500_without_what_it_says(desk: Desk) -> None:
    def broken() -> Any:
        raise ValueError("secret of the connection")

    client = ApiClient(desk.world)
    client.services.__dict__["cloud"] = _Away(broken)

    answer = client("GET", PATH)

    assert answer.status == 500
    assert "secret" not in json.dumps(answer.body)


def test_answers_are_kept_by_nobody_on_their_way(api: ApiClient) -> None:
    answer = api("GET", "/session")

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/documents", "/documents/d-9", "/nowhere"])
def test_a_call_that_has_ended_is_not_under_way(desk: Desk, path: str) -> None:
    ApiClient(desk.world)("GET", path, headers={"accept-language": "de"})

    assert language_of_call() == "en"


def test_what_the_caller_has_already_is_not_sent_again(desk: Desk) -> None:
    client = ApiClient(desk.world)
    first = client("GET", "/documents")
    known = {"if-none-match": f'"other", {first.etag}'}

    again = client("GET", "/documents", headers=known)
    assert (again.status, again.body, again.etag) == (304, None, first.etag)
    assert again.headers["cache-control"] == "no-store"

    assert client("GET", "/session", headers=known).status == 200
    german = client("GET", "/documents", headers={**known, "accept-language": "de"})
    assert german.status == 200

    made = client("POST", "/documents", {"pipeline": "contracts"})
    assert made.status == 201
    changed = client("GET", "/documents", headers=known)
    assert changed.status == 200
    assert [row["id"] for row in changed.body["items"]] != [
        row["id"] for row in first.body["items"]
    ]


def test_what_can_be_edited_is_always_given_whole(desk: Desk) -> None:
    client = ApiClient(desk.world)
    made = client("POST", "/documents", {"pipeline": "contracts"})
    path = f"/documents/{made.body['id']}"
    first = client("GET", path)

    again = client("GET", path, headers={"if-none-match": first.etag})
    assert (again.status, again.body) == (200, first.body)


class _Away:
    """A stack of which every part fails."""

    def __init__(self, fail: Any) -> None:
        self._fail = fail

    def __getattr__(self, name: str) -> Any:
        return self._fail()


def _respond(desk: Desk, event: dict[str, Any]) -> dict[str, Any]:
    client = ApiClient(desk.world)
    return Application(client.services, lambda _: client.caller).respond(event, CONTEXT)
