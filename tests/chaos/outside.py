"""The world outside the cloud, which no stop of it touches: the mails, and SES's reports on them.

MiniStack relays every mail over SMTP as it takes it, and forgets its mailbox when it ends. It sends
none of SES's reports either, so they are played here from the mails that came, as SES sends them:
within seconds, whatever became of the function that handed the mail over.
"""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from typing import Any

from countersign.adapters.ses.mailer import tags
from countersign.local.mail_reports import report
from countersign.model.run import RunKey
from tests.chaos.cloud import NOT_NOW

REPORT_AFTER = 3.0
"""Seconds from a mail to SES's report on it."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that somebody got."""

    message_id: str
    subject: str
    sender: str
    to: tuple[str, ...]
    at: float
    """Seconds since 1970."""


class Post:
    """A mail server on a port of its own; every mail is kept before it is acknowledged."""

    def __init__(self) -> None:
        self._mails: dict[str, Mail] = {}
        post = self

        class Line(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                post.talk(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Line)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def mails(self) -> tuple[Mail, ...]:
        """The mails that came, in order."""
        return tuple(self._mails.values())

    @contextmanager
    def open(self) -> Iterator[None]:
        """Take mails until the end."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()

    def talk(self, line: socketserver.StreamRequestHandler) -> None:
        """One conversation: as much of SMTP as a relay needs. https://www.rfc-editor.org/rfc/5321"""
        sender, to = "", list[str]()
        line.wfile.write(b"220 post.example\r\n")
        while command := line.rfile.readline().decode().strip():
            verb, _, rest = command.partition(":")
            match verb.upper().split()[0]:
                case "MAIL":
                    sender, to = rest.split(">")[0].strip(" <"), []
                case "RCPT":
                    to.append(rest.split(">")[0].strip(" <"))
                case "DATA":
                    line.wfile.write(b"354 go on\r\n")
                    self._keep(_data(line), sender, tuple(to))
                case "QUIT":
                    line.wfile.write(b"221 bye\r\n")
                    return
            line.wfile.write(b"250 ok\r\n")

    def _keep(self, data: bytes, sender: str, to: tuple[str, ...]) -> None:
        told = message_from_bytes(data, policy=default)
        name = str(told["Message-ID"]).strip(" <>")
        self._mails[name] = Mail(name, str(told["Subject"]), sender, to, time.time())


def _data(line: socketserver.StreamRequestHandler) -> bytes:
    """All up to the line with the single dot."""
    lines = []
    while (one := line.rfile.readline()).rstrip(b"\r\n") != b".":
        if not one:
            raise ConnectionError("the mail ended early")
        lines.append(one)
    return b"".join(lines)


class Reporter:
    """SES's reports, each sent once, and again for as long as the queue cannot be reached."""

    def __init__(
        self, post: Post, run_of: Callable[[str], RunKey], send: Callable[[str], None], mails: str
    ) -> None:
        self._post, self._run_of, self._send = post, run_of, send
        self._mails = mails
        """The configuration set."""
        self.reported: set[str] = set()

    def report(self) -> None:
        """Report on every mail that is old enough; what cannot be sent now is left for later."""
        for mail in self._post.mails:
            if mail.message_id not in self.reported and time.time() - mail.at > REPORT_AFTER:
                self._send(json.dumps(self._event(mail)))
                self.reported.add(mail.message_id)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Report in the background until the end, whether the cloud is up or not."""
        over = threading.Event()

        def work() -> None:
            while not over.wait(0.5):
                try:
                    self.report()
                except NOT_NOW:
                    continue

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=60)

    @property
    def is_behind(self) -> bool:
        """Whether there are mails to report on."""
        return len(self.reported) < len(self._post.mails)

    def _event(self, mail: Mail) -> dict[str, Any]:
        boxed = {
            "MessageId": mail.message_id,
            "Source": mail.sender,
            "Timestamp": mail.at,
            "To": list(mail.to),
            "CC": [],
            "BCC": [],
        }
        return report("Email Sent", boxed, tags(self._run_of(mail.subject)), self._mails)
