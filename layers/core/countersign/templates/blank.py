"""``blank`` and ``empty`` as Shopify's Liquid has them, which python-liquid's are not.

``x == blank``: nothing, false, an empty list or mapping, and text of blanks alone, as Rails'
``blank?``. ``x == empty``: an empty text, list or mapping; nothing at all is not empty. Sources:
shopify.dev/docs/api/liquid/basics, Shopify/liquid (condition.rb, ``MethodLiteral``), and
api.rubyonrails.org/classes/Object.html#method-i-blank-3F.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liquid import RenderContext, is_undefined
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import Blank, Empty
from liquid.builtin.tags import case_tag
from liquid.expression import Expression

_EITHER = (Blank, Empty)


def prepare(expression: Expression) -> None:
    """Have a comparison ask as Shopify's does, wherever it stands in a text."""
    for library, own in _OWN.items():
        if type(expression) is library:
            expression.__class__ = own


def _asked(left: object, right: object) -> bool | None:
    """Whether what one of the two asks of the other holds; None where neither asks."""
    # By type: what is undefined refuses every other question.
    if issubclass(type(right), _EITHER):
        left, right = right, left
    if not issubclass(type(left), _EITHER) or issubclass(type(right), _EITHER):
        return None
    for_blank = issubclass(type(left), Blank)
    if is_undefined(right):
        return for_blank
    if hasattr(right, "__liquid__"):
        right = right.__liquid__()
    if isinstance(right, str):
        return not (right.strip() if for_blank else right)
    if isinstance(right, list | tuple | Mapping):
        return not right
    return for_blank and (right is None or right is False)


class _Equal(EqExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        asked = _asked(self.left.evaluate(context), self.right.evaluate(context))
        return super().evaluate(context) if asked is None else asked


class _Unequal(NeExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        asked = _asked(self.left.evaluate(context), self.right.evaluate(context))
        return super().evaluate(context) if asked is None else not asked


class _OneOf(case_tag._AnyExpression):
    __slots__ = ()

    def evaluate(self, context: RenderContext) -> list[bool]:
        left = self.left.evaluate(context)
        asked = [_asked(left, expression.evaluate(context)) for expression in self.expressions]
        plain = super().evaluate(context)
        return [value if own is None else own for own, value in zip(asked, plain, strict=True)]


_OWN: Mapping[type[Expression], Any] = {
    EqExpression: _Equal,
    NeExpression: _Unequal,
    case_tag._AnyExpression: _OneOf,
}
