"""The contract in the client's mail: attached, linked where it is too large, with a link to sign
that stands there alone; and the signed PDF afterwards."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from countersign.local.contract_story import ContractStory, StandIns
from countersign.local.mail_files import SentMail
from countersign.local.playing import Player, local_stack
from countersign.local.provider_stand_in import ProviderStandIn
from countersign.local.servers import serving
from countersign.model.pipeline import Pipeline
from countersign.model.provider_api import Access
from countersign.model.stored_file import StoredFile
from tests.end_to_end.conftest import Running
from tests.end_to_end.process import Process, until
from tests.integration.messages import EVENTS, Sender

DOCUSEAL = Sender(
    provider="docuseal",
    envelope="5821",
    sent="submission.created",
    director_signs="form.completed_director",
    client_signs="form.completed_client",
    completed="submission.completed",
    title="Rental agreement ACME and Kunde",
    parties={"company_domains": ["acme.example"]},
)
PLANS = b"%PDF-1.4\n" + bytes(range(256)) * 30_000
"""Larger than what a mail takes with it."""
STORY = """\
published the pipeline contract-by-mail: Draft, Sent, Signed, Not signed
connected DocuSeal; a stand-in of its API answers at STAND-IN
DocuSeal: a document appears, "Rental agreement ACME and Kunde", in stage draft
  its contract is uploaded: Contract.pdf, … bytes
  the director signs: it moves to Sent
  mail to klara.vogel@kunde.example: "Please sign: Rental agreement ACME and Kunde"
    | Dear Klara Vogel,
    |
    | we have signed "Rental agreement ACME and Kunde", which is attached. Please sign it here:
    | STAND-IN/s/…
    |
    | --
    | Acme GmbH · Contracts
    attached: Contract.pdf, … bytes
  the link opens: Stand-in of the signing page
  the client signs: it moves on to Signed
  mail to klara.vogel@kunde.example: "Signed by all: Rental agreement ACME and Kunde"
    attached: Rental agreement ACME and Kunde.pdf, … bytes
  mail to anna.berger@acme.example: "Signed by all: Rental agreement ACME and Kunde"
    attached: Rental agreement ACME and Kunde.pdf, … bytes
  files of the document:
    contract: Contract.pdf, … bytes, SHA-256 …
    signed PDF: Rental agreement ACME and Kunde.pdf, … bytes, SHA-256 …
    audit trail: Rental agreement ACME and Kunde - audit trail.pdf, … bytes, SHA-256 …"""
DIRECTOR = "anna.berger@acme.example"


@pytest.fixture(scope="module")
def provider() -> Iterator[tuple[ProviderStandIn, Access]]:
    stand_in = ProviderStandIn()
    with serving(stand_in) as address:
        yield stand_in, Access(url=address, token=stand_in.token)


def the_pipeline() -> Pipeline:
    """That of the example, whose mail takes large files too, as links."""
    text = (EVENTS / "pipelines" / "contract-by-mail.yaml").read_text()
    pipeline: dict[str, Any] = yaml.safe_load(text)
    settings = pipeline["stages"][1]["rules"][0]["settings"]
    settings["attachments"] = ["document", "attachment"]
    settings["large_files"] = "link"
    return Pipeline.model_validate(pipeline)


def test_the_client_gets_the_contract_and_a_link_to_sign_and_both_the_signed_pdf(
    running: Running, provider: tuple[ProviderStandIn, Access]
) -> None:
    stand_in, api = provider
    process = Process(running, "contract-mailed", the_pipeline(), DOCUSEAL, api)

    def tell(example: str) -> None:
        stand_in.take(json.loads(process.request(example).body))
        process.tell(example)

    tell(DOCUSEAL.sent)
    contract = process.add_file("Mietvertrag Süd.pdf", "contract", stand_in.contract("5821"))
    plans = process.add_file("Plans.pdf", "attachment", PLANS)
    tell(DOCUSEAL.director_signs)
    mail = the_mail(running, process.client_address, "Please sign: ")
    assert (
        until(lambda: process.run("send-contract").state, lambda state: state == "done") == "done"
    )

    (attached,) = mail.attachments
    assert attached.name == "Mietvertrag Süd.pdf"
    assert attached.content == stand_in.contract("5821")
    assert digest(attached.content) == contract.sha256 == digest(kept(running, process, contract))
    assert [mail.text for mail in process.mails()] == [mail.text]

    address = only(rf"{re.escape(running.cloud.endpoint)}\S+", mail.text)
    assert "Plans.pdf (7.7 MB, until " in mail.text
    assert digest(opened(address)) == plans.sha256 == digest(PLANS)

    link = only(rf"{re.escape(api.url)}/s/\S+", mail.text)
    assert b"Stand-in of the signing page" in opened(link)

    tell(DOCUSEAL.client_signs)
    tell(DOCUSEAL.completed)
    signed = [
        the_mail(running, process.client_address, "Signed by all: "),
        the_mail(running, DIRECTOR, "Signed by all: "),
    ]
    until(lambda: len(process.document().stored_files), lambda number: number == 4)
    files = {file.kind: file for file in process.document().stored_files}
    assert set(files) == {"contract", "attachment", "signed_pdf", "audit_trail"}
    for one in signed:
        assert [digest(file.content) for file in one.attachments] == [files["signed_pdf"].sha256]
    for file in files.values():
        assert digest(kept(running, process, file)) == file.sha256
    assert b"(Klara Vogel, 2026-04-14T12:45:31.900Z)" in kept(running, process, files["signed_pdf"])

    slug = link.rpartition("/")[2]
    places = dict(everywhere(running))
    assert "send-contract" in places["table"]
    assert "send-contract" in places["stream"]
    assert f"{process.document().id}.2.send-contract" in places["/countersign/dev/run_email"]
    assert [name for name, text in places.items() if slug in text] == [
        f"mails/{mail.file.name}",
        "mailbox",
    ]
    assert slug not in repr(process.explained())


def test_without_a_contract_of_its_own_the_document_gets_the_provider_s(
    running: Running, provider: tuple[ProviderStandIn, Access]
) -> None:
    stand_in, api = provider
    process = Process(running, "provider-contract", the_pipeline(), DOCUSEAL, api)
    stand_in.take(json.loads(process.request(DOCUSEAL.sent).body))
    process.tell(DOCUSEAL.sent)
    process.add_file("House rules.pdf", "attachment", b"%PDF-1.4 rules")
    process.tell(DOCUSEAL.director_signs)
    mail = the_mail(running, process.client_address, "Please sign: ")
    assert [(file.name, file.content) for file in mail.attachments] == [
        ("Rental agreement ACME and Kunde.pdf", stand_in.contract("5821")),
        ("House rules.pdf", b"%PDF-1.4 rules"),
    ]


def test_the_story_of_make_run_shows_the_mail_the_link_and_the_files(running: Running) -> None:
    stand_in = ProviderStandIn()
    player = Player(EVENTS, local_stack(running.cloud, running.stack))
    with serving(stand_in) as address:
        mails = StandIns(provider=stand_in, address=address, mails=running.sent)
        story = ContractStory(player, mails)
        lines = "\n".join([*story.set_up(), *story.play()])
    shown = re.sub(r"(?<=/s/)\S+|[0-9a-f]{12}…|[0-9,]+(?= bytes)", "…", lines)
    assert shown.replace(address, "STAND-IN") == STORY


def the_mail(running: Running, address: str, subject: str) -> SentMail:
    """The mail to the address whose subject begins so, once it has left."""
    (mail,) = until(
        lambda: [one for one in running.sent.to(address) if one.subject.startswith(subject)]
    )
    return mail


def only(pattern: str, text: str) -> str:
    """The one place of the text that fits."""
    (one,) = re.findall(pattern, text)
    return str(one)


def opened(address: str) -> bytes:
    """What the link leads to."""
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - this machine
        content: bytes = answer.read()
    return content


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def client(running: Running, service: str) -> Any:
    session = running.cloud.session()
    return session.client(service, endpoint_url=running.cloud.endpoint)  # type: ignore[call-overload]


def kept(running: Running, process: Process, file: StoredFile) -> bytes:
    """The file's bytes in the bucket."""
    key = f"documents/{process.document().id}/{file.id}"
    bucket = running.stack.outputs["FilesBucket"]
    content: bytes = client(running, "s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def everywhere(running: Running) -> Iterator[tuple[str, str]]:
    """All that the stack holds or has said, by place."""
    folder = running.cloud.folder
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "deployed" not in file.relative_to(folder).parts:
            yield str(file.relative_to(folder)), readable(file)
    yield "mailbox", json.dumps(running.cloud.mails())
    yield "outputs", json.dumps(running.stack.outputs)
    pages = client(running, "dynamodb").get_paginator("scan")
    table = pages.paginate(TableName=running.stack.outputs["TableName"])
    yield "table", "\n".join(repr(page["Items"]) for page in table)
    yield "stream", "\n".join(stream(running))
    s3 = client(running, "s3")
    for name in ("FilesBucket", "WebhookBucket"):
        bucket = running.stack.outputs[name]
        for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
            content = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            yield f"{name} {one['Key']}", content.decode("latin-1")
    logs = client(running, "logs")
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        events = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        yield name, "\n".join(one["message"] for page in events for one in page["events"])
    ssm = client(running, "ssm").get_paginator("get_parameters_by_path")
    for page in ssm.paginate(Path="/", Recursive=True, WithDecryption=True):
        for parameter in page["Parameters"]:
            yield parameter["Name"], parameter["Value"]


def stream(running: Running) -> Iterator[str]:
    """Every change of the table, with what an item had before."""
    streams = client(running, "dynamodbstreams")
    (there,) = streams.list_streams(TableName=running.stack.outputs["TableName"])["Streams"]
    arn = there["StreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        ).get("ShardIterator")
        while iterator:
            answer = streams.get_records(ShardIterator=iterator)
            yield from (repr(record["dynamodb"]) for record in answer["Records"])
            iterator = answer.get("NextShardIterator") if answer["Records"] else None


def readable(file: Path) -> str:
    """Its text, of a mail without its encoding for the way."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:  # a function's process has just ended
        return ""
    if file.suffix == ".eml":
        content = content.replace(b"=\r\n", b"")
    return content.decode("latin-1")
