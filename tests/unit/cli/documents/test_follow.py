"""Following documents: what happens is printed as it happens, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from countersign.errors import UnavailableError
from countersign.rules.base import Edit
from countersign.use_cases.queries.tail import Tail
from tests.unit.cli.desk import ANNA, Desk

Step = Callable[[], object]


def follow(desk: Desk, *steps: Step) -> Callable[[float], None]:
    """Between two looks one of these happens; then somebody presses Ctrl-C."""
    left: Iterator[Step] = iter(steps)

    def wait(_: float) -> None:
        step = next(left, None)
        if step is None:
            raise KeyboardInterrupt
        desk.world.advance(timedelta(minutes=1))
        step()

    return wait


def edit(desk: Desk, **values: str) -> Step:
    return lambda: desk.world.edit(desk.document, Edit(values=values), by=ANNA)


def test_tail_prints_each_new_entry_once(desk: Desk) -> None:
    desk.wait = follow(desk, edit(desk, amount="900"), lambda: None, edit(desk, amount="901"))
    shown = desk("tail")
    assert shown.exit_code == 0
    assert shown.stdout == (
        f"2026-03-02 09:01:00  {desk.document} Framework agreement ACME and Kunde: "
        "anna@acme.example changed amount (anna@acme.example)\n"
        f"2026-03-02 09:03:00  {desk.document} Framework agreement ACME and Kunde: "
        "anna@acme.example changed amount (anna@acme.example)\n"
    )
    assert shown.stderr == "following; press Ctrl-C to end\n\n"


def test_tail_prints_json_a_line_an_entry(desk: Desk) -> None:
    desk.wait = follow(desk, edit(desk, amount="900"))
    (line,) = desk("tail", "--output", "jsonl").stdout.splitlines()
    entry = json.loads(line)
    assert (entry["document"], entry["pipeline"]) == (desk.document, "contracts")
    assert (entry["kind"], entry["at"]) == ("edited", "2026-03-02T09:01:00Z")


def test_tail_finds_new_documents_and_new_pipelines(desk: Desk) -> None:
    desk.wait = follow(
        desk, lambda: desk("documents", "create", "contracts", "title=Lease"), lambda: None
    )
    shown = desk("tail", "--pipeline", "contracts")
    assert shown.stdout.count(" Lease: ") == 1


def test_tail_of_a_pipeline_that_is_not_there_ends_at_once(desk: Desk) -> None:
    assert desk("tail", "--pipeline", "leases").exit_code == 4


def test_a_document_is_followed_with_its_story_first(desk: Desk) -> None:
    desk.wait = follow(desk, edit(desk, amount="900"))
    shown = desk("documents", "show", desk.document, "--follow")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Framework agreement ACME and Kunde\n")
    assert shown.stdout.splitlines()[-2:] == [
        "  2026-03-02 10:01:00  anna@acme.example changed amount (anna@acme.example)",
        "                       amount: 12500 -> 900",
    ]


def test_following_as_json_prints_new_entries_alone(desk: Desk) -> None:
    desk.wait = follow(desk, edit(desk, amount="900"), edit(desk, amount="901"))
    lines = desk("documents", "show", desk.document, "--follow", "--output", "jsonl").stdout
    assert [json.loads(line)["kind"] for line in lines.splitlines()] == ["edited", "edited"]


def test_following_ends_where_the_document_is_removed(desk: Desk) -> None:
    name = desk.document
    desk.wait = follow(desk, lambda: desk.world.documents.remove(name), lambda: None)
    shown = desk("documents", "show", name, "--follow")
    assert (shown.exit_code, shown.stderr.splitlines()[-1]) == (0, f"{name} was removed")


@pytest.mark.parametrize("command", [("tail",), ("documents", "show", "DOCUMENT", "--follow")])
def test_the_signal_to_terminate_ends_it_without_an_error(
    desk: Desk, command: tuple[str, ...]
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    desk.wait = lambda _: os.kill(os.getpid(), signal.SIGTERM)
    shown = desk(*(word.replace("DOCUMENT", desk.document) for word in command))
    assert (shown.exit_code, "Traceback" in shown.stderr) == (0, False)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_fault_that_passes_does_not_end_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Tail.new_entries
    faults = iter([UnavailableError("DynamoDB cannot answer now")])

    def new_entries(tail: Tail, pipelines: list[str]) -> object:
        if fault := next(faults, None):
            raise fault
        return whole(tail, pipelines)

    monkeypatch.setattr(Tail, "new_entries", new_entries)
    desk.wait = follow(desk, edit(desk, amount="900"), lambda: None)
    shown = desk("tail")
    assert "DynamoDB cannot answer now; trying again\n" in shown.stderr
    assert shown.stdout.count("changed amount") == 1
