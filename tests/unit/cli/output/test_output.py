"""Every command prints for people and for programs: text, JSON, or a JSON line a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from countersign.cli.commands import countersign
from countersign.cli.output.formats import plain_json
from tests.unit.cli.desk import Desk


def leaves(
    command: click.Command = countersign, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that has no commands below it, with the words that lead to it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name in inner:
        yield from leaves(inner[name], (*path, name))


PRINTS_A_FILE = {
    *(("api",), ("audit", "export"), ("completion",), ("schema",), ("pipelines", "export")),
}
"""Commands whose output is a file's content, which has its own form."""


def test_every_command_has_the_option_output() -> None:
    without = {
        path
        for path, command in leaves()
        if not any(option.opts == ["--output"] for option in command.params)
    }
    assert without == PRINTS_A_FILE
    assert len(list(leaves())) > 40


def test_output_is_one_of_three(desk: Desk) -> None:
    refused = desk("documents", "list", "--output", "yaml")
    assert (refused.exit_code, "'table', 'json', 'jsonl'" in refused.stderr) == (2, True)


def test_a_list_is_a_table_one_json_value_or_a_line_a_record(desk: Desk) -> None:
    assert desk("pipelines", "list").stdout == (
        "PIPELINE   NAME       VERSION  DOCUMENTS  STATE\n"
        "contracts  Contracts  1        0          running\n"
    )
    (record,) = json.loads(desk("pipelines", "list", "--output", "json").stdout)
    assert record == {
        "pipeline": "contracts",
        "name": "Contracts",
        "version": 1,
        "documents": 0,
        "state": "running",
        "automation": True,
        "not_included": [],
    }
    assert desk("pipelines", "versions", "contracts", "--output", "jsonl").stdout == (
        '{"version": 1, "published_at": "2026-03-02T09:00:00Z", '
        '"published_by": "anna@acme.example", "note": "", "current": true}\n'
    )


def test_a_list_of_nothing_is_an_empty_list_or_no_line_at_all(desk: Desk) -> None:
    assert desk("runs", "list").stdout == "no run has failed or is in doubt\n"
    assert desk("runs", "list", "--output", "json").stdout == "[]\n"
    assert desk("runs", "list", "--output", "jsonl").stdout == ""


def test_a_change_says_what_it_did(desk: Desk) -> None:
    edited = desk("documents", "edit", desk.document, "amount=3200", "--output", "jsonl")
    assert json.loads(edited.stdout) == {
        "document": desk.document,
        "pipeline": "contracts",
        "stage": "sent",
        "moved": False,
        "timeline": [
            {
                "kind": "edited",
                "text": "anna@acme.example changed amount",
                "changes": [{"field": "amount", "old": "12500.00", "new": "3200"}],
            }
        ],
        "planned": [],
        "updated": [],
    }
    paused = desk("pipelines", "pause", "contracts", "--output", "json")
    assert json.loads(paused.stdout) == {"pipeline": "contracts", "state": "paused"}


def test_a_plan_says_to_programs_what_changes(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(desk.example.read_text().replace("{days: 14}", "{days: 7}"))
    planned = json.loads(desk("pipelines", "plan", str(file), "--output", "json").stdout)
    assert (planned["pipeline"], planned["version"], planned["problems"]) == ("contracts", 1, [])
    assert planned["changes"] == [
        {
            "change": "changed",
            "part": "rule",
            "id": "archive",
            "stage": "signed",
            "details": ["time.after.days: 14 -> 7"],
            "values": [{"pointer": "/time/after/days", "before": 14, "after": 7}],
            "rules": [],
            "warnings": [],
        }
    ]


def test_a_file_that_is_not_valid_is_described_to_programs_and_ends_with_1(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(desk.example.read_text().replace("stage: archived", "stage: archive"))
    refused = desk("pipelines", "validate", str(file), "--output", "json")
    told = json.loads(refused.stdout)
    assert (refused.exit_code, told["valid"]) == (1, False)
    (problem,) = told["problems"]
    assert (problem["line"], problem["severity"]) == (71, "error")
    assert problem["text"].startswith('no stage "archive"')


def test_what_asks_first_asks_on_standard_error(desk: Desk) -> None:
    asked = desk("connections", "remove", "docusign", "--output", "json", answer="y\n")
    assert asked.exit_code == 0
    assert "Its address stops working" in asked.stderr
    assert "Its address" not in asked.stdout


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (datetime(2026, 3, 2, 10, tzinfo=UTC), "2026-03-02T10:00:00Z"),
        (datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1))), "2026-03-02T09:00:00Z"),
        (datetime(2026, 3, 2, 10, 0, 0, 5000, tzinfo=UTC), "2026-03-02T10:00:00.005000Z"),
        (date(2026, 3, 2), "2026-03-02"),
        (Decimal("12.50"), "12.50"),
        ((1, {"a": Decimal(2)}), [1, {"a": "2"}]),
        (timedelta(minutes=2), 120.0),
        (None, None),
    ],
)
def test_values_are_written_exactly_and_times_in_utc(value: object, wanted: object) -> None:
    assert plain_json(value) == wanted


def test_the_help_of_a_command_names_the_formats() -> None:
    shown = CliRunner().invoke(countersign, ["tasks", "list", "--help"]).output
    assert "--output [table|json|jsonl]" in shown
