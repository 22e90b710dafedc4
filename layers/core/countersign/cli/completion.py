"""The command completion: the script that lets a shell complete commands and values."""

from __future__ import annotations

import click

from countersign.cli.output.verbs import Verb

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_COUNTERSIGN_COMPLETE"
"""By this variable the script asks the program what to offer."""


@click.command(
    cls=Verb,
    output=False,
    examples=[
        'eval "$(countersign completion bash)"   # in ~/.bashrc',
        'eval "$(countersign completion zsh)"    # in ~/.zshrc',
        "countersign completion fish > ~/.config/fish/completions/countersign.fish",
    ],
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that turns on completion in SHELL.

    Commands, options, and the names of pipelines, stages, documents, files, connections, secrets
    and providers are completed; the names come from the stack that the command line uses.
    """
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    of_shell = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}[shell]
    click.echo(of_shell(ctx.find_root().command, {}, "countersign", VARIABLE).source())
