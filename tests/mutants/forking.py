"""A plugin of pytest's: judges mutants of functions in forks of one process that has loaded all.

The function's new code takes the place of the old in the fork, so that a mutant costs little more
than the tests until one fails.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.naming import name_of
from tests.mutants.tracing import empty_caches

JOBS = "COUNTERSIGN_MUTANTS"
"""Names the list of mutants with their tests, one a line; the outcomes are written beside it."""
OUTCOMES = ".outcomes"
AT_IMPORT = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
NO_FUNCTION = "no function"
"""The outcome where a mutant changes what a module does when it is imported."""
_HAS_LOCALS = 0x2
"""Of ``co_flags``: a function's code, neither a module's nor a class's."""


def changed_functions(before: CodeType, after: CodeType) -> dict[CodeType, CodeType] | None:
    """The new code of the functions that differ in a module or class; None where more differs."""
    if _frame(before) != _frame(after):
        return None
    found: dict[CodeType, CodeType] = {}
    for old, new in zip(_inner(before), _inner(after), strict=True):
        if old.co_flags & _HAS_LOCALS:
            if old != new and old.co_name in AT_IMPORT:
                return None
            found |= _replaced(old, new)
        else:
            inside = changed_functions(old, new)
            if inside is None:
                return None
            found |= inside
    return found


def _replaced(old: CodeType, new: CodeType) -> dict[CodeType, CodeType]:
    """Of a function and those in it, which may exist already."""
    if old == new or old.co_freevars != new.co_freevars:
        return {}
    inner = zip(_inner(old), _inner(new), strict=False)
    return {old: new} | {key: to for one in inner for key, to in _replaced(*one).items()}


def _inner(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _frame(code: CodeType) -> tuple[object, ...]:
    """A module's or class's code but for that of the functions in it."""
    consts = tuple(
        one.co_qualname if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts
    )
    return code.co_code, consts, code.co_names


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Judge the mutants instead of running the tests."""
    jobs = Path(os.environ[JOBS])
    items = {name_of(item): item for item in session.items}
    functions = _functions()
    gc.freeze()
    with jobs.with_suffix(OUTCOMES).open("w") as outcomes:
        for line in jobs.read_text().splitlines():
            job = json.loads(line)
            code = changed_functions(
                *(compile(job[one], "", "exec") for one in ("before", "after"))
            )
            pairs = [
                (function, new)
                for old, new in (code or {}).items()
                for function in functions.get(old, ())
                if function.__code__.co_filename.endswith(f"/countersign/{job['file']}")
            ]
            tests = [items[test] for test in job["tests"]]
            outcome = _judged(tests, pairs, job["seconds"]) if pairs else NO_FUNCTION
            outcomes.write(json.dumps(outcome) + "\n")
            outcomes.flush()
    return True


def _compiled(source: str) -> CodeType:
    return compile(source, "", "exec", dont_inherit=True)


def _functions() -> Mapping[CodeType, Sequence[FunctionType]]:
    """The package's functions that exist, by their code."""
    found: dict[CodeType, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and "/countersign/" in one.__code__.co_filename:
            found.setdefault(one.__code__, []).append(one)
    return found


def _judged(
    tests: Sequence[pytest.Item], pairs: Iterable[tuple[FunctionType, CodeType]], seconds: float
) -> str | None:
    """The test that fails, if one does."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _run(tests, pairs, writer)
    os.close(writer)
    try:
        written = _read(reader, until=time.monotonic() + seconds)
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if written is None:
        return "the tests, which did not end"
    outcome: str | None = json.loads(written) if written else "the tests, which broke"
    return outcome


def _read(reader: int, *, until: float) -> bytes | None:
    """What the fork writes; None where it takes too long."""
    written = b""
    while (left := until - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            part = os.read(reader, 4096)
            if not part:
                return written
            written += part
    return None


def _run(
    tests: Sequence[pytest.Item], pairs: Iterable[tuple[FunctionType, CodeType]], writer: int
) -> NoReturn:
    """Run the tests with the new code until one fails, and end this process."""
    failed: str | None = None
    try:
        for function, code in pairs:
            function.__code__ = code
        empty_caches()
        for test, following in zip(tests, [*tests[1:], None], strict=True):
            failed = test.nodeid
            reports: list[Any] = runtestprotocol(test, nextitem=following, log=False)
            if any(report.failed for report in reports):
                break
            failed = None
    finally:
        os.write(writer, json.dumps(failed).encode())
        sys.stdout.flush()
        os._exit(0)
