"""Verifying a document's timeline from the command line."""

from __future__ import annotations

import json

from countersign.model.log_hashes import TimelinePart
from tests.unit.cli.desk import Desk


def change(desk: Desk, place: int, text: str) -> None:
    """Somebody changes an entry in the database."""
    log = desk.world.state.logs[desk.document]
    (first, *rest) = log[place].entries
    entries = (first.model_copy(update={"text": text}), *rest)
    log[place] = log[place].model_copy(update={"entries": entries})


def test_a_timeline_that_holds_is_shown_with_its_hash(desk: Desk) -> None:
    desk("documents", "edit", desk.document, "amount=900", "--comment", "as agreed")
    shown = desk("documents", "verify", desk.document)
    document = desk.world.document(desk.document)
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout == (
        f"7 of 7 entries are as they were written\nhash: {document.timeline_hash}\n"
    )
    found = json.loads(desk("documents", "verify", desk.document, "--output", "json").stdout)
    assert (found["holds"], found["entries"], found["problems"]) == (True, 7, [])


def test_where_an_entry_was_changed_the_command_ends_with_1(desk: Desk) -> None:
    noted = desk.world.document(desk.document).timeline_hash or ""
    desk("documents", "edit", desk.document, "amount=900")
    change(desk, -1, "nobody changed anything")
    shown = desk("documents", "verify", desk.document, "--hash", noted)
    assert (shown.exit_code, shown.stdout) == (
        1,
        "entry 6: it does not follow: it, or what stood before it, was changed, removed or added\n",
    )
    found = desk("documents", "verify", desk.document, "--output", "json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["problems"][0]["number"] == 6


def test_a_hash_that_was_noted_is_looked_for(desk: Desk) -> None:
    noted = desk.world.document(desk.document).timeline_hash or ""
    assert desk("documents", "verify", desk.document, "--hash", noted).exit_code == 0
    shown = desk("documents", "verify", desk.document, "--hash", "f00d")
    assert (shown.exit_code, shown.stdout) == (
        1,
        "entry 6: no entry has the hash f00d: entries up to it were changed or removed\n",
    )


def test_entries_of_before_there_were_hashes_are_told(desk: Desk) -> None:
    world = desk.world
    world.state.logs[desk.document] = [
        TimelinePart(version=one.version, entries=one.entries)
        for one in world.state.logs[desk.document]
    ]
    document = world.document(desk.document)
    world.state.documents[desk.document] = document.model_copy(update={"timeline_hash": None})
    shown = desk("documents", "verify", desk.document)
    assert (shown.exit_code, shown.stdout) == (
        0,
        "5 of 5 entries are from before there were hashes\n"
        "0 of 5 entries are as they were written\n"
        "hash: none yet\n",
    )
    desk("documents", "edit", desk.document, "amount=900")
    shown = desk("documents", "verify", desk.document)
    assert shown.stdout.splitlines()[:2] == [
        "5 of 6 entries are from before there were hashes",
        "1 of 6 entries are as they were written",
    ]


def test_a_document_that_does_not_exist(desk: Desk) -> None:
    shown = desk("documents", "verify", "d-nowhere")
    assert (shown.exit_code, shown.stderr) == (4, "Error: there is no document d-nowhere\n")
