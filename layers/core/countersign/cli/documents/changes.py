"""Commands that change a document: create, edit, call, stop; and how a change is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.documents import documents_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.parsing.parameters import DOCUMENT
from countersign.http.views.documents import ChangeView, PlannedRun
from countersign.model.run import NOT_BEGUN


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
    view = documents_of(context).create(pipeline, _values(changes), stage)
    show_one(_record(view), [view.document.id])


@click.command(cls=Verb, examples=["countersign documents edit d-1042 amount=9800 number="])
@DOCUMENT
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--comment", metavar="TEXT", help="Comment for the timeline.")
@click.pass_obj
def edit(context: CliContext, document: str, changes: tuple[str, ...], comment: str | None) -> None:
    """Change fields of DOCUMENT.

    All changes are one save; FIELD= empties a field.
    """
    _show(documents_of(context).edit(document, _values(changes), comment))


@click.command(cls=Verb, examples=["countersign documents call d-1042 approved"])
@DOCUMENT
@click.argument("code")
@click.pass_obj
def call(context: CliContext, document: str, code: str) -> None:
    """Call DOCUMENT by CODE to fire a waiting trigger."""
    saved = documents_of(context).call(document, code)
    lines = list(change_lines(saved))
    skipped_triggers = (
        () if saved.moved else [trigger for entry in saved.timeline for trigger in entry.passed]
    )
    for trigger in skipped_triggers:
        lines.append(
            one_line(f"  {trigger.trigger} in {trigger.stage} did not fire: {trigger.reason}")
        )
    if not (saved.moved or skipped_triggers):
        lines.append("  no trigger of the pipeline waits for a call by code")
    show_one({**saved_record(saved), "not_fired": skipped_triggers}, lines)


@click.command(cls=Verb, examples=["countersign documents stop d-1042"])
@DOCUMENT
@click.pass_obj
def stop(context: CliContext, document: str) -> None:
    """Cancel the rules of DOCUMENT's stage that have not started.

    The document stays where it is.
    """
    _show(documents_of(context).stop(document))


def _values(changes: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name:
            raise click.UsageError(f'"{change}" is not a valid change; expected FIELD=VALUE')
        values[name] = text
    return values


def _show(saved: ChangeView) -> None:
    show_one(saved_record(saved), list(change_lines(saved)) or ["nothing changed"])


def _record(saved: ChangeView) -> dict[str, Any]:
    """What was saved, for programs."""
    document = saved.document
    return {
        "document": document.id,
        "pipeline": document.pipeline,
        "stage": document.stage,
        "moved": saved.moved,
        "timeline": [
            {
                "kind": entry.kind,
                "text": entry.text,
                "changes": [
                    {"field": change.field, "old": change.old, "new": change.new}
                    for change in entry.changes
                ],
            }
            for entry in saved.timeline
        ],
        "planned": list(map(_run, saved.planned)),
    }


def saved_record(saved: ChangeView) -> dict[str, Any]:
    """The same, with the earlier runs that it moved or ended."""
    return {**_record(saved), "updated": list(map(_run, saved.updated))}


def _run(run: PlannedRun) -> dict[str, Any]:
    return {"run": run.run, "rule": run.rule, "state": run.state, "due": run.due}


def change_lines(saved: ChangeView) -> Iterator[str]:
    """What was saved, for people; times in the pipeline's zone."""
    for entry in saved.timeline:
        yield one_line(entry.text)
    for run in saved.planned:
        yield f"  {run.rule}: {run.state}"
    zone = ZoneInfo(saved.time_zone)
    for run in saved.updated:
        due = run.due if run.state in NOT_BEGUN else None
        when = f", due {due.astimezone(zone):%Y-%m-%d %H:%M:%S}" if due is not None else ""
        yield f"  {run.rule}: {run.state.replace('_', ' ')}{when}"
