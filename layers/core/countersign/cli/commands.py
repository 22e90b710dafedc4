"""The command ``countersign``: its options and its commands, each imported when it is needed."""

from __future__ import annotations

import click

from countersign import __version__
from countersign.cli.parsing.groups import Lazy, LazyCommands, RootGroup

SET_UP, WORK, REPAIR, LEARN = "Set up", "Documents and tasks", "Find and repair", "Learn and try"
COMMANDS = LazyCommands(
    {
        "pipelines": Lazy("pipelines.group", "Check, publish and operate pipelines.", None, SET_UP),
        "connections": Lazy("connections.group", "Connect signing providers.", None, SET_UP),
        "secrets": Lazy("secrets", "Manage secrets that rules use as secret:NAME.", None, SET_UP),
        "upgrade": Lazy("upgrade", "Fill what is new in a table that has data.", None, SET_UP),
        "people": Lazy("people", "Invite people, and change what they may do.", None, SET_UP),
        "programs": Lazy(
            "people", "Show the clients by which programs call the API.", None, SET_UP
        ),
        "login": Lazy("account.login", "Sign in, so that commands go over the API.", None, SET_UP),
        "logout": Lazy("account.login", "Sign out.", None, SET_UP),
        "whoami": Lazy(
            "account.login", "Show who is signed in, and with which role.", None, SET_UP
        ),
        "api": Lazy("account.api", "Call a route of the API.", None, SET_UP),
        "entitlements": Lazy(
            "deployment.entitlements",
            "Show and set what this deployment's plan includes.",
            None,
            SET_UP,
        ),
        "documents": Lazy(
            "documents.group", "Find, show, create and change documents.", None, WORK
        ),
        "tail": Lazy(
            "documents.tail", "Show what happens to documents, as it happens.", None, WORK
        ),
        "tasks": Lazy("documents.tasks", "List and complete tasks.", None, WORK),
        "statistics": Lazy(
            "statistics.group", "Show and rebuild the statistics of pipelines.", None, WORK
        ),
        "doctor": Lazy(
            "doctor", "Check the stack, and say what to do about each problem.", None, REPAIR
        ),
        "runs": Lazy("runs.group", "List runs, and run, shift, skip or retry them.", None, REPAIR),
        "jobs": Lazy(
            "jobs.group",
            "List, show and abort work on many runs, or on all documents.",
            None,
            REPAIR,
        ),
        "dead-letters": Lazy(
            "messages.dead_letters", "List, redrive and drop messages that failed.", None, REPAIR
        ),
        "rejected": Lazy(
            "messages.rejected_requests",
            "List, show and retry webhooks that could not be read.",
            None,
            REPAIR,
        ),
        "held-messages": Lazy(
            "messages.held_messages",
            "List, retry and drop messages that resume set aside.",
            None,
            REPAIR,
        ),
        "audit": Lazy(
            "deployment.audit", "List and export who changed the configuration.", None, REPAIR
        ),
        "events": Lazy(
            "messages.events", "Send example messages, and inspect captured ones.", None, LEARN
        ),
        "providers": Lazy(
            "catalogue.providers", "List signing providers, or show how to set one up.", None, LEARN
        ),
        "kinds": Lazy(
            "catalogue.kinds", "List and explain the kinds of triggers and rules.", None, LEARN
        ),
        "schema": Lazy(
            "catalogue.schema", "Print the JSON Schema of the pipeline file.", None, LEARN
        ),
        "completion": Lazy(
            "completion", "Print the script that turns on completion in SHELL.", None, LEARN
        ),
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
    "--api",
    metavar="URL",
    envvar="COUNTERSIGN_API",
    help="Use this API, where you are signed in. Default: where you signed in last.",
)
@click.option("--no-api", is_flag=True, help="Use AWS credentials though you are signed in.")
@click.option(
    "--as",
    "user",
    metavar="USER",
    envvar="COUNTERSIGN_USER",
    help="The user you act as on the stack of `make run`. On AWS your credentials say who you are.",
)
@click.pass_context
def countersign(ctx: click.Context, /, **_: str | bool | None) -> None:
    """Automation rules and triggers for e-signatures.

    Exit codes: 0 success, 1 error, 2 invalid command line, 3 not allowed, 4 not found.
    """
    from countersign.cli.stack import context_of

    ctx.obj = context_of(ctx, _tell)


def _tell(text: str) -> None:
    click.echo(text, err=True)
