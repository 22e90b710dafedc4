"""Shows where long work is: a line that moves on a terminal, a line a minute elsewhere.

Only the standard library is used, so that the installation can show its progress too:
``python -m countersign.local.progress "installing" -- pip install ...`` runs a command, with its
output kept for the case that it fails.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, TextIO

MOVES_EVERY = 0.5
"""Seconds between two states of the line on a terminal."""
SPEAKS_EVERY = 60.0
"""Seconds between two lines where there is no terminal."""
ENDS_WITHIN = 10.0
"""Seconds that a process has to end after SIGTERM."""
INTERRUPTED = 128 + signal.SIGINT
_SHOWN_AT_MOST = 100
_CLEAR = "\r\x1b[K"


class Progress:
    """How far one piece of work is, on standard error while the block lasts.

    ``total``: how many steps there are, where that is known; ``seconds``: how long it will take,
    where that is known. Safe to use from several threads.
    """

    def __init__(
        self,
        what: str,
        *,
        total: int | None = None,
        seconds: float | None = None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._total = total
        self._seconds = seconds
        self._stream = stream or sys.stderr
        self._clock = clock
        self._begun = clock()
        self._done = 0
        self._note = ""
        self._moves = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        self._show()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._moves:
            self._write(_CLEAR)

    def advance(self, by: int = 1, note: str = "") -> None:
        """So many steps more are done; `note` is shown beside them until the next one."""
        with self._lock:
            self._done += by
            self._note = note

    def say(self, text: str, stream: TextIO | None = None) -> None:
        """Print a line that stays, on standard output; the moving one goes on below it."""
        with self._lock:
            if self._moves:
                self._write(_CLEAR)
            print(text, file=stream or sys.stdout, flush=True)

    def line(self) -> str:
        """Where the work is now."""
        took = self._clock() - self._begun
        parts = [self._what]
        if self._total is not None:
            parts.append(f"{self._done:,} of {self._total:,}")
        elif self._done:
            parts.append(f"{self._done:,}")
        parts.append(_minutes(took))
        if self._seconds is not None:
            parts[-1] += f" of {_minutes(self._seconds)}"
        elif self._total and 0 < self._done < self._total:
            parts.append(f"about {_minutes(took / self._done * (self._total - self._done))} left")
        if self._note:
            parts.append(self._note)
        return ", ".join(parts)[:_SHOWN_AT_MOST]

    def _tick(self) -> None:
        while not self._over.wait(MOVES_EVERY if self._moves else SPEAKS_EVERY):
            self._show()

    def _show(self) -> None:
        with self._lock:
            self._write(f"{_CLEAR}{self.line()}" if self._moves else f"{self.line()}\n")

    def _write(self, text: str) -> None:
        # Nobody reads it any more: the work goes on.
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def interruptible(main: Callable[[], int | None]) -> int:
    """The exit code of `main`, 0 where it gives none.

    Ctrl-C and SIGTERM end it through its ``finally`` and ``with``.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return main() or 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr, flush=True)
        return INTERRUPTED


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # A second one must not break off what is being ended, which takes seconds at most.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def child(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is over with all that it started at the end.

    Ctrl-C would otherwise reach it and us at once, and SIGTERM only us.
    """
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End it, gently at first, and whatever of its group is left."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDS_WITHIN)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main(arguments: Sequence[str]) -> int:
    """Run a command and show how long it has been at it; its output only if it fails."""
    what, separator, command = arguments[:1], arguments[1:2], arguments[2:]
    if list(separator) != ["--"] or not command:
        print('expected: "what is done" -- COMMAND [ARGUMENT ...]', file=sys.stderr)
        return 2
    with tempfile.TemporaryFile() as output:
        with Progress(what[0]), child(command, output=output) as process:
            code = process.wait()
        if code:
            output.seek(0)
            sys.stderr.write(output.read().decode("utf-8", "replace"))
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(interruptible(lambda: main(sys.argv[1:])))
