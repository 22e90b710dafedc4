"""A pool's hosted pages: they sign in whoever comes, and give tokens as Cognito does."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from countersign.cli.remote.web import WebCall, WebReply
from countersign.cli.sign_in.signed_in import SignInTools

API = "https://api.acme.example/api/v1"
PAGES = "https://sign-in.acme.example"


@dataclass
class HostedPages:
    """The pages, the token endpoint, and an API that takes the tokens."""

    ports: list[int]
    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    browser: Callable[[str], bool] | None = None
    """What opens an address; ``browse`` unless given."""
    refuses: str = ""
    """The error with which a sign-in ends."""
    revokes: bool = True
    ended: bool = False
    """Whether refresh tokens are taken no more."""
    lives: int = 900
    role: str | None = "operator"
    asked: dict[str, str] = field(default_factory=dict)
    """What the page was last opened with."""
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Codes with the challenge and the redirect that they are bound to."""
    access: dict[str, datetime] = field(default_factory=dict)
    """Access tokens with their ends."""
    revoked: list[str] = field(default_factory=list)
    refreshed: int = 0

    def end_of(self, address: str, **changed: str) -> str:
        """Where the browser ends that begins there."""
        assert address.startswith(f"{PAGES}/oauth2/authorize?")
        self.asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
        assert self.asked["code_challenge_method"] == "S256"
        answer = {"state": self.asked["state"]}
        if self.refuses:
            answer |= {"error": self.refuses, "error_description": "not today"}
        else:
            code = f"code-{len(self.codes) + 1}"
            self.codes[code] = (self.asked["code_challenge"], self.asked["redirect_uri"])
            answer["code"] = code
        return f"{self.asked['redirect_uri']}?{urlencode({**answer, **changed})}"

    def browse(self, address: str) -> bool:
        """A browser that signs in at once."""
        fetch(self.end_of(address))
        return True

    def __call__(self, call: WebCall) -> WebReply:
        if call.url == f"{API}/sign-in":
            assert "authorization" not in call.headers
            told = {
                "sign_in_url": PAGES,
                "client_id": "console",
                "scopes": ["openid", "email", "profile"],
                "redirect_ports": self.ports,
            }
            return reply(200, told)
        if call.url == f"{API}/session":
            return self._session(call)
        given = {name: value for name, (value,) in parse_qs((call.body or b"").decode()).items()}
        assert given["client_id"] == "console"
        assert call.url.startswith(f"{PAGES}/oauth2/")
        if call.url.endswith("/revoke"):
            self.revoked.append(given["token"])
            return WebReply(200 if self.revokes else 404, {}, b"")
        if given["grant_type"] == "refresh_token":
            return self._refresh(given["refresh_token"])
        return self._exchange(given)

    def _exchange(self, given: dict[str, str]) -> WebReply:
        challenge, redirect = self.codes.pop(given["code"], ("", ""))
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (made, given["redirect_uri"]) != (challenge, redirect):
            return reply(400, {"error": "invalid_grant"})
        return reply(200, {**self._tokens(), "refresh_token": "refresh-1", "id_token": "id"})

    def _refresh(self, token: str) -> WebReply:
        if self.ended or token != "refresh-1" or token in self.revoked:
            return reply(400, {"error": "invalid_grant"})
        self.refreshed += 1
        return reply(200, self._tokens())

    def _tokens(self) -> dict[str, Any]:
        token = f"access-{len(self.access) + 1}"
        self.access[token] = self.now + timedelta(seconds=self.lives)
        return {"access_token": token, "expires_in": self.lives, "token_type": "Bearer"}

    def _session(self, call: WebCall) -> WebReply:
        token = call.headers["authorization"].removeprefix("Bearer ")
        if self.access.get(token, self.now) <= self.now:
            return reply(401, {"message": "Unauthorized"})
        if self.role is None:
            told = {
                "type": "urn:countersign:problem:not-allowed",
                "title": "You are not allowed to do this",
                "status": 403,
                "detail": "You are signed in as anna, and have no role in this deployment yet.",
            }
            return reply(403, told)
        session = {
            "id": "person-1",
            "name": "anna@acme.example",
            "role": self.role,
            "roles": [self.role],
            "signed_in_by": "cognito",
            "language": "en",
            "version": "0.1.0",
        }
        return reply(200, session)


def free_ports() -> list[int]:
    """Three ports of this machine that are free now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def sign_in_tools(pages: HostedPages, folder: Path) -> SignInTools:
    """What signing in on these pages works with; sign-ins are kept in the folder."""
    return SignInTools(
        folder=lambda: folder,
        web=pages,
        browse=lambda address: (pages.browser or pages.browse)(address),
        now=lambda: pages.now,
        wait=lambda _: None,
    )


def reply(status: int, told: object) -> WebReply:
    """An answer with JSON."""
    return WebReply(status, {"content-type": "application/json"}, json.dumps(told).encode())


def fetch(address: str) -> tuple[int, str]:
    """What a browser of this machine is shown at an address of this machine."""
    assert address.startswith("http://localhost:")
    here = address.replace("localhost", "127.0.0.1", 1)
    with urllib.request.urlopen(here, timeout=10) as answer:  # noqa: S310 - asserted above
        return answer.status, answer.read().decode()
