"""The README is true: its tables are what the product says of itself, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from countersign.cli.catalogue import kinds_table, providers_table
from countersign.cli.commands import countersign
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from tests.crash.laws import LAWS


@pytest.fixture(scope="module")
def readme(project_root: Path) -> str:
    """Its text."""
    return (project_root / "README.md").read_text(encoding="utf-8")


def test_the_tables_are_what_the_commands_print(readme: str) -> None:
    assert providers_table() in readme, "paste what `countersign providers` prints"
    for table in (kinds_table("trigger", TRIGGERS), kinds_table("rule", RULES)):
        assert table in readme, "paste what `countersign kinds` prints"


def test_every_command_of_the_readme_exists(readme: str) -> None:
    pattern = r"^ *(?:\.venv/bin/)?countersign ([a-z-]+)(?: ([a-z-]+))?"
    named = set(re.findall(pattern, readme, re.MULTILINE))
    assert len(named) > 10
    for noun, verb in named:
        group = countersign.commands[noun]
        assert not verb or verb in getattr(group, "commands", ()), (noun, verb)


def test_the_simulations_of_the_readme_come_out_as_they_expect(
    readme: str, project_root: Path
) -> None:
    played = re.findall(
        r"^countersign pipelines simulate (events/\S+) (events/\S+)", readme, re.MULTILINE
    )
    assert played
    for files in played:
        paths = [str(project_root / file) for file in files]
        assert CliRunner().invoke(countersign, ["pipelines", "simulate", *paths]).exit_code == 0


def test_every_make_target_of_the_readme_exists(readme: str, project_root: Path) -> None:
    makefile = (project_root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", readme, re.MULTILINE)) <= targets


def test_every_file_that_the_readme_points_to_is_there(readme: str, project_root: Path) -> None:
    for path in re.findall(r"\]\(([^)#]+)\)", readme):
        assert (project_root / path).exists(), path


def test_the_catalogue_commands_print_their_tables() -> None:
    run = CliRunner().invoke
    assert run(countersign, ["providers"]).output == f"{providers_table()}\n"
    steps = run(countersign, ["providers", "skribble"]).output.splitlines()
    assert (steps[0], steps[-3][:5], "{" in "".join(steps)) == ("Skribble", "  1. ", False)
    assert run(countersign, ["providers", "nobody"]).exit_code == 4
    assert "| paperwork | `signed_by_all` |" in run(countersign, ["kinds"]).output


def test_every_promise_names_the_laws_or_tests_that_prove_it(
    readme: str, project_root: Path
) -> None:
    table = readme.split("## What is promised")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 15
    for what, *_, proven in rows:
        laws, paths = re.findall(r"\*([a-z ]+)\*", proven), re.findall(r"`(tests/[^`]+)`", proven)
        assert laws or paths, what
        assert set(laws) <= set(LAWS), what
        assert all((project_root / path).exists() for path in paths), what
