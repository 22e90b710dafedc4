"""A web address on this machine, for tests that make real calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Place(ThreadingHTTPServer):
    """A server on this machine that keeps what came and answers what it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.came: list[tuple[str, str, dict[str, str], bytes]] = []
        self.then: Callable[[BaseHTTPRequestHandler], None] = lambda handler: answer(handler, 200)

    @contextmanager
    def open(self) -> Iterator[Place]:
        """Serve for a while."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Reads the whole call before anything is answered."""

    server: Place
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.came.append((self.command, self.path, dict(self.headers), body))
        self.server.then(self)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the screen."""


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **more: str) -> None:
    """Answer with this status, body and headers."""
    handler.send_response(status)
    for name, value in more.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
