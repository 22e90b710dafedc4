"""All mutants of a file: each operator makes the slips that people make in such a place.

A mutant replaces bytes of the file, so that the rest stays as it was written.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from tests.mutants.mutant import Mutant

_COMPARED: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: (r"<", ("<=", ">")),
    ast.LtE: (r"<=", ("<", ">")),
    ast.Gt: (r">", (">=", "<")),
    ast.GtE: (r">=", (">", "<")),
    ast.Eq: (r"==", ("!=",)),
    ast.NotEq: (r"!=", ("==",)),
    ast.Is: (r"\bis\b", ("is not",)),
    ast.IsNot: (r"\bis\s+not\b", ("is",)),
    ast.In: (r"\bin\b", ("not in",)),
    ast.NotIn: (r"\bnot\s+in\b", ("in",)),
}
_RECKONED: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: (r"-", "+"),
    ast.Mult: (r"\*", "+"),
    ast.Div: (r"/", "*"),
    ast.FloorDiv: (r"//", "*"),
    ast.Mod: (r"%", "//"),
    ast.BitAnd: (r"&", "|"),
    ast.LShift: (r"<<", ">>"),
}
_EXCHANGED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_WORD = re.compile(r"[a-z][a-z0-9_]*\Z")
"""Texts that mean something to the program: kinds, states, names of members."""
_WITHOUT_EFFECT = frozenset({"description", "strict", "doc", "include_url", "include_input"})
"""Arguments that change nothing but what people read, what an error carries besides, or a check of
the program."""


def mutants_of(file: str, source: bytes) -> list[Mutant]:
    """Every mutant of this file, in the order of their places; some may be no Python any more."""
    found = _Places(file, source)
    found.visit(ast.parse(source))
    return sorted(set(found.mutants), key=lambda one: (one.start, one.end, one.new))


class _Places(ast.NodeVisitor):
    def __init__(self, file: str, source: bytes) -> None:
        self.mutants: list[Mutant] = []
        self._file = file
        self._source = source
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._names: list[str] = []
        self._called = [False]

    # --- where

    def _start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: ast.expr | ast.stmt) -> str:
        return self._source[self._start(node) : self._end(node)].decode()

    def _add(self, start: int, end: int, new: str) -> None:
        line = self._source.count(b"\n", 0, start) + 1
        function = ".".join(self._names)
        one = Mutant(self._file, function, self._called[-1], line, start, end, new)
        self.mutants.append(one)

    def _replace(self, node: ast.expr | ast.stmt, *new: str) -> None:
        for text in new:
            self._add(self._start(node), self._end(node), text)

    def _between(self, left: ast.expr, right: ast.expr, token: str, *new: str) -> None:
        """Replace the operator that stands between two operands."""
        start, end = self._end(left), self._start(right)
        text = self._source[start:end].decode()
        if "#" in text or (found := re.search(token, text)) is None:
            return
        at = start + len(text[: found.start()].encode())
        for one in new:
            self._add(at, at + len(found[0].encode()), one)

    # --- where nothing is changed

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._names.append(node.name)
        self._called.append(True)
        for default in (*node.args.defaults, *(one for one in node.args.kw_defaults if one)):
            self.visit(default)
        self._body(node.body)
        self._names.pop()
        self._called.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases):
            return
        self._names.append(node.name)
        self._called.append(False)
        self._body(node.body)
        self._names.pop()
        self._called.pop()

    def _body(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets):
            return
        self.visit(node.value)

    def visit_Assert(self, _: ast.Assert) -> None:
        return

    def visit_Import(self, _: ast.Import) -> None:
        return

    def visit_ImportFrom(self, _: ast.ImportFrom) -> None:
        return

    def visit_JoinedStr(self, _: ast.JoinedStr) -> None:
        """What people read."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Name) and node.value.id in {"Literal", "Annotated"}:
            return
        self.generic_visit(node)

    # --- statements

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        self._replace(node, "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace(node, "pass")
        found = _RECKONED.get(type(node.op))
        if found is not None:
            self._between(node.target, node.value, found[0], found[1])
        self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._replace(node, "pass")
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._replace(node, "pass")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "break")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "continue")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            return
        if not isinstance(node.value, ast.Constant):
            self._replace(node, "return None")
        self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self._negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._replace(test, "True")
        self.generic_visit(node)

    def visit_match_case(self, node: ast.match_case) -> None:
        if node.guard is not None:
            self._replace(node.guard, "True", "False")
            self.visit(node.guard)
        self.visit(node.pattern)
        self._body(node.body)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if not (len(node.body) == 1 and isinstance(node.body[0], ast.Raise)):
            self._add(self._start(node.body[0]), self._end(node.body[-1]), "raise")
        self._body(node.body)

    def _negate(self, test: ast.expr) -> None:
        """Comparisons and negations have mutants of their own that do the same."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return
        if isinstance(test, ast.Compare) and type(test.ops[0]) not in {
            ast.Lt,
            ast.LtE,
            ast.Gt,
            ast.GtE,
        }:
            return
        self._replace(test, f"(not ({self._text(test)}))")

    # --- expressions

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for (left, right), operator in zip(pairwise(operands), node.ops, strict=True):
            token, new = _COMPARED[type(operator)]
            self._between(left, right, token, *new)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in pairwise(node.values):
            self._between(left, right, rf"\b{word}\b", other)
        neutral = "True" if isinstance(node.op, ast.And) else "False"
        for value in node.values:
            self._replace(value, neutral)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._replace(node, f"bool({self._text(node.operand)})")
        elif isinstance(node.op, ast.USub):
            self._replace(node, self._text(node.operand))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp)
        is_text = any(
            isinstance(one, texts) or (isinstance(one, ast.Constant) and isinstance(one.value, str))
            for one in (node.left, node.right)
        )
        found = _RECKONED.get(type(node.op))
        if found is not None and not is_text:
            self._between(node.left, node.right, *found)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name):
            if node.func.id in {"cast", "TypeVar"}:
                return
            if node.func.id in _EXCHANGED:
                self._replace(node.func, _EXCHANGED[node.func.id])
        for one in node.keywords:
            if one.arg in _WITHOUT_EFFECT:
                continue
            if one.arg is not None:
                self._leave_out(one)
            self.visit(one.value)
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)

    def _leave_out(self, argument: ast.keyword) -> None:
        end = self._end(argument)
        if comma := re.match(rb"\s*,[ ]?", self._source[end:]):
            end += comma.end()
        self._add(self._start(argument), end, "")

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace(node, str(not value))
        elif isinstance(value, int):
            self._replace(node, str(value + 1), f"({value - 1})")
        elif isinstance(value, float):
            self._replace(node, repr(value * 2))
        elif isinstance(value, str) and _WORD.match(value):
            self._replace(node, f'"{value}_"')
