"""Commands for tasks: listed, shown, completed, ticked off, handed over, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.tasks import tasks_of
from countersign.cli.output.formats import Column, Record, show_list, show_one, utc
from countersign.cli.output.text import one_line, task_lines
from countersign.cli.parsing.groups import NounGroup
from countersign.cli.parsing.parameters import document_option
from countersign.engine.runs.tasks import points_done, without_deadline
from countersign.model.task import Task, TaskKey

_KEY = re.compile(r"(?P<document>.+)\.(?P<id>[0-9]+\.[a-z0-9_-]+(?:~[0-9]+)?)")
TASK = click.argument("task", metavar="TASK")
POINT = click.argument("point", type=click.IntRange(min=1))


@click.group(cls=NounGroup)
def tasks() -> None:
    """List and complete tasks.

    A TASK is named DOCUMENT.ENTRY.RULE, as `tasks list` shows it.
    """


@tasks.command(
    "list",
    examples=["countersign tasks list --mine", "countersign tasks list --assignee group:legal"],
)
@click.option(
    "--assignee", metavar="USER", help="List the open tasks of this user, or of group:NAME."
)
@click.option("--mine", is_flag=True, help="List your open tasks and those of your groups.")
@document_option("List the tasks of this document, completed ones included.")
@click.pass_obj
def list_tasks(context: CliContext, assignee: str | None, mine: bool, document: str | None) -> None:
    """List open tasks by deadline, or all tasks of a document."""
    if sum((assignee is not None, document is not None, mine)) > 1:
        raise click.UsageError("tasks list takes one of --assignee, --mine and --document")
    tasks = tasks_of(context)
    if document is not None:
        _list(tasks.of_document(document), f"{document} has no task")
        return
    whose = tasks.user if mine else assignee
    _list(tasks.open(whose), f"{whose or 'nobody'} has {'no' if whose else 'an'} open task")


@tasks.command(examples=["countersign tasks show d-1042.1.check"])
@TASK
@click.pass_obj
def show(context: CliContext, task: str) -> None:
    """Show TASK with its text and its checklist."""
    details = tasks_of(context).show(_key(task))
    show_one(details.task, (one_line(line) for line in task_lines(details.task, details.zone)))


@tasks.command(
    examples=[
        "countersign tasks complete d-1042.1.check",
        "countersign tasks complete d-1042.1.check --as-operator",
    ]
)
@TASK
@click.option(
    "--as-operator",
    is_flag=True,
    help="Complete a task that is not yours. The timeline records it.",
)
@click.pass_obj
def complete(context: CliContext, task: str, as_operator: bool) -> None:
    """Complete TASK: rules that wait for it continue, and triggers may fire.

    Only its assignee, or a member of the group that it is assigned to, completes it.
    """
    done = tasks_of(context).complete(_key(task), as_operator=as_operator)
    _show(done, f"{done.key}: {done.state}")


@tasks.command(examples=['countersign tasks withdraw d-1042.1.check --reason "No longer needed"'])
@TASK
@click.option("--reason", metavar="TEXT", help="Reason for the timeline.")
@click.pass_obj
def withdraw(context: CliContext, task: str, reason: str | None) -> None:
    """Withdraw TASK: rules that wait for it continue, but no trigger fires."""
    withdrawn = tasks_of(context).withdraw(_key(task), reason)
    _show(withdrawn, f"{withdrawn.key}: {withdrawn.state}")


@tasks.command(examples=["countersign tasks check d-1042.1.check 1"])
@TASK
@POINT
@click.pass_obj
def check(context: CliContext, task: str, point: int) -> None:
    """Check POINT of TASK's checklist, counted from 1."""
    _tick(context, task, point, done=True)


@tasks.command(examples=["countersign tasks uncheck d-1042.1.check 1"])
@TASK
@POINT
@click.pass_obj
def uncheck(context: CliContext, task: str, point: int) -> None:
    """Uncheck POINT of TASK's checklist, counted from 1."""
    _tick(context, task, point, done=False)


@tasks.command(examples=["countersign tasks assign d-1042.1.check group:legal"])
@TASK
@click.argument("assignee", metavar="USER")
@click.pass_obj
def assign(context: CliContext, task: str, assignee: str) -> None:
    """Assign TASK to another USER, or to group:NAME."""
    given = tasks_of(context).assign(_key(task), assignee)
    _show(given, f"{given.key}: assigned to {given.assignee}")


def _tick(context: CliContext, task: str, point: int, *, done: bool) -> None:
    ticked = tasks_of(context).tick(_key(task), point, done=done)
    _show(ticked, f"{ticked.key}: {points_done(ticked)}")


def _list(tasks: Iterable[Task], none: str) -> None:
    columns: dict[str, Column] = {
        "TASK": "task",
        "TITLE": "title",
        "STATE": "state",
        "ASSIGNEE": "assignee",
        "DEADLINE (UTC)": _deadline,
        "CHECKLIST": _points,
    }
    show_list(map(_record, tasks), columns, none)


def _record(task: Task) -> dict[str, Any]:
    return {
        "task": str(task.key),
        "document": task.document,
        "title": task.title,
        "state": task.state,
        "assignee": task.assignee,
        "deadline": task.deadline,
        "no_deadline": task.no_deadline,
        "checklist": [{"text": point.text, "done": point.done} for point in task.checklist],
    }


def _deadline(record: Record) -> str:
    if record["no_deadline"] is not None:
        return without_deadline(record["no_deadline"])
    return utc(record["deadline"])


def _points(record: Record) -> str:
    points = record["checklist"]
    done = sum(point["done"] for point in points)
    return f"{done} of {len(points)} points" if points else ""


def _show(task: Task, line: str) -> None:
    show_one(_record(task), [one_line(line)])


def _key(text: str) -> TaskKey:
    parts = _KEY.fullmatch(text)
    if parts is None:
        msg = (
            f'"{text}" is not a valid task; expected document.entry.rule, as `tasks list` shows it'
        )
        raise click.UsageError(msg)
    return TaskKey(document=parts["document"], id=parts["id"])
