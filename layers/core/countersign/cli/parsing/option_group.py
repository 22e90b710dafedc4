"""Options and arguments of a command that reach it as one value."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]


def option_group(name: str, value: Callable[..., object], *options: Decorator) -> Decorator:
    """Add the options to a command, which gets them as the one keyword argument ``name``.

    ``value`` makes it of what was given, by click's names of the options: a frozen dataclass with
    a field for each of them. The help lists the options as they stand here.
    """

    def added(command: Command) -> Command:
        @wraps(command)
        def collecting(*args: Any, **given: Any) -> Any:
            chosen = {option: given.pop(option) for option in names}
            return command(*args, **{name: value(**chosen)}, **given)

        before = len(_parameters(collecting))
        for option in reversed(options):
            option(collecting)
        names = tuple(str(parameter.name) for parameter in _parameters(collecting)[before:])
        return collecting

    return added


def _parameters(command: Command) -> list[click.Parameter]:
    """What click's decorators have added to a function so far."""
    parameters: list[click.Parameter] = getattr(command, "__click_params__", [])
    return parameters
