"""Signing in on hosted pages: by authorization code and PKCE (RFC 7636, RFC 8252)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

from countersign.cli.sign_in.pool import LONGEST, SignInPlace
from countersign.errors import PermanentError

WAITS = 300.0
"""Seconds in which somebody has to sign in."""
PATH = "/callback"
DONE = (
    "<!doctype html><meta charset=utf-8><title>Countersign</title>"
    "<p>You can close this window and go on in the terminal.</p>"
    "<p lang=de>Sie können dieses Fenster schließen und im Terminal weitermachen.</p>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequest:
    """One sign-in that was asked for."""

    address: str = field(repr=False)
    """Where the browser begins."""
    redirect: str
    """Where it ends."""
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def ask(place: SignInPlace, port: int) -> SignInRequest:
    """A sign-in that ends at that port of this machine, with chance of its own."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    digest = hashlib.sha256(verifier.encode()).digest()
    redirect = f"http://localhost:{port}{PATH}"
    query = {
        "response_type": "code",
        "client_id": place.client_id,
        "redirect_uri": redirect,
        "scope": " ".join(place.scopes),
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return SignInRequest(
        address=f"{place.sign_in_url}/oauth2/authorize?{urlencode(query)}",
        redirect=redirect,
        state=state,
        verifier=verifier,
    )


def code_of(request: SignInRequest, ended_at: str) -> str:
    """The code in the address that the browser ended at.

    PermanentError where the pool refused, and where it is the end of another sign-in.
    """
    try:
        answer = parse_qs(urlsplit(ended_at.strip()).query)
    except ValueError:
        answer = {}
    state = answer.get("state", [""])[0]
    if not hmac.compare_digest(state.encode(), request.state.encode()):
        raise PermanentError("this is not the end of the sign-in that was begun; begin it again")
    if "error" in answer:
        words = ": ".join(answer["error"][:1] + answer.get("error_description", [])[:1])
        raise PermanentError(f"the sign-in was refused: {words[:LONGEST]}")
    if not answer.get("code"):
        raise PermanentError("the sign-in ended without a code; begin it again")
    return answer["code"][0]


class Loopback:
    """One of the ports at which a sign-in may end, taken by this process."""

    def __init__(self, server: ThreadingHTTPServer, ends: SimpleQueue[str]) -> None:
        self._server = server
        self._ends = ends

    @property
    def port(self) -> int:
        """The port that was free."""
        return self._server.server_port

    def code(self, request: SignInRequest, seconds: float = WAITS) -> str:
        """The code of the sign-in, once the browser ends there.

        Ends of other sign-ins are passed over. PermanentError where the pool refused it, and where
        nobody signs in within so many seconds.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                ended_at = self._ends.get(timeout=left)
            except Empty:
                break
            state = parse_qs(urlsplit(ended_at).query).get("state")
            if state == [request.state]:
                return code_of(request, ended_at)
        raise PermanentError(f"nobody signed in within {seconds:.0f} seconds; begin again")


@contextmanager
def loopback(ports: Sequence[int]) -> Iterator[Loopback]:
    """The first of the ports that is free; PermanentError where none is."""
    ends: SimpleQueue[str] = SimpleQueue()
    server = _listening(ports, ends)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield Loopback(server, ends)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # Elsewhere than on POSIX, the option would let others listen there as well.
    allow_reuse_address = os.name == "posix"


def _listening(ports: Sequence[int], ends: SimpleQueue[str]) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds in which a browser has to say what it wants
        server_version, sys_version = "countersign", ""

        def do_GET(self) -> None:
            here = urlsplit(self.path).path == PATH
            body = DONE.encode() if here else b""
            self.send_response(200 if here else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.send_header("cache-control", "no-store")
            self.send_header("referrer-policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)
            if here:
                ends.put(self.path)

        def log_message(self, *_: object) -> None:
            """Says nothing: the line would have the code in it."""

    for port in ports:
        try:
            return _Server(("127.0.0.1", port), Handler)
        except OSError:  # somebody else listens there
            continue
    listed = ", ".join(map(str, ports))
    msg = f"the ports {listed} of this machine are all in use; free one, or use --no-browser"
    raise PermanentError(msg)
