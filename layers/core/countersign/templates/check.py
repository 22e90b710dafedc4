"""Checks texts with inserts before they are published: names, filters, and whether they render."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice

from liquid import Node, RenderContext
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from countersign.errors import PermanentError
from countersign.templates.filters import FILTERS
from countersign.templates.limits import RenderingBudget
from countersign.templates.render import Form, children, expressions, line, nodes, parse, render
from countersign.templates.values import Group, Items, Shape, SingleValue, samples

_LOOP = Group(
    {
        name: SingleValue("bool" if name in ("first", "last") else "number")
        for name in ("index", "index0", "rindex", "rindex0", "first", "last", "length")
    }
)

MOST = 50
"""Problems reported of one text; looking for names that may be meant takes time for each."""

Scope = Mapping[str, Shape | None]
"""What each name stands for; None where only rendering can tell."""


class _UnknownError(Exception):
    """A name that does not exist, and what does."""


def problems(
    source: str, known: Group, form: Form = "text", work: RenderingBudget | None = None
) -> tuple[str, ...]:
    """What publishing must refuse about a text, each as a sentence with its line, the first
    ``MOST`` of them.

    Names are looked up in ``known``, filters among those there are; then the text is rendered
    with examples, and what fails with every example is refused. ``work``: what filling it in may
    take, with the texts that were checked before it or alone.
    """
    try:
        parsed = parse(source, form)
    except PermanentError as error:
        return (str(error),)
    scope: Scope = {**known.names, **dict.fromkeys(parsed.assigned)}
    texts = _problems(parsed.template.nodes, scope, known, source)
    first = tuple(dict.fromkeys(islice(texts, MOST)))
    return first or _trial(source, known, form, work or RenderingBudget())


def matching_inserts(
    source: str, values: Mapping[str, object], wanted: Callable[[str], bool]
) -> tuple[str, ...]:
    """The inserts of a text whose value is a text that is wanted, dotted, as they stand there."""
    parsed = parse(source)
    paths = (
        expression
        for node in nodes(parsed.template.nodes)
        for expression in expressions(node)
        if isinstance(expression, Path)
    )
    context = RenderContext(parsed.template, globals=values)
    texts = {str(path): _read(path, context) for path in paths}
    return tuple(name for name, text in texts.items() if text is not None and wanted(text))


def _read(path: Path, context: RenderContext) -> str | None:
    try:
        value = path.evaluate(context)
    except LiquidError:
        return None
    # Liquid's own empty values cannot be asked whether they are texts.
    return str(value) if issubclass(type(value), str) else None


def _trial(source: str, known: Group, form: Form, work: RenderingBudget) -> tuple[str, ...]:
    first: str | None = None
    for values in samples(known):
        own = RenderingBudget(work.left)
        try:
            render(source, values, form, own)
        except PermanentError as error:
            first = first or str(error)
            if own.left < 0:  # with other examples it would be no less
                break
        else:
            work.left = own.left
            return ()
    return () if first is None else (first,)


def _problems(inside: list[Node], scope: Scope, known: Group, source: str) -> Iterator[str]:
    for node in inside:
        for expression in expressions(node):
            yield from _about(expression, scope, known, source)
        if isinstance(node, OutputNode):
            yield from _unshowable(node.expression, scope, known, source)
        own: dict[str, Shape | None] = {str(name): None for name in node.block_scope()}
        if isinstance(node, ForNode):
            own["forloop"] = Group({**_LOOP.names, "parentloop": _LOOP})
            own[str(node.expression.identifier)] = _item(node.expression.iterable, scope, known)
        yield from _problems(children(node), {**scope, **own}, known, source)


def _about(expression: Expression, scope: Scope, known: Group, source: str) -> Iterator[str]:
    if isinstance(expression, Path):
        try:
            _resolve(expression, scope, known)
        except _UnknownError as error:
            yield f"{line(expression.token, source)}{error}"
    if isinstance(expression, FilteredExpression):
        for call in expression.filters or ():
            if call.name not in FILTERS:
                close = get_close_matches(call.name, FILTERS, n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(FILTERS)}"
                yield f'{line(call.token, source)}unknown filter "{call.name}"; {hint}'


def _unshowable(expression: Expression, scope: Scope, known: Group, source: str) -> Iterator[str]:
    if not isinstance(expression, FilteredExpression) or expression.filters:
        return
    if not isinstance(expression.left, Path):
        return
    shape = _shape(expression.left, scope, known)
    inner = shape.of if isinstance(shape, Items) else shape
    if not isinstance(inner, Group):
        return
    written = str(expression.left)
    if isinstance(shape, Items):
        names = ", ".join(inner.names)
        text = f'"{written}" is a list; go through it with for, or use map with one of {names}'
    else:
        text = f'"{written}" has several values; write one of {_of(written, inner)}'
    yield f"{line(expression.token, source)}{text}"


def _item(iterable: Expression, scope: Scope, known: Group) -> Shape | None:
    shape = _shape(iterable, scope, known) if isinstance(iterable, Path) else None
    return shape.of if isinstance(shape, Items) else None


def _shape(path: Path, scope: Scope, known: Group) -> Shape | None:
    try:
        return _resolve(path, scope, known)
    except _UnknownError:
        return None


def _resolve(path: Path, scope: Scope, known: Group) -> Shape | None:
    """What the path stands for; None where only rendering can tell."""
    root, *rest = path.path
    if not isinstance(root, str):
        return None
    if root not in scope:
        msg = f'unknown insert "{path}"; {_meant(str(path), scope, known)}'
        raise _UnknownError(msg)
    shape, written = scope[root], root
    for segment in rest:
        if shape is None or isinstance(segment, Path):
            return None
        shape = _step(shape, segment, written)
        written = f"{written}[{segment}]" if isinstance(segment, int) else f"{written}.{segment}"
    return shape


def _step(shape: Shape, segment: str | int, written: str) -> Shape:
    if isinstance(shape, Group):
        if isinstance(segment, str) and segment in shape.names:
            return shape.names[segment]
        close = get_close_matches(str(segment), shape.names, n=1)
        hint = (
            f"did you mean {written}.{close[0]}?" if close else f"there are {_of(written, shape)}"
        )
        msg = f'unknown insert "{written}.{segment}"; {hint}'
        raise _UnknownError(msg)
    if isinstance(shape, Items):
        if isinstance(segment, int) or segment in ("first", "last"):
            return shape.of
        if segment == "size":
            return SingleValue("number")
        msg = f'"{written}" is a list without "{segment}"; go through it with for'
        raise _UnknownError(msg)
    msg = f'"{written}" is a single value ({shape.type}); there is no "{segment}" in it'
    raise _UnknownError(msg)


def _meant(written: str, scope: Scope, known: Group) -> str:
    """The insert that ends like this one, or those there are."""
    if close := get_close_matches(written, scope, n=1, cutoff=0.75):
        return f"did you mean {close[0]}?"
    ends = {path.rpartition(".")[2]: path for path in reversed(list(known.paths()))}
    if close := get_close_matches(written.rpartition(".")[2], ends, n=1, cutoff=0.75):
        return f"did you mean {ends[close[0]]}?"
    return f"there are {', '.join(known.names)}"


def _of(root: str, group: Group) -> str:
    return ", ".join(f"{root}.{name}" for name in group.names)
