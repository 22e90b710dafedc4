"""Following what happens until somebody ends it: by Ctrl-C, or by the signal to terminate."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.output.text import one_line
from countersign.errors import TransientError


class _EndedError(Exception):
    """Somebody ended it."""


@contextmanager
def until_ended() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is done meanwhile, without an error."""

    def end(_: int, __: FrameType | None) -> None:
        raise _EndedError

    before: Any = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except (_EndedError, KeyboardInterrupt):
        click.echo(err=True)  # The next prompt stands on a line of its own, below the ^C.
    finally:
        signal.signal(signal.SIGTERM, before)


def looks(context: CliContext, seconds: float) -> Iterator[None]:
    """One look after the other, for ever."""
    while True:
        context.wait(seconds)
        yield


@contextmanager
def passing_faults_shown() -> Iterator[None]:
    """A fault that passes does not end it: it is shown, and the next look tries again."""
    try:
        yield
    except TransientError as error:
        click.echo(one_line(f"{error}; trying again"), err=True)
