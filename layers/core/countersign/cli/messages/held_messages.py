"""Commands for messages of a pause that could not be applied: listed, retried, dropped."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.messages import messages_of
from countersign.cli.output.formats import Column, Report, show_list, show_one, utc
from countersign.cli.output.text import counted
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup

NONE = "no messages were set aside"
PIPELINE = click.argument("pipeline", required=False, shell_complete=completions.pipelines)

ONLY = click.option("--only", metavar="ID", help="Only the message of this id, of PIPELINE.")


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
            "id": aside.id,
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
        "ID": "id",
    }
    show_list(records, columns, NONE)


@held_messages.command(
    examples=[
        "countersign held-messages retry contracts",
        "countersign held-messages retry contracts --only 5f1d0c",
    ]
)
@PIPELINE
@ONLY
@click.pass_obj
def retry(context: CliContext, pipeline: str | None, only: str | None) -> None:
    """Apply the messages that were set aside, of all pipelines or of PIPELINE."""
    messages = messages_of(context)
    if only is None:
        tries = messages.retry_held(pipeline)
    elif pipeline is None:
        raise click.UsageError("--only needs the PIPELINE that the message is of")
    else:
        tries = iter((messages.retry_one_held(pipeline, only),))
    number = left = 0
    report = Report()
    for message in tries:
        number += 1
        left += message.reason is not None
        record = {
            "id": message.id,
            "pipeline": message.pipeline,
            "connection": message.connection,
            "received_at": message.received_at,
            "applied": message.reason is None,
            "reason": message.reason,
        }
        report.add(
            record,
            f"{message.connection}, {utc(message.received_at)}: {message.reason or 'applied'}",
        )
    report.end(None if number else NONE)
    if left:
        raise click.ClickException(f"{left} of {number} messages could not be applied")


@held_messages.command(
    examples=[
        "countersign held-messages drop contracts --yes",
        "countersign held-messages drop contracts --only 5f1d0c --yes",
    ]
)
@click.argument("pipeline", shell_complete=completions.pipelines)
@ONLY
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def drop(context: CliContext, pipeline: str, only: str | None, yes: bool) -> None:
    """Drop the messages of PIPELINE that were set aside."""
    messages = messages_of(context)
    messages.check_pipeline(pipeline)
    if not yes:
        what = f"the message {only}" if only else f"what was set aside of {pipeline}"
        click.confirm(f"drop {what} for good?", abort=True, err=True)
    if only is None:
        number = messages.drop_held(pipeline)
    else:
        messages.drop_one_held(pipeline, only)
        number = 1
    record = {"pipeline": pipeline, "dropped": number}
    show_one(record, [f"{counted(number, 'message')} dropped"])
