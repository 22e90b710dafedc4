"""Which tests call which functions, and how long they take: collected once, kept by content."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.mutants.mutant import Mutant
from tests.mutants.tracing import WRITTEN_TO, label
from tests.package_copy import PACKAGE, ROOT, copy_workers, run_python

SUITES = (
    "tests/behaviour",
    *(f"tests/unit/{name}" for name in ("engine", "use_cases", "simulation", "cli")),
    *(f"tests/unit/{name}" for name in ("rules", "model", "providers", "http/subjects")),
    *(
        f"tests/contract/adapters/test_{name}.py"
        for name in (
            *("audit_log", "copies", "daily_reports", "dead_letters", "documents"),
            *("drafts", "dynamodb", "file_transfers", "heartbeats", "held_messages"),
            *("index_behind", "items", "items_of_before", "jobs", "mail_events", "pages"),
            *("pipelines", "propagate", "removing", "request_keys", "requests", "round_robin"),
            *("run_pages", "sending_slots", "sizes", "spread_lists", "statistics"),
            *("stored", "stored_by_stores", "tasks", "unreadable", "upgrades"),
        )
    ),
    "tests/meaning",
    *(f"tests/template/test_{name}.py" for name in ("bounded_work", "sizes")),
)
"""What judges mutants: what is fast, and about the code that is changed."""
SHARED = ("tests/unit", "tests/behaviour", "tests/contract/adapters", "events")
KEPT_AT = ROOT / ".local" / "mutants.json"
LONGEST = 1800
"""Seconds that all suites may take while they are traced."""
PLUGINS = ("-p", "tests.mutants.choosing", "-p", "no:cacheprovider", "--hypothesis-seed=0")


@dataclass(frozen=True, slots=True, eq=False)
class TestFile:
    """A test file: what its import calls, and each test's seconds and what it calls."""

    name: str
    at_import: frozenset[str]
    tests: Mapping[str, tuple[float, frozenset[str]]]

    def touching(self, calls: Callable[[frozenset[str]], bool]) -> dict[str, float]:
        """The tests that call such a function, with their seconds, fastest first."""
        everything = calls(self.at_import)
        found = {
            test: seconds
            for test, (seconds, touched) in self.tests.items()
            if everything or calls(touched)
        }
        return dict(sorted(found.items(), key=lambda one: one[1]))

    def breadth(self, tests: Iterable[str]) -> float:
        """How many functions these tests call, in the mean: few is to the point."""
        sizes = [len(self.tests[test][1]) for test in tests]
        return sum(sizes) / len(sizes)


def collect(copies: Sequence[Path]) -> list[TestFile]:
    """Run what is not known yet, traced, in these copies of the project at once.

    RuntimeError where a test fails although nothing was changed.
    """
    # The project may change while this runs; the copies do not.
    root = copies[0]
    wanted = {file: _key(root / file) for file in _test_files(root)}
    known = json.loads(KEPT_AT.read_text()) if KEPT_AT.exists() else {}
    kept = {
        name: known[name] for name, key in wanted.items() if known.get(name, {}).get("key") == key
    }
    missing = [name for name in wanted if name not in kept]
    missing.sort(key=lambda name: -(root / name).stat().st_size)
    shares = [missing[place :: len(copies)] for place in range(len(copies))]
    with copy_workers(len(copies)) as pool:
        for traced in pool.map(_traced, copies, shares):
            for name, entry in traced.items():
                kept[name] = {"key": wanted[name], **entry}
    KEPT_AT.parent.mkdir(exist_ok=True)
    KEPT_AT.write_text(json.dumps(kept))
    return [_read(name, entry) for name, entry in sorted(kept.items()) if "tests" in entry]


def calling(mutant: Mutant) -> Callable[[frozenset[str]], bool]:
    """Whether a test that calls these functions is to be asked about a mutant.

    What stands at the top of a module or class is used by that file's functions and by those of the
    files that import it.
    """
    if mutant.called:
        name = label(mutant.file, mutant.function)
        return lambda called: name in called
    files = _using(mutant.file)
    return lambda called: any(function.partition(":")[0] in files for function in called)


@cache
def _using(file: str) -> frozenset[str]:
    """The package's file with those that import it."""
    module = "countersign." + file.removesuffix(".py").replace("/", ".")
    package, _, name = module.rpartition(".")
    imported = re.compile(rf"{re.escape(module)}\b|from {re.escape(package)} import .*\b{name}\b")
    files = {
        str(path.relative_to(ROOT / PACKAGE))
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
        if imported.search(path.read_text())
    }
    return frozenset({*files, file})


def _traced(copy: Path, files: Sequence[str]) -> dict[str, Any]:
    if not files:
        return {}
    written = copy / "touched.json"
    code, printed = run_python(
        copy,
        *("-m", "pytest", "-q", "--no-header", "-p", "tests.mutants.tracing", *PLUGINS, *files),
        longest=LONGEST,
        environment={WRITTEN_TO: str(written)},
    )
    if code:
        failed = "\n".join(line for line in printed.splitlines() if line.startswith("FAILED"))
        msg = f"the tests fail already: {failed or printed[-2000:]}"
        raise RuntimeError(msg)
    found: dict[str, Any] = json.loads(written.read_text())
    return {name: found.get(name, {}) for name in files}


def _read(name: str, entry: Mapping[str, Any]) -> TestFile:
    tests = {
        test: (seconds, frozenset(touched)) for test, (seconds, touched) in entry["tests"].items()
    }
    return TestFile(name, frozenset(entry["at_import"]), tests)


def _test_files(root: Path) -> list[str]:
    suites = (root / suite for suite in SUITES)
    paths = (
        path
        for suite in suites
        for path in ([suite] if suite.is_file() else suite.rglob("test_*.py"))
    )
    return sorted(str(path.relative_to(root)) for path in paths)


def _key(file: Path) -> str:
    return hashlib.sha256(_SHARED + file.read_bytes()).hexdigest()


def _digest_of_what_all_share() -> bytes:
    """The examples, and what the tests have in common.

    Not the package: which test calls what hardly changes with it, and functions have names here.
    """
    found = hashlib.sha256()
    for part in SHARED:
        for folder, _, names in sorted(os.walk(ROOT / part)):
            for name in sorted(names):
                if name.endswith(".pyc") or name.startswith("test_"):
                    continue
                found.update(name.encode() + (Path(folder) / name).read_bytes())
    return found.digest()


_SHARED = _digest_of_what_all_share()
