"""A happening of our own house: its line says all of it, and what fired or was passed over."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.decide import happen
from countersign.model.actor import Actor, Origin
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import Version
from countersign.model.signing_event import Signer
from countersign.simulation.world import START
from tests.builders import KLARA, pipeline, stage, trigger

BIG = {"field": "amount", "op": "greater", "value": 5000}
PROGRAM = CompiledPipeline(
    Version(
        number=1,
        pipeline=pipeline(
            stage("draft"),
            stage(
                "checked",
                triggers=[
                    trigger("task_completed", "big", condition=BIG),
                    trigger("task_completed", "checked"),
                ],
            ),
        ),
    )
)
DOCUMENT = Document(
    id="d",
    pipeline="contracts",
    stage="draft",
    since=START,
    created_at=START,
    amount=Decimal(100),
    automatic_moves=3,
)


def heard(by: Actor, **more: Any) -> tuple[Document, list[dict[str, Any]]]:
    happening = DocumentEvent(kind="task.completed", at=START + timedelta(minutes=1), **more)
    origin = Origin(by=by, at=START + timedelta(minutes=2), cause="anna > check")
    decision = happen(PROGRAM, DOCUMENT, happening, "the task is done", origin)
    return decision.document, [line.model_dump(exclude_defaults=True) for line in decision.log]


def test_what_happens_is_told_with_what_it_fires() -> None:
    signer = Signer(id="s", name="Klara", email=KLARA)
    document, lines = heard(
        Actor(kind="user", name="anna@acme.example"), signer=signer, key="k-1", reason="it is due"
    )
    assert document.stage == "checked"
    verdict = lines[0]["passed"][0].pop("verdict")
    assert verdict["reason"] == "amount 100 is not greater than 5,000"
    assert lines[0] == {
        "at": START + timedelta(minutes=2),
        "kind": "event",
        "text": "the task is done",
        "by": "anna@acme.example",
        "entry": 1,
        "event": "task.completed",
        "key": "k-1",
        "occurred_at": START + timedelta(minutes=1),
        "signer": "klara@kunde.example",
        "reason": "it is due",
        "fired": {"trigger": "checked", "stage": "checked", "kind": "task_completed"},
        "passed": (
            {
                "trigger": "big",
                "stage": "checked",
                "reason": "amount 100 is not greater than 5,000",
            },
        ),
        "cause": "anna > check",
    }
    assert [line["kind"] for line in lines] == ["event", "moved"]


@pytest.mark.parametrize(
    ("by", "moves"),
    [
        (Actor(kind="user", name="anna@acme.example"), 1),
        (Actor(kind="rule", name="ask"), 4),
    ],
)
def test_what_brings_news_begins_the_count_of_automatic_moves_anew(by: Actor, moves: int) -> None:
    document, _ = heard(by)
    assert document.automatic_moves == moves
