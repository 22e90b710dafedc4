"""Conditions of every operator come to what a second, plain evaluation of them says."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.conditions.evaluate import judge
from countersign.engine.conditions.operators import Scope
from countersign.model.condition import Clause, Group
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.model.signing_event import Signer
from tests.builders import pipeline, stage
from tests.meaning.conditions import (
    AMOUNTS,
    DATES,
    GROUPS,
    NOTES,
    OPERATORS,
    PEOPLE,
    SIGNING,
    condition,
)
from tests.meaning.judging import outcome

NOW = datetime(2026, 3, 6, 22, 30, tzinfo=UTC)
FIELDS = {"end": {"type": "date"}, "note": {"type": "text"}}
DRAWN = 400
WORDS = {True: "true", False: "false", None: "unknown"}


def document(chance: Random) -> tuple[Document, dict[str, Any]]:
    """A document, and its values as the plain evaluation reads them."""
    amount, end = chance.choice((None, *AMOUNTS)), chance.choice((None, *DATES))
    note, owner = chance.choice((None, *NOTES)), chance.choice((None, *PEOPLE))
    signed = chance.sample(SIGNING, chance.randint(0, 2))
    values: dict[str, Any] = {
        "amount": amount,
        "end": end,
        "note": note,
        "responsible": owner,
        "signers_signed": tuple(signed),
    }
    own = {name: values[name] for name in ("end", "note") if values[name] is not None}
    signers = tuple(Signer(id=one, email=one, status="signed") for one in signed)
    made = Document(
        id="d-1",
        pipeline="contracts",
        stage="draft",
        since=NOW,
        created_at=NOW,
        amount=None if amount is None else Decimal(amount),
        responsible=owner,
        fields=own,
        signers=signers,
    )
    return made, values


@pytest.mark.parametrize("seed", range(8))
def test_a_condition_comes_to_what_the_plain_evaluation_says(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - nothing secret
    made = pipeline(stage("draft"), fields=FIELDS, groups=GROUPS)
    program = CompiledPipeline(Version(number=1, pipeline=made))
    heard = set()
    for _ in range(DRAWN):
        written = condition(chance)
        kept, values = document(chance)
        read = (Clause if "op" in written else Group).model_validate(written)
        scope = Scope(
            document=kept,
            types=program.types,
            now=NOW,
            working=program.working,
            groups=made.groups,
        )
        # It is Friday 22:30 in London, and Friday 23:30 in the pipeline's zone.
        wanted = outcome(written, values, NOW.date(), GROUPS)
        assert judge(read, scope).outcome == WORDS[wanted], (written, values)
        heard |= {written.get("op")}
    assert heard >= {op for ops in OPERATORS.values() for op in ops}
