"""Mails that the local stack's functions hand to SES are kept whole, and go on unchanged."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from countersign.adapters.ses.mailer import SesMailer
from countersign.errors import PermanentError
from countersign.local.cloud import LocalCloud
from countersign.local.mail_files import MailFolder, MailRecorder
from countersign.local.servers import Answer, Call, serving
from countersign.model.message import Attachment, Email
from countersign.model.run import RunKey

PDF = b"%PDF-1.4\n\x00\xff one"


class Ses:
    """Answers as SES, once with each of these."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = [*statuses]
        self.calls: list[Call] = []

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        status = self._statuses.pop(0) if self._statuses else 200
        if status != 200:
            return Answer(
                status=status, headers={"x-amzn-ErrorType": "MessageRejected"}, body=b"{}"
            )
        return Answer(body=json.dumps({"MessageId": f"m{len(self.calls)}"}).encode())


@pytest.fixture
def ses() -> Ses:
    return Ses()


@pytest.fixture
def folder(tmp_path: Path) -> MailFolder:
    return MailFolder(tmp_path)


@pytest.fixture
def mailer(ses: Ses, folder: MailFolder) -> Iterator[SesMailer]:
    with (
        serving(ses) as cloud,
        serving(MailRecorder(LocalCloud(cloud, folder.folder), folder)) as recorder,
    ):
        client: Any = boto3.Session("local", "local", region_name="eu-central-1").client(
            "sesv2", endpoint_url=recorder
        )
        yield SesMailer(client, "mails")


def email(subject: str = "Ihr Vertrag", *attachments: Attachment) -> Email:
    return Email(
        run=RunKey(document="d1", entry=1, rule="send"),
        sender="contracts@acme.example",
        to=("klara@kunde.example", "ben@kunde.example"),
        subject=subject,
        text="Grüße,\nAcme\n",
        attachments=attachments,
    )


def test_a_mail_is_kept_with_the_bytes_of_its_attachments_and_gets_the_cloud_s_id(
    mailer: SesMailer, folder: MailFolder, ses: Ses
) -> None:
    files = (
        Attachment(name="Vertrag für Müller.pdf", media_type="application/pdf", content=PDF),
        Attachment(name="Preise.csv", media_type="text/csv", content="a;ü\r\n".encode()),
    )
    assert mailer.send(email("Übersicht", *files)) == "m1"
    (mail,) = folder.mails()
    assert (mail.to, mail.subject) == (("klara@kunde.example", "ben@kunde.example"), "Übersicht")
    assert mail.text == "Grüße,\nAcme\n"
    assert [(one.name, one.content) for one in mail.attachments] == [
        ("Vertrag für Müller.pdf", PDF),
        ("Preise.csv", "a;ü\r\n".encode()),
    ]
    (call,) = ses.calls
    sent = json.loads(call.body)
    assert base64.b64decode(sent["Content"]["Raw"]["Data"]) == mail.file.read_bytes()
    assert sent["ConfigurationSetName"] == "mails"
    assert call.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=local/")


def test_what_the_cloud_refuses_is_refused_and_not_kept(folder: MailFolder) -> None:
    with (
        serving(Ses(400, 200)) as cloud,
        serving(MailRecorder(LocalCloud(cloud, folder.folder), folder)) as recorder,
    ):
        client: Any = boto3.Session("local", "local", region_name="eu-central-1").client(
            "sesv2", endpoint_url=recorder
        )
        mailer = SesMailer(client)
        with pytest.raises(PermanentError):
            mailer.send(email("refused"))
        assert folder.mails() == []
        mailer.send(email("accepted"))
    assert [mail.subject for mail in folder.mails()] == ["accepted"]


def test_mails_stand_in_the_order_in_which_they_came(mailer: SesMailer, folder: MailFolder) -> None:
    for number in range(11):
        mailer.send(email(f"Mail {number}"))
    assert [mail.subject for mail in folder.mails()] == [f"Mail {number}" for number in range(11)]
    assert [mail.subject for mail in folder.to("ben@kunde.example")][-1] == "Mail 10"
    assert folder.to("en@kunde.example") == []
