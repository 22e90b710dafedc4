"""``upgrade`` tells how far it has come, and ``doctor`` says when it is due."""

from __future__ import annotations

import json

import pytest

from countersign.model.upgrade import UpgradeProgress
from tests.unit.cli.desk import Desk


@pytest.fixture
def old(desk: Desk) -> Desk:
    """A stack with two documents that an earlier version wrote."""
    state = desk.world.state
    assert desk("documents", "create", "contracts", "title=Lease").exit_code == 0
    for name, document in state.documents.items():
        state.documents[name] = document.model_copy(update={"word_index": 0})
    state.words.clear()
    return desk


def test_older_documents_are_found_once_the_table_is_upgraded(old: Desk) -> None:
    doctor = old("doctor")
    due = "documents of an earlier version are not found by their words -> countersign upgrade"
    assert due in doctor.stdout
    assert old("documents", "find", "lease").stdout == "no document was found\n"
    result = old("upgrade")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "upgraded: 2 documents looked at, 2 indexed, 0 open tasks listed\n",
        "contracts: 2 documents looked at, 2 indexed\n",
    )
    assert "Lease" in old("documents", "find", "lease").stdout
    assert "search         documents are found by their words" in old("doctor").stdout


def test_an_upgrade_that_was_interrupted_is_told(old: Desk) -> None:
    old.world.upgrades.note(UpgradeProgress(pipeline="contracts", place="x", documents=300))
    text = "the upgrade was interrupted after 300 documents -> countersign upgrade"
    assert text in old("doctor").stdout


def test_an_upgrade_is_told_as_json(old: Desk) -> None:
    told = json.loads(old("upgrade", "--output", "json").stdout)
    assert (told["word_index"], told["documents"], told["indexed"]) == (1, 2, 2)
