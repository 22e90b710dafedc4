"""Commands for dead letters: listed with what became of them since, and re-driven."""

from __future__ import annotations

from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.messages import messages_of
from countersign.cli.output.formats import Column, Report, show_list
from countersign.cli.output.text import one_line
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup
from countersign.http.views.messages import DeadLetterView
from countersign.use_cases.messages.dead_letters import Cure

QUEUE = click.argument("queue", required=False, shell_complete=completions.queues)

_CURES: dict[Cure, str] = {
    "send_back": "use redrive to send it back",
    "remove": "use redrive to remove it",
    "leave": "look at it in the queue",
    "keep": "redrive it with a version that can read its run",
}
_DONE: dict[Cure, str] = {
    "send_back": "sent back",
    "remove": "removed",
    "leave": "left where it is",
    "keep": "left where it is",
}


@click.group("dead-letters", cls=NounGroup)
def dead_letters() -> None:
    """List, redrive and drop messages that failed.

    A dead letter is a message that was given up after its last attempt.
    """


@dead_letters.command(
    "list", examples=["countersign dead-letters list", "countersign dead-letters list email"]
)
@QUEUE
@click.pass_obj
def list_letters(context: CliContext, queue: str | None) -> None:
    """List the messages in all dead-letter queues, or in QUEUE, and why they failed."""
    letters, queues = messages_of(context).dead_letters(queue)
    columns: dict[str, Column] = {
        "QUEUE": "queue",
        "SENT (UTC)": "sent_at",
        "ABOUT": "about",
        "REASON": "reason",
        "THEN": lambda record: _CURES[record["action"]],
    }
    show_list(map(_record, letters), columns, f"no dead letters in {', '.join(queues)}")
    if any(one.action == "leave" for one in letters):
        click.echo("(dead-letters drop removes those that cannot be read)", err=True)


@dead_letters.command(examples=["countersign dead-letters redrive email --yes"])
@QUEUE
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def redrive(context: CliContext, queue: str | None, yes: bool) -> None:
    """Send messages back that can still be processed, from all queues or from QUEUE."""
    messages = messages_of(context)
    if not yes:
        queues = messages.dead_letters(queue).queues
        click.confirm(f"redrive the dead letters of {', '.join(queues)}?", abort=True, err=True)
    number = 0
    report = Report()
    for one in messages.redrive(queue):
        number += 1
        text = f"  {one.queue}: {one.about}: {_DONE[one.action]}; {one.reason}"
        report.add({**_record(one), "outcome": _DONE[one.action]}, text)
    report.end(_count(number))


@dead_letters.command(examples=["countersign dead-letters drop email"])
@QUEUE
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def drop(context: CliContext, queue: str | None, yes: bool) -> None:
    """Drop messages that cannot be read, from all queues or from QUEUE.

    Messages that can be redriven stay.
    """
    messages = messages_of(context)
    if not yes:
        letters = messages.dead_letters(queue).letters
        unreadable = [one for one in letters if one.action == "leave"]
        for one in unreadable:
            click.echo(one_line(f"  {one.queue}: {one.about}: {one.reason}"), err=True)
        if unreadable:
            click.confirm(f"drop {_count(len(unreadable))} for good?", abort=True, err=True)
    number = 0
    report = Report()
    for one in messages.drop(queue):
        number += 1
        text = f"  {one.queue}: {one.about}: dropped; {one.reason}"
        report.add({**_record(one), "outcome": "dropped"}, text)
    report.end(f"{_count(number)} dropped")


def _count(number: int) -> str:
    return f"{number} dead letter{'s' * (number != 1)}"


def _record(letter: DeadLetterView) -> dict[str, Any]:
    return {
        "queue": letter.queue,
        "sent_at": letter.sent_at,
        "about": letter.about,
        "reason": letter.reason,
        "action": letter.action,
    }
