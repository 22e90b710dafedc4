"""Links to sign and API tokens are nowhere but in the mails and in the parameter store.

A document lives its whole life; then everything that the stack keeps, logs, answers and shows is
searched for them, in every form in which they may stand there.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import logging
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
import requests
from click.testing import CliRunner
from moto.ses.models import ses_backends

from countersign.adapters.s3.files import S3FileStore
from countersign.adapters.s3.objects import Objects
from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.model.actor import user
from countersign.model.stored_file import NewFile
from countersign.use_cases.connections.credentials import CredentialsChange, change_credentials
from countersign.use_cases.documents.files import FileUpload, begin_upload, complete_upload
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.runs.change_run import resolve_run
from countersign.wiring.cloud import adapters
from tests.builders import mail, pipeline, stage
from tests.integration.account import ACCOUNT, BUCKET, FILES, SENDER, Account, client
from tests.integration.conftest import Said
from tests.integration.faults import disturbed, refused, silent, unreachable
from tests.integration.lambda_events import REGION, sqs_event
from tests.integration.messages import DOCUMENSO
from tests.integration.story import Story
from tests.web_place import Place, answer

ANNA = user("anna@acme.example")
API_TOKEN = "api_9vXq2LmR7tZk4WbN8sYd"
KEY = "Kx7Qv3Jw9Zt5Hc1Rb8Np"
"""The part of Klara's link by which she signs."""
ANNAS = "Ux2Yf6Gd4Lo8Mi0Sa3Ve"
WHOSE = {"901": ("anna.berger@acme.example", ANNAS), "902": ("klara.vogel@kunde.example", KEY)}
REPORT = Path(__file__).parents[2] / "events" / "lambda" / "record_mail_event.json"

Page = Callable[[BaseHTTPRequestHandler], None]


# --- the provider's API


def good(handler: BaseHTTPRequestHandler) -> None:
    """The recipient, with the token of the signing page."""
    number = handler.path.rpartition("/")[2]
    address, key = WHOSE[number]
    told = {"id": int(number), "email": address, "token": key, "signingStatus": "NOT_SIGNED"}
    answer(handler, 200, json.dumps(told).encode(), content_type="application/json")


