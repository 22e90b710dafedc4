"""Long work shows where it is, and ends with all that it started when it is interrupted."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.local import progress as shown
from countersign.local.progress import Progress
from tests.package_copy import ProcessGroups, run_python

ROOT = Path(__file__).parents[2]
# What is started needs this process's environment.
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'core'}{os.pathsep}{ROOT}"}  # noqa: TID251


class Clock:
    """Says the time that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("known", "done", "seconds", "line"),
    [
        ({}, 0, 0, "deploying, 0:00"),
        ({}, 0, 75, "deploying, 1:15"),
        ({}, 1234, 5, "deploying, 1,234, 0:05"),
        ({"total": 12}, 0, 5, "deploying, 0 of 12, 0:05"),
        ({"total": 12}, 3, 60, "deploying, 3 of 12, 1:00, about 3:00 left"),
        ({"total": 12}, 12, 60, "deploying, 12 of 12, 1:00"),
        ({"seconds": 7200}, 40, 3723, "deploying, 40, 1:02:03 of 2:00:00"),
    ],
)
def test_the_line_says_how_far_the_work_is(
    known: dict[str, int], done: int, seconds: int, line: str
) -> None:
    clock = Clock()
    work = Progress("deploying", stream=io.StringIO(), clock=clock, **known)
    work.advance(done)
    clock.now += seconds
    assert work.line() == line


def test_a_note_stands_beside_the_numbers_and_the_line_stays_one() -> None:
    work = Progress("faults", total=2, stream=io.StringIO(), clock=Clock())
    work.advance(note="a seed is skipped")
    assert work.line().endswith(", a seed is skipped")
    work.advance(note="x" * 200)
    assert len(work.line()) == 100


def test_without_a_terminal_a_line_is_printed_at_first_and_then_from_time_to_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shown.SPEAKS_EVERY == 60
    monkeypatch.setattr(shown, "SPEAKS_EVERY", 0.05)
    stream = io.StringIO()
    with Progress("building", stream=stream, clock=Clock()):
        _until(lambda: stream.getvalue().count("\n") >= 3)
    lines = stream.getvalue().splitlines()
    assert set(lines) == {"building, 0:00"}
    assert "\r" not in stream.getvalue()


def test_on_a_terminal_one_line_moves_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(shown, "MOVES_EVERY", 0.05)
    ours, theirs = pty.openpty()
    written = ""
    with (
        os.fdopen(theirs, "w") as terminal,
        Progress("building", stream=terminal, clock=Clock()) as work,
    ):
        work.advance(3)
        while "building, 3, 0:00" not in written:
            written += os.read(ours, 1000).decode()
        work.say("a line that stays", terminal)
    written += _rest(ours)
    pieces = written.split("\r\x1b[K")
    assert "building, 3, 0:00" in pieces
    assert "a line that stays\r\n" in pieces
    assert pieces[-1] == ""


def test_a_terminal_that_cannot_move_lines_gets_them_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    ours, theirs = pty.openpty()
    with (
        os.fdopen(theirs, "w") as terminal,
        Progress("building", stream=terminal, clock=Clock()),
    ):
        pass
    assert _rest(ours) == "building, 0:00\r\n"


def test_work_goes_on_where_nobody_reads_its_line() -> None:
    stream = io.StringIO()
    stream.close()
    stream.isatty = lambda: False  # type: ignore[method-assign]
    with Progress("building", stream=stream) as work:
        work.advance()


def test_a_command_s_output_is_shown_only_if_it_fails() -> None:
    good = _progress("echo fine")
    assert (good.returncode, good.stdout) == (0, b"")
    assert good.stderr == b"trying, 0:00\n"
    bad = _progress("echo no disk; exit 3")
    assert (bad.returncode, bad.stderr) == (3, b"trying, 0:00\nno disk\n")


@pytest.mark.parametrize("arguments", [(), ("trying",), ("trying", "--"), ("trying", "echo", "x")])
def test_a_command_is_asked_for(arguments: tuple[str, ...]) -> None:
    assert shown.main(arguments) == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_ends_with_all_that_it_started(
    how: signal.Signals, marked: str
) -> None:
    script = f"sleep {marked} & sleep {marked} & wait"
    with subprocess.Popen(_command(script), env=ENVIRONMENT, stderr=subprocess.PIPE) as process:
        _until(lambda: _running(marked) == 2)
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said == b"trying, 0:00\nstopped\n"
    _until(lambda: _running(marked) == 0)


