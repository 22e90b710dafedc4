"""Commands for tasks: listed, shown, completed, ticked off, handed over, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import click

from countersign.cli.groups import NounGroup
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import one_line, table, task_lines
from countersign.engine.tasks import points_done, shown_deadline, without_deadline
from countersign.errors import NotFoundError
from countersign.model.task import Task, TaskKey
from countersign.use_cases import tasks as use_cases

_KEY = re.compile(r"(?P<document>.+)\.(?P<id>[0-9]+\.[a-z0-9_-]+(?:~[0-9]+)?)")
TASK = click.argument("task", metavar="TASK")
POINT = click.argument("point", type=click.IntRange(min=1))


@click.group(cls=NounGroup)
def tasks() -> None:
    """List and complete tasks.

    A TASK is named DOCUMENT.ENTRY.RULE, as `tasks list` shows it.
    """


@tasks.command("list")
@click.option(
    "--assignee", metavar="USER", help="List the open tasks of this user, or of group:NAME."
)
@click.option("--mine", is_flag=True, help="List your open tasks and those of your groups.")
@click.option(
    "--document", metavar="ID", help="List the tasks of this document, completed ones included."
)
@click.pass_obj
def list_tasks(
    surroundings: Surroundings, assignee: str | None, mine: bool, document: str | None
) -> None:
    """List open tasks by deadline, or all tasks of a document."""
    if sum((assignee is not None, document is not None, mine)) > 1:
        raise click.UsageError("tasks list takes one of --assignee, --mine and --document")
    documents = surroundings.cloud.documents
    if document is None:
        whose = surroundings.user if mine else assignee
        tasks = use_cases.open_tasks(
            documents, surroundings.programs, surroundings.cloud.pipelines, whose
        )
        _tell(surroundings, tasks, f"{whose or 'nobody'} has {'no' if whose else 'an'} open task")
        return
    if documents.get(document) is None:
        raise NotFoundError(f"there is no document {document}")
    _tell(surroundings, documents.tasks(document), f"{document} has no task")


@tasks.command()
@TASK
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def show(surroundings: Surroundings, task: str, as_json: bool) -> None:
    """Show TASK with its text and its checklist."""
    found = use_cases.found(surroundings.cloud.documents, _key(task))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    for line in task_lines(found, _zone(surroundings, found)):
        click.echo(one_line(line))


@tasks.command()
@TASK
@click.option(
    "--as-operator",
    is_flag=True,
    help="Complete a task that is not yours. The timeline records it.",
)
@click.pass_obj
def complete(surroundings: Surroundings, task: str, as_operator: bool) -> None:
    """Complete TASK: rules that wait for it continue, and triggers may fire.

    Only its assignee, or a member of the group that it is assigned to, completes it.
    """
    done = use_cases.complete(
        surroundings.cloud.documents,
        surroundings.programs,
        _key(task),
        by=surroundings.user,
        now=surroundings.now(),
        as_operator=as_operator,
    )
    _told(done)


@tasks.command()
@TASK
@click.option("--because", metavar="TEXT", help="Reason for the timeline.")
@click.pass_obj
def withdraw(surroundings: Surroundings, task: str, because: str | None) -> None:
    """Withdraw TASK: rules that wait for it continue, but no trigger fires."""
    withdrawn = use_cases.withdraw(
        surroundings.cloud.documents,
        surroundings.programs,
        _key(task),
        by=surroundings.user,
        now=surroundings.now(),
        reason=because,
    )
    _told(withdrawn)


@tasks.command()
@TASK
@POINT
@click.pass_obj
def check(surroundings: Surroundings, task: str, point: int) -> None:
    """Check POINT of TASK's checklist, counted from 1."""
    _tick(surroundings, task, point, done=True)


@tasks.command()
@TASK
@POINT
@click.pass_obj
def uncheck(surroundings: Surroundings, task: str, point: int) -> None:
    """Uncheck POINT of TASK's checklist, counted from 1."""
    _tick(surroundings, task, point, done=False)


@tasks.command()
@TASK
@click.argument("user")
@click.pass_obj
def assign(surroundings: Surroundings, task: str, user: str) -> None:
    """Assign TASK to another USER, or to group:NAME."""
    given = use_cases.assign(
        surroundings.cloud.documents,
        surroundings.programs,
        _key(task),
        user,
        by=surroundings.user,
        now=surroundings.now(),
    )
    click.echo(one_line(f"{given.key}: of {given.assignee}"))


def _tick(surroundings: Surroundings, task: str, point: int, *, done: bool) -> None:
    ticked = use_cases.tick(
        surroundings.cloud.documents,
        _key(task),
        point,
        done=done,
        by=surroundings.user,
        now=surroundings.now(),
    )
    click.echo(f"{ticked.key}: {points_done(ticked)}")


def _tell(surroundings: Surroundings, found: Iterable[Task], none: str) -> None:
    rows = [
        (
            str(task.key),
            task.title,
            task.state,
            task.assignee,
            _deadline(surroundings, task),
            points_done(task),
        )
        for task in found
    ]
    heading = ("TASK", "TITLE", "STATE", "ASSIGNEE", "DEADLINE", "CHECKLIST")
    click.echo(table(heading, rows) if rows else one_line(none))


def _deadline(surroundings: Surroundings, task: Task) -> str:
    if task.no_deadline is not None:
        return without_deadline(task.no_deadline)
    return shown_deadline(task.deadline, _zone(surroundings, task)) if task.deadline else ""


def _zone(surroundings: Surroundings, task: Task) -> ZoneInfo:
    program = surroundings.programs.get(task.pipeline, task.pipeline_version)
    return ZoneInfo(program.pipeline.time_zone)


def _told(task: Task) -> None:
    click.echo(one_line(f"{task.key}: {task.state}"))


def _key(text: str) -> TaskKey:
    parts = _KEY.fullmatch(text)
    if parts is None:
        msg = f'"{text}" is no task; expected document.entry.rule, as `tasks list` shows it'
        raise click.UsageError(msg)
    return TaskKey(document=parts["document"], id=parts["id"])
