"""A mail with an attachment of 5 MB through run_email: wall, CPU, and the memory at its peak.

Bucket, table and mail service are a server in a process of its own, which answers at once: what
is measured is the function's own work. Started with ``--serve``, this is that server: the answers
come on its standard input, it prints its port and serves until it is ended.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from countersign.adapters.dynamodb import items
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.model.run import Run
from countersign.model.stored_file import announced
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.files import FileUpload, complete_upload
from tests.benchmarks.figures import Figure, write_figures
from tests.benchmarks.scene import ROOT, SENDER, Context, copy_of, pipeline
from tests.template_file import read_template

SIZE = 5_000_000
"""Bytes of the attachment."""
MAILS = 10
WHOLE_PROCESSOR = 1769
"""Megabytes at which a function has one processor, and with fewer as much less of it:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    with _service(_answers()) as address:
        os.environ["AWS_ENDPOINT_URL"] = address
        figures = _measure()
    write_figures(output, figures)


def _measure() -> list[Figure]:
    from countersign.wiring import stack
    from functions.run_email.handler import handler

    sizes: list[int] = []
    stack.client("sesv2").meta.events.register(
        "before-send.sesv2.SendEmail", lambda request, **_: sizes.append(len(request.body))
    )
    event, context = _event(), Context(function_name="run_email", memory_limit_in_mb=512)

    def sample() -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        answer = handler(event, context)
        assert answer == {"batchItemFailures": []}, answer
        return time.perf_counter() - wall, time.process_time() - cpu

    before = _megabytes()
    first = sample()
    taken = [sample() for _ in range(MAILS)]
    assert len(sizes) == MAILS + 1, sizes
    assert min(sizes) > SIZE, sizes
    cpu = median(one[1] for one in taken)
    memory, seconds = _lane()
    share = max(WHOLE_PROCESSOR / memory, 1)
    return [
        Figure(name="wall, without what AWS takes", value=median(w for w, _ in taken), unit="s"),
        Figure(name="CPU", value=cpu, unit="s"),
        Figure(name="CPU of the first one, with all that is loaded", value=first[1], unit="s"),
        Figure(
            name="the first one on the lane's part of a processor",
            value=first[1] * share,
            unit="s",
            target=seconds,
        ),
        Figure(name="memory before the first mail", value=before, unit="MB"),
        Figure(name="memory at its peak", value=_megabytes(), unit="MB", target=memory),
    ]


def _lane() -> tuple[int, int]:
    """Memory in MB and time in seconds of one call, which sends one mail after the other."""
    template = read_template(ROOT / "template.yaml")
    properties = template["Resources"]["RunEmail"]["Properties"]
    whole = template["Globals"]["Function"]["MemorySize"]
    return properties.get("MemorySize", whole), properties["Timeout"]


def _megabytes() -> float:
    """The most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- what there is


def _planned() -> tuple[Version, Document, Run]:
    """A document with a file, and the run that mails it, which is due."""
    world = World(datetime.now(UTC) - timedelta(hours=1))
    settings = {"from": SENDER, "to": ["x@kunde.example"], "subject": "Your contract", "text": "Hi"}
    rule = {
        "id": "send",
        "kind": "send_email",
        "time": {"after": {"minutes": 59}},
        "settings": {**settings, "attachments": ["contract"]},
    }
    written = pipeline().model_dump(mode="json", exclude_defaults=True)
    written["stages"][0]["rules"] = [rule]
    version = world.publish(Pipeline.model_validate(written))
    make(world.store, NewDocument(id="d1", pipeline="contracts"), user("anna@acme.example"))
    content = _content()
    world.files.receive("d1", "f1", content)
    upload = FileUpload(document="d1", file=announced("Vertrag.pdf", "contract", content), id="f1")
    complete_upload(world.store, world.files, upload, user("anna@acme.example"), lambda: "f1")
    (run,) = world.documents.runs("d1")
    ready = run.model_copy(update={"due": world.now + timedelta(minutes=59)})
    return version, world.document("d1"), ready


def _content() -> bytes:
    """What cannot be packed, as in most PDFs."""
    block = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(1000))
    return (b"%PDF-1.7\n" + block * (SIZE // len(block) + 1))[:SIZE]


def _event() -> dict[str, Any]:
    _, _, run = _planned()
    record = {
        "messageId": "message-1",
        "receiptHandle": "receipt-1",
        "body": RunMessage.of(run).model_dump_json(),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:Email",
        "awsRegion": "eu-central-1",
    }
    return {"Records": [record]}


def _answers() -> dict[str, Any]:
    """What the table answers when the run is read."""
    version, document, run = _planned()
    head = Head(pipeline="contracts", name=version.pipeline.name, version=version.number)
    copy = copy_of(items.dump_head(head), document.id)
    return {
        "table": os.environ["TABLE_NAME"],
        "read": [copy, items.dump_document(document), items.dump_run(run)],
        "version": items.dump_version(version),
    }


# --- the server


@contextmanager
def _service(answers: Mapping[str, Any]) -> Iterator[str]:
    """The address of a server with these answers, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.mail", "--serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(_wire(answers))
        server.stdin.close()
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def _wire(answer: Any) -> str:
    return json.dumps(answer, default=lambda value: base64.b64encode(value).decode())


def serve(answers: Mapping[str, Any]) -> None:
    """Serve on a free port, which is printed: DynamoDB by its targets, S3's GET, SES's POST."""
    content = _content()

    class Service(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(content, "application/pdf")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            match self.headers.get("X-Amz-Target", "").rpartition(".")[2]:
                case "BatchGetItem":
                    found = {answers["table"]: answers["read"]}
                    told: dict[str, Any] = {"Responses": found, "UnprocessedKeys": {}}
                case "GetItem":
                    told = {"Item": answers["version"]}
                case "":
                    told = {"MessageId": "0107019c8f2e4d3a-000000"}
                case _:
                    told = {}
            self._answer(json.dumps(told).encode(), "application/x-amz-json-1.0")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve(json.load(sys.stdin))
    else:
        main(Path(sys.argv[1]))
