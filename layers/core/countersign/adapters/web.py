"""Calls of web addresses, each made once, to public hosts over HTTPS only.

Rules may name any address; so the host's name is resolved here, every address it has must be a
public one, and the connection is made to just that address: a name that answers differently a
moment later cannot lead into a private network. Redirects are not followed for the same reason.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    SSLError,
)

from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.web import WebAnswer, WebRequest

CONNECT_WITHIN = 4
"""Seconds for a connection, its encryption included."""
CHUNK = 16 * 1024
TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))
"""IPv6 addresses that stand for IPv4 ones, private ones too (RFC 6052, 8215, 3056)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> list[str]:
    """The host's addresses, each once, in the order in which they should be tried."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class UrllibWeb:
    """``ports.Web`` over urllib3.

    ``private`` lets calls go into private networks, and there without TLS: for the local stack,
    and for functions that were put into a network of one's own on purpose. ``own_hosts`` are
    never called: a rule that calls the product's own address would keep a circle going that no
    limit sees.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        own_hosts: Iterable[str] = (),
        resolve: Resolve = resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._private = private
        self._own = frozenset(host.lower() for host in own_hosts)
        self._resolve = resolve
        self._context = context

    def call(self, request: WebRequest) -> WebAnswer:
        ends = time.monotonic() + request.within
        scheme, host, port, target = self._parts(request.url)
        addresses = self._addresses(host, port)
        if scheme == "http" and not all(map(is_private, addresses)):
            raise PermanentError(f"{host} is called without encryption; write https:// instead")
        trouble: Exception | None = None
        for address in addresses:
            pool = self._pool(scheme, host, port, address, max(0.1, ends - time.monotonic()))
            try:
                return _exchange(pool, host, port, target, request, ends)
            except (NewConnectionError, ConnectTimeoutError, SSLError) as error:
                trouble = error  # nothing was sent; the next address may do
            except HTTPError as error:
                msg = f"{host} gave no answer ({type(error).__name__}); the call may have come"
                raise InDoubtError(msg) from error
            finally:
                pool.close()
        why = "its certificate was not accepted" if isinstance(trouble, SSLError) else "no answer"
        msg = f"{host} could not be reached, {why}; nothing was sent"
        raise TransientError(msg) from trouble

    def _parts(self, url: str) -> tuple[str, str, int, str]:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("https", "http") or not host or not url.isprintable() or " " in url:
            msg = "the address is none: expected https://, a host and a path, without blanks"
            raise PermanentError(msg)
        if host.rstrip(".") in self._own:
            msg = (
                "the address is the product's own, and the call would be an event from outside "
                "without end; move the document with change_stage, or let a trigger wait for it"
            )
            raise PermanentError(msg)
        target = parts.path or "/"
        if parts.query:
            target = f"{target}?{parts.query}"
        return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), target

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = list(self._resolve(host, port))
        except (OSError, UnicodeError) as error:
            msg = f"the host {host} has no address now; nothing was sent"
            raise TransientError(msg) from error
        inner = [one for one in found if is_private(one)]
        if inner and not self._private:
            msg = (
                f"the host {host} is in a private network, where rules may not call; "
                "the deployment's parameter PrivateAddresses allows it"
            )
            raise PermanentError(msg)
        return found

    def _pool(
        self, scheme: str, host: str, port: int, address: str, left: float
    ) -> urllib3.HTTPConnectionPool:
        timeout = urllib3.Timeout(connect=min(CONNECT_WITHIN, left), read=left)
        if scheme == "http":
            return urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)
        if self._context is None:
            self._context = ssl.create_default_context()
        return urllib3.HTTPSConnectionPool(
            address,
            port,
            timeout=timeout,
            retries=False,
            ssl_context=self._context,
            server_hostname=host,
            assert_hostname=host,
        )


def is_private(address: str) -> bool:
    """Whether an address is not one of the public internet."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in network for network in TRANSLATED):
            return True
    return not found.is_global or found.is_multicast


def _exchange(
    pool: urllib3.HTTPConnectionPool,
    host: str,
    port: int,
    target: str,
    request: WebRequest,
    ends: float,
) -> WebAnswer:
    usual = port == (443 if pool.scheme == "https" else 80)
    named = f"[{host}]" if ":" in host else host
    try:
        answer = pool.urlopen(
            request.method,
            target,
            body=request.body or None,
            headers={
                "host": named if usual else f"{named}:{port}",
                "user-agent": "countersign",
                "accept": "application/json, */*;q=0.1",
                "accept-encoding": "identity",
                **request.headers,
            },
            redirect=False,
            preload_content=False,
        )
    except LocationParseError as error:
        raise PermanentError(f"the address of {host} cannot be called: {error}") from error
    body, cut = bytearray(), False
    for chunk in answer.stream(CHUNK):
        body += chunk
        if len(body) > request.most or time.monotonic() > ends:
            cut = True  # its status is known, and what is left of it is of no use
            break
    headers = {name.lower(): value for name, value in answer.headers.items()}
    read = bytes(body[: request.most])
    return WebAnswer(status=answer.status, headers=headers, body=read, cut=cut)