def test_a_command_that_ignores_the_signal_is_ended_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shown, "ENDS_WITHIN", 0.3)
    script = "trap '' TERM; echo ready; sleep 600; sleep 600"
    with shown.child(["sh", "-c", script], output=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.stdout.close()
    assert process.returncode == -signal.SIGKILL


def test_python_in_copies_ends_with_its_groups_and_begins_no_more(marked: str) -> None:
    groups = ProcessGroups()
    code = f"import subprocess; subprocess.run(['sleep', '{marked}'])"
    command = [
        sys.executable,
        "-c",
        "import signal, sys, threading; from pathlib import Path\n"
        "from tests.package_copy import ProcessGroups, run_python\n"
        "groups = ProcessGroups()\n"
        "work = lambda: run_python(Path('.'), '-c', sys.argv[1], longest=100, groups=groups)\n"
        "thread = threading.Thread(target=work); thread.start()\n"
        "sys.stdin.read(); groups.end(); thread.join(); print('over')",
        code,
    ]
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        _until(lambda: _running(marked) == 1)
        said, _ = process.communicate(b"", timeout=20)
    assert said == b"over\n"
    _until(lambda: _running(marked) == 0)
    groups.end()
    with pytest.raises(InterruptedError, match="nothing is started any more"):
        run_python(ROOT, "-c", "", longest=10, groups=groups)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_work_in_copies_ends_what_it_has_started(
    how: signal.Signals, marked: str
) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; from pathlib import Path\n"
        "from countersign.local.progress import interruptible\n"
        "from tests.package_copy import copy_workers, run_python\n"
        "def main():\n"
        "    with copy_workers(2) as pool:\n"
        "        work = lambda code: run_python(Path('.'), '-c', code, longest=100)\n"
        "        list(pool.map(work, [sys.argv[1]] * 4))\n"
        "sys.exit(interruptible(main))",
        f"import subprocess; subprocess.run(['sleep', '{marked}'])",
    ]
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE) as process:
        _until(lambda: _running(marked) == 2)
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, b"stopped\n")
    _until(lambda: _running(marked) == 0)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_crash_test_ends_within_seconds_without_a_traceback(jobs: str) -> None:
    command = [sys.executable, "-m", "tests.crash", "--seconds", "300", "--jobs", jobs]
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        first = process.stderr.readline()
        time.sleep(2)
        process.terminate()
        said, complained = process.communicate(timeout=30)
    assert first == b"crash test, seeds, 0:00 of 5:00\n"
    assert (process.returncode, said, complained) == (130, b"", b"stopped\n")


@pytest.fixture
def marked() -> Iterator[str]:
    """A number of seconds that no other process sleeps."""
    seconds = f"4321.{os.getpid()}{time.monotonic_ns() % 100_000}"
    yield seconds
    for pid in _pids(seconds):
        os.kill(pid, signal.SIGKILL)


def _command(script: str) -> list[str]:
    module = [sys.executable, "-m", "countersign.local.progress"]
    return [*module, "trying", "--", "sh", "-c", script]


def _progress(script: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(_command(script), env=ENVIRONMENT, capture_output=True, check=False)


def _rest(terminal: int) -> str:
    """All that was written to the closed other end; then the end is an error to Linux."""
    pieces: list[bytes] = []
    with os.fdopen(terminal, "rb", buffering=0) as ours, contextlib.suppress(OSError):
        while piece := ours.read(1000):
            pieces.append(piece)
    return b"".join(pieces).decode()


def _pids(marked: str) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
    pattern = re.compile(rf"\s*(\d+) sleep {re.escape(marked)}$")
    return [int(match[1]) for line in listed.stdout.splitlines() if (match := pattern.match(line))]


def _running(marked: str) -> int:
    return len(_pids(marked))


def _until(holds: object, within: float = 20) -> None:
    assert callable(holds)
    ends = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)
