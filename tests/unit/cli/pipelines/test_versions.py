"""Versions with notes: exported as files that mean the same, and compared."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from countersign.model.draft import Draft
from countersign.pipeline_files.reader import check_file, read
from tests.unit.cli.desk import CONTRACTS, EVENTS, Desk

TODAY = date(2026, 3, 2)
EXAMPLES = sorted(
    path for path in (EVENTS / "pipelines").glob("*.yaml") if "script" not in path.name
)


def archived_after(folder: Path, days: int) -> str:
    """The example pipeline, whose documents are archived after so many days."""
    file = folder / "contracts.yaml"
    file.write_text(CONTRACTS.read_text().replace("{days: 14}", f"{{days: {days}}}"))
    return str(file)


@pytest.mark.parametrize("example", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_every_example_means_the_same_once_it_was_published_and_exported(
    desk: Desk, tmp_path: Path, example: Path
) -> None:
    wanted = check_file(example, today=TODAY).pipeline
    assert wanted is not None
    desk.world.publish(wanted)
    exported = desk("pipelines", "export", wanted.pipeline)
    assert (exported.exit_code, exported.stderr) == (0, "")
    file = tmp_path / "exported.yaml"
    file.write_text(exported.stdout)
    assert check_file(file, today=TODAY).pipeline == wanted
    planned = json.loads(desk("pipelines", "plan", str(file), "--output", "json").stdout)
    assert planned["changes"] == []


def test_one_version_is_exported(desk: Desk, tmp_path: Path) -> None:
    desk("pipelines", "publish", archived_after(tmp_path, 7))
    for options, days in ((("--version", "1"), 14), (("--version", "2"), 7), ((), 7)):
        text = desk("pipelines", "export", "contracts", *options).stdout
        assert text.startswith("pipeline: contracts\n")
        assert f"days: {days}\n" in text
    missing = desk("pipelines", "export", "contracts", "--version", "3")
    assert (missing.exit_code, missing.stdout) == (4, "")
    assert missing.stderr == "Error: pipeline contracts has no version 3\n"
    assert desk("pipelines", "export", "leases").exit_code == 4


def test_a_draft_is_exported_as_it_is_written(desk: Desk) -> None:
    content = {
        "pipeline": "contracts",
        "name": "NO",
        "amount": Decimal("5.000"),
        "rate": Decimal("1E+2"),
        "stages": [{"id": "draft", "rules": "none yet"}],
    }
    now = datetime(2026, 3, 2, tzinfo=UTC)
    draft = Draft(
        pipeline="contracts", content=content, created_at=now, saved_at=now, saved_by="eva"
    )
    none = desk("pipelines", "export", "contracts", "--draft")
    assert (none.exit_code, none.stderr) == (4, "Error: there is no draft of contracts\n")
    desk.world.drafts.put(draft)
    exported = desk("pipelines", "export", "contracts", "--draft")
    assert exported.stdout == (
        "pipeline: contracts\n"
        "name: NO\n"
        "amount: 5.000\n"
        "rate: 100.0\n"
        "stages:\n"
        "  - id: draft\n"
        "    rules: none yet\n"
    )
    assert read(exported.stdout)[0] == content
    both = desk("pipelines", "export", "contracts", "--draft", "--version", "1")
    assert (both.exit_code, "not both" in both.stderr) == (2, True)


def test_two_versions_are_compared(desk: Desk, tmp_path: Path) -> None:
    desk("pipelines", "publish", archived_after(tmp_path, 7))
    desk("pipelines", "publish", archived_after(tmp_path, 3))
    changed = "  ~ rule archive in signed\n      time.after.days: {}\n0 added, 1 rule changed, 0"
    for numbers, text in (
        (("1",), "from version 1 to version 3:\n" + changed.format("14 -> 3")),
        (("1", "2"), "from version 1 to version 2:\n" + changed.format("14 -> 7")),
        (("3", "1"), "from version 3 to version 1:\n" + changed.format("3 -> 14")),
        (("2", "2"), "from version 2 to version 2:\n0 added, 0 changed, 0"),
    ):
        shown = desk("pipelines", "diff", "contracts", *numbers).stdout
        assert shown == f"contracts, {text} removed.\n"
    missing = desk("pipelines", "diff", "contracts", "1", "4")
    assert (missing.exit_code, missing.stderr) == (
        4,
        "Error: pipeline contracts has no version 4\n",
    )


def test_a_comparison_is_a_record_for_programs(desk: Desk, tmp_path: Path) -> None:
    desk("pipelines", "publish", archived_after(tmp_path, 7))
    told = json.loads(desk("pipelines", "diff", "contracts", "1", "--output", "json").stdout)
    assert told == {
        "pipeline": "contracts",
        "old": 1,
        "new": 2,
        "changes": [
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
        ],
        "added": 0,
        "changed": 1,
        "removed": 0,
    }


def test_a_note_is_shown_with_its_version_and_cannot_be_too_long(
    desk: Desk, tmp_path: Path
) -> None:
    file = archived_after(tmp_path, 7)
    refused = desk("pipelines", "publish", file, "--note", "x" * 1_001)
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Error: the note has 1,001 characters; expected at most 1,000\n",
    )
    assert desk("pipelines", "publish", file, "--note", "Archive\nearlier").exit_code == 0
    assert desk("pipelines", "show", "contracts").stdout.splitlines()[:3] == [
        "# version 2, published 2026-03-02 09:00:00 UTC by anna@acme.example",
        "# Archive earlier",
        "pipeline: contracts",
    ]
    assert desk("pipelines", "rollback", "contracts", "1", "--note", "Too early").exit_code == 0
    listed = json.loads(desk("pipelines", "versions", "contracts", "--output", "json").stdout)
    assert [one["note"] for one in listed] == ["Too early", "Archive\nearlier", ""]


def test_what_git_manages_is_published_from_the_command_line(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(f"managed_by: git\n{CONTRACTS.read_text()}")
    assert desk("pipelines", "plan", str(file)).exit_code == 0
    assert desk("pipelines", "publish", str(file)).exit_code == 0
    assert desk("pipelines", "rollback", "contracts", "1").exit_code == 0
    file.write_text(f"managed_by: svn\n{CONTRACTS.read_text()}")
    wrong = desk("pipelines", "validate", str(file))
    assert (wrong.exit_code, f'{file}:1:13: managed_by is "svn"' in wrong.stderr) == (1, True)


def test_a_plan_says_how_many_documents_are_in_stages_that_change(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "contracts.yaml"
    text = CONTRACTS.read_text()
    assert "time_zone: Europe/Berlin" in text
    file.write_text(text.replace("time_zone: Europe/Berlin", "time_zone: Europe/Vienna"))
    planned = desk("pipelines", "plan", str(file)).stdout
    assert "\n  documents in stages that change: 1 in sent\n" in planned
    told = json.loads(desk("pipelines", "plan", str(file), "--output", "json").stdout)
    assert told["stages"] == [{"stage": "sent", "documents": 1}]
