"""What the core writes on timelines has a sentence in the console, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from countersign.model.document_event import HappeningKind
from countersign.model.log import LogKind
from countersign.model.run import RunState
from countersign.model.signing_event import EventKind, SignerAction
from countersign.model.timing import Unit
from countersign.use_cases.runs.change_run import _WORDS
from tests.unit.console.test_sources import texts

RAW = {"other"}
"""Events of which nothing more is known than who reported them."""


@pytest.fixture(params=["en", "de"])
def known(console: Path, request: pytest.FixtureRequest) -> set[str]:
    folder = console / "site" / "texts"
    return {
        *texts(folder / f"{request.param}.js"),
        *texts(folder / f"documents.{request.param}.js"),
        *texts(folder / f"words.{request.param}.js"),
    }


@pytest.fixture
def happened(console: Path) -> str:
    return (console / "site" / "lib" / "happened.js").read_text(encoding="utf-8")


def kinds() -> set[str]:
    """Of everything that may happen to a document."""
    own = {name for one in get_args(HappeningKind) for name in get_args(one)}
    return {*get_args(EventKind), *own} - RAW


def test_every_event_has_a_sentence(known: set[str]) -> None:
    lacking = {
        kind
        for kind in kinds()
        if not {f"doc event {kind}", f"doc event {kind} by"} & known and kind != "task.completed"
    }
    assert lacking == set()
    assert len(kinds()) > 30
    assert "doc event other" in known


def test_every_kind_of_line_has_a_sentence(happened: str) -> None:
    table = happened[happened.index("const SENTENCES") :]
    told = set(re.findall(r"^  (\w+)[:,]", table[: table.index("\n};")], re.MULTILINE))
    assert told == set(get_args(LogKind))


def test_every_state_unit_and_action_has_a_text(known: set[str]) -> None:
    assert {f"run {state}" for state in get_args(RunState)} <= known
    assert {f"span {unit}" for unit in get_args(Unit)} <= known
    assert {f"doc action {one}" for one in get_args(SignerAction) if one != "sign"} <= known


@pytest.mark.parametrize("words", _WORDS.values())
def test_what_people_do_with_runs_is_recognised(happened: str, words: str) -> None:
    verb = words.partition(" {rule}")[0].removeprefix("had ")
    assert verb in happened
