"""The command ``countersign``: its options, its groups of commands, its errors in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from countersign import __version__
from countersign.cli.catalogue import kinds, providers
from countersign.cli.connections import connect, connections, send
from countersign.cli.dead_letters import dead_letters
from countersign.cli.documents import call, create, documents, edit, move, show, stop
from countersign.cli.pipelines import (
    move_runs,
    pause,
    pipelines,
    plan,
    publish,
    resume,
    rollback,
    run_here,
    validate,
)
from countersign.cli.rejected import rejected
from countersign.cli.runs import runs
from countersign.cli.secrets import secrets
from countersign.cli.simulate import simulate
from countersign.cli.stack import Choice, open_surroundings
from countersign.cli.surroundings import Surroundings
from countersign.cli.tasks import tasks
from countersign.errors import CountersignError


class Commands(click.Group):
    """A group that tells an error of ours in one line and ends with 1, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CountersignError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands)
@click.version_option(__version__)
@click.option("--stack", metavar="NAME", envvar="COUNTERSIGN_STACK", help="The deployed stack.")
@click.option("--endpoint", metavar="URL", envvar="AWS_ENDPOINT_URL", help="Another AWS endpoint.")
@click.option("--region", metavar="NAME", envvar="AWS_REGION", help="The stack's region.")
@click.option(
    "--local/--no-local",
    default=None,
    help="The stack of `make run`; the default while it runs and no other is named.",
)
@click.option("--as", "user", metavar="USER", envvar="COUNTERSIGN_USER", help="Who you are.")
@click.pass_context
def countersign(
    ctx: click.Context,
    stack: str | None,
    endpoint: str | None,
    region: str | None,
    local: bool | None,
    user: str | None,
) -> None:
    """Automation rules and triggers for e-signatures."""
    if isinstance(ctx.obj, Surroundings):
        return  # Given by whoever calls: a test, or another program.
    choice = Choice(stack=stack, endpoint=endpoint, region=region, local=local, user=user)
    ctx.obj = open_surroundings(choice, folder=Path.cwd(), tell=_tell)


def _tell(text: str) -> None:
    click.echo(text, err=True)


for command in (
    *(validate, plan, publish, rollback, pipelines),
    *(pause, resume, run_here, move_runs),
    *(connect, connections, secrets, send),
    *(documents, show, create, move, edit, call, stop),
    *(tasks, runs, dead_letters, rejected),
    *(simulate, providers, kinds),
):
    countersign.add_command(command)
