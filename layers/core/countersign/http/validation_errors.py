"""What pydantic found wrong with a request, as errors of a problem in the caller's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from countersign.model.person import Language

Text = tuple[str, str]
"""In English and German; ``{name}`` stands for what pydantic knows of the limit."""

TEXTS: Mapping[str, Text] = {
    "missing": ("is required", "wird benötigt"),
    "extra_forbidden": ("is not a known member", "ist kein bekanntes Element"),
    "string_type": ("is not text", "ist kein Text"),
    "string_unicode": ("contains an invalid Unicode character", "enthält ein ungültiges Zeichen"),
    "string_too_short": (
        "is too short; expected at least {min_length} characters",
        "ist zu kurz; erwartet werden mindestens {min_length} Zeichen",
    ),
    "string_too_long": (
        "is too long; expected at most {max_length} characters",
        "ist zu lang; erwartet werden höchstens {max_length} Zeichen",
    ),
    "string_pattern_mismatch": (
        "does not match the pattern {pattern}",
        "passt nicht zum Muster {pattern}",
    ),
    "int_type": ("is not a whole number", "ist keine ganze Zahl"),
    "int_parsing": ("is not a whole number", "ist keine ganze Zahl"),
    "int_from_float": ("is not a whole number", "ist keine ganze Zahl"),
    "bool_type": ("is neither true nor false", "ist weder true noch false"),
    "bool_parsing": ("is neither true nor false", "ist weder true noch false"),
    "list_type": ("is not a list", "ist keine Liste"),
    "tuple_type": ("is not a list", "ist keine Liste"),
    "dict_type": ("is not an object", "ist kein Objekt"),
    "model_type": ("is not an object", "ist kein Objekt"),
    "model_attributes_type": ("is not an object", "ist kein Objekt"),
    "datetime_type": ("is not a date and time", "ist kein Zeitpunkt"),
    "datetime_parsing": (
        "is not a date and time as in 2026-03-05T09:00:00Z",
        "ist kein Zeitpunkt wie 2026-03-05T09:00:00Z",
    ),
    "datetime_from_date_parsing": (
        "is not a date and time as in 2026-03-05T09:00:00Z",
        "ist kein Zeitpunkt wie 2026-03-05T09:00:00Z",
    ),
    "timezone_aware": ("has no time zone", "hat keine Zeitzone"),
    "date_type": ("is not a date", "ist kein Datum"),
    "date_parsing": ("is not a date as in 2026-03-05", "ist kein Datum wie 2026-03-05"),
    "date_from_datetime_parsing": (
        "is not a date as in 2026-03-05",
        "ist kein Datum wie 2026-03-05",
    ),
    "literal_error": ("is not one of {expected}", "ist keines von {expected}"),
    "greater_than_equal": ("is less than {ge}", "ist kleiner als {ge}"),
    "less_than_equal": ("is more than {le}", "ist größer als {le}"),
    "too_short": (
        "has too few entries; expected at least {min_length}",
        "hat zu wenige Einträge; erwartet werden mindestens {min_length}",
    ),
    "too_long": (
        "has too many entries; expected at most {max_length}",
        "hat zu viele Einträge; erwartet werden höchstens {max_length}",
    ),
}
OTHER: Text = ("is not valid", "ist ungültig")


def errors_of(errors: Iterable[Mapping[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Each with ``detail``, and ``pointer`` (RFC 6901) into the body or ``parameter``."""
    return [_error(error, language) for error in errors]


def _error(error: Mapping[str, Any], language: Language) -> dict[str, Any]:
    source, *place = error["loc"]
    texts = TEXTS.get(str(error["type"]), OTHER)
    text = texts[1] if language == "de" else texts[0]
    known = {name: str(value) for name, value in (error.get("ctx") or {}).items()}
    where = "pointer" if source == "body" else "parameter"
    value = pointer(place) if source == "body" else str(place[0] if place else source)
    try:
        detail = text.format_map(known)
    except KeyError:
        detail = OTHER[1] if language == "de" else OTHER[0]
    if error["type"] == "value_error":
        detail = str(error.get("msg", detail)).removeprefix("Value error, ")
    return {where: value, "detail": detail}


def pointer(place: Sequence[str | int]) -> str:
    """The JSON pointer to a place.

    https://www.rfc-editor.org/rfc/rfc6901
    """
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)
