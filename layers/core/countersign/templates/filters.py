"""The filters of texts: Liquid's own where they are exact and bounded, ours where they are not.

Liquid's arithmetic turns decimals into zero or binary floats; its ``date`` asks the machine's
clock and zone; its ``replace``, ``join`` and ``times`` grow without bound; its ``map`` and
``where`` pass over names that do not exist; its ``safe`` would let text from outside into HTML.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation
from functools import wraps
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from liquid import Markup, RenderContext
from liquid.builtin.filters import array, misc, string
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.filter import with_context

from countersign.templates.values import Day, Moment

MAX_TEXT = 256 * 1024
"""Characters a filter may make."""
MAX_ITEMS = 1000
"""Items a filter may make."""
MAX_DIGITS = 30
"""Digits before the decimal point a filter may make."""
MAX_DECIMALS = 10
"""Digits after it that a document's field keeps."""
MAX_STEPS = 100_000
"""Days or months that a date may be moved by."""

_EXACT = Context(prec=2 * MAX_DIGITS)

Filter = Callable[..., object]


def shown(value: object) -> str:
    """A value as a reader sees it: plain numbers, yes/no as true/false, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return value if isinstance(value, str) else str(value)


def field_text(value: object) -> str:
    """A value as a document's field reads it back: times in ISO 8601 with their offset, numbers
    with at most as many decimals as a field keeps."""
    if isinstance(value, Moment):
        return value.isoformat()
    if not isinstance(value, Decimal):
        return shown(value)
    unit = Decimal(1).scaleb(-MAX_DECIMALS)
    text = shown(value.quantize(unit, ROUND_HALF_UP, _EXACT))
    # With three decimals the point could be taken for one between thousands.
    return f"{text}0" if text[-4:-3] == "." else text


def _error(text: str) -> FilterArgumentError:
    return FilterArgumentError(text, token=None)


def _quoted(value: object) -> str:
    text = " ".join(shown(value).split())
    return f'"{text[:39]}…"' if len(text) > 40 else f'"{text}"'


def _number(value: object, of: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        msg = f"{of}: expected a number, found {type(value).__name__}"
        raise _error(msg)
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        msg = f"{of}: {_quoted(value)} is no number"
        raise _error(msg) from None
    if not number.is_finite() or number.adjusted() > MAX_DIGITS:
        msg = f"{of}: the number has more than {MAX_DIGITS} digits"
        raise _error(msg)
    return number


def _nothing(value: object) -> bool:
    return value is None or value == ""


def _arithmetic(name: str, work: Callable[[Decimal, Decimal], Decimal]) -> Filter:
    def apply(value: object, other: object) -> Decimal | None:
        if _nothing(value) or _nothing(other):
            return None
        try:
            return work(_number(value, name), _number(other, name))
        except (DivisionByZero, InvalidOperation):
            msg = f"{name}: {shown(value)} cannot be divided by {shown(other)}"
            raise _error(msg) from None

    return apply


def _round(value: object, digits: object = 0) -> Decimal | None:
    """Half away from zero, as accounts are."""
    if _nothing(value):
        return None
    places = _number(digits, "round")
    if places not in range(11):
        msg = f"round: expected 0 to 10 digits, found {shown(digits)}"
        raise _error(msg)
    unit = Decimal(1).scaleb(-int(places))
    return _number(value, "round").quantize(unit, ROUND_HALF_UP, _EXACT)


def _locale(name: object) -> Locale:
    try:
        return Locale.parse(shown(name).replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        msg = f"locale {_quoted(name)} is unknown; expected one such as en, de or fr-CH"
        raise _error(msg) from None


def _money(value: object, currency: object = None, *, locale: object = "en") -> str:
    """``1234.5 | money: "EUR", locale: "de"`` is ``1.234,50 €``; without a currency 1.234,50."""
    if _nothing(value):
        return ""
    number, place = _number(value, "money"), _locale(locale)
    if _nothing(currency):
        return format_decimal(number, format="#,##0.00", locale=place)
    return format_currency(number, shown(currency), locale=place)


@with_context
def _date(value: object, pattern: object, *, locale: object = None, context: RenderContext) -> str:
    """``date: "%d.%m.%Y %H:%M"`` in the pipeline's zone; ``date: "long", locale: "de"``."""
    if _nothing(value):
        return ""
    now = context.resolve("now")
    moment = _day_or_moment(now if value in ("now", "today") else value, now.tzinfo, "date")
    style = shown(pattern)
    if locale is not None:
        if style not in ("short", "medium", "long", "full"):
            msg = f"date: {_quoted(style)} in a locale; expected short, medium, long or full"
            raise _error(msg)
        return format_date(moment, style, locale=_locale(locale))
    try:
        text = moment.strftime(style)
    except ValueError as error:
        msg = f"date: {_quoted(style)} is no pattern ({error}); expected one such as %d.%m.%Y"
        raise _error(msg) from None
    return Markup(text) if isinstance(pattern, Markup) else text


