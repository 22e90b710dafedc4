"""The API in this process, as the command line calls it over the web."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from countersign.cli.remote.session import ApiSession
from countersign.cli.remote.web import WebCall, WebReply
from countersign.errors import UnavailableError
from countersign.model.person import Role
from tests.unit.cli.desk import ANNA, Desk
from tests.unit.cli.sign_in.hosted_pages import API
from tests.unit.http.client import CONTEXT, ApiClient, event_of


class InProcess:
    """Makes calls of the API as API Gateway does; what follows from them has happened then."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.calls: list[str] = []
        """Method and path of each."""
        self.lost = 0
        """So many answers to further POSTs do not arrive, though what they ask for is done."""

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
        if call.method == "POST" and self.lost:
            self.lost -= 1
            raise UnavailableError("api.acme.example gave no answer: timed out")
        body = (answer.get("body") or "").encode()
        return WebReply(answer["statusCode"], answer["headers"], body)


def over_the_api(desk: Desk, role: Role = "administrator") -> InProcess:
    """From now on the desk's commands go over the API of its world, for Anna in that role."""
    given = {"tokens": desk.tokens, "salts": desk.salts}
    client = ApiClient(desk.world, role, name=ANNA, **given, **desk.more)
    web = InProcess(client)
    desk.api = ApiSession(API, web, lambda: "access-1", wait=lambda _: None)
    return web


def joined(query: str) -> Mapping[str, str]:
    """The parameters; values of one name are joined by commas, as in payload 2.0."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
