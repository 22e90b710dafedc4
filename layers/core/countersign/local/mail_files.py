"""Keeps the mails that functions hand to SES, whole: one .eml file each, with all attachments.

The local cloud's own mailbox has their texts alone. So its mail service is called through here,
and answers as ever; a file, opened, shows the mail as its recipient sees it.
"""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

from countersign.local.cloud import LocalCloud
from countersign.local.deploy import override
from countersign.local.servers import Answer, Call, serving

_WITHIN = 20
"""Seconds that the local cloud has to answer."""
_OUR_OWN = frozenset({"connection", "content-length", "transfer-encoding"})
"""Headers of a connection, and what is counted anew."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An attachment of a mail."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail as it left."""

    file: Path
    to: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[AttachedFile, ...]


class MailFolder:
    """The mails that were accepted, in the order in which they came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mails(self) -> list[SentMail]:
        """Every mail, oldest first."""
        return [_read(file) for file in sorted(self.folder.glob("*.eml"))]

    def to(self, address: str) -> list[SentMail]:
        """The mails to this address, oldest first."""
        return [mail for mail in self.mails() if address in mail.to]


@contextmanager
def keeping_mails(cloud: LocalCloud) -> Iterator[MailFolder]:
    """Keep the mails of the function that sends those of rules, until the end.

    They are in the cloud's folder, which keeps those of the last run only. Mails may hold links to
    sign: the folder is for its owner alone.
    """
    folder = cloud.folder / "mails"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    mails = MailFolder(folder)
    with serving(MailRecorder(cloud, mails)) as address:
        override(cloud, "RunEmail", AWS_ENDPOINT_URL_SESV2=address)
        yield mails


class MailRecorder:
    """Hands calls of SES on to the local cloud, and keeps the mails that it accepts."""

    def __init__(self, cloud: LocalCloud, mails: MailFolder) -> None:
        self._cloud = urlsplit(cloud.endpoint)
        self._folder = mails.folder
        self._count = 0
        self._lock = threading.Lock()

    def answer(self, call: Call) -> Answer:
        answer = self._hand_on(call)
        if answer.status == 200 and (mail := _mail_of(call)) is not None:
            self._keep(mail)
        return answer

    def _hand_on(self, call: Call) -> Answer:
        connection = http.client.HTTPConnection(self._cloud.netloc, timeout=_WITHIN)
        try:
            headers = {name: value for name, value in call.headers.items() if name not in _OUR_OWN}
            connection.request(call.method, call.path, call.body, headers)
            answer = connection.getresponse()
            given = answer.getheaders()
            kept = {name: value for name, value in given if name.lower() not in _OUR_OWN}
            return Answer(status=answer.status, headers=kept, body=answer.read())
        finally:
            connection.close()

    def _keep(self, mail: bytes) -> None:
        with self._lock:
            self._count += 1
            name = f"{self._count:04}.eml"
        # Under its own name once it is whole: others look into the folder meanwhile.
        unfinished = self._folder / f"{name}.unfinished"
        unfinished.write_bytes(mail)
        unfinished.rename(self._folder / name)


def _mail_of(call: Call) -> bytes | None:
    """The mail of a call of SendEmail, as MIME text; None for another call.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
    """
    if call.method != "POST" or urlsplit(call.path).path != "/v2/email/outbound-emails":
        return None
    raw = json.loads(call.body)["Content"].get("Raw")
    return base64.b64decode(raw["Data"]) if raw else None


def _read(file: Path) -> SentMail:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    to = mail["to"].addresses if mail["to"] is not None else ()
    return SentMail(
        file=file,
        to=tuple(address.addr_spec for address in to),
        subject=str(mail["subject"]),
        text=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
        attachments=tuple(
            AttachedFile(part.get_filename() or "", content)
            for part in mail.iter_attachments()
            if isinstance(content := part.get_payload(decode=True), bytes)
        ),
    )