def telling(status: int, **headers: str) -> Page:
    """An answer that repeats the link and the token it was called with."""

    def page(handler: BaseHTTPRequestHandler) -> None:
        text = f"https://app.documenso.example/sign/{KEY} {API_TOKEN} {ANNAS}"
        body = f"<html>{text} {base64.b64encode(text.encode()).decode()}</html>".encode()
        answer(handler, status, body, **headers)

    return page


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Half an answer."""
    handler.send_response(200)
    handler.send_header("content-length", "5000")
    handler.end_headers()
    handler.wfile.write(f'{{"id": 902, "token": "{KEY}"'.encode())


def silence(handler: BaseHTTPRequestHandler) -> None:
    """No answer at all."""
    handler.close_connection = True


def somebody_elses(handler: BaseHTTPRequestHandler) -> None:
    """A recipient who has another address by now."""
    told = {"id": 902, "email": "other@kunde.example", "token": KEY}
    answer(handler, 200, json.dumps(told).encode())


FAULTS: dict[str, Page] = {
    "server-error": telling(500),
    "busy": telling(429, retry_after="1"),
    "gateway": telling(504),
    "withdrawn": telling(401),
    "forbidden": telling(403),
    "gone": telling(404),
    "conflict": telling(409),
    "invalid": telling(422),
    "page": telling(200, content_type="text/html"),
    "packed-badly": telling(200, content_encoding="gzip"),
    "redirect": telling(302, location=f"https://app.documenso.example/sign/{KEY}"),
    "cut": cut,
    "silence": silence,
    "moved": somebody_elses,
}
MAIL_FAULTS = {
    "mail-refused": refused("MessageRejected", message="it is spam"),
    "mail-unreachable": unreachable,
    "mail-silent": silent,
    "mail-busy": refused("TooManyRequestsException", 429),
}


# --- the life


def rules() -> Iterator[dict[str, Any]]:
    """One for each fault, an hour apart; the first goes well, the last has a linked file."""
    names = ["good", *FAULTS, *MAIL_FAULTS]
    for hour, name in enumerate(names, start=1):
        rule = mail(name, execution="independent", time={"after": {"hours": hour}})
        rule["settings"] |= {
            "to": ["client", "company"] if hour % 2 else ["client"],
            "text": "Dear {{ signer.name }}: {{ signer.signing_link }}",
            "subject": name,
        }
        yield rule
    late = {"after": {"hours": len(names) + 1}}
    linked = mail("linked", execution="independent", time=late)
    linked["settings"] |= {"attachments": ["attachment"], "large_files": "link", "track": True}
    yield linked


def add_large_file(account: Account, document: str) -> None:
    content = b"%PDF-1.7".ljust(7_500_000, b"x")
    digest = hashlib.sha256(content).hexdigest()
    file = NewFile(name="Plan.pdf", kind="attachment", size=len(content), sha256=digest)
    store = S3FileStore(Objects(lambda: client("s3"), FILES))
    upload = FileUpload(document=document, file=file, id="u1")
    there = begin_upload(account.documents, store, upload)
    assert requests.put(there.url, data=content, headers=there.headers, timeout=5).ok
    complete_upload(account.store, store, upload, ANNA, lambda: "f1")


def clicked(account: Account, rule: str, link: str, number: int) -> None:
    """SES reports a click on the link."""
    run = account.run(rule)
    body = json.loads(json.loads(REPORT.read_text())["Records"][0]["body"])
    body["detail-type"] = "Email Clicked"
    detail = body["detail"]
    detail["mail"]["tags"] |= {
        "document": [run.document],
        "entry": [str(run.entry)],
        "rule": [run.rule],
    }
    detail["mail"]["messageId"] = run.result.get("message_id", "m")
    at = account.clock() + timedelta(seconds=number)
    detail["click"] = {"timestamp": at.isoformat(), "link": link}
    event = sqs_event(account.arn("Feedback"), [json.dumps(body)])
    assert account.call("RecordFeedback", event) == {"batchItemFailures": []}


def letters() -> list[str]:
    """The texts of the mails that SES took."""
    found = []
    for one in ses_backends[ACCOUNT][REGION].sent_messages:
        body = message_from_bytes(one.raw_data.encode(), policy=policy.default)
        text = body.get_body(("plain",))
        assert text is not None
        found.append(text.get_content())
    return found


def live(account: Account, story: Story, place: Place) -> str:
    """Everything happens; the link to a file that was mailed."""
    shown = {"Tk901_opens-the-signing-page": ANNAS, "Tk902_opens-the-signing-page": KEY}
    story.tell(DOCUMENSO.sent, shown)
    document = account.document().id
    add_large_file(account, document)
    place.then = good
    account.advance(hours=1)
    for page in FAULTS.values():
        place.then = page
        account.advance(minutes=50)
        place.then = good
        account.advance(minutes=10)
    for fault in MAIL_FAULTS.values():
        with disturbed(account, "RunEmail", "sesv2.SendEmail", fault, times=1):
            account.advance(hours=1)
    account.advance(hours=2)
    address: str = re.findall(r"https://\S+/files/\S+", letters()[-1])[0]
    clicked(account, "linked", address, 1)
    pause(account.pipelines, "contracts")
    clicked(account, "linked", address, 2)
    clicked(account, "linked", f"https://app.documenso.example/sign/{KEY}", 3)
    secrets = {"the link to a file": address.rpartition("/")[2][:40], "Klara's link": KEY}
    held = [one for one in account.items() if one["pk"]["S"].startswith("POSTPONED")]
    assert len(held) == 2
    assert [line for one in held for line in told("held", _flat(one), secrets)] == []
    resume(account.applier, account.pipelines, "contracts")
    place.then = telling(404)
    for run in account.documents.runs(document):
        if run.state in ("failed", "in_doubt"):
            resolve_run(account.store, run.key, "retry", ANNA)
    account.advance(hours=1)
    story.tell(DOCUMENSO.client_signs, shown)
    return address


# --- everything that can be looked at


def commands(account: Account) -> Iterator[str]:
    """What people are shown."""
    outputs = {
        "Stage": "dev",
        "TableName": "State",
        "AuditTableName": "Audit",
        "ConnectionsPath": "/countersign/dev/connections",
        "SecretsPath": "/countersign/dev/secrets",
        "ApiTokensPath": "/countersign/dev/api-tokens",
        "AddressKeyPath": "/countersign/dev/address-key",
        "WebhookBucket": BUCKET,
        "FileBucket": FILES,
        "ParkedQueueUrl": client("sqs").get_queue_url(QueueName="Parked")["QueueUrl"],
        "WebhooksUrl": "https://api.example/webhooks",
    }
    context = CliContext(
        user="anna@acme.example",
        now=account.clock,
        open_cloud=lambda: adapters(
            boto3.Session(region_name=REGION),
            None,
            outputs,
            webhooks="https://api.example/webhooks/",
            unreadable=lambda text: None,
        ),
    )
    document = account.document().id
    for arguments in (
        ("documents", "show", document),
        ("documents", "show", document, "--why"),
        ("documents", "preview", document, "good"),
        ("documents", "preview", document, "linked"),
        ("documents", "list"),
        ("documents", "find", "Maintenance"),
        ("runs", "list"),
        ("connections", "list"),
        ("rejected", "list"),
        ("pipelines", "show", "contracts"),
        ("tasks", "list"),
    ):
        result = CliRunner(mix_stderr=False).invoke(countersign, arguments, obj=context)
        assert result.exit_code == 0, (arguments, result.stderr, result.exception)
        yield result.stdout + result.stderr


def kept(account: Account) -> Iterator[tuple[str, bytes]]:
    """Everything that AWS keeps for the stack, but for parameters and mails."""
    for item in account.items():
        yield "table", _flat(item)
    streams, iterator = client("dynamodbstreams"), account._at_the_beginning()
    for record in streams.get_records(ShardIterator=iterator)["Records"]:
        yield "stream", _flat(record)
    for one in account.sent:
        yield f"queue {one.queue}", one.body.encode()
    for url in client("sqs").list_queues()["QueueUrls"]:
        for body in account.queued(url.rpartition("/")[2]):
            yield f"queue {url}", body.encode()
    for schedule in account.schedules():
        yield "schedule", repr(schedule).encode()
    for bucket in (BUCKET, FILES):
        for one in client("s3").list_objects_v2(Bucket=bucket).get("Contents", ()):
            yield f"bucket {bucket} {one['Key']}", one["Key"].encode()
            got = client("s3").get_object(Bucket=bucket, Key=one["Key"])
            yield f"bucket {bucket} {one['Key']}", got["Body"].read()
            yield f"bucket {bucket} {one['Key']}", repr(got["Metadata"]).encode()


def _flat(value: Any) -> bytes:
    """Plain values as bytes, texts and binaries as they are."""
    match value:
        case bytes():
            return value
        case dict():
            return b"\n".join(_flat(one) for pair in value.items() for one in pair)
        case list() | tuple():
            return b"\n".join(_flat(one) for one in value)
    return str(value).encode()


def forms(secret: str) -> set[bytes]:
    """A text as it may stand somewhere: plain, escaped, reversed, hexadecimal, in Base64."""
    raw = secret.encode()
    found = {raw, raw[::-1], raw.hex().encode(), secret.encode("utf-16-le"), quote(secret).encode()}
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded = encode(b"\0" * shift + raw).rstrip(b"=")
            found.add(coded[4 if shift else 0 : -2])
    return found


def unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them."""
    yield content
    for start in (b"\x1f\x8b", b"\x78\x9c", b"\x78\xda", b"\x78\x01"):
        place = content.find(start)
        if place >= 0:
            try:
                yield zlib.decompressobj(47).decompress(content[place:])
            except zlib.error:
                continue


