"""The style that no linter checks: what a function takes is few values that mean something."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST = 5
"""Parameters of a function, without ``self`` and ``cls``. Values are dataclasses, NamedTuples and
pydantic models: their constructors are not written, and may have as many as there are fields."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def parameters(function: _Function) -> list[str]:
    """The names of a function's parameters, without ``self`` and ``cls``."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]


def functions(source: str) -> Iterator[tuple[str, _Function]]:
    """Every function of a module, methods and inner ones too, by its qualified name."""

    def within(node: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[str, _Function]]:
        for child in ast.iter_child_nodes(node):
            named = path
            if isinstance(child, _Function | ast.ClassDef):
                named = (*path, child.name)
            if isinstance(child, _Function):
                yield ".".join(named), child
            yield from within(child, named)

    return within(ast.parse(source), ())


def is_route(function: _Function) -> bool:
    """Whether the function answers a route of the API: a parameter is one of its query."""
    calls = [one.func for one in function.decorator_list if isinstance(one, ast.Call)]
    return any(
        isinstance(one, ast.Attribute)
        and isinstance(one.value, ast.Name)
        and one.value.id == "routes"
        for one in calls
    )


def with_too_many(source: str) -> list[str]:
    """The functions of a module that have more parameters than they may."""
    return [
        name for name, one in functions(source) if len(parameters(one)) > MOST and not is_route(one)
    ]


@pytest.fixture(scope="module")
def found(project_root: Path) -> frozenset[str]:
    """Every function of the product that has too many, by file and name."""
    files = [
        file
        for folder in ("layers/core/countersign", "functions")
        for file in (project_root / folder).rglob("*.py")
    ]
    assert len(files) > 250
    return frozenset(
        f"{file.relative_to(project_root).as_posix()}:{name}"
        for file in files
        for name in with_too_many(file.read_text())
    )


def test_no_function_has_more_than_five_parameters(found: frozenset[str]) -> None:
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("def f(a, b, c, d, e): ...", []),
        ("def f(a, b, c, d, e, f): ...", ["f"]),
        ("def f(a, /, b, c, *, d, e, f=0): ...", ["f"]),
        ("async def f(a, b, c, d, e, f): ...", ["f"]),
        ("class C:\n    def m(self, a, b, c, d, e): ...", []),
        ("class C:\n    def __init__(self, a, b, c, d, e, f): ...", ["C.__init__"]),
        ("class C:\n    @classmethod\n    def m(cls, a, b, c, d, e, f): ...", ["C.m"]),
        ("@routes.get('/f')\ndef f(a, b, c, d, e, f): ...", []),
        ("@cache\ndef f(a, b, c, d, e, f): ...", ["f"]),
        ("def f(a):\n    if a:\n        def g(a, b, c, d, e, f): ...", ["f.g"]),
        ("class V:\n    a: int\n    b: int\n    c: int\n    d: int\n    e: int\n    f: int", []),
    ],
)
def test_parameters_are_counted_wherever_a_function_stands(source: str, named: list[str]) -> None:
    assert with_too_many(source) == named


@pytest.mark.parametrize("folder", ["engine", "use_cases", "adapters", "cli"])
def test_no_folder_is_so_full_that_nothing_is_found_in_it(project_root: Path, folder: str) -> None:
    root = project_root / "layers/core/countersign" / folder
    modules = Counter(
        file.parent.relative_to(root).as_posix()
        for file in root.rglob("*.py")
        if file.name != "__init__.py"
    )
    assert len(modules) > 4
    assert {name: number for name, number in modules.items() if number > 10} == {}
