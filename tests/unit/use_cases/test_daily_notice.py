"""The daily report's text, word for word, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.use_cases.daily_report import notice
from tests.builders import pipeline, stage

NOW = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


def run(document: str, state: str, **more: Any) -> Run:
    """A run that nobody has resolved."""
    return Run.model_validate(
        {
            "document": document,
            "entry": 2,
            "rule": "hello",
            "pipeline": "contracts",
            "pipeline_version": 1,
            "stage": "sent",
            "kind": "send_email",
            "lane": "email",
            "state": state,
            "planned_at": NOW - timedelta(days=9),
            **more,
        }
    )


def document(name: str, **more: Any) -> Document:
    return Document(id=name, pipeline="contracts", stage="sent", since=NOW, created_at=NOW, **more)


FAILED = run("a", "failed", reason="the address is wrong", concluded_at=YESTERDAY)
DOUBT = run("b", "unknown", started_at=YESTERDAY + timedelta(seconds=1), concluded_at=None)
GONE = run("c", "failed")
KNOWN = {"a": document("a", title="Lease", number="V-1"), "b": document("b"), "c": None}


def wanted(**more: Any) -> Pipeline:
    report = {"to": ["ops@acme.example", "ben@acme.example"], "at": "08:00"}
    senders = ["desk@acme.example", "other@acme.example"]
    return pipeline(stage("sent"), senders=senders, daily_report=report, **more)


def test_it_lists_each_run_with_its_commands() -> None:
    told = notice(wanted(name="Contracts"), [FAILED, DOUBT, GONE], KNOWN, NOW)
    assert (told.sender, told.to) == (
        "desk@acme.example",
        ("ops@acme.example", "ben@acme.example"),
    )
    assert told.subject == "Contracts: failed runs: 2, in doubt: 1"
    assert told.text == (
        "Runs of Contracts that failed: 2; in doubt: 1; new since yesterday: 1.\n"
        "\n"
        "a.2.hello: failed, 2026-03-03 08:00 Europe/Berlin\n"
        "  Lease V-1 (sent)\n"
        "  the address is wrong\n"
        "  countersign show a --why\n"
        "  countersign runs retry a.2.hello\n"
        "\n"
        "b.2.hello: in doubt, 2026-03-03 08:00:01 Europe/Berlin\n"
        "  b (sent)\n"
        "  countersign show b --why\n"
        "  countersign runs retry b.2.hello\n"
        "  countersign runs accept b.2.hello\n"
        "\n"
        "c.2.hello: failed, 2026-02-23 08:00 Europe/Berlin\n"
        "  countersign show c --why\n"
        "  countersign runs retry c.2.hello\n"
        "\n"
        "To list or to retry them all:\n"
        "  countersign runs list --pipeline contracts\n"
        "  countersign runs retry --all --failed --pipeline contracts\n"
    )


@pytest.mark.parametrize("language", ["de", "de-AT"])
def test_a_german_one_says_the_same_in_german(language: str) -> None:
    told = notice(wanted(language=language), [FAILED, DOUBT], KNOWN, NOW)
    assert told.subject == "contracts: fehlgeschlagene Läufe: 1, ungeklärte: 1"
    lines = told.text.splitlines()
    assert lines[0] == (
        "Fehlgeschlagene Läufe von contracts: 1; ungeklärte: 1; neu seit gestern: 1."
    )
    assert lines[2].startswith("a.2.hello: fehlgeschlagen, ")
    assert lines[8].startswith("b.2.hello: ungeklärt, ")
    assert lines[14] == "Alle auflisten oder wiederholen:"


@pytest.mark.parametrize(
    ("number", "language", "text"),
    [
        (100, None, None),
        (101, None, "1 more runs are not listed here."),
        (103, "de", "3 weitere Läufe sind hier nicht aufgeführt."),
    ],
)
def test_a_hundred_are_listed(number: int, language: str | None, text: str | None) -> None:
    many = [run(f"d{n}", "failed") for n in range(number)]
    lines = notice(wanted(language=language), many, {}, NOW).text.splitlines()
    assert sum(line.startswith("  countersign show d") for line in lines) == 100
    assert [line for line in lines if "more runs" in line or "weitere" in line] == (
        [text] if text else []
    )
