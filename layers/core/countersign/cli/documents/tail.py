"""The command tail: what happens to documents, as it happens."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.documents.follow import looks, passing_faults_shown, until_ended
from countersign.cli.operations.history.tails import tails_of
from countersign.cli.output.formats import utc
from countersign.cli.output.records import timeline_record
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import TABLE, Verb, output_format
from countersign.cli.parsing.parameters import pipeline_option
from countersign.model.log import LogEntry
from countersign.use_cases.queries.tail import FollowedDocument, Tail


@click.command(
    cls=Verb, examples=["countersign tail", "countersign tail --pipeline contracts --output jsonl"]
)
@pipeline_option("Only documents of this pipeline.")
@click.option(
    "--interval",
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    default=5,
    show_default=True,
    help="How long to wait between two looks.",
)
@click.pass_obj
def tail(context: CliContext, pipeline: str | None, interval: float) -> None:
    """Show what happens to documents, as it happens.

    Prints each new entry of a timeline, with the time in UTC, until you press Ctrl-C. JSON is
    printed a line for each entry. Every look reads all documents of the pipelines.
    """
    tails = tails_of(context)
    if pipeline is not None:
        tails.check(pipeline)

    def followed() -> tuple[str, ...]:
        return (pipeline,) if pipeline else tails.pipelines()

    following = Tail(tails.timelines, since=context.now())
    with until_ended():
        following.start(followed())
        click.echo("following; press Ctrl-C to end", err=True)
        for _ in looks(context, interval):
            with passing_faults_shown():
                for document, entry in following.new_entries(followed()):
                    _show(document, entry)


def _show(document: FollowedDocument, entry: LogEntry) -> None:
    if output_format() != TABLE:
        click.echo(timeline_record(document, entry))
        return
    about = f"{document.id} {document.title or ''}".rstrip()
    click.echo(one_line(f"{utc(entry.at)}  {about}: {entry.text or entry.kind} ({entry.by})"))
