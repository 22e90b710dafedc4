"""An answer that is lost on its way: what was asked for is done once, and the command says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.unit.cli.desk import Desk
from tests.unit.cli.example_desk import ANSWER, arguments, example_desk
from tests.unit.cli.transport import InProcess, over_the_api

SHOWN_AGAIN = [
    "documents create reminders title=Lease",
    "documents move d-1042 done",
    "documents stop d-1042",
    "documents erase klara.vogel@kunde.example --yes",
    "documents erase klara.vogel@kunde.example --document DOCUMENT --yes",
    "tasks complete d-1042.1.check",
    "tasks check d-1042.1.check 1",
    "tasks assign d-1042.1.check ben@acme.example",
    "tasks withdraw d-1042.1.check",
    "runs skip d-1042.1.remind",
    "runs now d-1042.1.remind",
    "people add carla@acme.example --role viewer",
    "connections create documenso --pipeline reminders --secret first",
    "pipelines plan contracts.yaml",
]
"""What it made or changed is shown, whichever of the answers arrives."""
DONE_BEFORE = [
    "connections rotate docusign --secret second",
    "connections rotate docusign --address",
    "connections rotate docusign --secret second --retire",
    "people invite-again ben@acme.example",
    "pipelines pause contracts",
    "pipelines rollback contracts 1",
    "pipelines publish contracts.yaml",
    "pipelines backfill reminders remind",
    "jobs abort j-6v3k",
    "dead-letters redrive",
]
"""The answer is not kept; where only the first is lost, one learns that it was done."""


OTHERS = ("requests", "audit", "unreadable", "_lock")
"""What is kept of the request itself, and entries with ids of their own."""


def state(desk: Desk) -> list[Any]:
    """All that a command may change."""
    world = desk.world
    people = desk.more["people"]
    kept = {name: value for name, value in vars(world.state).items() if name not in OTHERS}
    connections = world.connections.list()
    return [
        kept,
        len(world.state.audit),
        connections,
        [world.secrets.get(one.id) for one in connections],
        [*world.pipelines.list()],
        [one.kind for one in world.jobs.jobs.values()],
        [one.state for one in world.jobs.jobs.values()],
        people.page(60).items,
        people.invitations,
    ]


def carried_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, lost: int
) -> tuple[Result, list[Any], InProcess]:
    """What a command does over the API where so many answers are lost."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("secrets.token_urlsafe", "x".__mul__)
    monkeypatch.setattr("secrets.token_bytes", b"x".__mul__)
    desk = example_desk(folder)
    desk.wait = lambda _: desk.world.settle()
    words = arguments(desk, f"countersign {command.replace('DOCUMENT', desk.document)}")
    web = over_the_api(desk)
    web.lost = lost
    done = desk(*words, answer=f"{ANSWER if 'secret' in command else 'y'}\n")
    assert web.lost == 0
    return done, state(desk), web


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize("command", SHOWN_AGAIN)
def test_what_is_asked_for_again_is_done_once_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, lost: int
) -> None:
    plain, wanted, _ = carried_out(tmp_path / "plain", monkeypatch, command, 0)
    assert plain.exit_code == 0, plain.stderr
    again, found, web = carried_out(tmp_path / "lost", monkeypatch, command, lost)
    assert again.exit_code == 0, again.stderr
    assert found == wanted
    posts = [one for one in web.calls if one.startswith("POST")]
    assert len(posts) > len({*posts})


@pytest.mark.parametrize("command", DONE_BEFORE)
def test_what_cannot_be_shown_again_is_done_once_and_said_to_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    plain, wanted, _ = carried_out(tmp_path / "plain", monkeypatch, command, 0)
    assert plain.exit_code == 0, plain.stderr
    again, found, _ = carried_out(tmp_path / "lost", monkeypatch, command, 1)
    assert again.exit_code == 1
    assert "Error: this was done at 2026-" in again.stderr
    assert again.stderr.endswith(", and its answer is not kept; look at what is there now\n")
    assert found == wanted
