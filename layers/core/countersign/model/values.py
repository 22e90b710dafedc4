"""Values of fields: what fits, from outside, and how text, numbers, dates and times are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from countersign.errors import PermanentError
from countersign.model.document import FieldValue
from countersign.model.pipeline import FieldSpec, FieldType
from countersign.text.folding import fold, fold_address

Value = FieldValue | datetime

MAX_TEXT = 10_000
"""Characters of one text value: a document is one item of at most 400 KB in DynamoDB."""
MAX_WHOLE, MAX_DECIMALS = 20, 10
"""Digits before and after the decimal point; DynamoDB keeps 38 in all."""
FIRST_YEAR, LAST_YEAR = 1900, 9998
"""Years a date may lie in, so that no zone and no delay takes it out of the calendar."""


class InvalidValueError(PermanentError):
    """A value that does not suit its field."""


def is_empty(value: Value) -> bool:
    """Whether there is nothing: None, blank text, an empty list. Zero and false are something."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def plain(value: Value) -> str | None:
    """A value as text that a program can read back; None stays None."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain_number(value)
        case datetime():
            return value.isoformat()
        case _:
            return ", ".join(value)


def plain_number(value: Decimal) -> str:
    """A number without an exponent, without zeros at its end, and never ``-0``."""
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def same(value: Value, other: Value, kind: FieldType | None = None) -> bool:
    """Whether two values of a field are the same to people; empty ones are.

    Text and choices without regard to case and blanks, users and lists besides without regard to
    how domains are written, lists in any order, numbers as decimals, times as moments.
    """
    if is_empty(value) or is_empty(other):
        return is_empty(value) and is_empty(other)
    match value, other:
        case str(), str():
            if kind == "datetime":
                return _same_moment(value, other)
            folded = fold_address if kind == "user" else fold
            return folded(value) == folded(other)
        case tuple(), tuple():
            return set(map(fold_address, value)) == set(map(fold_address, other))
        case (bool(), bool()) | (Decimal(), Decimal()):
            return value == other
    return False


def type_of(value: FieldValue) -> FieldType:
    """A type that keeps such a value, where nobody knows the field's own."""
    match value:
        case bool():
            return "bool"
        case Decimal():
            return "number"
        case tuple():
            return "list"
        case _:
            return "text"


def _same_moment(moment: str, other: str) -> bool:
    try:
        return to_moment(moment) == to_moment(other)
    except InvalidValueError:  # What it held before its type was changed.
        return fold(moment) == fold(other)


def option_of(text: str, options: tuple[str, ...]) -> str | None:
    """The option as it is defined that reads like the text, or None."""
    if text in options:
        return text
    folded = fold(text)
    return next((option for option in options if fold(option) == folded), None)


def fit(value: object, spec: FieldSpec | FieldType, place: str) -> FieldValue:
    """A value from outside (command line, API, an envelope's custom field) as the field keeps it.

    None and blank text empty the field. Numbers and amounts are Decimal, or text with a point
    for the decimals and no separators: ``5,000`` and ``5.000`` are read differently from country
    to country and refused. Dates are ISO 8601 (``2026-05-31``), times of day need an offset and
    are kept in UTC; yes/no is true, false, yes or no; a choice is the option that reads the same;
    lists may be text with commas. ``place`` names the field in the error.

    Raises InvalidValueError, which tells what was found and what was expected.
    """
    if isinstance(value, str):
        value = value.strip() or None
    if value is None:
        return None
    kind, options = (spec.type, spec.options) if isinstance(spec, FieldSpec) else (spec, ())
    try:
        fitted = _FIT[kind](value)
        if kind == "choice" and options:
            option = option_of(str(fitted), options)
            if option is None:
                raise InvalidValueError(not_an_option(str(fitted), options))
            fitted = option
    except InvalidValueError as error:
        msg = f"{place}: {error}"
        raise InvalidValueError(msg) from None
    return fitted


def to_number(value: object) -> Decimal:
    """A finite decimal of at most 20 digits before and 10 after the point."""
    number = value
    if isinstance(value, str):
        written = re.fullmatch(r"[+-]?\d{1,99}(\.\d{1,99})?", value, re.ASCII)
        number = Decimal(value) if written else None
    elif isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    if not isinstance(number, Decimal) or not number.is_finite():
        msg = (
            f"{quoted(value)} is not a valid number; expected digits with a point for the decimals "
            "and no separators, such as 5000 or 5000.50"
        )
        raise InvalidValueError(msg)
    exponent = int(number.as_tuple().exponent)
    if number.adjusted() >= MAX_WHOLE or exponent < -MAX_DECIMALS:
        msg = (
            f"the number is out of range; expected at most {MAX_WHOLE} digits before "
            f"and {MAX_DECIMALS} after the point"
        )
        raise InvalidValueError(msg)
    return number if number else Decimal(0)


