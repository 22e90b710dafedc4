"""The pool where people sign in: what it is asked over the web (RFC 6749, RFC 7636, RFC 7009)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from countersign.cli.remote.session import error_of
from countersign.cli.remote.web import Web, WebCall, WebReply, checked_address
from countersign.errors import NotSignedInError, PermanentError, UnavailableError

LONGEST = 200
"""Characters of the pool's own words that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPlace:
    """Where people sign in, as the API says it."""

    sign_in_url: str
    client_id: str
    scopes: tuple[str, ...]
    redirect_ports: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the pool gives somebody who has signed in."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    """None where it stays the one that it was."""
    seconds: int
    """How long the access token lives."""


def sign_in_place(web: Web, api: str) -> SignInPlace:
    """Where people sign in for the API at that address; PermanentError where it does not say it."""
    reply = web(WebCall(method="GET", url=f"{api}/sign-in"))
    if reply.status != 200:
        raise error_of(reply, api)
    body = _object(reply)
    try:
        return SignInPlace(
            sign_in_url=checked_address(body["sign_in_url"], "the address to sign in at"),
            client_id=_text(body["client_id"]),
            scopes=tuple(map(_text, body["scopes"])),
            redirect_ports=tuple(map(_port, body["redirect_ports"])),
        )
    except (KeyError, TypeError, AttributeError):
        msg = f"{api} does not say where people sign in; check --api, or deploy this version"
        raise PermanentError(msg) from None


class Pool:
    """The token endpoint of a pool, for a client without a secret."""

    def __init__(self, web: Web, sign_in_url: str, client_id: str) -> None:
        self._web = web
        self._url = sign_in_url
        self._client_id = client_id

    def exchange(self, code: str, verifier: str, redirect: str) -> Tokens:
        """The tokens of the signed-in user; PermanentError where the pool refuses the code."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        reply = self._post("token", given)
        if reply.status != 200:
            raise PermanentError(f"{self._host} did not accept the sign-in: {_reason(reply)}")
        tokens = self._tokens(reply)
        if tokens.refresh_token is None:
            raise PermanentError(f"{self._host} gave no refresh token; check the pool's client")
        return tokens

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens; NotSignedInError where the sign-in has ended."""
        given = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        reply = self._post("token", given)
        if reply.status in (400, 401):
            raise NotSignedInError(
                f"the sign-in has ended ({_reason(reply)}); sign in again: countersign login"
            )
        if reply.status != 200:
            raise UnavailableError(f"{self._host} answered {reply.status}; try again")
        return self._tokens(reply)

    def revoke(self, refresh_token: str) -> None:
        """End the sign-in everywhere; PermanentError where the pool does not offer that."""
        reply = self._post("revoke", {"token": refresh_token})
        if reply.status != 200:
            raise PermanentError(f"{self._host} answered {reply.status}: {_reason(reply)}")

    @property
    def _host(self) -> str:
        return urlsplit(self._url).netloc

    def _post(self, endpoint: str, given: Mapping[str, str]) -> WebReply:
        body = urlencode({**given, "client_id": self._client_id}).encode()
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        url = f"{self._url}/oauth2/{endpoint}"
        return self._web(WebCall(method="POST", url=url, headers=headers, body=body))

    def _tokens(self, reply: WebReply) -> Tokens:
        body = _object(reply)
        try:
            refreshed = body.get("refresh_token")
            return Tokens(
                access_token=_text(body["access_token"]),
                refresh_token=None if refreshed is None else _text(refreshed),
                seconds=int(body["expires_in"]),
            )
        except (KeyError, TypeError, ValueError):
            raise PermanentError(f"{self._host} gave no tokens; check --api") from None


def _object(reply: WebReply) -> dict[str, Any]:
    try:
        body = json.loads(reply.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _reason(reply: WebReply) -> str:
    """The pool's own word for it (``error``, RFC 6749 section 5.2), or the status."""
    error = _object(reply).get("error")
    return error[:LONGEST] if isinstance(error, str) and error else f"status {reply.status}"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _port(value: object) -> int:
    if not isinstance(value, int) or not 1024 <= value <= 65535:
        raise TypeError
    return value
