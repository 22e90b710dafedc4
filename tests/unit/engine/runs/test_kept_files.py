"""Which of a provider's files are fetched, when, and by which runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.engine.runs.kept_files import is_signed, runs_to_keep
from countersign.model.actor import Actor, Origin
from countersign.model.document import Document
from countersign.model.run import Run
from countersign.simulation.world import START
from tests.builders import connection

NOW = START + timedelta(hours=2)
ORIGIN = Origin(by=Actor(kind="provider", name="docusign"), at=NOW, cause="provider:docusign x")
BOTH = connection(keep_files=["signed_pdf", "audit_trail"])


def document(**more: Any) -> Document:
    given = {
        "id": "d", "pipeline": "contracts", "stage": "done", "entry": 3, "version": 7,
        "since": START, "created_at": START, "planned_with": (2, 5), **more,
    }  # fmt: skip
    return Document.model_validate(given)


OPEN = document(status="sent", version=6)
DONE = document(status="completed")


def kept(before: Document | None, after: Document, wanted: Any = BOTH) -> list[str]:
    return [run.rule for run in runs_to_keep(before, after, wanted, ORIGIN)]


def test_each_file_is_fetched_by_a_run_of_its_own_that_stays_when_the_stage_is_left() -> None:
    common: dict[str, Any] = {
        "document": "d", "entry": 3, "pipeline": "contracts", "pipeline_version": 5,
        "stage": "done", "kind": "keep_file", "lane": "web", "state": "ready", "planned_at": NOW,
        "due": NOW, "on_leave": "keep", "cause": "provider:docusign x",
    }  # fmt: skip
    first, second = runs_to_keep(OPEN, DONE, BOTH, ORIGIN)
    assert first == Run(rule="_keep-7-signed_pdf", position=first.position, **common)
    assert second == Run(rule="_keep-7-audit_trail", position=first.position + 1, **common)


FILE = {
    "name": "signed.pdf", "kind": "signed_pdf", "size": 1, "sha256": "0" * 64, "id": "f",
    "media_type": "application/pdf", "added_by": "system",
}  # fmt: skip
READY = document(status="delivered", files=("signed_pdf",))
AGAIN = START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, DONE, ["signed_pdf", "audit_trail"]),
        (OPEN, READY, ["signed_pdf", "audit_trail"]),
        (OPEN, OPEN, []),
        (READY, DONE, []),
        (DONE, DONE, []),
        # An envelope that was opened again and completed anew has files of its own.
        (document(status="sent", reopened_at=AGAIN), document(status="completed",
         reopened_at=AGAIN), ["signed_pdf", "audit_trail"]),
        (DONE, document(status="completed", reopened_at=AGAIN), ["signed_pdf", "audit_trail"]),
        (OPEN, READY.model_copy(update={"reopened_at": AGAIN}), []),
        # What was fetched since it was opened again is not fetched twice.
        (OPEN, document(status="completed", reopened_at=AGAIN,
         stored_files=({**FILE, "added_at": NOW},)), ["audit_trail"]),
        (OPEN, document(status="completed", reopened_at=AGAIN,
         stored_files=({**FILE, "added_at": START},)), ["signed_pdf", "audit_trail"]),
    ],
)  # fmt: skip
def test_files_are_fetched_once_they_are_ready(
    before: Document | None, after: Document, expected: list[str]
) -> None:
    assert kept(before, after) == [f"_keep-7-{kind}" for kind in expected]


def test_only_what_the_connection_says_is_fetched() -> None:
    assert kept(OPEN, DONE, connection(keep_files=["audit_trail"])) == ["_keep-7-audit_trail"]
    assert kept(OPEN, DONE, connection()) == []


@pytest.mark.parametrize(
    ("found", "signed"),
    [(OPEN, False), (DONE, True), (READY, True), (document(), False)],
)
def test_what_all_have_signed_is_known_by_the_envelope_or_its_file(
    found: Document, signed: bool
) -> None:
    assert is_signed(found) is signed
