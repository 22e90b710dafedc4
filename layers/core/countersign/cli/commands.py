"""The command ``countersign``: its options and its commands, each imported when it is needed."""

from __future__ import annotations

import click

from countersign import __version__
from countersign.cli.groups import Lazy, LazyCommands, RootGroup

COMMANDS = LazyCommands(
    {
        "validate": Lazy("validate", "Check a pipeline FILE without publishing it."),
        "plan": Lazy("publishing", "Show what publishing FILE would change."),
        "publish": Lazy("publishing", "Publish FILE as the next version of its pipeline."),
        "rollback": Lazy("publishing", "Publish VERSION of PIPELINE again, as a new version."),
        "pipelines": Lazy("pipelines", "List, show and remove published pipelines."),
        "pause": Lazy("publishing", "Pause PIPELINE: no rules start, and messages are kept."),
        "resume": Lazy("publishing", "Resume PIPELINE: apply what was kept and run what is due."),
        "run-here": Lazy("publishing", "Run RULE of PIPELINE for documents already in its stage."),
        "move-runs": Lazy("publishing", "Move runs that have not started to the current version."),
        "connect": Lazy("connect", "Connect a signing PROVIDER to a pipeline."),
        "connections": Lazy("connections", "List, show, update and remove connections."),
        "secrets": Lazy("secrets", "Manage secrets that rules use as secret:NAME."),
        "send": Lazy("send", "Send an example FILE to a connection, signed like the provider."),
        "documents": Lazy("documents", "List or find documents."),
        "show": Lazy("documents", "Show DOCUMENT with its timeline and planned rules."),
        "create": Lazy("documents", "Create a document in PIPELINE."),
        "move": Lazy("documents", "Move DOCUMENT to STAGE and start the stage's rules."),
        "edit": Lazy("documents", "Change fields of DOCUMENT."),
        "call": Lazy("documents", "Call DOCUMENT by CODE to fire a waiting trigger."),
        "stop": Lazy("documents", "Cancel the rules of DOCUMENT's stage that have not started."),
        "tasks": Lazy("tasks", "List and complete tasks."),
        "runs": Lazy("runs", "List and resolve failed runs and runs in doubt."),
        "dead-letters": Lazy("dead_letters", "List, redrive and drop messages that failed."),
        "postponed": Lazy("postponed", "List, retry and drop messages that resume set aside."),
        "rejected": Lazy("rejected", "List, show and retry webhooks that could not be read."),
        "simulate": Lazy("simulate", "Play SCRIPT on PIPELINE without sending anything."),
        "inspect": Lazy("inspect", "Show what a captured message of PROVIDER is read as."),
        "providers": Lazy("catalogue", "List signing providers, or show how to set one up."),
        "kinds": Lazy("catalogue", "List the kinds of triggers and rules."),
    }
)


@click.group(cls=RootGroup, commands=COMMANDS)
@click.version_option(__version__)
@click.option(
    "--stack", metavar="NAME", envvar="COUNTERSIGN_STACK", help="Name of the deployed stack."
)
@click.option(
    "--endpoint", metavar="URL", envvar="AWS_ENDPOINT_URL", help="Use another AWS endpoint."
)
@click.option("--region", metavar="NAME", envvar="AWS_REGION", help="AWS region of the stack.")
@click.option(
    "--local/--no-local",
    default=None,
    help="Use the stack of `make run`. Default while it runs and no other stack is named.",
)
@click.option(
    "--as", "user", metavar="USER", envvar="COUNTERSIGN_USER", help="The user you act as."
)
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
    from pathlib import Path

    from countersign.cli.stack import Choice, open_surroundings
    from countersign.cli.surroundings import Surroundings

    if isinstance(ctx.obj, Surroundings):
        return  # Given by whoever calls: a test, or another program.
    choice = Choice(stack=stack, endpoint=endpoint, region=region, local=local, user=user)
    ctx.obj = open_surroundings(choice, folder=Path.cwd(), tell=_tell)


def _tell(text: str) -> None:
    click.echo(text, err=True)
