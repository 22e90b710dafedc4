"""The API in this process, as the command line calls it over the web."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from countersign.cli.remote.web import WebCall, WebReply
from tests.unit.http.client import CONTEXT, ApiClient, event_of

API = "https://api.acme.example/api/v1"


class InProcess:
    """Makes calls of the API as API Gateway does; what follows from them has happened then."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.calls: list[str] = []
        """Method and path of each."""

    def __call__(self, call: WebCall) -> WebReply:
        parts = urlsplit(call.url)
        assert call.url.startswith(f"{API}/"), call.url
        self.calls.append(f"{call.method} {parts.path.removeprefix('/api/v1')}")
        event = event_of(
            call.method,
            unquote(parts.path),
            None if call.body is None else call.body.decode(),
            query=joined(parts.query),
            headers=call.headers,
        )
        answer = self.client.application.respond(event, CONTEXT)
        self.client.world.settle()
        body = (answer.get("body") or "").encode()
        return WebReply(answer["statusCode"], answer["headers"], body)


def joined(query: str) -> Mapping[str, str]:
    """The parameters; values of one name are joined by commas, as in payload 2.0."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
