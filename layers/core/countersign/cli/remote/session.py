"""Calls of the API as somebody who is signed in: values in and out, pages, problems as errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from time import sleep
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from countersign.cli.remote.web import Web, WebCall, WebReply
from countersign.errors import (
    ConflictError,
    CountersignError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    PermanentError,
    TooLargeError,
    UnavailableError,
)

PROBLEM = "urn:countersign:problem:"
SIGN_IN_AGAIN = "sign in again: countersign login"
ERRORS: Mapping[str, type[CountersignError]] = {
    "not-signed-in": NotSignedInError,
    "not-allowed": NotAllowedError,
    "not-found": NotFoundError,
    "conflict": ConflictError,
    "stale-version": ConflictError,
    "too-large": TooLargeError,
    "internal": UnavailableError,
    "unavailable": UnavailableError,
}
"""What a problem is to a command; each other one is a PermanentError."""
UNANSWERED = frozenset({429, 502, 503, 504})
"""Statuses that say nothing of what became of a request."""
WAITS = (1.0, 3.0)
"""Seconds before each time that a POST without an answer is sent again."""
PAGE = 100
"""Items that a page is asked for."""

Query = Mapping[str, object]
"""Parameters; those that are None are left out, a list is given once for each item."""


class ApiSession:
    """The API at an address, called with the token of the signed-in user."""

    def __init__(
        self,
        address: str,
        web: Web,
        token: Callable[[], str],
        *,
        wait: Callable[[float], None] = sleep,
        new_key: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self.address = address
        """Up to ``/api/v1``."""
        self._web = web
        self._token = token
        self._wait = wait
        self._new_key = new_key
        """Idempotency keys, so that nothing is done twice that is asked for twice."""

    @cached_property
    def user(self) -> str:
        """The address of the signed-in user, as timelines have it."""
        return str(self.get("/session")["name"])

    def get(self, path: str, query: Query | None = None) -> Any:
        """What the API says; NotFoundError and other errors of ours for its problems."""
        return self._value(self.call("GET", path, query=query))

    def tagged(self, path: str) -> tuple[Any, str]:
        """What the API says, and the ETag of its version."""
        reply = self.call("GET", path)
        return self._value(reply), reply.headers["etag"]

    def page(self, path: str, query: Query | None = None) -> Any:
        """A page of a list, with as many items as there may be."""
        return self.get(path, {**(query or {}), "limit": PAGE})

    def items(self, path: str, query: Query | None = None) -> Iterator[Any]:
        """The items of a list, page by page as they are needed."""
        return self.unpaged(path, {**(query or {}), "limit": PAGE})

    def unpaged(self, path: str, query: Query | None = None) -> Iterator[Any]:
        """The items of a list that takes no limit; where it has a next page all the same, on it."""
        for page in self.pages(path, query):
            yield from page["items"]

    def pages(self, path: str, query: Query | None = None) -> Iterator[Any]:
        """The pages of a list, as they are needed."""
        page = self.get(path, query)
        yield page
        while (cursor := page.get("next")) is not None:
            page = self.get(path, {**(query or {}), "cursor": cursor})
            yield page

    def posted(self, path: str, body: Mapping[str, object]) -> Iterator[Any]:
        """The items of a list that is asked for by POST, with its cursor in the body."""
        page = self.post(path, body)
        yield from page["items"]
        while (cursor := page["next"]) is not None:
            page = self.post(path, {**body, "cursor": cursor})
            yield from page["items"]

    def post(self, path: str, body: object = None, query: Query | None = None) -> Any:
        """What the API answers to it."""
        return self._value(self.call("POST", path, query=query, body=body))

    def put(self, path: str, body: object, *, tag: str | None = None) -> Any:
        """What the API answers to it; ConflictError where ``tag`` is not of the present version."""
        headers = {} if tag is None else {"if-match": tag}
        return self._value(self.call("PUT", path, body=body, headers=headers))

    def patch(self, path: str, body: object) -> Any:
        """What the API answers to a change of whatever is there now."""
        return self._value(self.call("PATCH", path, body=body, headers={"if-match": "*"}))

    def delete(self, path: str, query: Query | None = None) -> None:
        """Remove what is there now."""
        self._value(self.call("DELETE", path, query=query, headers={"if-match": "*"}))

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> WebReply:
        """The answer as it came; a ``body`` of bytes is JSON. UnavailableError where none did.

        A POST has a key, and is sent again with that key where no answer came.
        """
        is_post = method == "POST"
        given = {
            "authorization": f"Bearer {self._token()}",
            "accept": "application/json",
            **({"idempotency-key": self._new_key()} if is_post else {}),
            **(headers or {}),
        }
        if body is not None:
            given["content-type"] = "application/json"
        url = f"{self.address}{path}{_query(query or {})}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        made = WebCall(method=method, url=url, headers=given, body=data)
        for seconds in WAITS if is_post else ():
            try:
                reply = self._web(made)
            except UnavailableError:
                reply = None
            if reply is not None and reply.status not in UNANSWERED:
                return reply
            self._wait(seconds)
        return self._web(made)

    def _value(self, reply: WebReply) -> Any:
        if reply.status >= 300:
            raise error_of(reply, self.address)
        if not reply.body:
            return None
        try:
            return json.loads(reply.body)
        except ValueError:
            raise _foreign(reply, self.address) from None


def path(*parts: object) -> str:
    """The path of these parts, whatever characters they have."""
    return "".join(f"/{quote(str(part), safe='@:~')}" for part in parts)


def error_of(reply: WebReply, address: str) -> CountersignError:
    """The error that an answer is to a command: of the API, or of API Gateway before it."""
    try:
        body = json.loads(reply.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return _foreign(reply, address)
    name = str(body.get("type", "")).removeprefix(PROBLEM)
    if not name:
        return _of_gateway(reply, body, address)
    text = str(body.get("detail") or body.get("title") or name)
    more = [_place(error) for error in body.get("errors", ()) if isinstance(error, dict)]
    if name == "not-signed-in":
        more.append(SIGN_IN_AGAIN)
    kind = ERRORS.get(name, PermanentError)
    return kind("; ".join([text, *more]))


def _place(error: Mapping[str, object]) -> str:
    place = error.get("pointer") or error.get("parameter") or ""
    return f"{place} {error.get('detail', '')}".strip()


def _of_gateway(reply: WebReply, body: Mapping[str, object], address: str) -> CountersignError:
    message = str(body.get("message", reply.status))
    match reply.status:
        case 401:
            return NotSignedInError(f"{address} does not accept the sign-in; {SIGN_IN_AGAIN}")
        case 403:
            return NotAllowedError(f"{address} refused the call: {message}")
        case 404:
            return NotFoundError(f"there is no Countersign API at {address}; check --api")
        case 429 | 500 | 502 | 503 | 504:
            return UnavailableError(f"{address} cannot answer now: {message}; try again")
    return _foreign(reply, address)


def _foreign(reply: WebReply, address: str) -> CountersignError:
    return PermanentError(
        f"{address} answered {reply.status}, and not as Countersign does; check --api"
    )


def _query(query: Query) -> str:
    given = [
        (name, _text(element))
        for name, value in query.items()
        if value is not None
        for element in (
            value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        )
    ]
    return f"?{urlencode(given)}" if given else ""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else str(value)
