"""Commands for genuine webhooks that were rejected."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from countersign.adapters.memory.services.rejected_requests import MemoryRejectedRequests
from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.errors import UnavailableError
from countersign.model.connection import ConnectionCredentials
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from tests.builders import connection, pipeline, stage, trigger
from tests.builders import world as new_world
from tests.unit.cli.desk import cloud_of

KEY = "the key that signs"


class Desk:
    """Runs commands on a world whose DocuSign has sent something odd."""

    def __init__(self) -> None:
        self.world: World = new_world(
            pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")]))
        )
        known = ConnectionCredentials(
            connection="docusign",
            provider="docusign",
            pipeline="contracts",
            tokens=("token",),
            secrets=(KEY,),
        )
        self.world.connect(connection(), known)

    def __call__(self, *arguments: str) -> Result:
        context = CliContext(
            user="anna@acme.example",
            open_cloud=lambda: cloud_of(self.world),
            now=lambda: self.world.now,
        )
        return CliRunner(mix_stderr=False).invoke(countersign, arguments, obj=context)

    def post(self, body: bytes, content_type: str = "application/json") -> str:
        request = Request(
            headers={"content-type": content_type}, body=body, received_at=self.world.now
        )
        signed = provider("docusign").sign(request, KEY, self.world.now)
        received = receive(self.world.receiver, "docusign.token", signed)
        assert received.rejected is not None
        return received.rejected


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_without_any_that_is_said(desk: Desk) -> None:
    for command in (("list",), ("list", "docusign"), ("retry", "--all")):
        result = desk("rejected", *command)
        assert (result.exit_code, result.output) == (0, "no rejected messages\n")


def test_they_are_listed_with_when_and_why(desk: Desk) -> None:
    first = desk.post(b'{"event": "envelope-sent"}')
    second = desk.post(b"{}", "text/plain")
    lines = desk("rejected", "list", "docusign").stdout.splitlines()
    assert lines[0].split() == ["ID", "RECEIVED", "(UTC)", "PROVIDER", "STATUS", "REASON"]
    told = {line.split()[0]: line for line in lines[1:]}
    assert set(told) == {first, second}
    assert "2026-03-02 09:00:00  docusign  400     " in told[first]
    assert '415     content type "text/plain"; DocuSign sends application/json' in told[second]


def test_the_connection_says_how_many_there_are(desk: Desk) -> None:
    assert "rejected and kept" not in desk("connections", "docusign").output
    desk.post(b"{")
    told = "1 genuine message of docusign rejected and kept: countersign rejected list docusign\n"
    assert told in desk("connections", "docusign").output
    desk.post(b"[")
    assert "2 genuine messages of docusign rejected" in desk("connections", "docusign").output


def test_a_document_s_story_says_that_messages_of_its_connection_were_rejected(desk: Desk) -> None:
    sent = {"event": "envelope-sent", "data": {"envelopeId": "e-1"}}
    request = Request(
        headers={"content-type": "application/json"},
        body=json.dumps(sent).encode(),
        received_at=desk.world.now,
    )
    signed = provider("docusign").sign(request, KEY, desk.world.now)
    (document,) = receive(desk.world.receiver, "docusign.token", signed).documents
    assert "rejected" not in desk("documents", "show", document).output
    desk.post(b"{")
    assert (
        "\n1 genuine message of docusign rejected and kept: "
        in desk("documents", "show", document).output
    )
    assert "rejected and kept" not in desk("documents", "show", document, "--output", "json").output


def test_a_bucket_that_cannot_be_read_hides_nothing_else(desk: Desk) -> None:
    class Closed(MemoryRejectedRequests):
        def ids(self, connection: str | None = None) -> Iterator[str]:
            raise UnavailableError("S3 gave no answer")

    desk.world.rejected = Closed()
    shown = desk("connections", "docusign")
    assert shown.exit_code == 0
    assert "rejected messages could not be counted: S3 gave no answer" in shown.output
    assert "nothing refused in the last 7 days" in shown.output


def test_one_is_shown_with_its_headers_and_body_and_without_secrets_and_control_characters(
    desk: Desk,
) -> None:
    kept = desk.post(f"\x1b[2J broken\u202e {KEY}\nsecond line".encode())
    shown = desk("rejected", "show", kept).stdout
    assert shown.startswith(f"{kept}, received 2026-03-02 09:00:00 UTC\n")
    assert "  answered    400: " in shown
    assert "  authenticity  signed\n" in shown
    assert "  content-type: application/json\n" in shown
    assert "   [2J broken  [redacted]\n  second line\n" in shown
    assert not set(shown) & {"\x1b", "\u202e"}
    assert KEY not in shown


def test_one_that_reads_after_all_is_taken_and_gone(desk: Desk) -> None:
    told = {"event": "envelope-sent", "data": {"envelopeId": "e-1"}}
    kept = desk.post(json.dumps(told).encode(), "text/json")
    still = desk("rejected", "retry", kept)
    assert still.exit_code == 1
    assert still.stdout.startswith(f'{kept}: still rejected: content type "text/json"; ')
    assert still.stderr == "Error: 1 of 1 messages could not be taken\n"
    with pytest.MonkeyPatch.context() as patch:
        taken = frozenset({"application/json", "text/json"})
        patch.setattr(type(provider("docusign")), "content_types", taken)
        done = desk("rejected", "retry", "--all")
    (document,) = desk.world.state.documents
    assert (done.exit_code, done.output) == (0, f"{kept}: applied {document}\n")
    assert desk("rejected", "list").output == "no rejected messages\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("show", "docusign.nothing"), 4, 'there is no rejected message "docusign.nothing"'),
        (("list", "nobody"), 4, 'there is no connection "nobody"; there are docusign'),
        (("retry",), 2, "expected the ID of a message, or --all"),
        (("retry", "docusign.x", "--all"), 2, "expected the ID of a message, or --all"),
    ],
)
def test_what_cannot_be_done_is_told(
    desk: Desk, arguments: tuple[str, ...], code: int, told: str
) -> None:
    result = desk("rejected", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr
