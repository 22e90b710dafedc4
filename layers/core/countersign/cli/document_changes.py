"""Commands that change a document: create, edit, move, call, stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from countersign.cli import completions
from countersign.cli.context import CliContext
from countersign.cli.output import show_one
from countersign.cli.text import one_line
from countersign.cli.verbs import Verb
from countersign.engine.decisions.decision import Decision
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import call as call_document
from countersign.use_cases.documents.edit import make, save

DOCUMENT = click.argument("document", shell_complete=completions.documents)


@click.command(
    cls=Verb,
    examples=['countersign documents create contracts title="Framework agreement" amount=12500'],
)
@click.argument("pipeline", shell_complete=completions.pipelines)
@click.argument("changes", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option(
    "--stage", metavar="ID", shell_complete=completions.stages, help="Default: the first stage."
)
@click.pass_obj
def create(context: CliContext, pipeline: str, changes: tuple[str, ...], stage: str | None) -> None:
    """Create a document in PIPELINE.

    An envelope that names the document is attached to it later.
    """
    decision = make(
        context.cloud.documents,
        context.programs,
        pipeline,
        f"d-{context.token()}",
        _values(changes),
        by=context.user,
        now=context.now(),
        stage=stage,
    )
    show_one(_record(decision), [decision.document.id])


@click.command(
    cls=Verb, examples=['countersign documents move d-1042 done --comment "Signed on paper"']
)
@DOCUMENT
@click.argument("stage", shell_complete=completions.stages)
@click.option("--comment", metavar="TEXT", help="Comment for the timeline.")
@click.pass_obj
def move(context: CliContext, document: str, stage: str, comment: str | None) -> None:
    """Move DOCUMENT to STAGE and start the stage's rules."""
    decision = _save(context, document, Edit(stage=stage, comment=comment))
    lines = list(_lines(decision))
    if not decision.moved:
        lines.append(f"{document} is in {stage} already; no rule was started")
    show_one(_record(decision), lines)


@click.command(cls=Verb, examples=["countersign documents edit d-1042 amount=9800 number="])
@DOCUMENT
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--comment", metavar="TEXT", help="Comment for the timeline.")
@click.pass_obj
def edit(context: CliContext, document: str, changes: tuple[str, ...], comment: str | None) -> None:
    """Change fields of DOCUMENT.

    All changes are one save; FIELD= empties a field.
    """
    _show(_save(context, document, Edit(values=_values(changes), comment=comment)))


@click.command(cls=Verb, examples=["countersign documents call d-1042 approved"])
@DOCUMENT
@click.argument("code")
@click.pass_obj
def call(context: CliContext, document: str, code: str) -> None:
    """Call DOCUMENT by CODE to fire a waiting trigger."""
    decision = call_document(
        context.cloud.documents,
        context.programs,
        document,
        code,
        by=context.user,
        now=context.now(),
    )
    lines = list(_lines(decision))
    skipped = () if decision.moved else [one for entry in decision.log for one in entry.passed]
    for one in skipped:
        lines.append(one_line(f"  {one.trigger} in {one.stage} did not fire: {one.reason}"))
    if not (decision.moved or skipped):
        lines.append("  no trigger of the pipeline waits for a call by code")
    show_one({**_record(decision), "not_fired": skipped}, lines)


@click.command(cls=Verb, examples=["countersign documents stop d-1042"])
@DOCUMENT
@click.pass_obj
def stop(context: CliContext, document: str) -> None:
    """Cancel the rules of DOCUMENT's stage that have not started.

    The document stays where it is.
    """
    _show(_save(context, document, Edit(stop_rules=True)))


def _values(changes: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name:
            raise click.UsageError(f'"{change}" is not a valid change; expected FIELD=VALUE')
        values[name] = text
    return values


def _save(context: CliContext, document: str, wanted: Edit) -> Decision:
    return save(
        context.cloud.documents,
        context.programs,
        document,
        wanted,
        by=context.user,
        now=context.now(),
    )


def _show(decision: Decision) -> None:
    show_one(_record(decision), list(_lines(decision)) or ["nothing changed"])


def _record(decision: Decision) -> dict[str, Any]:
    """What was saved, for programs."""
    document = decision.document
    return {
        "document": document.id,
        "pipeline": document.pipeline,
        "stage": document.stage,
        "moved": decision.moved,
        "timeline": [
            {"kind": entry.kind, "text": entry.text, "changes": entry.changes}
            for entry in decision.log
        ],
        "planned": [
            {"run": str(run.key), "rule": run.rule, "state": run.state, "due": run.due}
            for run in decision.planned
        ],
    }


def _lines(decision: Decision) -> Iterator[str]:
    """What was saved, for people."""
    for entry in decision.log:
        yield one_line(entry.text)
    for run in decision.planned:
        yield f"  {run.rule}: {run.state}"
