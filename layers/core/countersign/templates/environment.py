"""Liquid as texts have it: few tags, exact filters, and bounds on all that filling in may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from sys import getsizeof
from typing import Literal, TextIO, cast
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
from liquid.builtin.expressions import FilteredExpression
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
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
    ResourceLimitError,
)
from liquid.expression import Expression
from liquid.undefined import UNDEFINED
from markupsafe import escape

from countersign.templates.chat import Service, harmless
from countersign.templates.filters import FILTERS, MAX_TEXT, field_text, shown
from countersign.templates.limits import MAX_WORK, RenderingBudget, size
from countersign.templates.marks import marked

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

FILTER_STEPS = {"money": 200, "date": 120}
"""What a filter costs before its first character, beside ``FILTER``."""
FILTER = 40
NODE = 6
"""What it costs to look at a name, beside the characters of the source that it takes."""
SLOW = frozenset({"url_encode"})
"""Filters that go through their text one character at a time."""


class _ForNode(for_tag.ForNode):
    """A loop that tells how long its inside is: each turn may go through all of it."""

    size = 0

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        if isinstance(context, _Context):
            context.inside = self.size
        return super().render_to_output(context, buffer)


class _ForTag(for_tag.ForTag):
    node_class = _ForNode

    def parse(self, stream: TokenStream) -> Node:
        begins = stream.current.start_index
        node = super().parse(stream)
        if isinstance(node, _ForNode):
            node.size = stream.current.start_index - begins
        return node


TAGS = (
    assign_tag.AssignTag,
    capture_tag.CaptureTag,
    case_tag.CaseTag,
    comment_tag.CommentTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    _ForTag,
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
        if isinstance(context, _Context):
            each = 1 if isinstance(env, _UrlEnvironment) else 8
            context.spend(2 * NODE + len(text) // each)
        if isinstance(env, _UrlEnvironment):
            text = quote(text, safe="")
        if isinstance(env, _ChatEnvironment):
            text = harmless(text, env.service)
        written = escape(text) if context.autoescape else text
        if isinstance(context, _Context) and context.work.marks:
            written = marked(str(written), _variable(self.expression))
        return buffer.write(written)


def _variable(expression: Expression) -> str:
    """The template variable that an insert begins with, as it is written."""
    return str(expression.left if isinstance(expression, FilteredExpression) else expression)


class _Output(output.Output):
    node_class = _OutputNode


class _WorkLimitError(ResourceLimitError):
    """Filling in takes too many steps."""


LIMITS: Mapping[type[LiquidError], str] = {
    BlockNestingError: "its tags are nested too deeply",
    LocalNamespaceLimitError: f"it assigns more than {MAX_LOCALS:,} bytes",
    LoopIterationLimitError: f"its loops turn more than {MAX_LOOPS:,} times",
    OutputStreamLimitError: f"it grows beyond {MAX_OUTPUT:,} bytes",
    _WorkLimitError: f"filling it in takes more than {MAX_WORK:,} steps",
}
_NO_ITEM = "index out of range"


class _Context(RenderContext):
    """Counts the work and the turns of all loops together, and takes an item that is not there as
    empty."""

    turns = 0
    inside = 0
    """Characters of the source that each turn of the loop at hand goes through."""
    held = 0
    """Bytes of what was assigned and captured."""
    work: RenderingBudget

    def spend(self, steps: int) -> None:
        if not self.work.spend(steps):
            msg = "too many steps"
            raise _WorkLimitError(msg, token=None)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        own = super().filter(name, token)
        each = 1 if name in SLOW else 8

        def counted(*args: object, **options: object) -> object:
            given = sum(map(size, args)) + sum(map(size, options.values()))
            self.spend(FILTER_STEPS.get(name, FILTER) + given // each)
            made = own(*args, **options)
            self.spend(size(made) // each)
            return made

        return counted

    def assign(self, key: str, val: object) -> None:
        """As Liquid's own, which sums up the sizes of all names for each of them."""
        self.spend(NODE)
        self.held += getsizeof(val, 1) - getsizeof(self.locals.get(key), 1)
        self.locals[key] = val
        if self.held > MAX_LOCALS:
            msg = "too many names, or too large"
            raise LocalNamespaceLimitError(msg, token=None)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.spend(length * (1 + self.inside))
        self.turns += length
        if self.turns > MAX_LOOPS:
            msg = "too many turns"
            raise LoopIterationLimitError(msg, token=None)

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        value = super().get(path, token=token, default=default)
        # Not isinstance: what is undefined refuses every question but this one.
        if issubclass(type(value), (str, list)):
            length = len(cast("str | list[object]", value))
            self.spend(NODE + length // (64 if issubclass(type(value), str) else 4))
        if issubclass(type(value), Undefined) and getattr(value, "hint", "") == _NO_ITEM:
            return None
        return value


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


class Template(BoundTemplate):
    context_class = _Context

    def filled(self, values: Mapping[str, object], work: RenderingBudget) -> str:
        """``render``, with a bound on the work."""
        context = _Context(self, globals=self.make_globals(values))
        context.work = work
        buffer = self._get_buffer()
        self.render_with_context(context, buffer)
        return buffer.getvalue()


class _Environment(Environment):
    template_class = Template
    block_nesting_limit = 20
    context_depth_limit = 30
    loop_iteration_limit = MAX_LOOPS
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


TEXT = _Environment(undefined=StrictUndefined)
FORMS: Mapping[Form, _Environment] = {
    "text": TEXT,
    "html": _Environment(undefined=StrictUndefined, autoescape=True),
    "exact": _ExactEnvironment(undefined=StrictUndefined),
    "url": _UrlEnvironment(undefined=StrictUndefined),
    "slack": _ChatEnvironment("slack"),
    "teams": _ChatEnvironment("teams"),
    "google_chat": _ChatEnvironment("google_chat"),
}
