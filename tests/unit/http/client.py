"""A client of the API, over a world in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from countersign.http.application import Application
from countersign.http.callers import Caller
from countersign.http.sign_in import SignInView
from countersign.model.person import Role
from countersign.simulation.world import World
from countersign.use_cases.services import Services
from tests.unit.cli.desk import cloud_of

ADA = "ada@acme.example"
SIGN_IN = SignInView(sign_in_url="https://sign-in.acme.example", client_id="console")


class ApiAnswer(NamedTuple):
    """An answer of the API."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def etag(self) -> str:
        """The version that it shows."""
        return self.headers["etag"]


class ApiClient:
    """Calls the API for a person of a role; without a role, for somebody who has none."""

    def __init__(
        self,
        world: World,
        role: Role | None = "administrator",
        *,
        name: str = ADA,
        tokens: Iterator[str] | None = None,
        salts: Iterator[str] | None = None,
        **more: Any,
    ) -> None:
        """``name``: the person's address, who is known by it; ``tokens``: what new ids are made
        of; ``salts``: what nobody can guess; ``more``: further adapters."""
        self.world = world
        self.caller = Caller(
            id=name,
            name=name,
            roles=() if role is None else (role,),
            signed_in_by="cognito",
        )
        self._tokens = tokens or (f"made{n}" for n in range(1, 1000))
        self._salts = salts or (f"{n:032x}" for n in range(1, 10_000))
        self._ids = (f"id{n}" for n in range(1, 1000))
        self.services = Services(
            open_cloud=lambda: cloud_of(world, **more),
            now=lambda: world.now,
            token=lambda: next(self._tokens),
            salt=lambda: next(self._salts),
            new_id=lambda: next(self._ids),
        )
        self.application = Application(self.services, lambda event: self.caller, SIGN_IN)

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ApiAnswer:
        """The answer to a request below ``/api/v1``; what follows from it has happened."""
        text = None if body is None else body if isinstance(body, str) else json.dumps(body)
        event = event_of(method, f"/api/v1{path}", text, query=query, headers=headers)
        answer = self.application.respond(event, CONTEXT)
        self.world.settle()
        given = answer.get("body") or ""
        return ApiAnswer(
            answer["statusCode"], answer["headers"], json.loads(given) if given else None
        )


CONTEXT = SimpleNamespace(aws_request_id="request-1", get_remaining_time_in_millis=lambda: 29_000)


def event_of(
    method: str,
    path: str,
    body: str | None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The request as API Gateway hands it over (payload 2.0)."""
    given = {"content-type": "application/json"} if body is not None else {}
    return {
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {**given, **(headers or {})},
        **({"queryStringParameters": dict(query)} if query else {}),
        "requestContext": {
            "requestId": "request-1",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
        },
        **({"body": body} if body is not None else {}),
        "isBase64Encoded": False,
    }
