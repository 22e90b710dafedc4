"""Connections and pipelines are removed, versions listed and shown, dead letters dropped."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.errors import ConflictError
from countersign.model.connection import ConnectionCredentials
from countersign.model.dead_letter import DeadLetter
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from countersign.use_cases.pipelines.remove import remove_connection, remove_pipeline
from tests.unit.cli.desk import HOOKS, cloud_of

EVENTS = Path(__file__).parents[4] / "events"
SENT = str(EVENTS / "docusign" / "envelope-sent.json")
SIGNED = str(EVENTS / "docusign" / "recipient-completed-director.json")
CONTRACTS = str(EVENTS / "pipelines" / "contracts.yaml")


class Desk:
    """Runs commands on a world in memory, webhooks included; one contract is out for signature."""

    def __init__(self) -> None:
        self.world = World()
        for command in (
            ("pipelines", "publish", CONTRACTS),
            ("connections", "create", "docusign", "--pipeline", "contracts", "--secret", "s"),
            ("events", "send", SENT, "--connection", "docusign"),
            ("events", "send", SIGNED, "--connection", "docusign"),
        ):
            result = self(*command)
            assert result.exit_code == 0, result.stderr

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        world = self.world
        context = CliContext(
            user="anna@acme.example",
            open_cloud=lambda: cloud_of(world),
            now=lambda: world.now,
            token=lambda: "token",
            post=self.post,
        )
        runner = CliRunner(mix_stderr=False)
        return runner.invoke(countersign, [*arguments], obj=context, input=answer)

    def post(self, url: str, request: Request) -> tuple[int, str]:
        answer = receive(self.world.receiver, url.removeprefix(f"{HOOKS}/"), request).answer
        self.world.settle()
        return answer.status, answer.body

    @property
    def document(self) -> str:
        (document,) = self.world.documents.in_stage("contracts")
        return document.id


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_removed_connection_is_gone_with_its_secrets_and_its_documents_stay(desk: Desk) -> None:
    document = desk.document
    result = desk("connections", "remove", "docusign", "--yes")
    assert (result.exit_code, result.stdout) == (
        0,
        "docusign is removed: its address is refused and its secrets are deleted\n",
    )
    assert desk.world.connections.get("docusign") is None
    assert desk.world.secrets.get("docusign") is None
    assert desk.document == document
    assert desk("documents", "show", document).exit_code == 0
    assert desk("connections").stdout.startswith("there are no connections")
    again = desk("connections", "remove", "docusign", "--yes")
    assert again.stderr == 'Error: there is no connection "docusign"; there are none\n'


def test_removing_asks_first_and_no_changes_nothing(desk: Desk) -> None:
    for command in (("connections", "remove", "docusign"), ("connections", "remove", "docusign")):
        refused = desk(*command, answer="n\n")
        assert refused.exit_code == 1
        assert "Its address stops working" in refused.stderr
    assert desk.world.connections.get("docusign") is not None
    assert desk("connections", "remove", "docusign", answer="y\n").exit_code == 0
    refused = desk("pipelines", "remove", "contracts", "--and-documents", answer="n\n")
    assert refused.exit_code == 1
    assert "remove contracts with all its versions and 1 document for good?" in refused.stderr
    assert desk.world.pipelines.head("contracts") is not None


def test_an_address_is_refused_at_once_even_where_the_secrets_are_still_known(desk: Desk) -> None:
    known = desk.world.secrets.get("docusign")
    assert known is not None
    assert desk("connections", "remove", "docusign", "--yes").exit_code == 0
    before = list(desk.world.documents.timeline(desk.document))
    # A function that has read the secrets less than a minute ago.
    desk.world.secrets.put(known)
    result = desk(
        "events",
        "send",
        str(EVENTS / "docusign" / "envelope-voided.json"),
        "--connection",
        "docusign",
    )
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: envelope-voided.json to docusign: answered 401 unauthorized\n",
    )
    assert desk.world.parked.take() == ()
    assert list(desk.world.documents.timeline(desk.document)) == before


def test_what_was_interrupted_is_removed_by_doing_it_again(desk: Desk) -> None:
    desk.world.connections.remove("docusign")
    assert desk("connections", "remove", "docusign", "--yes").exit_code == 0
    assert desk.world.secrets.get("docusign") is None


def test_messages_that_wait_for_a_connection_keep_it(desk: Desk) -> None:
    desk("pipelines", "pause", "contracts")
    assert (
        desk(
            "events",
            "send",
            str(EVENTS / "docusign" / "envelope-voided.json"),
            "--connection",
            "docusign",
        ).exit_code
        == 0
    )
    refused = desk("connections", "remove", "docusign", "--yes")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Error: messages of docusign wait until contracts is resumed; resume it first, or drop "
        "them with --drop-messages\n",
    )
    assert desk.world.connections.get("docusign") is not None
    assert desk("connections", "remove", "docusign", "--drop-messages", "--yes").exit_code == 0
    assert list(desk.world.held.list("contracts")) == []
    assert desk("pipelines", "resume", "contracts").exit_code == 0


def test_a_pipeline_is_removed_only_after_its_connections_and_documents(desk: Desk) -> None:
    led = desk("pipelines", "remove", "contracts", "--yes", "--and-documents")
    assert (led.exit_code, led.stderr) == (
        1,
        "Error: messages of docusign still go to contracts; first run: countersign connections "
        "remove docusign\n",
    )
    assert desk("connections", "remove", "docusign", "--yes").exit_code == 0
    full = desk("pipelines", "remove", "contracts", "--yes")
    assert (full.exit_code, full.stderr) == (
        1,
        "Error: contracts has 1 document; --and-documents removes them too, with their timelines, "
        "runs, tasks and files\n",
    )
    document = desk.document
    done = desk("pipelines", "remove", "contracts", "--yes", "--and-documents")
    assert (done.exit_code, done.stdout) == (0, "contracts is removed, and 1 document with it\n")
    world = desk.world
    assert world.documents.get(document) is None
    assert world.documents.runs(document) == ()
    assert world.documents.timeline(document) == ()
    assert world.documents.events(document) == ()
    assert world.pipelines.list() == ()
    assert desk("pipelines", "remove", "contracts", "--yes").exit_code == 4
    # The same name begins anew.
    assert "contracts version 1 is published" in desk("pipelines", "publish", CONTRACTS).stdout


def test_an_empty_pipeline_is_removed_without_more(desk: Desk) -> None:
    desk("connections", "remove", "docusign", "--yes")
    desk.world.documents.remove(desk.document)
    assert desk("pipelines", "remove", "contracts", "--yes").stdout == "contracts is removed\n"


def test_a_removal_that_stops_between_two_documents_goes_on_where_it_stopped(desk: Desk) -> None:
    for _ in range(3):
        desk.world.now = desk.world.now.replace(minute=desk.world.now.minute + 1)
        made = CliContext(user="anna", open_cloud=lambda: cloud_of(desk.world))
        runner = CliRunner(mix_stderr=False)
        assert (
            runner.invoke(countersign, ["documents", "create", "contracts"], obj=made).exit_code
            == 0
        )
    desk("connections", "remove", "docusign", "--yes")
    context = CliContext(user="anna", open_cloud=lambda: cloud_of(desk.world))
    remover = context.remover(context.auditor)
    steps = remove_pipeline(remover, "contracts", and_documents=True)
    first = next(steps)
    del steps
    assert desk.world.documents.get(first) is None
    assert len(list(desk.world.documents.in_stage("contracts"))) == 3
    assert desk.world.pipelines.head("contracts") is not None
    assert len(list(remove_pipeline(remover, "contracts", and_documents=True))) == 3
    assert desk.world.pipelines.head("contracts") is None


def test_a_document_that_somebody_changes_meanwhile_is_removed_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk("connections", "remove", "docusign", "--yes")
    context = CliContext(user="anna", open_cloud=lambda: cloud_of(desk.world))
    remover = context.remover(context.auditor)
    really, tried = desk.world.documents.remove, []

    def remove(document: str) -> None:
        tried.append(document)
        if len(tried) < 3:
            raise ConflictError("changed")
        really(document)

    monkeypatch.setattr(desk.world.documents, "remove", remove)
    assert len(list(remove_pipeline(remover, "contracts", and_documents=True))) == 1
    assert len(tried) == 3


def test_an_envelope_whose_document_was_removed_begins_a_new_one(desk: Desk) -> None:
    made = desk("documents", "create", "contracts", "title=Lease").stdout.strip()
    replaced = (
        *("--replace", "3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6=env-2"),
        *("--replace", "contract_number=countersign_document", "--replace", f"V-2026-0042={made}"),
    )
    assert desk("events", "send", SENT, "--connection", "docusign", *replaced).exit_code == 0
    attached = desk.world.documents.get(made)
    assert attached is not None
    assert attached.envelope == "env-2"
    desk.world.documents.remove(made)
    again = ("--replace", "3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6=env-2")
    for file in (SENT, SIGNED):
        assert desk("events", "send", file, "--connection", "docusign", *again).exit_code == 0
    assert desk.world.parked.take() == ()
    found = [one for one in desk.world.documents.in_stage("contracts") if one.envelope == "env-2"]
    assert [one.stage for one in found] == ["partially-signed"]


def test_a_connection_that_never_was_cannot_be_removed(desk: Desk) -> None:
    context = CliContext(user="anna", open_cloud=lambda: cloud_of(desk.world))
    remover = context.remover(context.auditor)
    with pytest.raises(Exception, match='there is no connection "sales"; there are docusign'):
        remove_connection(remover, "sales")


def test_versions_are_listed_with_author_time_and_note(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "contracts.yaml"
    for days in (7, 8):
        file.write_text(Path(CONTRACTS).read_text().replace("{days: 14}", f"{{days: {days}}}"))
        desk.world.now = desk.world.now.replace(hour=desk.world.now.hour + 1)
        note = f"Archive after {days} days"
        assert desk("pipelines", "publish", str(file), "--note", note).exit_code == 0
    assert desk("pipelines", "versions", "contracts").stdout == (
        "VERSION  PUBLISHED (UTC)      BY                 STATE    NOTE\n"
        "3        2026-03-02 11:00:00  anna@acme.example  current  Archive after 8 days\n"
        "2        2026-03-02 10:00:00  anna@acme.example           Archive after 7 days\n"
        "1        2026-03-02 09:00:00  anna@acme.example\n"
    )
    assert desk("pipelines", "versions", "contracts", "--newest", "1").stdout.splitlines()[1:] == [
        "3        2026-03-02 11:00:00  anna@acme.example  current  Archive after 8 days",
        "2 older; --newest lists more",
    ]
    unknown = desk("pipelines", "versions", "contract")
    assert unknown.stderr == 'Error: there is no pipeline "contract"; published are contracts\n'


def test_each_version_is_shown_as_a_file_that_can_be_published(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(Path(CONTRACTS).read_text().replace("{days: 14}", "{days: 7}"))
    assert desk("pipelines", "publish", str(file)).exit_code == 0
    shown = desk("pipelines", "contracts").stdout
    assert shown == desk("pipelines", "show", "contracts", "--version", "2").stdout
    assert shown.startswith(
        "# version 2, published 2026-03-02 09:00:00 UTC by anna@acme.example\npipeline: contracts\n"
    )
    assert "days: 7" in shown
    old = desk("pipelines", "show", "contracts", "--version", "1").stdout
    assert "days: 14" in old
    file.write_text(old)
    assert "contracts version 3 is published" in desk("pipelines", "publish", str(file)).stdout
    versions = [desk.world.pipelines.version("contracts", n).pipeline for n in (1, 3)]
    assert versions[0] == versions[1]
    assert "has no version 9" in desk("pipelines", "show", "contracts", "--version", "9").stderr


def letter(number: str, **more: object) -> DeadLetter:
    """A message that was given up."""
    given = {
        "queue": "parked",
        "id": number,
        "receipt": number,
        "sent_at": datetime(2026, 3, 2, tzinfo=UTC),
        "body": base64.b64encode(b"x").decode(),
    }
    return DeadLetter.model_validate({**given, **more})


def test_dead_letters_that_cannot_be_read_are_dropped_and_the_others_stay(desk: Desk) -> None:
    letters = desk.world.dead_letters
    letters.resting = [
        letter("1", reason="it cannot be read: x"),
        letter("2", webhook="docusign"),
        letter("3", queue="email"),
    ]
    listed = desk("dead-letters", "list")
    assert listed.stderr == "(dead-letters drop removes those that cannot be read)\n"
    refused = desk("dead-letters", "drop", answer="n\n")
    assert (refused.exit_code, len(letters.resting)) == (1, 3)
    assert "drop 2 dead letters for good?" in refused.stderr
    one = desk("dead-letters", "drop", "parked", answer="y\n")
    assert "1 dead letter dropped\n" in one.stdout
    assert [found.id for found in letters.resting] == ["2", "3"]
    assert desk("dead-letters", "drop", "--yes").stdout.endswith("1 dead letter dropped\n")
    assert [found.id for found in letters.resting] == ["2"]
    assert desk("dead-letters", "drop").stdout == "0 dead letters dropped\n"
    # What stays is not hidden from others.
    assert [found.id for found in letters.hold("parked")] == ["2"]


def test_a_secret_of_a_removed_connection_is_not_read_again(desk: Desk) -> None:
    desk("connections", "remove", "docusign", "--yes")
    assert (
        "there is no connection" in desk("events", "send", SENT, "--connection", "docusign").stderr
    )
    fresh = ConnectionCredentials(
        connection="docusign", provider="docusign", pipeline="contracts", tokens=("t",)
    )
    assert desk.world.secrets.get("docusign") != fresh
