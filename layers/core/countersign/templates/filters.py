"""The filters of texts: Liquid's own where they are exact and bounded, ours where they are not.

Liquid's arithmetic turns decimals into zero or binary floats; its ``date`` asks the machine's
clock and zone; its ``replace``, ``join`` and ``times`` grow without bound; its ``map`` and
``where`` pass over names that do not exist; its ``safe`` would let text from outside into HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation
from functools import wraps
from typing import Any

from liquid import RenderContext
from liquid.builtin.filters import array, misc, string
from liquid.exceptions import ResourceLimitError
from liquid.filter import with_context

from countersign.templates import date_filters, locales
from countersign.templates.date_filters import locale_for
from countersign.templates.filter_values import (
    MAX_DIGITS,
    MAX_ITEMS,
    MAX_TEXT,
    Filter,
    fault,
    field_text,
    nothing,
    number,
    places,
    quoted,
    shown,
)
from countersign.templates.locales import rounded

__all__ = ["FILTERS", "MAX_TEXT", "field_text", "shown"]

_EXACT = Context(prec=2 * MAX_DIGITS)
_DIVIDING = Context(prec=28, rounding=ROUND_HALF_UP)


def _arithmetic(name: str, work: Callable[[Decimal, Decimal], Decimal]) -> Filter:
    def apply(value: object, other: object) -> Decimal | None:
        if nothing(value) or nothing(other):
            return None
        try:
            return work(number(value, name), number(other, name))
        except (DivisionByZero, InvalidOperation):
            msg = f"{name}: {shown(value)} cannot be divided by {shown(other)}"
            raise fault(msg) from None

    return apply


def _round(value: object, digits: object = 0) -> Decimal | None:
    """Half up, away from zero, as accounts are."""
    if nothing(value):
        return None
    return rounded(number(value, "round"), places(digits, "round"))


@with_context
def _money(
    value: object, currency: object = None, *, locale: object = None, context: RenderContext
) -> str:
    """``1234.5 | money: "EUR", locale: "de"`` is ``1.234,50 €``; without a currency 1.234,50."""
    if nothing(value):
        return ""
    code = None if nothing(currency) else shown(currency)
    return locales.money(number(value, "money"), code, locale_for(locale, context))


@with_context
def _number_text(
    value: object, digits: object = None, *, locale: object = None, context: RenderContext
) -> str:
    """``1234.5 | number`` is ``1.234,5`` in German; ``number: 2`` has two decimals."""
    if nothing(value):
        return ""
    wanted = None if nothing(digits) else places(digits, "number")
    return locales.number(number(value, "number"), wanted, locale_for(locale, context))


def _replace(value: object, old: object, new: object = "") -> str:
    text, was, becomes = shown(value), shown(old), shown(new)
    if not was:
        msg = "replace: expected what to replace, found nothing"
        raise fault(msg)
    _bounded("replace", len(text) + text.count(was) * len(becomes))
    return text.replace(was, becomes)


def _join(value: object, separator: object = " ") -> str:
    parts = [
        element if isinstance(element, str) else shown(element) for element in _list(value, "join")
    ]
    between = shown(separator)
    _bounded("join", sum(map(len, parts)) + len(parts) * len(between))
    return between.join(parts)


def _map(value: object, name: object) -> list[object]:
    return [_of(element, name, "map") for element in _list(value, "map")]


def _where(value: object, name: object, wanted: object = None) -> list[object]:
    pairs = [(element, _of(element, name, "where")) for element in _list(value, "where")]
    if wanted is None:
        return [element for element, has in pairs if has not in (None, False, "")]
    return [element for element, has in pairs if has == wanted]


def _of(item: object, name: object, of: str) -> object:
    if not isinstance(item, Mapping):
        msg = f"{of}: expected a list of signers or the like, found plain values"
        raise fault(msg)
    if name not in item:
        msg = f"{of}: there is no {quoted(name)}; expected one of {', '.join(item)}"
        raise fault(msg)
    member: object = item[name]
    return member


def _list(value: object, of: str) -> Iterable[object]:
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    msg = f"{of}: expected a list, found {quoted(value)}"
    raise fault(msg)


def _bounded(of: str, size: int, most: int = MAX_TEXT) -> None:
    if size > most:
        msg = f"{of}: the result is too large; expected at most {most:,}"
        raise ResourceLimitError(msg, token=None)


def _text(own: Filter) -> Filter:
    """A filter of texts that takes every value as it is shown, and an empty one as no text."""

    @wraps(own)
    def apply(value: object, *args: object, **options: Any) -> object:
        written = (arg if isinstance(arg, int) else shown(arg) for arg in args)
        return own(shown(value), *written, **options)

    return apply


def _checked(name: str, own: Filter) -> Filter:
    """The filter with a bound on what it makes."""

    @wraps(own)
    def apply(*args: Any, **options: Any) -> object:
        made = own(*args, **options)
        if isinstance(made, str):
            _bounded(name, len(made))
        elif isinstance(made, list):
            _bounded(name, len(made), MAX_ITEMS)
        elif isinstance(made, Decimal):
            number(made, name)
        return made

    return apply


_FILTERS: dict[str, Filter] = {
    "append": _text(string.append),
    "capitalize": _text(string.capitalize),
    "default": misc.default,
    "divided_by": _arithmetic("divided_by", _DIVIDING.divide),
    "downcase": _text(string.downcase),
    "escape": _text(string.escape),
    "first": array.first,
    "join": _join,
    "last": array.last,
    "map": _map,
    "minus": _arithmetic("minus", _EXACT.subtract),
    "money": _money,
    "newline_to_br": _text(string.newline_to_br),
    "number": _number_text,
    "plus": _arithmetic("plus", _EXACT.add),
    "prepend": _text(string.prepend),
    "replace": _replace,
    "round": _round,
    "size": misc.size,
    "split": _text(string.split),
    "squish": _text(string.squish),
    "strip": _text(string.strip),
    "strip_newlines": _text(string.strip_newlines),
    "times": _arithmetic("times", _EXACT.multiply),
    "truncate": _text(string.truncate),
    "truncatewords": _text(string.truncatewords),
    "upcase": _text(string.upcase),
    "url_encode": _text(string.url_encode),
    "where": _where,
}
FILTERS: Mapping[str, Filter] = {
    name: _checked(name, own) for name, own in sorted({**_FILTERS, **date_filters.FILTERS}.items())
}
"""Every filter there is, by its name."""