def _moved(name: str, work: Callable[[date, int], date]) -> Filter:
    """``plus_days: 14`` and ``plus_months: -1``: a day stays a day, a time its time of day."""

    @with_context
    def apply(value: object, steps: object, *, context: RenderContext) -> date | None:
        if _nothing(value) or _nothing(steps):
            return None
        count = _number(steps, name)
        if count != int(count) or abs(count) > MAX_STEPS:
            msg = f"{name}: expected a whole number up to {MAX_STEPS:,}, found {shown(steps)}"
            raise _error(msg)
        now = context.resolve("now")
        start = _day_or_moment(now if value == "now" else value, now.tzinfo, name)
        try:
            moved = work(start, int(count))
        except (OverflowError, ValueError):
            msg = f"{name}: {shown(steps)} from {shown(start)} is not in the calendar"
            raise _error(msg) from None
        return moved if isinstance(moved, datetime) else Day.of(moved, now.tzinfo)

    return apply


def _months_later(start: date, months: int) -> date:
    """The same day of another month; where that is shorter, its last."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    last = monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def _day_or_moment(value: object, zone: tzinfo, of: str) -> date:
    if isinstance(value, date):
        return value
    text = shown(value).strip()
    try:
        if len(text) == len("YYYY-MM-DD"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return Moment.of(moment if moment.tzinfo else moment.replace(tzinfo=zone), zone)
    except ValueError:
        msg = f"{of}: {_quoted(value)} is no date; expected a date, or text such as 2026-05-31"
        raise _error(msg) from None


def _replace(value: object, old: object, new: object = "") -> str:
    text, was, becomes = shown(value), shown(old), shown(new)
    if not was:
        msg = "replace: expected what to replace, found nothing"
        raise _error(msg)
    _bounded("replace", len(text) + text.count(was) * len(becomes))
    return text.replace(was, becomes)


def _join(value: object, separator: object = " ") -> str:
    parts = [one if isinstance(one, str) else shown(one) for one in _list(value, "join")]
    between = shown(separator)
    _bounded("join", sum(map(len, parts)) + len(parts) * len(between))
    return between.join(parts)


def _map(value: object, name: object) -> list[object]:
    return [_of(one, name, "map") for one in _list(value, "map")]


def _where(value: object, name: object, wanted: object = None) -> list[object]:
    found = [(one, _of(one, name, "where")) for one in _list(value, "where")]
    if wanted is None:
        return [one for one, has in found if has not in (None, False, "")]
    return [one for one, has in found if has == wanted]


def _of(item: object, name: object, of: str) -> object:
    if not isinstance(item, Mapping):
        msg = f"{of}: expected a list of signers or the like, found plain values"
        raise _error(msg)
    if name not in item:
        msg = f"{of}: there is no {_quoted(name)}; expected one of {', '.join(item)}"
        raise _error(msg)
    found: object = item[name]
    return found


def _list(value: object, of: str) -> Iterable[object]:
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    msg = f"{of}: expected a list, found {_quoted(value)}"
    raise _error(msg)


def _bounded(of: str, size: int, most: int = MAX_TEXT) -> None:
    if size > most:
        msg = f"{of}: the result is too large; expected at most {most:,}"
        raise ResourceLimitError(msg, token=None)


def _text(own: Filter) -> Filter:
    """A filter of texts that takes every value as it is shown, and an empty one as no text."""

    @wraps(own)
    def apply(value: object, *args: object, **options: Any) -> object:
        written = (one if isinstance(one, int) else shown(one) for one in args)
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
            _number(made, name)
        return made

    return apply


_FILTERS: dict[str, Filter] = {
    "append": _text(string.append),
    "capitalize": _text(string.capitalize),
    "date": _date,
    "default": misc.default,
    "divided_by": _arithmetic("divided_by", lambda one, other: one / other),
    "downcase": _text(string.downcase),
    "escape": _text(string.escape),
    "first": array.first,
    "join": _join,
    "last": array.last,
    "map": _map,
    "minus": _arithmetic("minus", _EXACT.subtract),
    "money": _money,
    "newline_to_br": _text(string.newline_to_br),
    "plus": _arithmetic("plus", _EXACT.add),
    "plus_days": _moved("plus_days", lambda start, days: start + timedelta(days=days)),
    "plus_months": _moved("plus_months", _months_later),
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
FILTERS: Mapping[str, Filter] = {name: _checked(name, own) for name, own in _FILTERS.items()}
"""Every filter there is, by its name."""
