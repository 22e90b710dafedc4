"""What the source says of a model's fields: the text below each, as people read it."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator

from pydantic import BaseModel


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The text of each field that has one, those of the classes above included."""
    docs: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            docs |= _own(cls)
    return docs


def _own(cls: type[BaseModel]) -> Iterator[tuple[str, str]]:
    try:
        source = textwrap.dedent(inspect.getsource(cls))
    except OSError:
        return
    before: ast.stmt | None = None
    for statement in getattr(ast.parse(source).body[0], "body", ()):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield before.target.id, _plain(text)
        before = statement


def _plain(text: str) -> str:
    """Without the marks of the source."""
    return re.sub(r"``([^`]*)``", r"\1", " ".join(text.split()))
