"""Files through the functions as they are deployed: kept in the bucket, mailed, linked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import requests
from moto.ses.models import ses_backends

from countersign.adapters.s3.files import S3FileStore
from countersign.adapters.s3.objects import Objects
from countersign.model.actor import user
from countersign.model.stored_file import FileKind, NewFile, StoredFile
from countersign.use_cases.connections.credentials import CredentialsChange, change_credentials
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.files import FileUpload, begin_upload, complete_upload
from tests.builders import mail, pipeline, stage
from tests.integration.account import ACCOUNT, FILES, SENDER, Account, client
from tests.integration.lambda_events import REGION
from tests.integration.messages import DROPBOX_SIGN
from tests.integration.story import Story
from tests.web_place import Place, answer

ANNA = user("anna@acme.example")
SIGNED = b"%PDF-1.7\nsigned by all"
LINK = Path(__file__).parents[2] / "events" / "lambda" / "serve_file.json"


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def files() -> S3FileStore:
    return S3FileStore(Objects(lambda: client("s3"), FILES))


def letters() -> list[EmailMessage]:
    """The mails that SES took, read as a mail program reads them."""
    return [
        message_from_bytes(one.raw_data.encode(), policy=policy.default)
        for one in ses_backends[ACCOUNT][REGION].sent_messages
    ]


def made(account: Account, *attachments: str, **settings: Any) -> str:
    """A document that Anna made; its rule mails these files in an hour."""
    rule = mail("send", time={"after": {"hours": 1}})
    rule["settings"] |= {"attachments": [*attachments], "to": ["klara@kunde.example"], **settings}
    account.publish(pipeline(stage("draft", rule), senders=[SENDER]))
    make(account.store, NewDocument(id="d1", pipeline="contracts"), ANNA)
    return "d1"


def add(account: Account, name: str, content: bytes, kind: FileKind = "attachment") -> StoredFile:
    """Announced, sent to the presigned address, completed: as the command line does."""
    digest = hashlib.sha256(content).hexdigest()
    file = NewFile(name=name, kind=kind, size=len(content), sha256=digest)
    upload = FileUpload(document="d1", file=file, id=f"u{digest[:8]}")
    address = begin_upload(account.documents, files(), upload)
    answered = requests.put(address.url, data=content, headers=address.headers, timeout=5)
    assert answered.status_code == 200
    return complete_upload(account.store, files(), upload, ANNA, lambda: token_hex(16))


def follow(account: Account, address: str) -> dict[str, Any]:
    """Follow a link of a mail: the function's answer."""
    event = json.loads(LINK.read_text())
    event["pathParameters"] = {"token": address.rpartition("/")[2]}
    return account.call("ServeFile", event)


def test_five_files_with_umlauts_in_their_names_arrive_as_they_were_added(account: Account) -> None:
    contents = {
        "Vertrag für Müller & Söhne.pdf": b"%PDF-1.7 " + bytes(range(256)),
        "Übersicht.csv": "Größe;Preis\r\n".encode(),
        "Straße.png": b"\x89PNG\r\n\x1a\n" + bytes(1000),
        "契約書.txt": "こんにちは".encode(),
        "Anhang 'ß' 5 %.pdf": b"%PDF-1.4",
    }
    made(account, "attachment")
    for name, content in contents.items():
        add(account, name, content)
    account.settle()
    account.advance(hours=1)
    (letter,) = letters()
    parts = list(letter.iter_attachments())
    assert {part.get_filename(): part.get_payload(decode=True) for part in parts} == contents
    assert [part.get_content_type() for part in parts] == [
        "application/pdf",
        "text/csv",
        "image/png",
        "text/plain",
        "application/pdf",
    ]


