"""Commands for messages of a pause that could not be applied: listed, retried, dropped."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.messages import messages_of
from countersign.cli.output.formats import Column, Report, show_list, show_one, utc
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup

NONE = "no messages were set aside"
PIPELINE = click.argument("pipeline", required=False, shell_complete=completions.pipelines)


@click.group("held-messages", cls=NounGroup)
def held_messages() -> None:
    """List, retry and drop messages that resume set aside.

    A message that came while a pipeline was paused and that cannot be applied is set aside, so
    that the others go on.
    """


@held_messages.command(
    "list", examples=["countersign held-messages list", "countersign held-messages list contracts"]
)
@PIPELINE
@click.pass_obj
def list_held(context: CliContext, pipeline: str | None) -> None:
    """List the messages that were set aside, of all pipelines or of PIPELINE, and why."""
    records = [
        {
            "received_at": aside.received_at,
            "pipeline": aside.pipeline,
            "connection": aside.connection,
            "envelope": aside.envelope,
            "reason": aside.reason,
        }
        for aside in messages_of(context).held(pipeline)
    ]
    columns: dict[str, Column] = {
        "RECEIVED (UTC)": "received_at",
        "PIPELINE": "pipeline",
        "CONNECTION": "connection",
        "ENVELOPE": lambda record: record["envelope"] or "a report on a mail",
        "REASON": "reason",
    }
    show_list(records, columns, NONE)


@held_messages.command(examples=["countersign held-messages retry contracts"])
@PIPELINE
@click.pass_obj
def retry(context: CliContext, pipeline: str | None) -> None:
    """Apply the messages that were set aside, of all pipelines or of PIPELINE."""
    number = left = 0
    report = Report()
    for one in messages_of(context).retry_held(pipeline):
        number += 1
        left += one.reason is not None
        record = {
            "pipeline": one.pipeline,
            "connection": one.connection,
            "received_at": one.received_at,
            "applied": one.reason is None,
            "reason": one.reason,
        }
        report.add(record, f"{one.connection}, {utc(one.received_at)}: {one.reason or 'applied'}")
    report.end(None if number else NONE)
    if left:
        raise click.ClickException(f"{left} of {number} messages could not be applied")


@held_messages.command(examples=["countersign held-messages drop contracts --yes"])
@click.argument("pipeline", shell_complete=completions.pipelines)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def drop(context: CliContext, pipeline: str, yes: bool) -> None:
    """Drop the messages of PIPELINE that were set aside."""
    messages = messages_of(context)
    messages.check_pipeline(pipeline)
    if not yes:
        click.confirm(f"drop what was set aside of {pipeline} for good?", abort=True, err=True)
    number = messages.drop_held(pipeline)
    text = f"{number} message{'s' * (number != 1)} dropped"
    show_one({"pipeline": pipeline, "dropped": number}, [text])
