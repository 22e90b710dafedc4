"""Reads the times of messages, to UTC.

``iso_time`` and ``unix_time`` raise ``ValueError``, so that a warning names the member; the
``read_`` functions are for members whose form is not certain: what cannot be read is None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import BeforeValidator

from countersign.providers._toolkit.reading import note_left_out

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ZONES = {
    # The names that RFC 5322, 4.3 gives a meaning; others, such as IST, have several.
    **{"gmt": 0, "ut": 0, "utc": 0, "z": 0},
    **{"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7},
}
WRITTEN = re.compile(
    r"(?:[a-z]{3}, )?([0-9]{1,2}) ([a-z]{3}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) "
    r"([a-z]{1,4})?(?:([+-])([0-9]{1,2}):?([0-9]{2})?)?",
    re.IGNORECASE | re.ASCII,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_time(value: Any) -> datetime | None:
    """ISO 8601 with a zone, to UTC; None for what is blank, ``ValueError`` for anything else."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"expected a time in ISO 8601, found {type(value).__name__}")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        # Its own text quotes the value, and ours goes to the log.
        raise ValueError("expected a time in ISO 8601") from None
    if moment.tzinfo is None:
        raise ValueError("expected a time with its zone")
    return _in_utc(moment)


def unix_time(value: Any) -> datetime | None:
    """Whole seconds since 1970, a number or text; None for blank, ``ValueError`` otherwise."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,11}", str(value)):
        raise ValueError("expected seconds since 1970")
    return EPOCH + timedelta(seconds=int(value))


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time is out of range") from error


def _aware(moment: datetime) -> datetime | None:
    try:
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def read_iso(value: Any) -> datetime | None:
    """ISO 8601 with a zone, to UTC; anything else is None."""
    try:
        return _aware(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def read_unix(value: Any, place: str) -> datetime | None:
    """Whole seconds since 1970, as a number or as text.

    None for anything else, with a warning that names the place unless it is blank.
    """
    try:
        return unix_time(value)
    except ValueError as error:
        note_left_out(place, f"Value error, {error}")
        return None


def read_milliseconds(value: Any) -> datetime | None:
    """Milliseconds since 1970, as a number or as text, or ISO 8601; anything else is None."""
    text = "" if isinstance(value, bool) else str(value)
    if re.fullmatch(r"[1-9][0-9]{0,13}", text, re.ASCII):
        return EPOCH + timedelta(milliseconds=int(text))
    return read_iso(value)


def read_written(value: Any) -> datetime | None:
    """``Fri, 16 May 2025 16:18:34 GMT+5:30``, or ISO 8601; anything else is None."""
    match = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return read_iso(value)
    day, month, year, hour, minute, second, zone, sign, hours, minutes = match.groups()
    if (zone is None and sign is None) or (zone or "gmt").lower() not in ZONES:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    offset = (-offset if sign == "-" else offset) + timedelta(hours=ZONES[(zone or "gmt").lower()])
    try:
        month_number = MONTHS.index(month.lower()) + 1
        moment = datetime(
            int(year),
            month_number,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=timezone(offset),
        )
    except ValueError:
        return None
    return _aware(moment)


PerhapsIsoTime = Annotated[datetime | None, BeforeValidator(read_iso)]
PerhapsMilliseconds = Annotated[datetime | None, BeforeValidator(read_milliseconds)]
PerhapsWrittenTime = Annotated[datetime | None, BeforeValidator(read_written)]
