"""A plugin of pytest's: writes down which functions of the package each test calls.

A cache that one test filled would hide what the next one calls, so they are emptied before each.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.mutants.naming import name_of

WRITTEN_TO = "COUNTERSIGN_TOUCHED"

_current: set[str] = set()
_labels: dict[int, tuple[CodeType, str]] = {}
"""By the identity of the code, which is kept so that no other can have the same."""
_tests: dict[str, tuple[float, list[str]]] = {}
_at_import: dict[str, set[str]] = {}
_modules_seen = 0
_caches: list[Any] = []


def label(file: str, function: str) -> str:
    """How a function is called here: its file in the package and its name, with what it is in."""
    return f"{file}:{function.replace('.<locals>', '')}"


def _note(frame: FrameType, event: str, _: Any) -> None:
    if event != "call":
        return
    code = frame.f_code
    found = _labels.get(id(code))
    if found is None:
        _, inside, file = code.co_filename.rpartition("/countersign/")
        found = (code, label(file, code.co_qualname) if inside else "")
        _labels[id(code)] = found
    if found[1]:
        _current.add(found[1])


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """What a file's import calls counts for all its tests."""
    _start()
    try:
        return (yield)
    finally:
        _stop()
        _at_import.setdefault(collector.nodeid.partition("::")[0], set()).update(_current)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """What this test calls, with its fixtures."""
    empty_caches()
    _start()
    begun = time.perf_counter()
    try:
        return (yield)
    finally:
        _stop()
        _tests[name_of(item)] = (round(time.perf_counter() - begun, 4), sorted(_current))


def pytest_sessionfinish() -> None:
    """Write it down."""
    files: dict[str, dict[str, Any]] = {}
    for test, (seconds, touched) in _tests.items():
        file = test.partition("::")[0]
        entry = files.setdefault(file, {"at_import": sorted(_at_import.get(file, ())), "tests": {}})
        entry["tests"][test] = [seconds, touched]
    Path(os.environ[WRITTEN_TO]).write_text(json.dumps(files))


def _start() -> None:
    _current.clear()
    threading.settrace(_note)
    sys.settrace(_note)


def _stop() -> None:
    sys.settrace(None)
    threading.settrace(None)


def empty_caches() -> None:
    """Of the package and the tests: what one test filled must not serve the next."""
    global _modules_seen
    if len(sys.modules) != _modules_seen:
        _modules_seen = len(sys.modules)
        ours = [
            module
            for name, module in list(sys.modules.items())
            if name.startswith(("countersign.", "tests."))
        ]
        _caches[:] = [
            one
            for module in ours
            for one in list(vars(module).values())
            if hasattr(type(one), "cache_clear")
        ]
    for one in _caches:
        one.cache_clear()
