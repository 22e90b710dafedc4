"""Moving many documents from the command line: by a job, both ways, after a question."""

from __future__ import annotations

import json
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from click.testing import Result

from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.unit.cli.desk import ANNA, Desk
from tests.unit.cli.example_desk import example_desk
from tests.unit.cli.transport import over_the_api

ALL = ("documents", "move", "--all", "--pipeline", "reminders")


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, Desk]:
    """Two worlds that are alike, with four documents more: with credentials, and over the API."""
    made = []
    for way in ("stack", "api"):
        tokens = map("{:022}".format, count())
        monkeypatch.setattr("secrets.token_urlsafe", lambda _, tokens=tokens: next(tokens))
        here = tmp_path / way
        here.mkdir()
        monkeypatch.chdir(here)
        desk = example_desk(here)
        for _ in range(4):
            assert desk("documents", "create", "reminders", "title=More").exit_code == 0
        desk.world.settle()
        if way == "api":
            over_the_api(desk)
        desk.wait = partial(_settle, desk.world)
        made.append(desk)
    return made[0], made[1]


def _settle(world: World, _seconds: float) -> None:
    world.settle()


def both(desks: tuple[Desk, Desk], *words: str, answer: str = "") -> Result:
    """What the command does, which is the same both ways."""
    stack, api = (desk(*words, answer=answer) for desk in desks)
    assert (api.exit_code, api.stdout, api.stderr) == (stack.exit_code, stack.stdout, stack.stderr)
    return api


def ids(desk: Desk, stage: str) -> list[str]:
    return sorted(one.id for one in desk.world.documents.in_stage("reminders", stage))


def test_several_that_are_named_are_moved_by_a_job(desks: tuple[Desk, Desk]) -> None:
    first, second, *rest = ids(desks[0], "work")
    told = both(desks, "documents", "move", first, second, "d-9", "done", "--comment", "Paper")
    assert told.exit_code == 1
    assert "  move_documents, started by anna@acme.example at " in told.stdout
    assert "  2 of 3 done, 1 refused\n" in told.stdout
    assert "  refused: d-9: there is no document d-9\n" in told.stdout
    for desk in desks:
        assert (ids(desk, "done"), ids(desk, "work")) == ([first, second], rest)
        lines = desk.world.documents.timeline(first)
        assert [one.text for one in lines if one.kind == "commented"] == ["Paper"]


def test_all_that_the_filters_match_are_moved_after_a_question(desks: tuple[Desk, Desk]) -> None:
    moved, *rest = ids(desks[0], "work")
    for desk in desks:
        desk.world.edit(moved, Edit(stage="done"), by=ANNA)
    refused = both(desks, *ALL, "done", answer="n\n")
    assert refused.exit_code == 1
    assert refused.stderr == (
        "  no rule starts\n  1 document in done already, left out\n"
        "move 4 documents to done? [y/N]:Aborted!\n"
    )
    told = both(desks, *ALL, "done", "--yes", "--output", "json")
    record = json.loads(told.stdout)
    assert (record["documents"], record["job"]["done"], record["job"]["arguments"]) == (4, 4, None)
    asked = both(desks, *ALL, "work", answer="y\n")
    assert "  5 of 5 done, 0 refused\n" in asked.stdout
    for desk in desks:
        assert ids(desk, "work") == sorted([moved, *rest])


def test_the_question_says_which_rules_start_and_that_the_pipeline_is_paused(
    desks: tuple[Desk, Desk],
) -> None:
    moved = ids(desks[0], "work")[0]
    for desk in desks:
        desk.world.edit(moved, Edit(stage="done"), by=ANNA)
        assert desk("pipelines", "pause", "reminders").exit_code == 0
    told = both(desks, *ALL, "work", answer="n\n")
    assert told.stderr == (
        "  rules that start in work: hello, check, remind\n"
        "  4 documents in work already, left out\n"
        "  the pipeline is paused: rules start when it is resumed\n"
        "move 1 document to work? [y/N]:Aborted!\n"
    )


def test_filters_that_match_nothing_start_no_job(desks: tuple[Desk, Desk]) -> None:
    for more in (("--responsible", "nobody@acme.example"), ("--text", "nothing")):
        told = both(desks, *ALL, *more, "done", "--output", "json")
        assert (told.exit_code, json.loads(told.stdout)) == (0, {"documents": 0, "job": None})
    told = both(desks, *ALL, "work")
    assert told.stdout == "no document is to be moved; 5 are in work already\n"


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("d-1042",), 2, "documents move takes DOCUMENT..., or --all with filters; not both"),
        (("d-1", "--stage", "work", "done"), 2, "takes DOCUMENT..., or --all with filters"),
        (("--all", "d-1", "done"), 2, "takes DOCUMENT..., or --all with filters; not both"),
        (("--all", "done"), 2, "documents move --all takes the documents of one --pipeline"),
        (
            (*(f"d-{number}" for number in range(101)), "done"),
            2,
            "101 documents are named; expected 100 at most, or --all",
        ),
        (("--all", "--pipeline", "reminders", "lost", "--yes"), 1, 'the stage "lost" does not'),
        (("--all", "--pipeline", "nothing", "done", "--yes"), 4, 'no pipeline "nothing"'),
        (("--all", "--pipeline", "reminders", "--stage", "lost", "done"), 4, 'no stage "lost"'),
        (("d-8", "d-9", "done"), 4, "there is no document d-8"),
    ],
)
def test_a_move_that_cannot_be_is_refused_both_ways(
    desks: tuple[Desk, Desk], words: tuple[str, ...], code: int, text: str
) -> None:
    told = both(desks, "documents", "move", *words)
    assert (told.exit_code, told.stdout) == (code, "")
    assert text in told.stderr
    for desk in desks:
        assert "move_documents" not in {job.kind for job in desk.world.jobs.jobs.values()}
