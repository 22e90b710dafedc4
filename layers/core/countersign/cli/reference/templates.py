"""What texts of rules may have in them: variables and filters, each filter with what it renders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from countersign.cli.reference import texts
from countersign.cli.reference.tables import require_same, table
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.pipeline import FieldSpec, Pipeline, Stage
from countersign.model.run import Run
from countersign.model.signing_event import Signer
from countersign.rules._shared.template_variables import known, values
from countersign.rules.base import RuleContext
from countersign.templates import filters
from countersign.templates.render import render


def variables() -> Iterator[str]:
    """The section about template variables."""
    yield texts.VARIABLES
    there = known(_pipeline())
    for root, shape in there.names.items():
        if root in ("client", "company"):
            yield f"- `{root}`: the first signer of the {root}, with what `signer` has"
        elif shape == there.names["signers"]:
            yield "- `signers`"
        else:
            paths = [path for path in there.paths() if path.split(".")[0] == root]
            own = [path for path in paths if "contract_end" not in path]
            yield f"- {', '.join(f'`{path}`' for path in own)}"


def filter_examples() -> Iterator[str]:
    """The section about filters."""
    require_same("filters", filters.FILTERS, texts.FILTERS)
    yield "For a document titled *Lease of the workshop* of 1,234.5 EUR, with `language: en`:\n"
    yield from table(
        ("filter", "example", "gives"),
        (
            (f"`{name}`", f"`{source}`", f"`{render(source, _example())}`".replace("\n", ""))
            for name, source in texts.FILTERS.items()
        ),
    )
    yield f"\n{texts.FILTER_NOTES}"


def _pipeline() -> Pipeline:
    own = {"contract_end": FieldSpec(type="date")}
    return Pipeline(pipeline="contracts", name="Contracts", fields=own, stages=(Stage(id="sent"),))


def _example() -> Mapping[str, object]:
    """What the examples of filters are rendered with."""
    at = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    signers = (
        Signer(id="1", name="Anna Berger", email="anna@acme.example", party="company"),
        Signer(id="2", name="Klara Vogel", email="klara@kunde.example", party="client"),
    )
    document = Document(
        id="d-1042",
        pipeline="contracts",
        stage="sent",
        since=at,
        created_at=at,
        title="Lease of the workshop",
        reason="Too dear.\nToo late.",
        amount=Decimal("1234.5"),
        signers=signers,
        fields={"contract_end": date(2026, 5, 31).isoformat()},
    )
    run = Run(
        document=document.id,
        entry=1,
        rule="hello",
        position=0,
        pipeline="contracts",
        pipeline_version=1,
        stage="sent",
        kind="send_email",
        lane="email",
        state="ready",
        planned_at=at,
    )
    pipeline = _pipeline()
    types = fields.types(pipeline)
    context = RuleContext(document=document, pipeline=pipeline, run=run, now=at, types=types)
    return values(context, signers[1], "Send e-mail")
