"""Renders texts with inserts: bounded in loops, memory and output, and strict about names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TextIO
from urllib.parse import quote

from liquid import (
    BoundTemplate,
    Environment,
    Node,
    RenderContext,
    StrictUndefined,
    Tag,
    Token,
    TokenStream,
    Undefined,
)
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions.primitive import FloatLiteral, RangeLiteral
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import (
    BlockNestingError,
    LiquidError,
    LiquidSyntaxError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
    UndefinedError,
)
from liquid.expression import Expression
from liquid.token import TOKEN_TAG
from liquid.undefined import UNDEFINED
from markupsafe import escape

from countersign.errors import PermanentError
from countersign.templates import blank
from countersign.templates.chat import Service, harmless
from countersign.templates.filters import FILTERS, MAX_TEXT, field_text, shown

MAX_SOURCE = 128 * 1024
"""Characters of a text before its inserts are filled in."""
MAX_OUTPUT = MAX_TEXT
"""Bytes of a rendered text, in UTF-8."""
MAX_LOOPS = 10_000
"""Turns of all the loops of one text together."""
MAX_LOCALS = MAX_TEXT
"""Bytes of what one text assigns and captures."""

Form = Literal["text", "html", "exact", "url", "slack", "teams", "google_chat"]
"""How values are filled in: as people read them; the same, escaped for HTML, for they are data; as
a document's fields read numbers and times (``filters.field_text``); those as parts of a URL; as
people read them, made harmless for a chat service."""

TAGS = (
    assign_tag.AssignTag,
    capture_tag.CaptureTag,
    case_tag.CaseTag,
    comment_tag.CommentTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    for_tag.ForTag,
    if_tag.IfTag,
    inline_comment_tag.InlineCommentTag,
    unless_tag.UnlessTag,
)
"""The tags of texts; nothing that loads other texts, and no second sort of loop."""


class _OutputNode(output.OutputNode):
    """An insert, shown the way readers expect, escaped in HTML."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        env = context.env
        text = field_text(value) if isinstance(env, _ExactEnvironment) else shown(value)
        if isinstance(env, _UrlEnvironment):
            text = quote(text, safe="")
        if isinstance(env, _ChatEnvironment):
            text = harmless(text, env.service)
        return buffer.write(escape(text) if context.autoescape else text)


class _Output(output.Output):
    node_class = _OutputNode


_LIMITS: Mapping[type[LiquidError], str] = {
    BlockNestingError: "its tags are nested too deeply",
    LocalNamespaceLimitError: f"it assigns more than {MAX_LOCALS:,} bytes",
    LoopIterationLimitError: f"its loops turn more than {MAX_LOOPS:,} times",
    OutputStreamLimitError: f"it grows beyond {MAX_OUTPUT:,} bytes",
}
_NO_ITEM = "index out of range"


class _Context(RenderContext):
    """Counts the turns of all loops together, and takes an item that is not there as empty."""

    turns = 0

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.turns += length
        if self.turns > MAX_LOOPS:
            msg = "too many turns"
            raise LoopIterationLimitError(msg, token=None)

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        found = super().get(path, token=token, default=default)
        # Not isinstance: what is undefined refuses every question but this one.
        if issubclass(type(found), Undefined) and getattr(found, "hint", "") == _NO_ITEM:
            return None
        return found


class _Located(Tag):
    """A tag whose errors tell where it begins, when they cannot tell more closely."""

    def get_node(self, stream: TokenStream) -> Node:
        begins = stream.current
        try:
            return super().get_node(stream)
        except LiquidError as error:
            if error.token is None or error.token.start_index < 0:
                error.token = begins
            raise


class _Template(BoundTemplate):
    context_class = _Context


