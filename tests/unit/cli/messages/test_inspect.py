"""``events inspect``: what a captured message is read as, without a stack or a secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.use_cases.services import Cloud

EVENTS = Path(__file__).parents[4] / "events"
SIGNED = EVENTS / "docuseal" / "form.completed_client.json"
CONTRACTS = EVENTS / "pipelines" / "contracts.yaml"


def inspect(*arguments: str | Path) -> Result:
    def no_cloud() -> Cloud:
        raise AssertionError("inspecting went to the cloud")

    context = CliContext(
        user="anna@acme.example", open_cloud=no_cloud, now=lambda: datetime(2026, 5, 2, tzinfo=UTC)
    )
    runner = CliRunner(mix_stderr=False)
    return runner.invoke(countersign, ["events", "inspect", *map(str, arguments)], obj=context)


def test_it_shows_events_signers_with_parties_state_and_what_is_cut_out() -> None:
    shown = inspect("docuseal", SIGNED)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "signer.signed of 5821, from form.completed" in shown.stdout
    assert "unknown: nothing tells which party the signer belongs to" in shown.stdout
    assert 'envelope 5821 "Rental agreement": completed' in shown.stdout
    assert "removed before it is stored: data.documents.0.url" in shown.stdout


@pytest.mark.parametrize(
    ("options", "party", "fires"),
    [
        (["--company-domain", "acme.example"], "client: klara.vogel@kunde.example is not", None),
        (["--role", "Client=company"], 'company: the role "Client" is mapped', "director-signed"),
        (
            ["--email", "KLARA.vogel@kunde.example=company"],
            "company: the address",
            "director-signed",
        ),
        (["--others", "company"], "company: everybody else counts as company", "director-signed"),
    ],
)
def test_the_mapping_can_be_tried(options: list[str], party: str, fires: str | None) -> None:
    shown = inspect("docuseal", SIGNED, "--pipeline", CONTRACTS, *options)
    assert shown.exit_code == 0
    assert f"    {party}" in shown.stdout
    assert (f"fires {fires} of partially-signed" in shown.stdout) is (fires is not None)


def test_the_connection_may_come_from_a_script(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("connection: {parties: {roles: {Client: company}}}\n")
    shown = inspect("docuseal", SIGNED, "--script", script)
    assert 'company: the role "Client" is mapped to company' in shown.stdout
    script.write_text("connection: {parties: {rolls: {}}}\n")
    wrong = inspect("docuseal", SIGNED, "--script", script)
    assert wrong.exit_code == 1
    assert "connection.parties.rolls" in wrong.stderr


def test_as_json_it_is_whole() -> None:
    shown = inspect("docuseal", SIGNED, "--pipeline", CONTRACTS, "--output", "json")
    (value,) = json.loads(shown.stdout)
    assert [event["kind"] for event in value["events"]] == ["signer.signed"]
    assert value["effects"][0]["document"]["stage"] == "signed"


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("docuseal", b"{", "the body is not valid JSON"),
        ("docuseal", b'{"data": {}}', "event_type: Field required"),
        ("docsign", b"{}", "did you mean docusign"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_line(
    tmp_path: Path, name: str, content: bytes, text: str
) -> None:
    file = tmp_path / "m.json"
    file.write_bytes(content)
    wrong = inspect(name, file)
    assert wrong.exit_code == (4 if "did you mean" in text else 1)
    assert text in wrong.stderr
    assert wrong.stderr.count("\n") == 1


def test_text_from_the_message_cannot_steer_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    data = {
        "id": 1,
        "submission_id": 2,
        "name": "\u202eEve\u001b[31m",
        "template": {"name": "\u001b]0;x"},
    }
    file.write_text(json.dumps({"event_type": "form.viewed", "data": data}))
    shown = inspect("docuseal", file)
    assert shown.exit_code == 0
    assert all(letter.isprintable() or letter == "\n" for letter in shown.stdout)