def test_the_signed_pdf_has_the_same_hash_in_the_bucket_on_the_document_and_in_the_mail(
    account: Account, place: Place
) -> None:
    place.then = lambda handler: answer(handler, 200, SIGNED)
    account.allow_private_addresses()
    rule = mail("send", time={"after": {"hours": 1}})
    rule["settings"]["attachments"] = ["signed_pdf"]
    signed = stage("signed", rule, triggers=[{"id": "all", "kind": "signed_by_all"}])
    story = Story(account, pipeline(stage("draft"), signed, senders=[SENDER]), DROPBOX_SIGN)
    token = CredentialsChange(api_token="key-1", api_url=f"http://127.0.0.1:{place.server_port}/v3")
    change_credentials(account.connector, "dropbox-sign", token)
    known = account.connections.get("dropbox-sign")
    assert known is not None
    account.connections.put(known.model_copy(update={"keep_files": ("signed_pdf",)}))
    for name in (DROPBOX_SIGN.sent, DROPBOX_SIGN.client_signs, "signature_request_all_signed"):
        story.tell(name)
    account.settle()
    place.then = lambda handler: answer(handler, 200, b"%PDF-1.7 printed anew")
    account.advance(hours=1)
    (file,) = account.document().stored_files
    (key,) = [one["Key"] for one in client("s3").list_objects_v2(Bucket=FILES)["Contents"]]
    kept = client("s3").get_object(Bucket=FILES, Key=key)["Body"].read()
    (letter,) = letters()
    (part,) = letter.iter_attachments()
    mailed = part.get_payload(decode=True)
    assert isinstance(mailed, bytes)
    hashes = {hashlib.sha256(content).hexdigest() for content in (kept, mailed)}
    assert hashes == {file.sha256} == {hashlib.sha256(SIGNED).hexdigest()}
    assert len(place.came) == 1


def test_a_large_file_is_had_by_the_link_in_the_mail_until_it_expires(account: Account) -> None:
    made(account, "attachment", large_files="link", link_days=3)
    content = b"%PDF-1.7".ljust(7_500_000, b"x")
    add(account, "Plan.pdf", content)
    account.settle()
    account.advance(hours=1)
    (letter,) = letters()
    body = letter.get_body(("plain",))
    assert body is not None
    address = body.get_content().rpartition("): ")[2].strip()
    assert address.startswith("https://api.execute-api.eu-central-1.amazonaws.example/files/")
    answered = follow(account, address)
    assert answered["statusCode"] == 302
    assert answered["headers"]["cache-control"] == "no-store"
    assert requests.get(answered["headers"]["location"], timeout=5).content == content
    account.clock.now += timedelta(days=3)
    expired = follow(account, address)
    assert (expired["statusCode"], "This link has expired" in expired["body"]) == (410, True)
    assert "location" not in expired["headers"]


@pytest.mark.parametrize("token", ["", "x", "A" * 100, "%3Cscript%3E", "../../documents"])
def test_an_invented_link_leads_nowhere(account: Account, token: str) -> None:
    answered = follow(account, f"/{token}")
    assert answered["statusCode"] == 404
    assert answered["headers"]["content-type"] == "text/html; charset=utf-8"
    assert token not in answered["body"] or token == "x" or token == ""


def test_the_example_of_the_function_s_event_is_of_an_unknown_document(account: Account) -> None:
    account.clock.now = account.clock.now.replace(year=2026, month=3, day=2)
    answered: dict[str, Any] = account.call("ServeFile", json.loads(LINK.read_text()))
    assert answered["statusCode"] == 404
    account.clock.now += timedelta(days=30)
    assert account.call("ServeFile", json.loads(LINK.read_text()))["statusCode"] == 410


def test_what_is_missing_in_the_bucket_fails_the_run_and_no_mail_goes(account: Account) -> None:
    made(account, "contract")
    file = add(account, "Contract.pdf", b"%PDF-1.7", "contract")
    client("s3").delete_object(Bucket=FILES, Key=f"documents/d1/{file.id}")
    account.settle()
    account.advance(hours=1)
    assert letters() == []
    assert account.runs()["1.send"] == (
        "failed",
        "the content of Contract.pdf is not in the bucket any more; add it again",
    )


def test_while_the_bucket_does_not_answer_the_mail_waits(account: Account) -> None:
    made(account, "contract")
    add(account, "Contract.pdf", b"%PDF-1.7", "contract")
    account.settle()
    s3 = account.client_of("RunEmail", "s3")

    def away(**_: object) -> None:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url="https://s3.example")

    s3.meta.events.register("before-send.s3.GetObject", away, unique_id="away")
    account.advance(hours=1)
    assert (letters(), account.runs()["1.send"][0]) == ([], "ready")
    s3.meta.events.unregister("before-send.s3.GetObject", unique_id="away")
    account.advance(minutes=5)
    assert (len(letters()), account.runs()["1.send"][0]) == (1, "done")
