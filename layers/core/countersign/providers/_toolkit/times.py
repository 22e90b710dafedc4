"""Times in messages whose form is not certain: what cannot be read is None and costs no event."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import BeforeValidator

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


def read_milliseconds(value: Any) -> datetime | None:
    """Milliseconds since 1970, as a number or as text, or ISO 8601; anything else is None."""
    text = "" if isinstance(value, bool) else str(value)
    if re.fullmatch(r"[1-9][0-9]{0,13}", text, re.ASCII):
        return EPOCH + timedelta(milliseconds=int(text))
    return read_iso(value)


def read_written(value: Any) -> datetime | None:
    """``Fri, 16 May 2025 16:18:34 GMT+5:30``, or ISO 8601; anything else is None."""
    found = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return read_iso(value)
    day, month, year, hour, minute, second, zone, sign, hours, minutes = found.groups()
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
