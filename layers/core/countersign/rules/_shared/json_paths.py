"""Places in JSON (JMESPath), found with a bound on the work.

An expression may double what it has made again and again, and a receiver may send what makes it
slow. So each step costs, and so does every value that is made, compared or handed to a function,
by all that it holds: a list that stands in another twice counts twice.
"""

from __future__ import annotations

from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

MAX_PLACE = 1_000
"""Characters of an expression."""
MAX_WORK = 1_000_000
"""Steps, values and every eight characters of text that finding one place may take: about a
second."""
UNUSABLE = (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
"""What finding may raise: JMESPath lets more through than its own errors, which are ``ValueError``
too."""

EXAMPLES: tuple[object, ...] = ({}, [{}])
"""What publishing tries an expression with: if these are too much, everything is."""

_TEXT = 8
_MAKES = frozenset(
    {
        "filter_projection",
        "flatten",
        "function_expression",
        "multi_select_dict",
        "multi_select_list",
        "projection",
        "value_projection",
    }
)
"""Nodes that make a value; all others pass on a part of one."""


class TooMuchWorkError(ValueError):
    """Finding the place takes more than it may."""


def find(place: str, content: object) -> Any:
    """What stands at the place, or None; raises one of ``UNUSABLE``."""
    if len(place) > MAX_PLACE:
        msg = f"it has {len(place):,} characters; expected at most {MAX_PLACE:,}"
        raise ValueError(msg)
    return _Bounded().visit(jmespath.compile(place).parsed, content)


def problem(place: str) -> str | None:
    """Why no answer could ever be read at the place, or None."""
    if len(place) > MAX_PLACE:
        return f"it has {len(place):,} characters; expected at most {MAX_PLACE:,}"
    try:
        jmespath.compile(place)
        for example in EXAMPLES:
            _tried(place, example)
    except (JMESPathError, TooMuchWorkError) as error:
        return str(error).splitlines()[0]
    except RecursionError:
        return "it is nested too deeply"
    return None


def _tried(place: str, example: object) -> None:
    try:
        find(place, example)
    except TooMuchWorkError:
        raise
    except UNUSABLE:
        return  # the example is not what the expression is made for


class _Bounded(TreeInterpreter):  # type: ignore[misc]
    """Interprets one expression once."""

    def __init__(self) -> None:
        super().__init__()
        self._left = MAX_WORK

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._spend(1)
        made = super().visit(node, *args, **kwargs)
        if node["type"] in _MAKES:
            self._weigh(made)
        return made

    def visit_comparator(self, node: Any, value: Any) -> Any:
        sides = [self.visit(side, value) for side in node["children"]]
        for side in sides:
            self._weigh(side)
        literals = [{"type": "literal", "value": side, "children": []} for side in sides]
        return super().visit_comparator({**node, "children": literals}, value)

    def visit_function_expression(self, node: Any, value: Any) -> Any:
        arguments = [self.visit(child, value) for child in node["children"]]
        for argument in arguments:
            self._weigh(argument)
        return self._functions.call_function(node["value"], arguments)

    def _spend(self, cost: int) -> None:
        self._left -= cost
        if self._left < 0:
            msg = f"it takes more than {MAX_WORK:,} steps; name a smaller part of the answer"
            raise TooMuchWorkError(msg)

    def _weigh(self, value: object) -> None:
        """Spend for all that the value holds, as often as it holds it."""
        rest = [value]
        while rest:
            node = rest.pop()
            if isinstance(node, str):
                self._spend(1 + len(node) // _TEXT)
            elif isinstance(node, dict):
                self._spend(1 + sum(map(len, node)) // _TEXT)
                rest.extend(node.values())
            elif isinstance(node, list):
                self._spend(1 + len(node))
                rest.extend(node)
            else:
                self._spend(1)
