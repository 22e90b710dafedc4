"""Events: the group of the commands that send examples and inspect captured messages."""

from __future__ import annotations

import click

from countersign.cli.parsing.groups import Lazy, LazyCommands, NounGroup

COMMANDS = LazyCommands(
    {
        "send": Lazy(
            "messages.send", "Send an example FILE to a connection, signed like the provider."
        ),
        "inspect": Lazy("messages.inspect", "Show what a captured message of PROVIDER is read as."),
    }
)


@click.group(cls=NounGroup, commands=COMMANDS)
def events() -> None:
    """Send example messages, and inspect captured ones.

    Examples are in events/PROVIDER/EVENT.json.
    """
