"""Colours for what is added, changed and removed: on a terminal alone, and never from outside."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import click
import pytest

from countersign.cli.output.terminal import only_harmless, painted
from tests.unit.cli.desk import Desk


class Terminal(StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def written(text: str, stream: StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a text becomes on the stream."""
    monkeypatch.setattr(sys, "stdout", stream)
    with only_harmless():
        click.echo(text, nl=False)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("colour", "code"), [("added", "32"), ("changed", "33"), ("removed", "31"), ("bold", "1")]
)
def test_a_painted_text_is_coloured_on_a_terminal(
    colour: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = f"a {painted('rule', colour)} b"
    assert written(text, Terminal(), monkeypatch) == f"a \x1b[{code}mrule\x1b[0m b"


def test_without_a_terminal_there_are_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert written(f"a {painted('rule', 'added')} b", StringIO(), monkeypatch) == "a rule b"


@pytest.mark.parametrize(("value", "coloured"), [("1", False), ("anything", False), ("", True)])
def test_no_color_turns_colours_off_unless_it_is_empty(
    value: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    assert ("\x1b" in written(painted("rule", "added"), Terminal(), monkeypatch)) is coloured


@pytest.mark.parametrize("alien", ["\x1b[31mred", "\x000000;x", "\x009f;31;x", "\x9b31m"])
def test_a_text_from_outside_cannot_colour_what_is_painted_or_what_is_not(
    alien: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = written(f"{alien} {painted(alien, 'added')}", Terminal(), monkeypatch)
    assert shown.replace("\x1b[32m", "", 1).replace("\x1b[0m", "", 1).isprintable()


def planned(desk: Desk, tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    """The lines of a plan for the example with these texts exchanged."""
    text = desk.example.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "contracts.yaml"
    file.write_text(text)
    return desk("pipelines", "plan", str(file)).stdout.splitlines()


def test_a_plan_ends_with_a_sentence_that_sums_up(desk: Desk, tmp_path: Path) -> None:
    changed = ("{days: 14}", "{days: 7}")
    declined = "      - {id: declined, kind: declined}\n"
    added = (declined, f"{declined}      - {{id: gone, kind: expired}}\n")
    removed = (declined, "")
    assert planned(desk, tmp_path)[-1] == "0 added, 0 changed, 0 removed."
    assert planned(desk, tmp_path, changed)[-1] == "0 added, 1 rule changed, 0 removed."
    both = planned(desk, tmp_path, changed, added)
    assert both[-1] == "1 trigger added, 1 rule changed, 0 removed."
    assert planned(desk, tmp_path, removed)[-1] == "0 added, 0 changed, 1 trigger removed."


def test_a_plan_of_a_new_pipeline_counts_all_of_it(desk: Desk, tmp_path: Path) -> None:
    lines = planned(desk, tmp_path, ("pipeline: contracts", "pipeline: others"))
    assert lines[0] == "others is new"
    assert lines[-1] == (
        "1 pipeline, 6 stages, 6 triggers and 3 rules added, 0 changed, 0 removed."
    )


def test_a_plan_names_the_rules_whose_mails_a_signature_changes(desk: Desk, tmp_path: Path) -> None:
    signed = ("pipeline: contracts\n", "pipeline: contracts\nsignature: {text: Acme}\n")
    lines = planned(desk, tmp_path, signed)
    assert lines[1] == "  + signature contracts"
    assert lines[2] == "      in the mails of mail-contract, remind"
    assert lines[-1] == "1 signature added, 0 changed, 0 removed."
