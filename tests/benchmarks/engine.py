"""CPU of the pure parts: planning an arrival, judging conditions, checking, reading messages."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.conditions.evaluate import Scope, judge
from countersign.engine.runs.planner import plan, with_times
from countersign.engine.validation.pipeline import check
from countersign.model.condition import Condition, Group
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.providers import provider
from tests.benchmarks.figures import Figure, write_figures
from tests.benchmarks.scene import SECRETS, SENDER, message

NOW = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
ENVELOPE = "9f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6"
STAGES, RULES, IN_ONE_STAGE, CLAUSES = 12, 200, 50, 200
ROUNDS = 15
TIMES: tuple[Any, ...] = (
    "immediately",
    {"after": {"days": 3}, "at": "09:00", "working_hours": True},
    {"after": {"working_days": 5}},
    {"before": {"field": "contract_end", "days": 30}},
)


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    raw = _pipeline()
    pipeline, found = check(raw, today=NOW.date())
    assert pipeline is not None, found
    program = CompiledPipeline(Version(number=1, pipeline=pipeline))
    document = _document(pipeline.stages[1].id)
    condition = _condition()
    scope = Scope(
        document=document, types=program.types, now=NOW, working=program.working, groups={}
    )
    assert len(plan(program, document, now=NOW, cause="event:1")) == IN_ONE_STAGE
    assert len(judge(condition, scope).clauses) == CLAUSES

    def plan_and_judge() -> None:
        planned = plan(program, document, now=NOW, cause="event:1")
        with_times(program, planned, document, turn=NOW)
        judge(condition, scope)

    figures = [
        Figure(
            name=f"planning {IN_ONE_STAGE} rules and judging {CLAUSES} clauses",
            value=_milliseconds(plan_and_judge, 20),
            unit="ms",
            target=2,
        ),
        Figure(
            name=f"checking a pipeline of {STAGES} stages and {RULES} rules",
            value=_milliseconds(lambda: check(raw, today=NOW.date()), 1),
            unit="ms",
            target=1000,
        ),
        *_reading(),
    ]
    write_figures(output, figures)


def _reading() -> list[Figure]:
    sender = provider("docusign")
    figures = []
    for size, told, most, calls in ((50_000, "50 KB", 3, 20), (1_000_000, "1 MB", 60, 2)):
        request = message("envelope-sent", ENVELOPE, NOW, size=size)
        assert size <= len(request.body) < size * 1.1, len(request.body)

        def read(request: Any = request) -> None:
            sender.verify(request, SECRETS, NOW)
            assert sender.parse(request)[0].state is not None

        name = f"verifying and parsing a DocuSign message of {told}"
        took = _milliseconds(read, calls)
        figures.append(Figure(name=name, value=took, unit="ms", target=most))
    return figures


def _milliseconds(work: Callable[[], object], calls: int) -> float:
    """CPU milliseconds of one call when warm: the median of several rounds."""
    work()
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(calls):
            work()
        taken.append((time.process_time() - started) / calls * 1e3)
    return median(taken)


def _pipeline() -> dict[str, Any]:
    """Twelve stages that each lead to the next, with 200 rules, 50 of them in the second."""
    elsewhere = RULES - IN_ONE_STAGE
    others = [elsewhere // (STAGES - 1) + (n < elsewhere % (STAGES - 1)) for n in range(STAGES - 1)]
    counts = [others[0], IN_ONE_STAGE, *others[1:]]
    return {
        "pipeline": "contracts",
        "time_zone": "Europe/Berlin",
        "calendar": {"hours": {"mon-fri": "09:00-18:00"}, "holidays": "DE-BY"},
        "senders": [SENDER],
        "fields": {"contract_end": {"type": "date"}, "copies": {"type": "number"}},
        "stages": [
            {
                "id": f"stage-{place}",
                "triggers": [_trigger(place)] if place else [],
                "rules": [_rule(place, number) for number in range(count)],
            }
            for place, count in enumerate(counts)
        ],
    }


def _trigger(place: int) -> dict[str, Any]:
    kinds = ("sent", "viewed", "signed_by_client", "signed_by_all")
    return {
        "id": f"trigger-{place}",
        "kind": kinds[place % len(kinds)],
        "condition": {"all": [{"field": "amount", "op": "greater", "value": place * 100}]},
    }


def _rule(place: int, number: int) -> dict[str, Any]:
    return {
        "id": f"rule-{place}-{number}",
        "kind": "send_email",
        "execution": "independent",
        "time": TIMES[number % len(TIMES)],
        "condition": {
            "all": [
                {"field": "amount", "op": "greater", "value": 1000 + number},
                {"field": "currency", "op": "equals", "value": "EUR"},
            ]
        },
        "settings": {
            "from": SENDER,
            "to": ["client"],
            "subject": f"Mail {number}: {{{{ document.title }}}}",
            "text": 'Dear {{ signer.name | default: "client" }},\n{{ document.number }} waits.',
        },
    }


def _condition() -> Condition:
    """Groups of five clauses each, no two of them alike, over fields of every sort."""
    groups = [
        {
            "any": [
                {"field": "amount", "op": "greater", "value": 20_000 + number},
                {"field": "title", "op": "contains", "value": f"annex {number}"},
                {"field": "contract_end", "op": "within_next", "value": {"days": number + 1}},
                {"field": "copies", "op": "between", "value": [number + 3, number + 9]},
                {"field": "currency", "op": "one_of", "value": ["CHF", "EUR"]},
            ]
        }
        for number in range(CLAUSES // 5)
    ]
    return Group.model_validate({"all": groups})


def _document(stage: str) -> Document:
    return Document(
        id="d-1",
        pipeline="contracts",
        stage=stage,
        since=NOW,
        created_at=NOW,
        title="Framework agreement ACME and Kunde",
        number="V-2026-0042",
        responsible="anna.berger@acme.example",
        amount=Decimal("12500.00"),
        currency="EUR",
        fields={"contract_end": "2027-02-28", "copies": Decimal(2)},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
