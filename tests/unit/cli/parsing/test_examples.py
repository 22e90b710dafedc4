"""The examples in every command's help: each works, as text and as JSON."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from countersign.cli.commands import countersign
from countersign.cli.output.verbs import Verb
from tests.unit.cli.desk import Desk
from tests.unit.cli.example_desk import (
    ANSWER,
    ENDS_WITH,
    EXAMPLES,
    FOLLOWS,
    arguments,
    example_desk,
)
from tests.unit.cli.output.test_output import PRINTS_A_FILE, leaves
from tests.unit.cli.transport import over_the_api


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A world that has everything that the examples name, in a folder with their files."""
    made = example_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    return made


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_works(desk: Desk, path: tuple[str, ...], example: str) -> None:
    if path == ("whoami",):
        over_the_api(desk)
    result = desk(*arguments(desk, example), answer=f"{ANSWER if 'secret' in example else 'y'}\n")
    assert result.exit_code == ENDS_WITH.get(example, 0), result.stderr
    assert result.stdout or example in FOLLOWS


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_says_the_same_to_programs(
    desk: Desk, path: tuple[str, ...], example: str
) -> None:
    if path in PRINTS_A_FILE:
        pytest.skip("prints a file")
    given = f"{ANSWER if 'secret' in example else 'y'}\n"
    if path == ("whoami",):
        over_the_api(desk)
    words = [word for word in arguments(desk, example) if word not in ("--output", "json")]
    if example in FOLLOWS:
        pytest.skip("prints a line for each entry")
    whole = desk(*words, "--output", "json", answer=given)
    assert whole.exit_code == ENDS_WITH.get(example, 0), whole.stderr
    echoed = f"{given.strip()}\n"  # By the test's runner, where a question was asked.
    check(json.loads(whole.stdout.removeprefix(echoed).removeprefix(f" {echoed}")))


FREE = {"fields", "headers", "pipeline", "custom_fields", "detail", "names", "settings"}
"""Keys below which stand names that people choose."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")


def check(value: Any) -> None:
    """Keys are in snake case, and times in UTC."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", key), key
            if key not in FREE:
                check(inner)
    elif isinstance(value, list):
        for inner in value:
            check(inner)
    elif isinstance(value, str) and MOMENT.fullmatch(value):
        assert datetime.fromisoformat(value).tzinfo == UTC
        assert value.endswith("Z")


def test_every_command_has_examples_of_itself() -> None:
    for path, command in leaves():
        examples = getattr(command, "examples", ())
        assert examples, path
        for example in examples:
            noun, verb = path[0], path[1] if len(path) > 1 else None
            words = re.findall(r"[\w./-]+", example.partition("countersign ")[2])
            assert words[0] == noun, path
            short = verb in ("list", "show") and not set(words) & {"list", "show"}
            assert verb is None or verb in words or short, (path, example)


@pytest.mark.parametrize(
    "path", [path for path, _ in leaves()], ids=[" ".join(path) for path, _ in leaves()]
)
def test_the_help_ends_with_the_examples(path: tuple[str, ...]) -> None:
    command: click.Command = countersign
    for word in path:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    shown = CliRunner().invoke(countersign, [*path, "--help"]).output
    assert isinstance(command, Verb)
    end = "\n".join(f"  {example}" for example in command.examples)
    assert shown.endswith(f"\nExamples:\n{end}\n")
