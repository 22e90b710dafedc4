"""Commands for published pipelines: list, show, versions, export, diff, remove."""

from __future__ import annotations

from datetime import datetime

import click

from countersign.cli.context import CliContext
from countersign.cli.jobs.following import carried_out
from countersign.cli.operations.pipelines import pipelines_of
from countersign.cli.output.formats import Column, Record, say, show_list, show_one, utc
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.pipelines.plan import change_lines, changes, summary
from countersign.engine.compiled_pipeline import NO_AUTOMATION
from countersign.use_cases.queries.operations.entitlements import UnincludedParts

PIPELINE = click.argument("pipeline", metavar="ID", shell_complete=completions.pipelines)
LISTED = 20
"""Versions that are listed unless more are asked for."""


@click.command(
    "list", cls=Verb, examples=["countersign pipelines", "countersign pipelines list --output json"]
)
@click.pass_obj
def list_pipelines(context: CliContext) -> None:
    """List the published pipelines."""
    heads = pipelines_of(context).published()
    records = [
        {
            "pipeline": head.pipeline,
            "name": head.name,
            "version": head.version,
            "documents": head.documents,
            "state": "paused" if head.paused else "running",
            "automation": head.automation,
            "not_included": head.not_included,
        }
        for head in heads
    ]
    columns: dict[str, Column] = {
        "PIPELINE": "pipeline",
        "NAME": "name",
        "VERSION": "version",
        "DOCUMENTS": "documents",
        "STATE": _state,
    }
    none = "no pipeline is published; publish one with `countersign pipelines publish FILE`"
    show_list(records, columns, none)
    if not all(head.automation for head in heads):
        say(f"{NO_AUTOMATION}: no trigger fires and no rule is planned")
    for head in heads:
        for text in UnincludedParts(pipeline=head.pipeline, parts=head.not_included).texts:
            say(f"{head.pipeline}: {text}")


def _state(record: Record) -> str:
    state: str = record["state"]
    return state if record["automation"] else f"{state}, without automation"


@click.command(cls=Verb, examples=["countersign pipelines versions contracts --newest 5"])
@PIPELINE
@click.option(
    "--newest",
    metavar="N",
    type=click.IntRange(min=1),
    default=LISTED,
    show_default=True,
    help="How many versions to list.",
)
@click.pass_obj
def versions(context: CliContext, pipeline: str, newest: int) -> None:
    """List the versions of a pipeline, newest first.

    With author, time and note of each.
    """
    version_list = pipelines_of(context).versions(pipeline, newest)
    columns: dict[str, Column] = {
        "VERSION": "version",
        "PUBLISHED (UTC)": "published_at",
        "BY": "published_by",
        "STATE": lambda record: "current" if record["current"] else "",
        "NOTE": "note",
    }
    records = [
        {
            "version": row.number,
            "published_at": row.published_at,
            "published_by": row.published_by,
            "note": row.note,
            "current": row.current,
        }
        for row in version_list.rows
    ]
    show_list(records, columns, f"{pipeline} has no versions")
    if version_list.older:
        say(f"{version_list.older} older; --newest lists more")


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines contracts",
        "countersign pipelines show contracts --version 1",
    ],
)
@PIPELINE
@click.option(
    "--version",
    "number",
    metavar="N",
    type=click.IntRange(min=1),
    help="Default: the current version.",
)
@click.pass_obj
def show(context: CliContext, pipeline: str, number: int | None) -> None:
    """Show a pipeline as a YAML file that can be published again."""
    version, text = pipelines_of(context).show(pipeline, number)
    parts = UnincludedParts(pipeline=pipeline, parts=version.not_included)
    at = datetime.fromisoformat(version.published_at)
    record = {
        "version": version.number,
        "published_at": at,
        "published_by": version.published_by,
        "note": version.note,
        "not_included": version.not_included,
        "pipeline": version.content,
    }
    heading = [f"# version {version.number}, published {utc(at)} UTC by {version.published_by}"]
    if version.note:
        heading.append(f"# {one_line(version.note)}")
    heading += [f"# {text}" for text in parts.texts]
    show_one(record, (*heading, text.removesuffix("\n")))


@click.command(
    cls=Verb,
    output=False,
    examples=[
        "countersign pipelines export contracts > contracts.yaml",
        "countersign pipelines export contracts --version 1",
    ],
)
@PIPELINE
@click.option(
    "--version",
    "number",
    metavar="N",
    type=click.IntRange(min=1),
    help="Default: the current version.",
)
@click.option("--draft", is_flag=True, help="The draft that is edited on the server instead.")
@click.pass_obj
def export(context: CliContext, pipeline: str, number: int | None, draft: bool) -> None:
    """Print a version or the draft as a YAML file.

    It can be committed, checked and published again, and means the same; comments are not kept.
    """
    pipelines = pipelines_of(context)
    if draft:
        if number is not None:
            raise click.UsageError("give --version or --draft, not both")
        text = pipelines.draft_yaml(pipeline)
    else:
        text = pipelines.yaml(pipeline, number)
    click.echo(text, nl=False)


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines diff contracts 1",
        "countersign pipelines diff contracts 1 2",
    ],
)
@PIPELINE
@click.argument("old", metavar="OLD", type=click.IntRange(min=1))
@click.argument("new", metavar="[NEW]", required=False, type=click.IntRange(min=1))
@click.pass_obj
def diff(context: CliContext, pipeline: str, old: int, new: int | None) -> None:
    """Show what changed between two versions of a pipeline.

    From OLD to NEW, which is the current version unless given.
    """
    to, differences = pipelines_of(context).diff(pipeline, old, new)
    record = {"pipeline": pipeline, "old": old, "new": to, **changes(differences, (), [])}
    unused = ("left_behind", "warnings")
    heading = f"{pipeline}, from version {old} to version {to}:"
    lines = (heading, *change_lines(differences, (), []), summary(differences))
    show_one({name: value for name, value in record.items() if name not in unused}, lines)


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines remove drafts",
        "countersign pipelines remove reminders --and-documents --yes",
    ],
)
@PIPELINE
@click.option(
    "--and-documents",
    is_flag=True,
    help="Also remove its documents with their timelines, runs and tasks.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def remove(context: CliContext, pipeline: str, and_documents: bool, yes: bool) -> None:
    """Remove a pipeline with all its versions.

    Its connections must be removed first. If this is interrupted, run it again. Over the API a job
    removes the documents, which goes on while nobody watches it.
    """
    pipelines = pipelines_of(context)
    count = pipelines.removable(pipeline, and_documents=and_documents)
    documents = f" and {count} document{'s' * (count != 1)}" if count else ""
    if not yes:
        click.confirm(
            f"remove {pipeline} with all its versions{documents} for good?", abort=True, err=True
        )
    removed = pipelines.remove(pipeline, carried_out(context), and_documents=and_documents)
    if removed is None:
        return
    documents = f", and {removed} document{'s' * (removed != 1)} with it" if removed else ""
    record = {"pipeline": pipeline, "removed": True, "documents": removed}
    show_one(record, [f"{pipeline} is removed{documents}"])
