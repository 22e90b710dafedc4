"""A pipeline and a document in it, for rules to be tried on."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from countersign.model import fields
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run, RunKey
from countersign.model.signing_event import Signer
from countersign.rules import RULES
from countersign.rules.base import RuleContext

NOW = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
"""Half past midnight of the next day in Berlin."""
ANNA, BEN, CARLA, DORA = (f"{one}@acme.example" for one in ("anna", "ben", "carla", "dora"))
KLARA = Signer(id="1", name="Klara", email="klara@kunde.example", order=1, party="client")
PIPELINE = Pipeline.model_validate(
    {
        "pipeline": "contracts",
        "time_zone": "Europe/Berlin",
        "senders": ["contracts@acme.example"],
        "groups": {"sales": [BEN, CARLA], "empty": [], "odd": ["Ben", CARLA]},
        "supervisors": {"Anna@acme.example": DORA, BEN: CARLA},
        "fields": {
            "price": {"type": "money"},
            "share": {"type": "number"},
            "end": {"type": "date"},
            "call_at": {"type": "datetime"},
            "lawyer": {"type": "user"},
            "urgent": {"type": "bool"},
            "segment": {"type": "choice", "options": ["small", "large"]},
            "note": {"type": "text"},
            "copies": {"type": "list"},
        },
        "stages": [{"id": "sent"}],
    }
)
DOCUMENT = Document(
    id="d1",
    pipeline="contracts",
    stage="sent",
    since=NOW,
    created_at=NOW,
    title="Lease",
    number="1.234",
    responsible=ANNA,
    amount=Decimal("1000.10"),
    currency="EUR",
    fields={"end": "2026-01-31", "call_at": "2026-03-28T09:00:00+00:00", "lawyer": BEN},
    signers=(KLARA,),
    sent_at=NOW,
)
KEY = RunKey(document="d1", entry=1, rule="it")


def rule(kind: str, **settings: Any) -> Any:
    """A rule of that kind."""
    return RULES.get(kind).model_validate({"kind": kind, **settings})


def context(pipeline: Pipeline = PIPELINE, document: str = "d1", **changes: Any) -> RuleContext:
    """The rule's time has come, on the document with these changes."""
    run = Run(
        document=document,
        entry=1,
        rule="it",
        pipeline="contracts",
        pipeline_version=1,
        stage="sent",
        kind="any",
        lane="document",
        state="running",
        planned_at=NOW,
    )
    return RuleContext(
        run=run,
        document=DOCUMENT.model_copy(update={"id": document, **changes}),
        pipeline=pipeline,
        types=fields.types(pipeline),
        now=NOW,
    )