def two_readings(written: str, quote: str = '"') -> str | None:
    """Why a number as it is written could be taken for another one, or None.

    ``5.000`` is five thousand in some countries and five in others; ``5000``, ``5.0000``, ``5.00``
    and ``0.125`` have one reading.
    """
    text = written.strip()
    if not re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text, re.ASCII):
        return None
    whole = text.replace(".", "")
    shown = f"{quote}{text}{quote}"
    return f"{shown} has two readings; write {whole} for the larger, {text}0 for the smaller"


def unambiguous(number: str) -> str:
    """The number, with a zero more where it would have two readings: for files that are read."""
    return f"{number}0" if two_readings(number) else number


def to_date(value: object) -> date:
    """A day, from a date or from text ``YYYY-MM-DD``."""
    day = value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            msg = f"{quoted(value)} is not in the calendar; expected a day that exists"
            raise InvalidValueError(msg) from None
    if isinstance(day, datetime) or not isinstance(day, date):
        msg = f"{quoted(value)} is not a valid date; expected YYYY-MM-DD, such as 2026-05-31"
        raise InvalidValueError(msg)
    return _in_years(day)


def to_moment(value: object, zone: ZoneInfo | None = None) -> datetime:
    """A moment in UTC; without an offset it is wall time in the zone, or refused without one."""
    at = value
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", value, re.ASCII):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
    if not isinstance(at, datetime) or (at.tzinfo is None and zone is None):
        offset = "" if zone else " with an offset"
        msg = (
            f"{quoted(value)} is not a valid date and time{offset}; "
            "expected for example 2026-05-31T14:00:00+02:00"
        )
        raise InvalidValueError(msg)
    _in_years(at)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def not_an_option(value: str, options: tuple[str, ...]) -> str:
    """That a choice is not among its options, with the close one or all of them."""
    from difflib import get_close_matches  # Only for an error's text.

    close = get_close_matches(value, options, n=1)
    hint = f'did you mean "{close[0]}"?' if close else f"expected one of {', '.join(options)}"
    return f"{quoted(value)} is not one of the options; {hint}"


def quoted(value: object) -> str:
    """Found text from outside for an error's text: short, on one line, in quotes."""
    if not isinstance(value, str):
        return f"{type(value).__name__} {str(value)[:80]}"
    text = " ".join(value.encode(errors="replace").decode().split())
    return f'"{text[:79]}…"' if len(text) > 80 else f'"{text}"'


def shown(value: object) -> str:
    """A value for people: numbers with separators, lists with commas."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:,f}" if value else "0"
        case tuple() | frozenset():
            return ", ".join(map(shown, value))
        case dict():
            return ", ".join(f"{name}: {count}" for name, count in value.items())
        case _:
            return str(value)


def described(value: object) -> str:
    """What stands where something else was expected, for an error's text."""
    if value is None:
        return "no value"
    return quoted(value) if isinstance(value, str) else shown(value) or "an empty list"


def _in_years(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        msg = f"the year {day.year} is out of range; expected {FIRST_YEAR} to {LAST_YEAR}"
        raise InvalidValueError(msg)
    return day


def _fit_number(value: object) -> Decimal:
    if isinstance(value, str) and (text := two_readings(value)):
        raise InvalidValueError(text)
    return to_number(value)


def _fit_text(value: object) -> str:
    if not isinstance(value, str):
        msg = f"{quoted(value)} is not a text; expected text, in quotes"
        raise InvalidValueError(msg)
    if len(value) > MAX_TEXT:
        msg = f"the text has {len(value):,} characters; expected at most {MAX_TEXT:,}"
        raise InvalidValueError(msg)
    try:
        value.encode()
    except UnicodeEncodeError:
        msg = f"{quoted(value)} contains an invalid Unicode character; re-enter it"
        raise InvalidValueError(msg) from None
    return value


def _fit_user(value: object) -> str:
    user = _fit_text(value)
    if any(letter.isspace() or not letter.isprintable() for letter in user):
        msg = f"{quoted(user)} is not a user; expected an e-mail address without blanks"
        raise InvalidValueError(msg)
    return user


def _fit_bool(value: object) -> bool:
    word = value.lower() if isinstance(value, str) else value
    if word is True or word in ("true", "yes"):
        return True
    if word is False or word in ("false", "no"):
        return False
    msg = f"{quoted(value)} is neither yes nor no; expected true, false, yes or no"
    raise InvalidValueError(msg)


def _fit_list(value: object) -> tuple[str, ...] | None:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        msg = f"{quoted(value)} is not a valid list; expected a list of text, or text with commas"
        raise InvalidValueError(msg)
    _fit_text("".join(parts))
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip())) or None


_FIT: dict[FieldType, Callable[[object], FieldValue]] = {
    "text": _fit_text,
    "number": _fit_number,
    "money": _fit_number,
    "date": lambda value: to_date(value).isoformat(),
    "datetime": lambda value: to_moment(value).isoformat(),
    "choice": _fit_text,
    "user": _fit_user,
    "bool": _fit_bool,
    "list": _fit_list,
}
