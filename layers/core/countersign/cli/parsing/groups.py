"""Groups of commands: one that imports a command when it is needed, one with a default verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from countersign.cli.output.terminal import one_line, only_harmless
from countersign.cli.output.verbs import Verb

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

ERROR, NOT_ALLOWED, NOT_FOUND = 1, 3, 4
"""Exit codes beside 0 and, for a wrong command line, click's 2."""
LONGEST = 200
"""Characters of a command's text in a list of commands; click cuts longer ones."""


class Lazy(NamedTuple):
    """Where a command is defined, and what the list of commands says about it."""

    module: str
    """Below ``countersign.cli``."""
    short_help: str
    attribute: str | None = None
    """The command in the module, where it is not the attribute of the command's name."""
    section: str = "Commands"
    """The section of the list of commands that it stands in."""


class LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name. A command's module is imported when the command is first asked for."""

    def __init__(self, commands: Mapping[str, Lazy]) -> None:
        self.lazy = dict(commands)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            lazy = self.lazy[name]
            module = import_module(f"countersign.cli.{lazy.module}")
            self._loaded[name] = getattr(module, lazy.attribute or name.replace("-", "_"))
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


class NounGroup(click.Group):
    """A group that lists its commands, where they are lazy, by section and without importing."""

    command_class = Verb

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they are defined."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        width = max(map(len, self.commands), default=0)
        for name in self.list_commands(ctx):
            section, text = self._described(name)
            sections.setdefault(section, []).append((name.ljust(width), text))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so; their modules are not imported for it."""
        from click.shell_completion import CompletionItem

        names = (name for name in self.list_commands(ctx) if name.startswith(incomplete))
        commands = [CompletionItem(name, help=self._described(name)[1]) for name in names]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def _described(self, name: str) -> tuple[str, str]:
        """A command's section and its text in the list of commands."""
        if isinstance(self.commands, LazyCommands):
            lazy = self.commands.lazy[name]
            return lazy.section, lazy.short_help
        return "Commands", f"{self.commands[name].get_short_help_str(LONGEST).rstrip('.')}."


class RootGroup(NounGroup):
    """The program's own group: shows an error of ours in one line, without a traceback, and ends
    with the error's exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _our_error() as error:
            failure = click.ClickException(one_line(str(error)))
            failure.exit_code = exit_code(error)
            raise failure from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program; whatever it prints, its errors and help included, is cleaned."""
        with only_harmless():
            return super().main(*args, **kwargs)


def exit_code(error: Exception) -> int:
    """What the program ends with after this error."""
    from countersign.errors import NotAllowedError, NotFoundError
    from countersign.registry import UnknownKindError

    if isinstance(error, NotAllowedError):
        return NOT_ALLOWED
    return NOT_FOUND if isinstance(error, NotFoundError | UnknownKindError) else ERROR


def _our_error() -> type[Exception]:
    # Looked up when something was raised, so that a command that ends well does not import it.
    from countersign.errors import CountersignError

    return CountersignError


class DefaultGroup(NounGroup):
    """A group that lists without a verb, and shows what is named where a verb is expected.

    ``countersign connections`` is ``connections list``, and ``countersign connections sales`` is
    ``connections show sales``; what has a verb's name is shown by ``connections show``. Options
    alone belong to the list.
    """

    verb_of_a_name = "show"
    """The verb of what is named where a verb is expected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "invoke_without_command": True})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:  # A shell completes: the verb is what it asks for.
            return super().parse_args(ctx, args)
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        elif not args[0].startswith("-") and args[0] not in self.commands:
            self._check_no_typo(ctx, args[0])
            args = [self.verb_of_a_name, *args]
        return super().parse_args(ctx, args)

    def _check_no_typo(self, ctx: click.Context, name: str) -> None:
        """UsageError for what is nearly a verb."""
        from difflib import get_close_matches

        for verb in get_close_matches(name, self.commands, n=1, cutoff=0.8):
            of_name = self.verb_of_a_name
            shown = f'"{ctx.command_path} {of_name} {name}"'
            msg = (
                f'No such command "{name}". Did you mean "{verb}"? '
                f"To {of_name} {name}, use {shown}."
            )
            raise click.UsageError(msg, ctx)


class ListGroup(DefaultGroup):
    """A group that lists what belongs to whatever is named where a verb is expected:
    ``documents files d-1042`` is ``documents files list d-1042``."""

    verb_of_a_name = "list"
