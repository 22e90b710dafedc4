"""``pipelines backtest``: what a file would have done with the documents of the last days."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.cli.desk import CONTRACTS, EVENTS, Desk


@pytest.fixture
def lived(desk: Desk) -> Desk:
    """The contract was signed after a day, three weeks ago."""
    desk.world.advance(timedelta(days=1))
    for name in ("recipient-completed-director", "envelope-completed"):
        path = str(EVENTS / "docusign" / f"{name}.json")
        assert desk("events", "send", path, "--connection", "docusign").exit_code == 0
        desk.world.advance(timedelta(hours=1))
    desk.world.advance(timedelta(days=20))
    return desk


def rewritten(folder: Path, *changes: tuple[str, str]) -> str:
    """The example pipeline with these texts exchanged."""
    text = CONTRACTS.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "contracts.yaml"
    file.write_text(text)
    return str(file)


def test_what_is_published_has_done_what_it_does(lived: Desk) -> None:
    result = lived("pipelines", "backtest", str(CONTRACTS))
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "1 document of the last 30 days: 1 the same, 0 otherwise, 0 that do not fit\n",
        "",
    )


def test_what_would_have_gone_otherwise_is_listed_by_document(lived: Desk, tmp_path: Path) -> None:
    file = rewritten(tmp_path, ("{days: 14}", "{days: 30}"))
    before = len(lived.world.mailbox.sent)
    result = lived("pipelines", "backtest", file)
    assert (result.exit_code, result.stderr) == (0, "")
    first, *lines = result.stdout.splitlines()
    assert first.startswith(lived.document)
    assert lines == [
        "  - 2026-03-17 10:00: moved from signed to archived by rule:archive",
        "      with the draft the rule archive is ready: 30 days after its turn: Thu 2026-04-02 "
        "11:00 Europe/Berlin",
        "    ends in signed instead of archived",
        "1 document of the last 30 days: 0 the same, 1 otherwise, 0 that do not fit",
        "  1 move less by rule:archive, for 1 document",
    ]
    assert len(lived.world.mailbox.sent) == before
    assert lived.world.document(lived.document).stage == "archived"


def test_programs_get_a_record_for_each_document(lived: Desk, tmp_path: Path) -> None:
    file = rewritten(tmp_path, ("{days: 14}", "{days: 30}"))
    (record,) = json.loads(lived("pipelines", "backtest", file, "--output", "json").stdout)
    assert (record["document"], record["stage_published"], record["stage_draft"]) == (
        lived.document,
        "archived",
        "signed",
    )
    (difference,) = record["differences"]
    assert (difference["change"], difference["at"]) == ("removed", "2026-03-17T10:00:00Z")
    line = lived("pipelines", "backtest", file, "--output", "jsonl").stdout
    assert json.loads(line) == record


def test_a_file_that_fits_no_document_ends_with_1_and_says_so(lived: Desk, tmp_path: Path) -> None:
    file = rewritten(
        tmp_path,
        ("  - id: signed\n    name: Signed\n", "  - id: finished\n    name: Finished\n"),
    )
    result = lived("pipelines", "backtest", file, "--days", "10")
    lacks = 'the document is in the stage "signed", which the draft lacks'
    assert result.exit_code == 1
    assert f"  ! {lacks}\n" in result.stdout
    assert f"  does not fit 1 document: {lacks} (such as {lived.document})\n" in result.stdout
    assert result.stderr == (
        f"Error: {file} fits none of the documents; for example {lived.document}: {lacks}\n"
    )


def test_without_documents_it_says_so(desk: Desk, tmp_path: Path) -> None:
    desk.world.documents.remove(desk.document)
    result = desk("pipelines", "backtest", str(CONTRACTS), "--days", "7")
    assert (result.exit_code, result.stdout) == (0, "no document was active in the last 7 days\n")
    file = rewritten(tmp_path, ("pipeline: contracts", "pipeline: leases"))
    unknown = desk("pipelines", "backtest", file)
    assert unknown.exit_code == 4
    assert unknown.stderr == 'Error: there is no pipeline "leases"; published are contracts\n'


@pytest.mark.parametrize("days", ["0", "366", "soon"])
def test_a_period_that_is_none_is_a_mistake_in_the_command(desk: Desk, days: str) -> None:
    assert desk("pipelines", "backtest", str(CONTRACTS), "--days", days).exit_code == 2
