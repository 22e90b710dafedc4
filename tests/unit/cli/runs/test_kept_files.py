"""A file of the provider that could not be fetched: listed with its reason, and retried."""

from __future__ import annotations

import json
from typing import Any

from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import WebAnswer, WebRequest
from tests.builders import KLARA, connection, envelope, event, pipeline, signed, stage, trigger
from tests.unit.cli.desk import Desk

PDF = b"%PDF-1.7 signed by all"


class Withdrawn:
    """A provider that does not know the token any more, until it does."""

    known = False

    def __call__(self, _: WebRequest) -> WebAnswer:
        return WebAnswer(status=200, body=PDF) if self.known else WebAnswer(status=401)


def listed(desk: Desk, *arguments: str) -> Any:
    result = desk("runs", "list", *arguments, "--output", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_file_that_could_not_be_fetched_is_retried_by_its_run() -> None:
    desk, provider = Desk(), Withdrawn()
    world = desk.world
    world.web = MemoryHttpClient(provider)
    done = stage("done", triggers=[trigger("signed_by_all")])
    world.publish(pipeline(stage("new"), done, pipeline="leases"))
    known = ConnectionCredentials(
        connection="c1",
        provider="dropbox_sign",
        pipeline="leases",
        tokens=("t",),
        api_token="old",
    )
    link = connection(id="c1", provider="dropbox_sign", keep_files=("signed_pdf",))
    world.connect(link.model_copy(update={"pipeline": "leases"}), known)
    state = envelope("completed", signers=signed(KLARA))
    document = world.tell("c1", [event("document.completed", KLARA, state=state)])
    (run,) = listed(desk, "--document", document.id)
    name = f"{document.id}.{document.entry}._keep-1-signed_pdf"
    assert (run["run"], run["state"]) == (name, "failed")
    assert "did not accept the API token of the connection c1 (401)" in run["reason"]
    provider.known = True
    retried = desk("runs", "retry", name)
    assert retried.exit_code == 0, retried.stderr
    world.settle()
    files = desk("documents", "files", document.id).stdout.splitlines()
    assert len(files) == 2
    assert files[1].startswith("Service agreement.pdf  signed PDF  22 ")
    assert listed(desk, "--document", document.id) == []
