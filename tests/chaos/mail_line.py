"""The line between the mail function and the local cloud's SES, on which answers are lost.

SES takes the mail, and the function never hears of it: the connection ends, or the function is
killed with the answer on its way.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import urlsplit

from countersign.model.run import Run, RunKey
from tests.chaos.cloud import NOT_NOW

LOST = 0.12
"""The share of mails that SES takes and whose answer is lost."""
KILLED = 0.05
"""The share of mails that SES takes over which the function is killed, before it can conclude."""
PATIENCE = 20.0
"""Seconds for which SES is waited for; longer than the function does."""
PAUSED = b'{"__type": "SendingPausedException", "message": "Sending paused for this account."}'
"""https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html"""
LOOK = 0.2
"""Seconds between two looks at the runs whose answer was lost."""


class MailLine:
    """Hands on what the mail function asks of SES, to the cloud at ``endpoint``."""

    def __init__(self, endpoint: str, random: Random, kill: Callable[[], int]) -> None:
        self._to = urlsplit(endpoint).netloc
        self._random, self._kill = random, kill
        self._lock = threading.Lock()
        self.is_good = True
        """Whether every answer arrives."""
        self.is_away = False
        """Whether SES takes nothing from anybody."""
        self.turned_away = 0
        """How many mails it did not take meanwhile."""
        self.lost: set[RunKey] = set()
        """Runs whose mail SES took, and which were never told."""
        self.killed: set[RunKey] = set()
        """The same, since their function was killed."""
        self.doubted: set[RunKey] = set()
        """Those of ``lost`` that were seen to say that they are in doubt."""
        line = self

        class Request(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                line.hand_on(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Whoever asked was killed."""

        self._server = Server(("127.0.0.1", 0), Request)

    @property
    def endpoint(self) -> str:
        """Where SES is for the functions."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def open(self) -> Iterator[None]:
        """Hand on until the end."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()

    @contextmanager
    def watching(self, run: Callable[[RunKey], Run | None]) -> Iterator[None]:
        """Look whether the runs whose answer was lost say so, until the end."""
        over = threading.Event()

        def work() -> None:
            while not over.wait(LOOK):
                for key in self.lost - self.doubted:
                    try:
                        found = run(key)
                    except NOT_NOW:
                        break
                    if found is not None and found.state == "in_doubt":
                        self.doubted.add(key)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=60)

    def hand_on(self, request: BaseHTTPRequestHandler) -> None:
        """One call: SES's answer, or none."""
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        if self.is_away:
            with self._lock:
                self.turned_away += 1
            _say(request, 400, PAUSED)
            return
        cloud = http.client.HTTPConnection(self._to, timeout=PATIENCE)
        try:
            try:
                cloud.connect()
            except OSError:
                _say(request, 503, b'{"message": "Service Unavailable"}')
                return
            cloud.request("POST", request.path, body, dict(request.headers.items()))
            answer = cloud.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            request.close_connection = True  # the cloud ended over it: nobody knows
            return
        finally:
            cloud.close()
        if answer.status == 200 and self._is_lost(_run_of(body)):
            request.close_connection = True
        else:
            _say(request, answer.status, told)

    def _is_lost(self, run: RunKey) -> bool:
        with self._lock:
            drawn = 1.0 if self.is_good else self._random.random()
        if drawn >= LOST + KILLED:
            return False
        if drawn < KILLED and self._kill():
            self.killed.add(run)
        else:
            self.lost.add(run)
        return True


def _run_of(body: bytes) -> RunKey:
    """The run that a mail to SES is tagged with."""
    tags = {tag["Name"]: tag["Value"] for tag in json.loads(body)["EmailTags"]}
    return RunKey(document=tags["document"], entry=int(tags["entry"]), rule=tags["rule"])


def _say(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    try:
        request.send_response(status)
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
    except OSError:
        request.close_connection = True  # whoever asked was killed
