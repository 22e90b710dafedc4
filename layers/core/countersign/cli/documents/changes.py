"""Commands that change a document: create, edit, move, call, stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.parsing.parameters import DOCUMENT
from countersign.engine.decisions.decision import Decision
from countersign.model.run import NOT_BEGUN, Run
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import NewDocument, call_by_code, make, save
from countersign.use_cases.transact import CommitResult


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
    wanted = NewDocument(
        id=f"d-{context.token()}", pipeline=pipeline, values=_values(changes), stage=stage
    )
    decision = make(context.store, wanted, context.actor)
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
    saved = _save(context, document, Edit(stage=stage, comment=comment))
    lines = list(_lines(context, saved))
    if not saved.outcome.moved:
        lines.append(f"{document} is in {stage} already; no rule was started")
    show_one(_saved(saved), lines)


@click.command(cls=Verb, examples=["countersign documents edit d-1042 amount=9800 number="])
@DOCUMENT
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--comment", metavar="TEXT", help="Comment for the timeline.")
@click.pass_obj
def edit(context: CliContext, document: str, changes: tuple[str, ...], comment: str | None) -> None:
    """Change fields of DOCUMENT.

    All changes are one save; FIELD= empties a field.
    """
    _show(context, _save(context, document, Edit(values=_values(changes), comment=comment)))


@click.command(cls=Verb, examples=["countersign documents call d-1042 approved"])
@DOCUMENT
@click.argument("code")
@click.pass_obj
def call(context: CliContext, document: str, code: str) -> None:
    """Call DOCUMENT by CODE to fire a waiting trigger."""
    saved = call_by_code(context.store, document, code, context.actor)
    decision = saved.outcome
    lines = list(_lines(context, saved))
    skipped = () if decision.moved else [one for entry in decision.log for one in entry.passed]
    for one in skipped:
        lines.append(one_line(f"  {one.trigger} in {one.stage} did not fire: {one.reason}"))
    if not (decision.moved or skipped):
        lines.append("  no trigger of the pipeline waits for a call by code")
    show_one({**_saved(saved), "not_fired": skipped}, lines)


@click.command(cls=Verb, examples=["countersign documents stop d-1042"])
@DOCUMENT
@click.pass_obj
def stop(context: CliContext, document: str) -> None:
    """Cancel the rules of DOCUMENT's stage that have not started.

    The document stays where it is.
    """
    _show(context, _save(context, document, Edit(stop_rules=True)))


def _values(changes: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name:
            raise click.UsageError(f'"{change}" is not a valid change; expected FIELD=VALUE')
        values[name] = text
    return values


def _save(context: CliContext, document: str, wanted: Edit) -> CommitResult[Decision]:
    return save(context.store, document, wanted, context.actor)


def _show(context: CliContext, saved: CommitResult[Decision]) -> None:
    show_one(_saved(saved), list(_lines(context, saved)) or ["nothing changed"])


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
        "planned": [{"run": str(run.key), **_state(run)} for run in decision.planned],
    }


def _saved(saved: CommitResult[Decision]) -> dict[str, Any]:
    """The same, with the earlier runs that it moved or ended."""
    runs = [{"run": str(run.key), **_state(run)} for run in _followed(saved)]
    return {**_record(saved.outcome), "updated": runs}


def _state(run: Run) -> dict[str, Any]:
    return {"rule": run.rule, "state": run.state, "due": run.due}


def _lines(context: CliContext, saved: CommitResult[Decision]) -> Iterator[str]:
    """What was saved, for people; times in the pipeline's zone."""
    decision = saved.outcome
    for entry in decision.log:
        yield one_line(entry.text)
    for run in decision.planned:
        yield f"  {run.rule}: {run.state}"
    followed = _followed(saved)
    if not followed:
        return
    program = context.programs.current(decision.document.pipeline)
    zone = ZoneInfo(program.pipeline.time_zone)
    for run in followed:
        due = run.due if run.state in NOT_BEGUN else None
        when = f", due {due.astimezone(zone):%Y-%m-%d %H:%M:%S}" if due is not None else ""
        yield f"  {run.rule}: {run.state_in_words}{when}"


def _followed(saved: CommitResult[Decision]) -> list[Run]:
    """The runs that were planned before and are changed by it: moved with a date, or cancelled."""
    return [one.run for one in saved.change.updates] if saved.change else []
