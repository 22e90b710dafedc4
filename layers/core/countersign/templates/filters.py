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

from babel import Locale
from liquid import Markup, RenderContext
from liquid.builtin.filters import array, misc, string
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.filter import with_context

from countersign.model.values import plain_number
from countersign.templates import locales
from countersign.templates.locales import MAX_DECIMALS, STYLES, rounded
from countersign.templates.values import Day, Moment
from countersign.text.locales import UnknownLocaleError, locale_of

MAX_TEXT = 256 * 1024
"""Characters a filter may make."""
MAX_ITEMS = 1000
"""Items a filter may make."""
MAX_DIGITS = 30
"""Digits before the decimal point a filter may make."""
MAX_STEPS = 100_000
"""Days or months that a date may be moved by."""

_EXACT = Context(prec=2 * MAX_DIGITS)
_DIVIDING = Context(prec=28, rounding=ROUND_HALF_UP)

Filter = Callable[..., object]


def shown(value: object) -> str:
    """A value as a reader sees it: plain numbers, yes/no as true/false, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return plain_number(value)
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
    text = shown(rounded(value, MAX_DECIMALS))
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


def _places(digits: object, of: str) -> int:
    places = _number(digits, of)
    if places not in range(MAX_DECIMALS + 1):
        msg = f"{of}: expected 0 to {MAX_DECIMALS} digits, found {shown(digits)}"
        raise _error(msg)
    return int(places)


def _round(value: object, digits: object = 0) -> Decimal | None:
    """Half up, away from zero, as accounts are."""
    if _nothing(value):
        return None
    return rounded(_number(value, "round"), _places(digits, "round"))


def _locale(name: object, context: RenderContext) -> Locale:
    """The locale that is named, or else that of the pipeline's language, or else English."""
    if name is None:
        return _language(context.globals)
    try:
        return locale_of(shown(name))
    except UnknownLocaleError:
        msg = f"locale {_quoted(name)} is unknown; expected one such as en, de or fr-CH"
        raise _error(msg) from None


def _language(inserted: Mapping[str, object]) -> Locale:
    pipeline = inserted.get("pipeline")
    found = pipeline.get("language") if isinstance(pipeline, Mapping) else None
    try:
        return locale_of(found if isinstance(found, str) else "en")
    except UnknownLocaleError:  # The check tries texts with examples of values, of any language.
        return locale_of("en")


@with_context
def _money(
    value: object, currency: object = None, *, locale: object = None, context: RenderContext
) -> str:
    """``1234.5 | money: "EUR", locale: "de"`` is ``1.234,50 €``; without a currency 1.234,50."""
    if _nothing(value):
        return ""
    code = None if _nothing(currency) else shown(currency)
    return locales.money(_number(value, "money"), code, _locale(locale, context))


@with_context
def _number_text(
    value: object, digits: object = None, *, locale: object = None, context: RenderContext
) -> str:
    """``1234.5 | number`` is ``1.234,5`` in German; ``number: 2`` has two decimals."""
    if _nothing(value):
        return ""
    places = None if _nothing(digits) else _places(digits, "number")
    return locales.number(_number(value, "number"), places, _locale(locale, context))


@with_context
def _date(value: object, pattern: object, *, locale: object = None, context: RenderContext) -> str:
    """``date: "%d. %B %Y"`` or ``date: "long"``, in the pipeline's zone and language."""
    if _nothing(value):
        return ""
    moment = _at(value, context, "date")
    style, place = shown(pattern), _locale(locale, context)
    if style in STYLES:
        return locales.day(moment, style, place)
    return _patterned(moment, pattern, place, "date")


def _patterned(moment: date, pattern: object, place: Locale, of: str) -> str:
    try:
        text = locales.patterned(moment, shown(pattern), place)
    except ValueError as error:
        msg = f"{of}: {_quoted(pattern)} is no pattern ({error}); expected one such as %d.%m.%Y"
        raise _error(msg) from None
    return Markup(text) if isinstance(pattern, Markup) else text


def _of_clock(name: str, written: Callable[[datetime, locales.Style, Locale], str]) -> Filter:
    """``time_of_day: "short"`` is ``14:30``, ``date_time: "long"`` has the day before it."""

    @with_context
    def apply(
        value: object, style: object = "short", *, locale: object = None, context: RenderContext
    ) -> str:
        if _nothing(value):
            return ""
        moment, place = _at(value, context, name), _locale(locale, context)
        if not isinstance(moment, datetime):
            msg = f"{name}: {_quoted(value)} is a day without a time; use date"
            raise _error(msg)
        wanted = shown(style)
        if wanted in STYLES:
            return written(moment, wanted, place)
        if "%" not in wanted:
            msg = f"{name}: {_quoted(style)} is no style; expected {', '.join(STYLES)} or a pattern"
            raise _error(msg)
        return _patterned(moment, style, place, name)

    return apply


def _at(value: object, context: RenderContext, of: str) -> date:
    now = context.resolve("now")
    return _day_or_moment(now if value in ("now", "today") else value, now.tzinfo, of)


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
    "date_time": _of_clock("date_time", locales.day_and_clock),
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
    "time_of_day": _of_clock("time_of_day", locales.clock),
    "times": _arithmetic("times", _EXACT.multiply),
    "truncate": _text(string.truncate),
    "truncatewords": _text(string.truncatewords),
    "upcase": _text(string.upcase),
    "url_encode": _text(string.url_encode),
    "where": _where,
}
FILTERS: Mapping[str, Filter] = {name: _checked(name, own) for name, own in _FILTERS.items()}
"""Every filter there is, by its name."""
