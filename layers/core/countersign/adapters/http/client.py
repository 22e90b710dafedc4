"""Calls of web addresses, each made once, to public hosts over HTTPS only.

Rules may name any address; so the host's name is resolved here, every address it has must be a
public one, and the connection is made to just that address: a name that answers differently a
moment later cannot lead into a private network. Redirects are not followed for the same reason.
"""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection as PlainConnection
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from countersign.adapters.http.public_addresses import (
    address_of,
    is_loopback,
    is_private,
    never_called,
)
from countersign.adapters.http.responses import read_answer
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.http import WebAnswer, WebRequest, unsendable
from countersign.text.folding import DomainError, ascii_domain

CONNECT_WITHIN = 4
"""Seconds for a connection, its encryption included."""
SHORTEST = 3
"""Seconds without which no call is begun: finding the host's address may take two."""
PORTS = {"https": 443, "http": 80}
SAFE = "!$%&'()*+,/:;=?@"
"""What stays as it is in path and query, beside letters and digits (RFC 3986)."""

Line = HTTPConnection | HTTPSConnection
Resolve = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> list[str]:
    """The host's addresses, each once, in the order in which they should be tried."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """Which hosts calls may reach, beside public ones over TLS."""

    private: bool = False
    """Whether calls go into private networks, and there without TLS: for functions that were put
    into a network of one's own on purpose. What ``never_called`` names is not called all the
    same."""
    loopback: bool = False
    """An exception for this very machine, for tests and the local stack, where AWS is on this
    machine too."""
    own_hosts: tuple[str, ...] = ()
    """Never called: a rule that calls the product's own address would keep a circle going that no
    limit sees."""


PUBLIC_ONLY = EgressPolicy()


class Destination(NamedTuple):
    """Where a call goes, as its address says it."""

    scheme: str
    host: str
    """In ASCII, as names are looked up and certificates are written."""
    port: int
    target: str
    """Path and query."""


class UrllibHttpClient:
    """``ports.HttpClient`` over urllib3.

    ``left``: how many seconds calls may take, whatever they ask for.
    """

    def __init__(
        self,
        policy: EgressPolicy = PUBLIC_ONLY,
        *,
        resolve: Resolve = resolve,
        context: ssl.SSLContext | None = None,
        left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._policy = policy
        self._own = frozenset(host.lower() for host in policy.own_hosts)
        self._resolve = resolve
        self._context = context
        self._left = left

    def call(self, request: WebRequest) -> WebAnswer:
        left = self._left()
        if left < SHORTEST:
            raise TransientError("the time of the function is used up; nothing was sent")
        ends = time.monotonic() + min(request.within, left)
        if (name := unsendable(request.headers)) is not None:
            # The value is not included: it may be a secret.
            msg = (
                f"the header {name} contains characters not allowed in headers, such as "
                "line breaks; "
                "correct the insert, the secret or the token in it"
            )
            raise PermanentError(msg)
        goal = self._destination(request.url)
        host = goal.host
        addresses = self._addresses(host, goal.port)
        if goal.scheme == "http" and not all(map(is_private, addresses)):
            raise PermanentError(f"{host} is called without encryption; write https:// instead")
        trouble: Exception | None = None
        for address in addresses:
            if trouble is not None and time.monotonic() >= ends:
                break
            line = self._line(goal, address, max(0.1, ends - time.monotonic()))
            try:
                line.connect()
            except (HTTPError, OSError) as error:
                trouble = error  # nothing was sent; the next address may do
                line.close()
            else:
                return _exchange(line, goal, request, ends)
        bad = isinstance(trouble, ssl.SSLCertVerificationError)
        why = "its certificate was not accepted" if bad else "no answer"
        msg = f"{host} could not be reached, {why}; nothing was sent"
        raise TransientError(msg) from trouble

    def _destination(self, url: str) -> Destination:
        try:
            parts = urlsplit(url)
            port = parts.port
            host = _ascii(parts.hostname or "")
        except (ValueError, DomainError):
            parts, port, host = urlsplit(""), None, ""
        if parts.scheme not in ("https", "http") or not host or not url.isprintable() or " " in url:
            msg = "the address is none: expected https://, a host and a path, without blanks"
            raise PermanentError(msg)
        if host in self._own:
            msg = (
                "the address is the product's own, and the call would be an event from outside "
                "without end; move the document with change_stage, or let a trigger wait for it"
            )
            raise PermanentError(msg)
        target = parts.path or "/"
        if parts.query:
            target = f"{target}?{parts.query}"
        return Destination(parts.scheme, host, port or PORTS[parts.scheme], target)

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = list(self._resolve(host, port))
        except (OSError, UnicodeError) as error:
            msg = f"the host {host} has no address now; nothing was sent"
            raise TransientError(msg) from error
        for address in addresses:
            kind = never_called(address)
            if kind is not None and not (self._policy.loopback and is_loopback(address)):
                msg = (
                    f"the host {host} is in a private network that rules can never call: "
                    f"it has {kind}; call it by another address"
                )
                raise PermanentError(msg)
        if not self._policy.private and any(map(is_private, addresses)):
            msg = (
                f"the host {host} is in a private network, where rules may not call; "
                "the deployment's parameter PrivateAddresses allows it"
            )
            raise PermanentError(msg)
        return addresses

    def _line(self, goal: Destination, address: str, left: float) -> Line:
        timeout = min(CONNECT_WITHIN, left)
        if goal.scheme == "http":
            return HTTPConnection(address, goal.port, timeout=timeout)
        if self._context is None:
            self._context = ssl.create_default_context()
        return HTTPSConnection(
            address,
            goal.port,
            timeout=timeout,
            ssl_context=self._context,
            server_hostname=goal.host,
        )


def _ascii(host: str) -> str:
    """The host as names are looked up and certificates are written; DomainError if it is none."""
    try:
        return str(address_of(host))
    except ValueError:
        return ascii_domain(host)


def _exchange(line: Line, goal: Destination, request: WebRequest, ends: float) -> WebAnswer:
    """Say what is to be said on the line, once, and hear the answer until the time is up."""
    line.timeout = max(0.1, ends - time.monotonic())
    # The socket's own limit counts from byte to byte, and would let an answer drip for ever.
    watch = threading.Timer(line.timeout, _hang_up, [line.sock])
    watch.daemon = True
    watch.start()
    try:
        with suppress(BrokenPipeError):  # it may have answered before it has read all
            line.request(
                request.method,
                quote(goal.target, safe=SAFE),
                body=request.body or None,
                headers=_headers(goal, request.headers),
                preload_content=False,
            )
        # Not urllib3's own, which decodes without a bound.
        return read_answer(PlainConnection.getresponse(line), request.most, ends)
    except (HTTPError, HTTPException, OSError) as error:
        msg = f"{goal.host} gave no answer ({type(error).__name__}); the call may have come"
        raise InDoubtError(msg) from error
    finally:
        watch.cancel()
        line.close()


def _headers(goal: Destination, given: Mapping[str, str]) -> dict[str, str]:
    named = f"[{goal.host}]" if ":" in goal.host else goal.host
    usual = {
        "host": named if goal.port == PORTS[goal.scheme] else f"{named}:{goal.port}",
        "user-agent": "countersign",
        "accept": "application/json, */*;q=0.1",
        "accept-encoding": "identity",
    }
    # What comes encoded is decoded within bounds, but never asked for.
    own = {name: value for name, value in given.items() if name.lower() != "accept-encoding"}
    named_there = {name.lower() for name in own}
    return {**{n: value for n, value in usual.items() if n not in named_there}, **own}


def _hang_up(held: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of encrypted sockets, which takes their encryption away under a reader.
        socket.socket.shutdown(held, socket.SHUT_RDWR)
