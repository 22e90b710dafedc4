"""Days and times as people of a country write them: ``31.12.2026``, ``Dec 31, 2026, 2:30 PM``."""

from __future__ import annotations

import re
from datetime import date, time
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, get_date_format

from countersign.text.folding import fold
from countersign.text.locales import locale_of

_CLOCK = re.compile(
    r"(?:^|[\s,]+(?:um|at|a|à|kl\.?|klo|om|alle)?\s*)"
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?:uhr|h)?$"
)
_FILLERS = frozenset(
    {"den", "der", "am", "the", "of", "on", "st", "nd", "rd", "th"}
    | {"de", "del", "du", "le", "er", "la", "il", "di"}
    | {"\u5e74", "\u6708", "\u65e5", "\ub144", "\uc6d4", "\uc77c"}
)
"""Words beside a date that say nothing."""
_PIVOT = 70
"""Years of two digits below it are 20.., others 19.. (POSIX, strptime: 69)."""


def day_and_time(text: str, locale: Locale) -> tuple[date | None, time | None]:
    """The day, and the time of day where one is written; None for what cannot be read.

    Digits are taken in the order of the country (day, month, year in most); a year of four digits
    may stand first anywhere. Names of months are the locale's or English ones; names of weekdays
    are passed over, right or wrong.
    """
    folded = fold(text)
    clock = None
    if (match := _CLOCK.search(folded)) is not None:
        clock = _time_of(match)
        if clock is None:
            return None, None
        folded = folded[: match.start()]
    return _day_of(folded, locale), clock


def example(locale: Locale) -> str:
    """The last day of 2026 as the locale writes it in digits."""
    return format_date(date(2026, 12, 31), "short", locale=locale)


def _time_of(match: re.Match[str]) -> time | None:
    hour, half = int(match["hour"]), (match["half"] or "")[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        return None


def _day_of(text: str, locale: Locale) -> date | None:
    months, weekdays = _names(locale)
    numbers: list[str] = []
    month = None
    for token in re.findall(r"\d+|[^\W\d_]+", text):
        if token.isdigit():
            numbers.append(token)
        elif token in months and month is None:
            month = months[token]
        elif token not in weekdays and token not in _FILLERS:
            return None
    if month is not None and len(numbers) == 2:
        year_first = len(numbers[0]) == 4
        year, day = numbers if year_first else reversed(numbers)
        return _date(year, str(month), day)
    if month is not None or len(numbers) != 3:
        return None
    return _in_digits(numbers, _order(locale))


def _in_digits(numbers: list[str], order: str) -> date | None:
    if len(numbers[0]) == 4:
        order = "ymd"
    elif len(numbers[2]) == 4 and order == "ymd":
        order = "dmy"
    parts = dict(zip(order, numbers, strict=True))
    return _date(parts["y"], parts["m"], parts["d"])


def _date(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    whole = int(year)
    if len(year) == 2:
        whole += 2000 if whole < _PIVOT else 1900
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None


def _order(locale: Locale) -> str:
    """Which of year, month and day comes first in the locale's short dates: ``dmy``."""
    letters = re.findall(r"[dMLy]", str(get_date_format("short", locale).pattern))
    return "".join(dict.fromkeys(letters)).replace("L", "m").lower()


@lru_cache(maxsize=32)
def _names(locale: Locale) -> tuple[dict[str, int], frozenset[str]]:
    """The months by name and the names of weekdays, folded, as the tokens of a date are."""
    months: dict[str, int] = {}
    weekdays: set[str] = set()
    for known in (locale_of("en"), locale):
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in known.months[use].get(width, {}).items():
                    months[_word(str(name))] = number
                weekdays |= {_word(str(name)) for name in known.days[use].get(width, {}).values()}
    months.pop("", None)
    return months, frozenset(weekdays - {""})


def _word(name: str) -> str:
    """The name's letters, where it is one word."""
    words = re.findall(r"[^\W\d_]+", fold(name))
    return words[0] if len(words) == 1 else ""
