"""What a calendar's words mean: hours by weekday, days off, public holidays, time zones."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, get_args
from zoneinfo import ZoneInfo, available_timezones

from countersign.errors import PermanentError
from countersign.model.pipeline import Weekday

WEEKDAYS: tuple[str, ...] = get_args(Weekday)

DayHours = tuple[tuple[int, int], ...]
"""A day's spans in order, each from its first minute of the day to before its last, 0 to 1440."""


def zone(name: str) -> ZoneInfo:
    """The zone of that name; PermanentError, with names that are close, where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise PermanentError(unknown_zone(name)) from error


def unknown_zone(name: str) -> str:
    """That there is no such zone, with names that are close."""
    known = sorted(available_timezones())
    wanted = name.casefold().replace(" ", "_")
    close = [zone for zone in known if wanted in {zone.casefold(), *zone.casefold().split("/")[1:]}]
    close = close or get_close_matches(name, known, n=3)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    return f'"{name}" is not a valid time zone of the IANA database, such as Europe/Berlin{hint}'


def add_hours(week: dict[int, DayHours], days: str, hours: str) -> None:
    """Put one line of the hours into the week, by weekday from 0; PermanentError if it cannot."""
    spans = day_hours(hours)
    for weekday in _weekdays(days):
        if weekday in week:
            msg = f"{WEEKDAYS[weekday]} has its hours twice; write all its spans in one place"
            raise PermanentError(msg)
        week[weekday] = spans


def _weekdays(text: str) -> Iterable[int]:
    first, *last = text.split("-", 1)
    try:
        start, end = (WEEKDAYS.index(day) for day in (first, *(last or [first])))
    except ValueError:
        msg = (
            f'"{text}" is not a valid weekday; expected one of {", ".join(WEEKDAYS)}, '
            'or two with a hyphen: "mon-thu"'
        )
        raise PermanentError(msg) from None
    return [(start + n) % 7 for n in range((end - start) % 7 + 1)]


_SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)


def day_hours(text: str) -> DayHours:
    """The spans of one day's hours; PermanentError for other text."""
    spans: list[tuple[int, int]] = []
    for part in text.split(","):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            msg = (
                f'"{part.strip()}" are not valid hours; expected "HH:MM-HH:MM", several with commas'
            )
            raise PermanentError(msg)
        hours = [int(group) for group in match.groups()]
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if not start < end <= 24 * 60:
            msg = (
                f'"{part.strip()}" must end after it begins, at "24:00" at the latest; '
                "hours past midnight belong to the next weekday"
            )
            raise PermanentError(msg)
        spans.append((start, end))
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        msg = f'the spans of "{text}" overlap; write each hour once'
        raise PermanentError(msg)
    return tuple(spans)


def day_off(text: str) -> date | tuple[int, int]:
    """The day, or month and day of one that comes every year; PermanentError for other text."""
    yearly = re.fullmatch(r"\d\d-\d\d", text, re.ASCII)
    try:
        if yearly:
            # In a leap year, so that 02-29 is a day.
            day = date.fromisoformat(f"2024-{text}")
            return day.month, day.day
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    msg = f'"{text}" is not a valid day; expected "YYYY-MM-DD", or "MM-DD" for every year'
    raise PermanentError(msg)


@cache
def _library() -> Any:
    """The library of holidays, which loads the tables of a country with its first day asked for.

    It is slow to load, and only calendars with a region need it. Its package of the countries
    would load the tables of all of them; a package that has only its folder finds each alone.
    """
    import holidays

    name = "holidays.countries"
    if name not in sys.modules:
        countries = ModuleType(name)
        countries.__path__ = [str(Path(holidays.__file__).parent / "countries")]
        sys.modules[name] = countries
    return holidays


@lru_cache(maxsize=256)
def public_holidays(region: str, year: int) -> frozenset[date]:
    """The public holidays of one year; none for years the tables do not cover (past 2100).

    ``region`` is a country (``DE``) or a region of one (``DE-BY``); after a colon stand categories
    whose days count as well, joined with ``+`` (``DE-BY:catholic``).
    Raises PermanentError when nothing is known about the country, the region or a category.
    """
    holidays = _library()
    place, colon, listed = region.partition(":")
    country, _, subdivision = place.partition("-")
    # Every country's name with its codes: "germany": ("Germany", "DE", "DEU"). Asking the library
    # for its countries would load all of them, which takes a second.
    names = holidays.registry.COUNTRIES
    if country not in {codes[1] for codes in names.values()}:
        wanted = country.casefold().replace(" ", "_")
        close = [name for name, codes in names.items() if wanted.upper() in codes]
        close = close or get_close_matches(wanted, names, n=1, cutoff=0.8)
        hint = f"; did you mean {names[close[0]][1]}?" if close else ""
        msg = (
            f'holidays "{region}": no holidays are known for "{country}"; expected a country of '
            f"ISO 3166 such as DE, or a region such as DE-BY{hint}"
        )
        raise PermanentError(msg)
    tables = getattr(holidays, country)
    regions: tuple[str, ...] = tables.subdivisions
    if "-" in place and subdivision not in regions:
        known = ", ".join(f"{country}-{region}" for region in regions)
        expected = f"one of {country}, {known}" if known else f"{country}, which has no regions"
        raise PermanentError(f'holidays "{region}" is not a known region; expected {expected}')
    categories = _categories(region, listed, tables.supported_categories) if colon else ()
    days = holidays.country_holidays(
        country, subdiv=subdivision or None, years=year, categories=("public", *categories)
    )
    return frozenset(days)


def _categories(region: str, listed: str, known: Iterable[str]) -> tuple[str, ...]:
    """The categories behind the colon of a region; PermanentError for one that it does not have."""
    # Days of which half is off are not days off: the calendar sets their hours.
    offered = sorted(set(known) - {"public", "half_day"})
    categories = tuple(listed.split("+"))
    for category in categories:
        if category == "half_day":
            msg = f'holidays "{region}": write the hours of half days under special_hours'
            raise PermanentError(msg)
        if category not in offered:
            expected = f"one of {', '.join(offered)}" if offered else "none, this country has none"
            msg = f'holidays "{region}": "{category}" is not a valid category; expected {expected}'
            raise PermanentError(msg)
    return categories
