"""Calls of the web that the command line makes: to the API, and to where people sign in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from countersign.errors import PermanentError, UnavailableError

ANSWER_WITHIN = 35
"""Seconds that an answer is waited for: API Gateway gives up after 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCall:
    """A request; what it carries is not shown where the call is."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class WebReply:
    """The answer to a call."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes = field(repr=False)


Web = Callable[[WebCall], WebReply]
"""Makes a call; UnavailableError where no answer comes."""


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "127.0.0.1", "::1") or (host or "").endswith(".localhost")


def checked_address(text: str, what: str) -> str:
    """A web address that a secret may be sent to: HTTPS, or this machine. PermanentError."""
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        usable = safe and bool(parts.hostname) and not (parts.query or parts.fragment)
        usable = usable and parts.username is None
    except ValueError:
        usable = False
    if not usable:
        raise PermanentError(f'{what} is "{address}"; expected an address with https://')
    return address


def call_web(call: WebCall) -> WebReply:
    """Make the call; where an answer leads elsewhere is not followed, so that no token goes there.

    UnavailableError where no answer comes.
    """
    import urllib.error
    import urllib.request

    class NoRedirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    host = urlsplit(call.url).hostname
    # A proxy cannot reach this machine.
    proxies: dict[str, str] | None = {} if is_loopback(host) else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies), NoRedirects)
    request = urllib.request.Request(  # noqa: S310 - the address is checked where it is given
        call.url, data=call.body, headers=dict(call.headers), method=call.method
    )
    try:
        with opener.open(request, timeout=ANSWER_WITHIN) as answer:
            return _reply(answer.status, answer)
    except urllib.error.HTTPError as error:
        with error:
            return _reply(error.code, error)
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise UnavailableError(f"{host} gave no answer: {reason}") from error


def _reply(status: int, answer: Any) -> WebReply:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return WebReply(status, headers, answer.read())
