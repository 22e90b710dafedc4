"""What people call what the rows of lists are about."""

from __future__ import annotations

import pytest

from countersign.simulation.world import World
from countersign.use_cases.queries.pages.names import RowNames, names_of
from tests.builders import mail, pipeline, stage
from tests.unit.use_cases.queries.scene import disordered, put, run, task


@pytest.fixture
def here() -> World:
    made = disordered()
    named = stage("draft", mail("remind", name="Reminder"), name="Being drafted")
    made.publish(pipeline(named, name="Sales", senders=["contracts@acme.example"]))
    put(made, "d1", title="Lease", number="L-7", entry=3)
    return made


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("remind", "Reminder"),
        ("_task-2-remind", "Reminder"),
        ("gone", "gone"),
        ("trigger.remind", "remind"),
        ("_backlog", None),
        ("settle.rest", None),
        ("_keep-4-signed_pdf", None),
    ],
)
def test_a_run_is_called_by_what_it_is_of(here: World, rule: str, name: str | None) -> None:
    of_rule = run(here, "d1", rule, "failed", 1, pipeline_version=2)
    assert names_of(here.pages, here.programs, [of_rule]) == (
        RowNames(
            document_title="Lease",
            document_number="L-7",
            document_entry=3,
            pipeline_name="Sales",
            stage_name="Being drafted",
            rule_name=name,
        ),
    )


def test_names_are_those_of_the_version_that_a_row_is_of(here: World) -> None:
    rows = [task(here, "d1", "remind", pipeline_version=number) for number in (1, 2)]
    found = names_of(here.pages, here.programs, rows)
    assert [(one.pipeline_name, one.stage_name, one.rule_name) for one in found] == [
        ("Contracts", "In Arbeit", "remind"),
        ("Sales", "Being drafted", "Reminder"),
    ]


def test_what_is_gone_is_called_by_its_ids(here: World) -> None:
    rows = [run(here, "d9", "remind", "failed", 1, pipeline="removed", stage="sent")]
    assert names_of(here.pages, here.programs, rows) == (
        RowNames(
            document_title=None,
            document_number=None,
            document_entry=None,
            pipeline_name="removed",
            stage_name="sent",
            rule_name="remind",
        ),
    )
    assert names_of(here.pages, here.programs, []) == ()


def test_of_many_versions_those_of_most_rows_are_read(here: World) -> None:
    for _ in range(9):
        here.publish(pipeline(stage("draft", name="Later"), name="Later"))
    versions = [*range(1, 12), 11]
    rows = [task(here, "d1", f"r{n}", pipeline_version=one) for n, one in enumerate(versions)]
    found = names_of(here.pages, here.programs, rows)
    assert found[10].stage_name == found[11].stage_name == "Later"
    assert [one.stage_name for one in found].count("draft") == 1
