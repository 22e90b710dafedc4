"""Groups of commands: one that imports a command when it is needed, one with a default verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from countersign.cli.terminal import one_line, only_harmless


class Lazy(NamedTuple):
    """Where a command is defined, and what the list of commands says about it."""

    module: str
    """Below ``countersign.cli``; the command is its attribute of the command's name."""
    short_help: str


class LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name. A command's module is imported when the command is first asked for."""

    def __init__(self, commands: Mapping[str, Lazy]) -> None:
        self.lazy = dict(commands)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module = import_module(f"countersign.cli.{self.lazy[name].module}")
            self._loaded[name] = getattr(module, name.replace("-", "_"))
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self.lazy[name] = Lazy(command.callback.__module__, command.get_short_help_str())
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self.lazy[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.lazy)

    def __len__(self) -> int:
        return len(self.lazy)

    def __contains__(self, name: object) -> bool:
        return name in self.lazy


class RootGroup(click.Group):
    """The program's own group: lists its commands without importing them, and shows an error of
    ours in one line, without a traceback; the program then ends with 1."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if not isinstance(self.commands, LazyCommands):
            super().format_commands(ctx, formatter)
            return
        rows = [(name, self.commands.lazy[name].short_help) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _our_error() as error:
            raise click.ClickException(one_line(str(error))) from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program; whatever it prints, its errors and help included, is cleaned."""
        with only_harmless():
            return super().main(*args, **kwargs)


def _our_error() -> type[Exception]:
    # Looked up when something was raised, so that a command that ends well does not import it.
    from countersign.errors import CountersignError

    return CountersignError


class DefaultGroup(click.Group):
    """A group that lists without a verb, and shows what is named where a verb is expected.

    ``countersign connections`` is ``connections list``, and ``countersign connections sales`` is
    ``connections show sales``; what has a verb's name is shown by ``connections show``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "invoke_without_command": True})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            args = ["list"]
        elif not args[0].startswith("-") and args[0] not in self.commands:
            args = ["show", *args]
        return super().parse_args(ctx, args)
