"""Renders texts with inserts: bounded in work, loops, memory and output; strict about names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import cast

from liquid import Node, RenderContext, Token
from liquid.builtin.expressions.primitive import FloatLiteral, RangeLiteral
from liquid.exceptions import LiquidError, LiquidSyntaxError, UndefinedError
from liquid.expression import Expression
from liquid.token import TOKEN_TAG

from countersign.errors import PermanentError
from countersign.templates import blank
from countersign.templates.environment import (
    FORMS,
    LIMITS,
    MAX_LOOPS,
    MAX_OUTPUT,
    TAGS,
    TEXT,
    Form,
    Template,
)
from countersign.templates.limits import MAX_SOURCE, RenderingBudget, check_source

__all__ = ["MAX_LOOPS", "MAX_OUTPUT", "MAX_SOURCE", "Form", "ParsedTemplate", "parse", "render"]


@dataclass(frozen=True, slots=True)
class ParsedTemplate:
    """A text that is well formed."""

    template: Template
    assigned: frozenset[str]
    """The names the text itself gives to values, on whatever branch."""


def render(
    source: str,
    values: Mapping[str, object],
    form: Form = "text",
    work: RenderingBudget | None = None,
) -> str:
    """The text with its inserts filled in; ``work`` is what it may take, with others or alone.

    An empty value leaves nothing. Raises PermanentError for what is not well formed, for unknown
    names and filters, for a filter that cannot take its value, and where a limit is reached;
    each with the line.
    """
    parsed = parse(source, form)
    unset = dict.fromkeys(parsed.assigned - values.keys())
    try:
        return parsed.template.filled({**unset, **values}, work or RenderingBudget())
    except LiquidError as error:
        raise PermanentError(_error_text(error, source)) from error
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        msg = f"its inserts cannot be filled in: {error}"
        raise PermanentError(msg) from error


@lru_cache(maxsize=512)
def parse(source: str, form: Form = "text") -> ParsedTemplate:
    """The text made ready to be rendered again and again; PermanentError, with the line, if it
    is not well formed."""
    check_source(source)
    try:
        template = cast(Template, FORMS[form].from_string(source))
        assigned = {str(n) for node in nodes(template.nodes) for n in node.template_scope()}
        for node in nodes(template.nodes):
            for expression in expressions(node):
                _prepare(expression, source)
    except LiquidError as error:
        raise PermanentError(_error_text(error, source)) from error
    except RecursionError:
        msg = "the text is nested too deeply; make its conditions shorter"
        raise PermanentError(msg) from None
    return ParsedTemplate(template, frozenset(assigned))


def nodes(inside: list[Node]) -> Iterator[Node]:
    """These nodes and all within them, from the first to the last."""
    for node in inside:
        yield node
        yield from nodes(children(node))


def children(node: Node) -> list[Node]:
    """The nodes right within this one."""
    return list(node.children(_STATIC, include_partials=False))


def expressions(node: Node) -> Iterator[Expression]:
    """The node's own expressions and all within them."""
    pending = list(node.expressions())
    for expression in pending:
        yield expression
        pending.extend(expression.children())


def line(token: Token | None, source: str) -> str:
    """Where in the text: ``line 3: ``, or nothing where it is not known."""
    if token is None or token.start_index < 0:
        return ""
    return f"line {source.count(chr(10), 0, token.start_index) + 1}: "


def _prepare(expression: Expression, source: str) -> None:
    if isinstance(expression, FloatLiteral):
        # A binary float is not equal to the decimal amount that looks the same.
        object.__setattr__(expression, "value", Decimal(expression.token.value))
    blank.prepare(expression)
    if isinstance(expression, RangeLiteral):
        where = line(expression.token, source)
        msg = f"{where}ranges of numbers are not available; go through a list with for"
        raise PermanentError(msg)


def _error_text(error: LiquidError, source: str) -> str:
    if isinstance(error.__cause__, RecursionError):
        return "the text is nested too deeply; make its conditions shorter"
    where, text = line(error.token, source), str(error.message or type(error).__name__)
    if isinstance(error, UndefinedError):
        name = text.removesuffix(" is undefined").strip("'")
        return f'{where}unknown insert "{name}"'
    if limit := LIMITS.get(type(error)):
        return f"{where}{limit}; make it shorter"
    token = error.token
    if isinstance(error, LiquidSyntaxError) and token is not None and token.kind == TOKEN_TAG:
        known = [tag.name for tag in TAGS if tag.name.isalpha()]
        ends = ("else", "elsif", "when", *(f"end{name}" for name in known))
        if token.value not in (*known, *ends):
            return f'{where}unknown tag "{token.value}"; there are {", ".join(known)}'
    return f"{where}{text}"


_STATIC = RenderContext(TEXT.from_string(""))
