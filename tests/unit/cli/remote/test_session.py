"""Calls of the API: what goes there, pages, and what its problems are to a command."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest

from countersign.cli.parsing.groups import exit_code
from countersign.cli.remote.session import ApiSession, path
from countersign.cli.remote.web import WebCall, WebReply, call_web
from countersign.errors import CountersignError, UnavailableError

API = "https://api.acme.example/api/v1"


class Answers:
    """Gives these answers, one after the other, and keeps the calls."""

    def __init__(self, *answers: WebReply | CountersignError) -> None:
        self.answers = list(answers)
        self.calls: list[WebCall] = []
        self.waited: list[float] = []

    def __call__(self, call: WebCall) -> WebReply:
        self.calls.append(call)
        given = self.answers.pop(0)
        if isinstance(given, CountersignError):
            raise given
        return given


def answer(status: int, body: object) -> WebReply:
    text = body if isinstance(body, str) else json.dumps(body)
    return WebReply(status, {}, text.encode())


def session(*answers: WebReply | CountersignError) -> tuple[ApiSession, Answers]:
    """A session that gets these answers, or none, and does not wait."""
    web = Answers(*answers)
    keys = (f"key-{n}" for n in range(1, 100))
    made = ApiSession(
        API, web, lambda: "secret", wait=web.waited.append, new_key=lambda: next(keys)
    )
    return made, web


def test_the_token_goes_in_a_header_alone() -> None:
    api, web = session(answer(200, {"id": "d-1"}))
    assert api.get("/documents/d-1") == {"id": "d-1"}
    (call,) = web.calls
    assert call.headers["authorization"] == "Bearer secret"
    assert (call.method, call.url, call.body) == ("GET", f"{API}/documents/d-1", None)
    assert "secret" not in repr(call)


def test_parameters_that_are_none_are_left_out_and_lists_are_repeated() -> None:
    api, web = session(answer(200, {}))
    api.get(
        "/runs",
        {
            "state": ["ready", "no_date"],
            "rule": None,
            "text": "a&b=c ü",
            "overdue": False,
            "due_after": datetime(2026, 3, 2, 9, tzinfo=UTC),
        },
    )
    assert web.calls[0].url == (
        f"{API}/runs?state=ready&state=no_date&text=a%26b%3Dc+%C3%BC&overdue=false"
        "&due_after=2026-03-02T09%3A00%3A00%2B00%3A00"
    )


@pytest.mark.parametrize(
    ("parts", "made"),
    [
        (("documents", "d-1", "why"), "/documents/d-1/why"),
        (("people", "ada@acme.example"), "/people/ada@acme.example"),
        (("tasks", "d-1.2.check~3"), "/tasks/d-1.2.check~3"),
        (("documents", "../../x?y#z"), "/documents/..%2F..%2Fx%3Fy%23z"),
        (("documents", "a b\n%"), "/documents/a%20b%0A%25"),
        (("pipelines", "x", "versions", 3), "/pipelines/x/versions/3"),
    ],
)
def test_names_are_parts_of_a_path_and_no_more(parts: tuple[object, ...], made: str) -> None:
    assert path(*parts) == made


def test_a_list_goes_on_to_its_end() -> None:
    api, web = session(
        answer(200, {"items": [1, 2], "next": "a b"}),
        answer(200, {"items": [], "next": "c"}),
        answer(200, {"items": [3], "next": None}),
    )
    assert list(api.items("/documents", {"stage": "sent"})) == [1, 2, 3]
    assert [call.url.partition("?")[2] for call in web.calls] == [
        "stage=sent&limit=100",
        "stage=sent&limit=100&cursor=a+b",
        "stage=sent&limit=100&cursor=c",
    ]


def test_a_change_is_of_what_is_there_now() -> None:
    api, web = session(answer(200, {}), answer(204, ""))
    api.patch("/documents/d-1", {"fields": {"amount": "1"}})
    api.delete("/documents/d-1")
    assert [call.headers["if-match"] for call in web.calls] == ["*", "*"]
    assert web.calls[0].headers["content-type"] == "application/json"


def problem(name: str, status: int, **more: object) -> WebReply:
    return answer(
        status,
        {
            "type": f"urn:countersign:problem:{name}",
            "title": "A title",
            "status": status,
            "detail": "what was found",
            **more,
        },
    )


@pytest.mark.parametrize(
    ("reply", "kind", "code", "text"),
    [
        (problem("not-found", 404), "NotFoundError", 4, "what was found"),
        (problem("not-allowed", 403), "NotAllowedError", 3, "what was found"),
        (
            problem("not-signed-in", 401),
            "NotSignedInError",
            1,
            "what was found; sign in again: countersign login",
        ),
        (problem("conflict", 409), "ConflictError", 1, "what was found"),
        (problem("stale-version", 412), "ConflictError", 1, "what was found"),
        (problem("unavailable", 503), "UnavailableError", 1, "what was found"),
        (problem("internal", 500, detail=None), "UnavailableError", 1, "A title"),
        (problem("too-large", 413), "TooLargeError", 1, "what was found"),
        (problem("a-new-one", 422), "PermanentError", 1, "what was found"),
        (
            problem(
                "invalid",
                422,
                errors=[
                    {"pointer": "/stages/0", "detail": "is not an object"},
                    {"parameter": "limit", "detail": "is more than 100"},
                ],
            ),
            "PermanentError",
            1,
            "what was found; /stages/0 is not an object; limit is more than 100",
        ),
        (
            answer(401, {"message": "Unauthorized"}),
            "NotSignedInError",
            1,
            f"{API} does not accept the sign-in; sign in again: countersign login",
        ),
        (
            answer(403, {"message": "Forbidden"}),
            "NotAllowedError",
            3,
            f"{API} refused the call: Forbidden",
        ),
        (
            answer(404, {"message": "Not Found"}),
            "NotFoundError",
            4,
            f"there is no Countersign API at {API}; check --api",
        ),
        (
            answer(429, {"message": "Too Many Requests"}),
            "UnavailableError",
            1,
            f"{API} cannot answer now: Too Many Requests; try again",
        ),
        (
            answer(502, "<html>bad gateway</html>"),
            "PermanentError",
            1,
            f"{API} answered 502, and not as Countersign does; check --api",
        ),
        (
            answer(302, ""),
            "PermanentError",
            1,
            f"{API} answered 302, and not as Countersign does; check --api",
        ),
        (
            answer(200, "<html>sign in to the Wi-Fi</html>"),
            "PermanentError",
            1,
            f"{API} answered 200, and not as Countersign does; check --api",
        ),
    ],
)
def test_a_problem_is_an_error_of_ours(reply: WebReply, kind: str, code: int, text: str) -> None:
    api, _ = session(reply)
    with pytest.raises(CountersignError) as raised:
        api.get("/documents/d-1")
    assert type(raised.value).__name__ == kind
    assert str(raised.value) == text
    assert exit_code(raised.value) == code


def keys_of(web: Answers) -> list[str | None]:
    return [call.headers.get("idempotency-key") for call in web.calls]


def test_every_post_has_a_key_of_its_own_and_nothing_else_has_one() -> None:
    api, web = session(*[answer(200, {})] * 5)
    api.get("/documents")
    api.post("/documents", {"pipeline": "contracts"})
    api.post("/documents", {"pipeline": "contracts"})
    api.put("/entitlements", {})
    api.patch("/documents/d-1", {})
    assert keys_of(web) == [None, "key-1", "key-2", None, None]


def test_keys_are_uuids() -> None:
    web = Answers(answer(200, {}), answer(200, {}))
    api = ApiSession(API, web, lambda: "secret")
    api.post("/documents")
    api.post("/documents")
    first, second = keys_of(web)
    assert first != second
    assert UUID(first).version == UUID(second).version == 4


NO_ANSWER = UnavailableError("api.acme.example gave no answer: timed out")


@pytest.mark.parametrize(
    "first",
    [
        NO_ANSWER,
        answer(429, {"message": "Too Many Requests"}),
        answer(502, "<html>bad gateway</html>"),
        answer(503, {"message": "Service Unavailable"}),
        answer(504, {"message": "Endpoint request timed out"}),
    ],
    ids=["none", "429", "502", "503", "504"],
)
def test_a_post_without_an_answer_is_sent_again_with_its_key(
    first: WebReply | CountersignError,
) -> None:
    api, web = session(first, first, answer(200, {"id": "d-1"}), answer(200, {}))
    assert api.post("/documents", {"pipeline": "contracts"}) == {"id": "d-1"}
    api.post("/documents")
    assert keys_of(web) == ["key-1", "key-1", "key-1", "key-2"]
    assert len({(call.url, call.body) for call in web.calls[:3]}) == 1
    assert web.waited == [1.0, 3.0]


def test_a_post_is_sent_three_times_at_most() -> None:
    api, web = session(*[NO_ANSWER] * 3)
    with pytest.raises(UnavailableError, match="gave no answer"):
        api.post("/documents")
    assert len(web.calls) == 3
    api, web = session(*[answer(504, {"message": "timed out"})] * 3)
    with pytest.raises(UnavailableError, match="cannot answer now: timed out; try again"):
        api.post("/documents")
    assert len(web.calls) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_a_post_that_was_answered_is_not_sent_again(status: int) -> None:
    api, web = session(answer(status, {"message": "no"}))
    with pytest.raises(CountersignError):
        api.post("/documents")
    assert (len(web.calls), web.waited) == (1, [])


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_nothing_but_a_post_is_sent_again(method: str) -> None:
    api, web = session(NO_ANSWER)
    with pytest.raises(UnavailableError):
        api.call(method, "/documents/d-1")
    assert (len(web.calls), web.waited) == (1, [])


@contextmanager
def serving(status: int, headers: dict[str, str], body: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server of this machine with one answer, and what it is sent."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.path} {self.headers.get('authorization')}")
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_answer_comes_over_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.acme.example:1")
    with serving(404, {"X-Request-Id": "r1"}, b"{}") as (address, heard):
        call = WebCall(method="GET", url=f"{address}/x", headers={"authorization": "Bearer t"})
        reply = call_web(call)
    assert (reply.status, reply.body, reply.headers["x-request-id"]) == (404, b"{}", "r1")
    assert heard == ["/x Bearer t"]


def test_no_token_follows_where_an_answer_leads() -> None:
    with serving(200, {}, b"{}") as (other, heard_there):
        with serving(302, {"location": f"{other}/stolen"}, b"") as (address, heard):
            call = WebCall(method="GET", url=f"{address}/x", headers={"authorization": "Bearer t"})
            assert call_web(call).status == 302
        assert (heard, heard_there) == (["/x Bearer t"], [])


def test_no_answer_is_an_outage() -> None:
    with serving(200, {}, b"") as (address, _):
        pass
    with pytest.raises(UnavailableError, match=r"^127\.0\.0\.1 gave no answer: "):
        call_web(WebCall(method="GET", url=f"{address}/x"))
