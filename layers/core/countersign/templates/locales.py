"""Numbers, dates and times as a locale writes them, rounded half up.

Babel rounds half to even, and its currencies with it: every number is rounded here before it is
handed over. Names of months and days, and times of day, come from CLDR.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision

Style = Literal["short", "medium", "long", "full"]
STYLES: tuple[Style, ...] = ("short", "medium", "long", "full")
"""How much is written of a date or a time: from ``31.05.26`` to ``Sonntag, 31. Mai 2026``."""
MAX_DECIMALS = 10
"""Decimals that a number keeps where none are asked for: as many as a document's field."""

_WIDE = Context(prec=60)
_NARROW_BLANK = "\u202f"
_DIRECTIVE = re.compile(r"%(?P<flags>[-_0^#]*)(?P<letter>[A-Za-z%])")


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, away from zero: 2.5 is 3, -2.5 is -3, and nothing is ever ``-0``."""
    quantized = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    return quantized if quantized else quantized.copy_abs()


def money(value: Decimal, currency: str | None, locale: Locale) -> str:
    """An amount with its currency's sign and as many decimals as that has; two without one."""
    if currency is None:
        return format_decimal(rounded(value, 2), format="#,##0.00", locale=locale)
    places = get_currency_precision(currency)
    return format_currency(rounded(value, places), currency, locale=locale)


def number(value: Decimal, places: int | None, locale: Locale) -> str:
    """A number with separators: with so many decimals, or with those it has, ten at most."""
    if places is None:
        decimals = "#" * MAX_DECIMALS
        return format_decimal(rounded(value, MAX_DECIMALS), f"#,##0.{decimals}", locale=locale)
    pattern = f"#,##0.{'0' * places}" if places else "#,##0"
    return format_decimal(rounded(value, places), pattern, locale=locale)


def day(moment: date, style: Style, locale: Locale) -> str:
    """The day of a date or a moment: ``31. Mai 2026``."""
    return format_date(moment, style, locale=locale)


def clock(moment: datetime, style: Style, locale: Locale) -> str:
    """The time of day, by the moment's own zone: ``14:30``, ``2:30 PM``."""
    text = format_time(moment, style, tzinfo=moment.tzinfo, locale=locale)
    return text.replace(_NARROW_BLANK, " ")


def day_and_clock(moment: datetime, style: Style, locale: Locale) -> str:
    """Both: ``31. Mai 2026 um 14:30:00 MESZ``."""
    text = format_datetime(moment, style, tzinfo=moment.tzinfo, locale=locale)
    return text.replace(_NARROW_BLANK, " ")


def patterned(moment: date, pattern: str, locale: Locale) -> str:
    """``strftime`` with the locale's names of months and days: ``%d. %B %Y``.

    Raises ValueError for a pattern that ``strftime`` cannot take.
    """
    if locale.language == "en":
        return moment.strftime(pattern)
    # Many languages decline a month's name beside its day, and do not where it stands alone.
    with_day = re.search(r"%[-_0]*[de]", pattern) is not None

    def named(match: re.Match[str]) -> str:
        name = _NAMES.get(match["letter"])
        if name is None:
            return match[0]
        text = name(moment, locale, "format" if with_day else "stand-alone")
        return (text.upper() if "^" in match["flags"] else text).replace("%", "%%")

    return moment.strftime(_DIRECTIVE.sub(named, pattern))


_Use = Literal["format", "stand-alone"]


def _month(moment: date, locale: Locale, use: _Use) -> str:
    return str(locale.months[use]["wide"][moment.month])


def _short_month(moment: date, locale: Locale, use: _Use) -> str:
    return str(locale.months[use]["abbreviated"][moment.month])


def _weekday(moment: date, locale: Locale, _use: _Use) -> str:
    return str(locale.days["format"]["wide"][moment.weekday()])


def _short_weekday(moment: date, locale: Locale, _use: _Use) -> str:
    return str(locale.days["format"]["abbreviated"][moment.weekday()])


def _half_of_day(moment: date, locale: Locale, _use: _Use) -> str:
    return format_time(moment, "a", locale=locale) if isinstance(moment, datetime) else ""


def _day_in_digits(moment: date, locale: Locale, _use: _Use) -> str:
    return day(moment, "medium", locale)


def _clock_in_digits(moment: date, locale: Locale, _use: _Use) -> str:
    return clock(moment, "medium", locale) if isinstance(moment, datetime) else ""


def _both_in_digits(moment: date, locale: Locale, use: _Use) -> str:
    parts = (_day_in_digits(moment, locale, use), _clock_in_digits(moment, locale, use))
    return " ".join(filter(None, parts))


_NAMES: Mapping[str, Callable[[date, Locale, _Use], str]] = {
    "B": _month,
    "b": _short_month,
    "h": _short_month,
    "A": _weekday,
    "a": _short_weekday,
    "p": _half_of_day,
    "x": _day_in_digits,
    "X": _clock_in_digits,
    "c": _both_in_digits,
}
"""What strftime would write in English, or as the machine is set."""
