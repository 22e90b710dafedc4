"""The API's application: which call is answered by what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from countersign.errors import NotAllowedError, NotSignedInError
from countersign.http.callers import Clients, caller_of, require

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Answers events of API Gateway, payload 2.0."""

    clients: Clients

    def resolve(self, event: Mapping[str, Any], _context: Any) -> Answer:
        """The answer as the gateway passes it on."""
        if event["routeKey"].endswith(" /api/v1/openapi.json"):
            return _json(200, {"openapi": "3.1.0"})
        try:
            caller = caller_of(event, self.clients)
            require(caller, "viewer")
        except NotSignedInError as error:
            return _problem(401, str(error))
        except NotAllowedError as error:
            return _problem(403, str(error))
        if event["rawPath"].endswith("/api/v1/session"):
            return _json(200, {"id": caller.id, "name": caller.name, "roles": caller.roles})
        return _problem(404, "there is no such address")


def _json(status: int, value: Any, kind: str = "application/json") -> Answer:
    return {"statusCode": status, "headers": {"content-type": kind}, "body": json.dumps(value)}


def _problem(status: int, detail: str) -> Answer:
    return _json(status, {"status": status, "detail": detail}, "application/problem+json")
