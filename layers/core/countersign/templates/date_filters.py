"""The filters of dates and times, in the pipeline's zone and language."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo

from babel import Locale
from liquid import Markup, RenderContext
from liquid.filter import with_context

from countersign.templates import locales
from countersign.templates.filter_values import Filter, fault, nothing, number, quoted, shown
from countersign.templates.locales import STYLES
from countersign.templates.values import Day, Moment
from countersign.text.locales import UnknownLocaleError, locale_of

MAX_STEPS = 100_000
"""Days or months that a date may be moved by."""


def locale_for(name: object, context: RenderContext) -> Locale:
    """The locale that is named, or else that of the pipeline's language, or else English."""
    if name is None:
        return _language(context.globals)
    try:
        return locale_of(shown(name))
    except UnknownLocaleError:
        msg = f"locale {quoted(name)} is unknown; expected one such as en, de or fr-CH"
        raise fault(msg) from None


def _language(inserted: Mapping[str, object]) -> Locale:
    pipeline = inserted.get("pipeline")
    language = pipeline.get("language") if isinstance(pipeline, Mapping) else None
    try:
        return locale_of(language if isinstance(language, str) else "en")
    except UnknownLocaleError:  # The check tries texts with examples of values, of any language.
        return locale_of("en")


@with_context
def _date(value: object, pattern: object, *, locale: object = None, context: RenderContext) -> str:
    """``date: "%d. %B %Y"`` or ``date: "long"``, in the pipeline's zone and language."""
    if nothing(value):
        return ""
    moment = _at(value, context, "date")
    style, place = shown(pattern), locale_for(locale, context)
    if style in STYLES:
        return locales.day(moment, style, place)
    return _patterned(moment, pattern, place, "date")


def _patterned(moment: date, pattern: object, place: Locale, of: str) -> str:
    try:
        text = locales.patterned(moment, shown(pattern), place)
    except ValueError as error:
        msg = (
            f"{of}: {quoted(pattern)} is not a valid pattern ({error}); expected one "
            "such as %d.%m.%Y"
        )
        raise fault(msg) from None
    return Markup(text) if isinstance(pattern, Markup) else text


def _of_clock(name: str, written: Callable[[datetime, locales.Style, Locale], str]) -> Filter:
    """``time_of_day: "short"`` is ``14:30``, ``date_time: "long"`` has the day before it."""

    @with_context
    def apply(
        value: object, style: object = "short", *, locale: object = None, context: RenderContext
    ) -> str:
        if nothing(value):
            return ""
        moment, place = _at(value, context, name), locale_for(locale, context)
        if not isinstance(moment, datetime):
            msg = f"{name}: {quoted(value)} is a day without a time; use date"
            raise fault(msg)
        wanted = shown(style)
        if wanted in STYLES:
            return written(moment, wanted, place)
        if "%" not in wanted:
            msg = (
                f"{name}: {quoted(style)} is not a valid style; expected "
                f"{', '.join(STYLES)} or a pattern"
            )
            raise fault(msg)
        return _patterned(moment, style, place, name)

    return apply


def _at(value: object, context: RenderContext, of: str) -> date:
    now = context.resolve("now")
    return _day_or_moment(now if value in ("now", "today") else value, now.tzinfo, of)


def _moved(name: str, work: Callable[[date, int], date]) -> Filter:
    """``plus_days: 14`` and ``plus_months: -1``: a day stays a day, a time its time of day."""

    @with_context
    def apply(value: object, steps: object, *, context: RenderContext) -> date | None:
        if nothing(value) or nothing(steps):
            return None
        count = number(steps, name)
        if count != int(count) or abs(count) > MAX_STEPS:
            msg = f"{name}: expected a whole number up to {MAX_STEPS:,}, found {shown(steps)}"
            raise fault(msg)
        now = context.resolve("now")
        start = _day_or_moment(now if value == "now" else value, now.tzinfo, name)
        try:
            moved = work(start, int(count))
        except (OverflowError, ValueError):
            msg = f"{name}: {shown(steps)} from {shown(start)} is not in the calendar"
            raise fault(msg) from None
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
        msg = (
            f"{of}: {quoted(value)} is not a valid date; expected a date, or text such "
            "as 2026-05-31"
        )
        raise fault(msg) from None


FILTERS: Mapping[str, Filter] = {
    "date": _date,
    "date_time": _of_clock("date_time", locales.day_and_clock),
    "plus_days": _moved("plus_days", lambda start, days: start + timedelta(days=days)),
    "plus_months": _moved("plus_months", _months_later),
    "time_of_day": _of_clock("time_of_day", locales.clock),
}
