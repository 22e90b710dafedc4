"""The class of every command: it has ``--output``, and its help ends with examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

TABLE, JSON, JSONL = "table", "json", "jsonl"
_FORMAT = "countersign.output"


def output_format() -> str:
    """The format that the command that runs was asked for."""
    context = click.get_current_context(silent=True)
    return TABLE if context is None else context.meta.get(_FORMAT, TABLE)


def _keep(ctx: click.Context, _: click.Parameter, value: str) -> None:
    ctx.meta[_FORMAT] = value


class Verb(click.Command):
    """A command, with ``--output`` unless it prints a file, and with examples of its use."""

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), output: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        if output:
            self.params.append(
                click.Option(
                    ["--output"],
                    type=click.Choice((TABLE, JSON, JSONL)),
                    default=TABLE,
                    show_default=True,
                    expose_value=False,
                    callback=_keep,
                    help="Print text for people, or JSON for programs.",
                )
            )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, each on a line of its own."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{' ' * formatter.current_indent}{example}\n")
        super().format_epilog(ctx, formatter)
