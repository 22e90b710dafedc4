"""Commands for dead letters: listed with what became of them since, and re-driven."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.messages import messages_of
from countersign.cli.output.formats import Column, Report, show_list
from countersign.cli.output.text import counted, one_line
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup
from countersign.http.views.messages import DeadLetterView
from countersign.use_cases.messages.dead_letters import Cure

QUEUE = click.argument("queue", required=False, shell_complete=completions.queues)

ONLY = click.option("--only", metavar="ID", help="Only the message of this id, of QUEUE.")

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
        "ID": "id",
    }
    show_list(map(_record, letters), columns, f"no dead letters in {', '.join(queues)}")
    if any(letter.action == "leave" for letter in letters):
        click.echo("(dead-letters drop removes those that cannot be read)", err=True)


@dead_letters.command(
    examples=[
        "countersign dead-letters redrive email --yes",
        "countersign dead-letters redrive email --only 0b4f3d62 --yes",
    ]
)
@QUEUE
@ONLY
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def redrive(context: CliContext, queue: str | None, only: str | None, yes: bool) -> None:
    """Send messages back that can still be processed, from all queues or from QUEUE."""
    messages = messages_of(context)
    if not yes:
        queues = messages.dead_letters(queue).queues
        which = f"the dead letter {only}" if only else "the dead letters"
        click.confirm(f"redrive {which} of {', '.join(queues)}?", abort=True, err=True)
    report = Report()
    named = _named(queue, only)
    done = messages.redrive(queue) if named is None else iter((messages.redrive_one(*named),))
    number = _reported(report, ((letter, _DONE[letter.action]) for letter in done))
    report.end(counted(number, "dead letter"))


@dead_letters.command(
    examples=[
        "countersign dead-letters drop email",
        "countersign dead-letters drop email --only 0b4f3d62 --yes",
    ]
)
@QUEUE
@ONLY
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def drop(context: CliContext, queue: str | None, only: str | None, yes: bool) -> None:
    """Drop messages that cannot be read, from all queues or from QUEUE.

    Messages that can be redriven stay, unless one is named: that is dropped whatever it asks for.
    """
    messages = messages_of(context)
    named = _named(queue, only)
    if not yes:
        letters = messages.dead_letters(queue).letters
        matches = [
            letter
            for letter in letters
            if (letter.id == only if only else letter.action == "leave")
        ]
        for letter in matches:
            click.echo(one_line(f"  {letter.queue}: {letter.about}: {letter.reason}"), err=True)
        if matches:
            click.confirm(
                f"drop {counted(len(matches), 'dead letter')} for good?", abort=True, err=True
            )
    report = Report()
    done = messages.drop(queue) if named is None else iter((messages.drop_one(*named),))
    number = _reported(report, ((letter, "dropped") for letter in done))
    report.end(f"{counted(number, 'dead letter')} dropped")


def _named(queue: str | None, only: str | None) -> tuple[str, str] | None:
    """The queue and the id of the one message that is meant; None for all of them."""
    if only is None:
        return None
    if queue is None:
        raise click.UsageError("--only needs the QUEUE in which the message is")
    return queue, only


def _reported(report: Report, outcomes: Iterable[tuple[DeadLetterView, str]]) -> int:
    """How many messages are reported, each with what became of it."""
    number = 0
    for letter, outcome in outcomes:
        number += 1
        text = f"  {letter.queue}: {letter.about}: {outcome}; {letter.reason}"
        report.add({**_record(letter), "outcome": outcome}, text)
    return number


def _record(letter: DeadLetterView) -> dict[str, Any]:
    return {
        "id": letter.id,
        "queue": letter.queue,
        "sent_at": letter.sent_at,
        "about": letter.about,
        "reason": letter.reason,
        "action": letter.action,
    }
