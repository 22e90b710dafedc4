"""A server that answers AWS calls from a list, so that only the caller's own work is measured.

Started as a program with the answers on its standard input, ``{"<X-Amz-Target>": "<body>"}``; it
prints its port and serves until it is ended. ``"<X-Amz-Target> <word>"`` answers a request that
holds the word.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def canned_aws(answers: Mapping[str, str]) -> Iterator[str]:
    """The address of a server with these answers, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.canned"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(dict(answers)))
        server.stdin.close()
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def serve(answers: Mapping[str, str]) -> None:
    """Serve on a free port, which is printed."""
    ready = {target: _response(body.encode()) for target, body in answers.items()}
    several = (one.partition(" ") for one in answers if " " in one)
    special = [(on, word.encode(), ready[f"{on} {word}"]) for on, _, word in several]

    class Canned(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            fitting = (told for on, word, told in special if on == target and word in asked)
            self.wfile.write(next(fitting, ready[target]))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Canned)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _response(body: bytes) -> bytes:
    """An answer with the headers that DynamoDB sends."""
    head = (
        "HTTP/1.1 200 OK\r\n"
        "Server: Server\r\n"
        "Date: Mon, 02 Mar 2026 09:00:01 GMT\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: keep-alive\r\n"
        "x-amzn-RequestId: 8HPHB4M4PUDQMQO4HGRQJCH2CBVV4KQNSO5AEMVJF66Q9ASUAAJG\r\n"
        f"x-amz-crc32: {zlib.crc32(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    serve(json.load(sys.stdin))