def told(where: str, content: bytes, secrets: dict[str, str]) -> list[str]:
    return [
        f"{where}: {name}"
        for name, secret in secrets.items()
        for whole in unpacked(content)
        if any(form in whole for form in forms(secret))
    ]


# --- the law


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def linking(account: Account, place: Place) -> Story:
    """Documenso on this machine, whose API token the connection has."""
    account.allow_private_addresses()
    arrives = stage("sent", *rules(), triggers=[{"id": "sent", "kind": "sent"}])
    story = Story(account, pipeline(stage("draft"), arrives, senders=[SENDER]), DOCUMENSO)
    change = CredentialsChange(api_token=API_TOKEN, api_url=f"http://127.0.0.1:{place.server_port}")
    change_credentials(account.connector, "documenso", change)
    return story


def test_links_and_tokens_are_nowhere_but_in_the_mails_and_the_parameter_store(
    account: Account, place: Place, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("countersign"), "level", logging.DEBUG)
    answers: list[Any] = []
    call = account.call

    def noted(function: str, event: Any) -> Any:
        answers.append(call(function, event))
        return answers[-1]

    monkeypatch.setattr(account, "call", noted)
    address = live(account, linking(account, place), place)
    mailed = letters()
    # The search below would find nothing of a life in which nothing happened.
    assert sum(KEY in text for text in mailed) >= 8
    assert sum(ANNAS in text for text in mailed) >= 4
    states = {run.rule: run.state for run in account.documents.runs(account.document().id)}
    assert {"done", "failed"} <= set(states.values())
    assert any(headers.get("authorization") == API_TOKEN for _, _, headers, _ in place.came)
    tokens = client("ssm").get_parameters_by_path(
        Path="/countersign/dev/api-tokens", WithDecryption=True
    )["Parameters"]
    assert API_TOKEN in repr(tokens)

    secrets = {
        "Klara's link": KEY,
        "Anna's link": ANNAS,
        "the API token": API_TOKEN,
        "the link to a file": address.rpartition("/")[2][:40],
    }
    places = [
        *kept(account),
        *(("log", line.encode()) for line in said()),
        *(("answer", repr(one).encode()) for one in answers),
        *(("command", text.encode()) for text in commands(account)),
    ]
    assert {"table", "stream", "log", "answer", "command"} <= {where for where, _ in places}
    assert [one for where, content in places for one in told(where, content, secrets)] == []
    clicks = [
        line.text
        for line in account.documents.timeline(account.document().id)
        if line.event == "mail.clicked"
    ]
    assert sorted(text.rpartition(": ")[2] for text in clicks) == [
        f"{address.rpartition('/')[0]}/…",
        f"{address.rpartition('/')[0]}/…",
        "https://app.documenso.example/sign/…",
    ]


@pytest.mark.parametrize(
    "content",
    [
        KEY.encode(),
        f'{{"x": "https:\\/\\/a\\/sign\\/{KEY}"}}'.encode(),
        base64.b64encode(f"a link: https://a/sign/{KEY}!".encode()),
        base64.b64encode(f"a: {KEY}".encode()),
        base64.urlsafe_b64encode(f"https://a/{KEY}?b".encode()),
        gzip.compress(f"<{KEY}>".encode(), mtime=0),
        b"S" + zlib.compress(f"<{KEY}>".encode()),
        KEY.encode().hex().encode(),
        f"x={KEY}".encode("utf-16"),
    ],
)
def test_the_search_finds_a_secret_in_every_form(content: bytes) -> None:
    assert told("here", content, {"it": KEY}) == ["here: it"]
    assert told("here", content.swapcase(), {"it": "another-Secret-0815"}) == []
