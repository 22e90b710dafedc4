"""Pipelines are listed by id, their versions newest first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from countersign.errors import NotFoundError
from countersign.simulation.world import World
from countersign.use_cases.queries.pipelines import (
    VersionList,
    VersionRow,
    list_pipelines,
    list_programs,
    list_versions,
    published_head,
    show_version,
)
from tests.builders import pipeline, stage
from tests.unit.use_cases.queries.scene import disordered


@pytest.fixture
def here() -> World:
    """Three versions of ``contracts``, two by others than the first."""
    made = disordered()
    for hour, author, name in ((9, "ben", "second"), (8, "carla", "third")):
        made.pipelines.publish(
            pipeline(stage("draft", name=name)),
            at=datetime(2026, 5, 4, hour, tzinfo=UTC),
            by=f"{author}@acme.example",
        )
    return made


def test_pipelines_stand_by_id(here: World) -> None:
    here.pipelines.set_paused("leases", True)
    assert [
        (head.pipeline, head.version, head.paused) for head in list_pipelines(here.pipelines)
    ] == [
        ("contracts", 3, False),
        ("leases", 1, True),
    ]
    assert [head.pipeline for head in list_pipelines(here.pipelines, "leases")] == ["leases"]


def test_programs_are_the_published_versions_by_pipeline(here: World) -> None:
    programs = list_programs(here.pipelines, here.programs)
    assert [(program.pipeline.pipeline, program.version) for program in programs] == [
        ("contracts", 3),
        ("leases", 1),
    ]
    (program,) = list_programs(here.pipelines, here.programs, "contracts")
    assert program.pipeline.stages[0].name == "third"


def test_versions_stand_by_number_newest_first_with_the_current_one_marked(here: World) -> None:
    assert list_versions(here.pipelines, "contracts", 2) == VersionList(
        (
            VersionRow(
                number=3,
                published_at=datetime(2026, 5, 4, 8, tzinfo=UTC),
                published_by="carla@acme.example",
                note="",
                current=True,
            ),
            VersionRow(
                number=2,
                published_at=datetime(2026, 5, 4, 9, tzinfo=UTC),
                published_by="ben@acme.example",
                note="",
                current=False,
            ),
        ),
        older=1,
    )


@pytest.mark.parametrize(
    ("newest", "numbers", "older"), [(1, [3], 2), (3, [3, 2, 1], 0), (9, [3, 2, 1], 0)]
)
def test_how_many_older_versions_there_are_is_said(
    here: World, newest: int, numbers: list[int], older: int
) -> None:
    listed = list_versions(here.pipelines, "contracts", newest)
    assert ([row.number for row in listed.rows], listed.older) == (numbers, older)


def test_the_current_version_is_shown_unless_a_number_is_given(here: World) -> None:
    shown = [show_version(here.pipelines, "contracts", number) for number in (None, 2, 1)]
    assert [(version.number, version.pipeline.stages[0].name) for version in shown] == [
        (3, "third"),
        (2, "second"),
        (1, "In Arbeit"),
    ]
    with pytest.raises(NotFoundError, match="pipeline contracts has no version 4"):
        show_version(here.pipelines, "contracts", 4)


def test_without_pipelines_none_are_listed() -> None:
    here = World()
    assert (list_pipelines(here.pipelines), list_programs(here.pipelines, here.programs)) == (
        (),
        (),
    )
    with pytest.raises(NotFoundError, match=r'^there is no pipeline "x"; published are none$'):
        published_head(here.pipelines, "x")


def test_an_unknown_pipeline_is_an_error_that_names_those_there_are(here: World) -> None:
    for query in (
        lambda: published_head(here.pipelines, "lease"),
        lambda: list_pipelines(here.pipelines, "lease"),
        lambda: list_programs(here.pipelines, here.programs, "lease"),
        lambda: list_versions(here.pipelines, "lease", 5),
        lambda: show_version(here.pipelines, "lease", 1),
    ):
        with pytest.raises(NotFoundError, match=r'^there is no pipeline "lease"; published are '):
            query()
