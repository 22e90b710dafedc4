"""Statistics on the command line: what people and programs read, and what a rebuild prints."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.unit.cli.desk import Desk


@pytest.fixture
def counted(desk: Desk) -> Desk:
    """What happened so far is counted; nobody has to wait."""
    desk.wait = lambda _: None
    desk.world.advance(timedelta(hours=1))
    result = desk("statistics", "rebuild", "--replace")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            f"  contracts: document {desk.document}: it is not counted",
            "1 document compared; 1 difference found and corrected",
        ],
    )
    return desk


def test_a_pipeline_is_shown_as_tables_and_sentences(counted: Desk) -> None:
    result = counted("statistics", "show", "contracts", "--from", "2026-03-01")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("contracts, 2026-03-01 to 2026-03-")
    assert lines[2].split() == [
        *("STAGE", "PRESENT", "ARRIVED", "LEFT", "MEDIAN", "TIME", "90", "%", "REACHED"),
    ]
    rows = {line.split()[0]: line.split()[1:] for line in lines[3:] if line}
    assert rows["sent"] == ["1", "1", "0", "1", "(100", "%)"]
    assert (
        "Documents created in the period: 1; of them 1 sent, "
        "0 completed, 0 declined, 0 voided, 0 expired, 0 deleted"
    ) in lines
    assert "Time to sign: nothing to tell" in lines


def test_all_pipelines_are_listed_with_their_main_figures(counted: Desk) -> None:
    result = counted("statistics", "show", "--output", "json")
    assert json.loads(result.stdout) == [
        {
            "pipeline": "contracts",
            "present": 1,
            "created": 1,
            "completed": 0,
            "declined": 0,
            "completion_rate": None,
            "median_time_to_sign": None,
            "failed_runs": 0,
        }
    ]


def test_programs_get_every_figure(counted: Desk) -> None:
    result = counted("statistics", "show", "contracts", "--output", "json")
    told = json.loads(result.stdout)
    assert told["pipeline"] == "contracts"
    assert [stage["stage"] for stage in told["stages"] if stage["present"]] == ["sent"]
    assert len(told["days"]) == 30
    assert told["cohort"]["created"] == 1
    assert told["time_to_sign"] == {"number": 0, "median": None, "percentile_90": None}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("show", "no-such"), 'there is no pipeline "no-such"'),
        (("rebuild", "no-such"), 'there is no pipeline "no-such"'),
        (("show", "--from", "2026-03-09", "--to", "2026-03-01"), "ends before"),
        (("show", "--from", "2020-01-01"), "expected at most 366"),
        (("show", "--from", "yesterday"), "yesterday"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_reason(
    counted: Desk, arguments: tuple[str, ...], text: str
) -> None:
    result = counted("statistics", *arguments)
    assert result.exit_code != 0
    assert text in result.stderr


def test_a_rebuild_prints_what_it_found_and_corrected(counted: Desk) -> None:
    document = counted.document
    statistics = counted.world.statistics
    wrong = statistics.documents[document]
    statistics.documents[document] = wrong.model_copy(update={"stays": wrong.stays[:1]})
    counted.world.advance(timedelta(hours=1))
    found = counted("statistics", "rebuild", "contracts")
    assert f"contracts: document {document}: its stays was counted otherwise" in found.stdout
    assert found.stdout.splitlines()[-1].endswith("differences found")

    corrected = counted("statistics", "rebuild", "contracts", "--replace", "--output", "jsonl")
    records = [json.loads(line) for line in corrected.stdout.splitlines()]
    assert records[0] == {
        "pipeline": "contracts",
        "what": "document",
        "name": document,
        "text": "its stays was counted otherwise",
    }
    again = counted("statistics", "rebuild", "--output", "json")
    assert json.loads(again.stdout) == []


def test_a_rebuild_waits_until_everybody_counts_anew(desk: Desk) -> None:
    waits: list[float] = []
    desk.wait = waits.append
    desk("statistics", "rebuild")
    assert waits == [120.0]
