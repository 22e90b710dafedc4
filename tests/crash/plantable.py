"""What a planted fault is: a text of the package and what it is replaced with."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import Mutant


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault: a text of the package and what it is replaced with."""

    name: str
    file: str
    """In the package."""
    old: str
    new: str

    @property
    def is_in_aws(self) -> bool:
        """Whether it is in an adapter that the simulation has a twin for."""
        return self.file.startswith("adapters/") and not self.file.startswith("adapters/memory/")

    def apply(self, package: Path) -> None:
        """Plant it in this copy. LookupError where its text is not there exactly once."""
        self.mutant(package).apply(package)

    def mutant(self, package: Path) -> Mutant:
        """The fault as a change of this copy. LookupError where its text is not there once."""
        text = (package / self.file).read_text()
        if (found := text.count(self.old)) != 1:
            msg = f'"{self.name}": its text stands {found} times in {self.file}; expected once'
            raise LookupError(msg)
        before, _ = text.split(self.old)
        first = before.count("\n") + 1
        names, called = _function_at(text, first + _blank_lines(self.old))
        start = len(before.encode())
        end = start + len(self.old.encode())
        return Mutant(self.file, names, called, first, start, end, self.new)


def _blank_lines(text: str) -> int:
    return len(text) - len(text.lstrip("\n"))


def _function_at(source: str, line: int) -> tuple[str, bool]:
    """The innermost function or class at a line, with what it is in, and whether it is in one."""
    names: list[str] = []
    called = False
    inside: ast.AST = ast.parse(source)
    while (inner := _part_at(inside, line)) is not None:
        names.append(inner.name)
        called |= not isinstance(inner, ast.ClassDef)
        inside = inner
    return ".".join(names), called


def _part_at(
    node: ast.AST, line: int
) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    for one in ast.walk(node):
        parts = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        if one is node or not isinstance(one, parts) or one.end_lineno is None:
            continue
        if one.lineno <= line <= one.end_lineno:
            return one
    return None