class _Environment(Environment):
    template_class = _Template
    block_nesting_limit = 20
    context_depth_limit = 30
    loop_iteration_limit = MAX_LOOPS
    local_namespace_limit = MAX_LOCALS
    output_stream_limit = MAX_OUTPUT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        self.add_tag(content.Literal)
        for tag in (illegal.Illegal, _Output, *TAGS):
            self.add_tag(type(tag.__name__, (_Located, tag), {}))
        for name, own in FILTERS.items():
            self.add_filter(name, own)


class _ExactEnvironment(_Environment):
    """Fills in values for a field to read, not a person."""


class _UrlEnvironment(_ExactEnvironment):
    """Fills in values as parts of a web address: none of them can leave its place."""


class _ChatEnvironment(_Environment):
    """Fills in values that a chat service reads as data."""

    def __init__(self, service: Service) -> None:
        super().__init__(undefined=StrictUndefined)
        self.service = service


_TEXT = _Environment(undefined=StrictUndefined)
_FORMS: Mapping[Form, _Environment] = {
    "text": _TEXT,
    "html": _Environment(undefined=StrictUndefined, autoescape=True),
    "exact": _ExactEnvironment(undefined=StrictUndefined),
    "url": _UrlEnvironment(undefined=StrictUndefined),
    "slack": _ChatEnvironment("slack"),
    "teams": _ChatEnvironment("teams"),
    "google_chat": _ChatEnvironment("google_chat"),
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text that is well formed."""

    template: BoundTemplate
    assigned: frozenset[str]
    """The names the text itself gives to values, on whatever branch."""


def render(source: str, values: Mapping[str, object], form: Form = "text") -> str:
    """The text with its inserts filled in.

    An empty value leaves nothing. Raises PermanentError for what is not well formed, for unknown
    names and filters, for a filter that cannot take its value, and where a limit is reached;
    each with the line.
    """
    parsed = parse(source, form)
    unset = dict.fromkeys(parsed.assigned - values.keys())
    try:
        return parsed.template.render({**unset, **values})
    except LiquidError as error:
        raise PermanentError(_told(error, source)) from error
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        msg = f"its inserts cannot be filled in: {error}"
        raise PermanentError(msg) from error


@lru_cache(maxsize=512)
def parse(source: str, form: Form = "text") -> Parsed:
    """The text made ready to be rendered again and again; PermanentError, with the line, if it
    is not well formed."""
    if len(source) > MAX_SOURCE:
        msg = f"the text has {len(source):,} characters; expected at most {MAX_SOURCE:,}"
        raise PermanentError(msg)
    try:
        template = _FORMS[form].from_string(source)
        assigned = {str(n) for node in nodes(template.nodes) for n in node.template_scope()}
        for node in nodes(template.nodes):
            for expression in expressions(node):
                _prepare(expression, source)
    except LiquidError as error:
        raise PermanentError(_told(error, source)) from error
    except RecursionError:
        msg = "the text is nested too deeply; make its conditions shorter"
        raise PermanentError(msg) from None
    return Parsed(template, frozenset(assigned))


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
    found = list(node.expressions())
    for expression in found:
        yield expression
        found.extend(expression.children())


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


def _told(error: LiquidError, source: str) -> str:
    if isinstance(error.__cause__, RecursionError):
        return "the text is nested too deeply; make its conditions shorter"
    where, text = line(error.token, source), str(error.message or type(error).__name__)
    if isinstance(error, UndefinedError):
        name = text.removesuffix(" is undefined").strip("'")
        return f'{where}unknown insert "{name}"'
    if limit := _LIMITS.get(type(error)):
        return f"{where}{limit}; make it shorter"
    token = error.token
    if isinstance(error, LiquidSyntaxError) and token is not None and token.kind == TOKEN_TAG:
        known = [tag.name for tag in TAGS if tag.name.isalpha()]
        ends = ("else", "elsif", "when", *(f"end{name}" for name in known))
        if token.value not in (*known, *ends):
            return f'{where}unknown tag "{token.value}"; there are {", ".join(known)}'
    return f"{where}{text}"


_STATIC = RenderContext(_TEXT.from_string(""))
