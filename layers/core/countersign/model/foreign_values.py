"""Values from outside as people write them: numbers, dates and yes/no in a country's form.

An envelope's custom fields are filled in by people, and some addresses answer what people read:
``12.500,00 €``, ``31. Dezember 2026``, ``Ja``. What programs write (``12500.00``, ``2026-12-31``,
``true``) is read as ever. Without a locale nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from unicodedata import decimal as digit_of
from zoneinfo import ZoneInfo

from countersign.errors import PermanentError
from countersign.model.document import FieldValue
from countersign.model.pipeline import FieldSpec, FieldType
from countersign.model.values import InvalidValueError, fit, plain_number, quoted, to_moment
from countersign.text.folding import fold
from countersign.text.locales import locale_of

if TYPE_CHECKING:
    from babel import Locale

MAX_WRITTEN = 100
"""Characters of a number or a date, with all that stands around it."""

_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_GROUPS = "'\u2019\u02bc "
"""What may part thousands in any country: apostrophes and blanks."""
_NO_CENTS = re.compile(r"[.,]\s*[-\u2013\u2014]{1,2}(?=\D*$)")
"""``12.500,-`` and ``1'234.--``: no cents."""

_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "TWD", "CLP", "ARS", "COP"})
_CROWNS = frozenset({"SEK", "NOK", "DKK", "ISK"})
_SIGNS: dict[str, frozenset[str]] = {
    "\u20ac": frozenset({"EUR"}),
    "euro": frozenset({"EUR"}),
    "euros": frozenset({"EUR"}),
    "$": _DOLLARS,
    "us$": frozenset({"USD"}),
    "ca$": frozenset({"CAD"}),
    "a$": frozenset({"AUD"}),
    "r$": frozenset({"BRL"}),
    "\u00a3": frozenset({"GBP", "EGP"}),
    "\u00a5": frozenset({"JPY", "CNY"}),
    "fr": frozenset({"CHF"}),
    "sfr": frozenset({"CHF"}),
    "franken": frozenset({"CHF"}),
    "kr": _CROWNS,
    "z\u0142": frozenset({"PLN"}),
    "k\u010d": frozenset({"CZK"}),
    "ft": frozenset({"HUF"}),
    "lei": frozenset({"RON"}),
    "\u20ba": frozenset({"TRY"}),
    "\u20b9": frozenset({"INR"}),
    "\u20aa": frozenset({"ILS"}),
    "\u20a9": frozenset({"KRW"}),
    "\u20b4": frozenset({"UAH"}),
}
"""Signs and names of currencies beside the codes of ISO 4217, folded, without a dot at the end."""
_YES_NO: dict[str, tuple[str, str]] = {
    "bg": ("\u0434\u0430", "\u043d\u0435"),
    "cs": ("ano", "ne"),
    "da": ("ja", "nej"),
    "de": ("ja wahr", "nein falsch"),
    "el": ("\u03bd\u03b1\u03b9", "\u03bf\u03c7\u03b9 \u03cc\u03c7\u03b9"),
    "en": ("yes true", "no false"),
    "es": ("sí si verdadero", "no falso"),
    "et": ("jah", "ei"),
    "fi": ("kyllä", "ei"),
    "fr": ("oui vrai", "non faux"),
    "hr": ("da", "ne"),
    "hu": ("igen", "nem"),
    "it": ("sì si vero", "no falso"),
    "lt": ("taip", "ne"),
    "lv": ("jā", "nē"),
    "nb": ("ja", "nei"),
    "nl": ("ja waar", "nee onwaar"),
    "no": ("ja", "nei"),
    "pl": ("tak", "nie"),
    "pt": ("sim verdadeiro", "não falso"),
    "ro": ("da", "nu"),
    "sk": ("áno", "nie"),
    "sl": ("da", "ne"),
    "sv": ("ja", "nej"),
    "tr": ("evet", "hay\u0131r"),
    "uk": ("\u0442\u0430\u043a", "\u043d\u0456"),
}
"""What stands for yes and for no, by language."""
_TICKED = (
    frozenset({"1", "on", "x", "checked", "\u2713", "\u2611"}),
    frozenset({"0", "off", "unchecked", "\u2610"}),
)
"""What programs write for a box that is ticked, and for one that is not, in every language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFormat:
    """How values from outside are read."""

    zone: ZoneInfo
    """The pipeline's, for days and times without an offset."""
    locale: str | None = None
    """The country's form they may be in; None for what programs write, and no more."""
    currency: str | None = None
    """The document's: an amount that names another one does not fit."""


def read(
    value: object, spec: FieldSpec | FieldType, place: str, reading: ValueFormat
) -> FieldValue:
    """A value from outside as the field keeps it, read as people or programs write it.

    A moment becomes its day in the pipeline's zone where the field keeps days, 1 and 0 yes and no,
    and a number text where the field keeps text. Otherwise as ``fit``, whose InvalidValueError it
    raises; UnknownLocaleError where the locale is not known.
    """
    kind = spec.type if isinstance(spec, FieldSpec) else spec
    if isinstance(value, str):
        value = value.strip() or None
    if isinstance(value, str) and place == "currency":
        value = code_of(value)
    try:
        value = _plain_form(value, kind, reading)
    except PermanentError as error:
        msg = f"{place}: {error}"
        raise InvalidValueError(msg) from None
    return fit(value, spec, place)


def in_currency(reading: ValueFormat, currency: object) -> ValueFormat:
    """The same for a document of that currency."""
    return replace(reading, currency=currency) if isinstance(currency, str) else reading


def code_of(currency: str) -> str:
    """The code of ISO 4217 for a sign or a name that means one currency; others as they are."""
    meant = _SIGNS.get(fold(currency).rstrip("."), frozenset())
    return next(iter(meant)) if len(meant) == 1 else currency


def _plain_form(value: object, kind: FieldType, reading: ValueFormat) -> object:
    """The value as ``fit`` takes it; what is not understood stays as it is."""
    match kind:
        case "text" | "choice" | "user":
            return _as_text(value)
        case "list" if isinstance(value, list | tuple):
            return [_as_text(member) for member in value]
        case "number" | "money" if isinstance(value, str) and reading.locale:
            return _number(value, kind, reading, locale_of(reading.locale))
        case "date" | "datetime" if isinstance(value, str):
            return _moment(value, kind, reading)
        case "bool":
            return _yes_or_no(value, reading)
    return value


def _as_text(value: object) -> object:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return plain_number(Decimal(value)) if is_number else value  # type: ignore[arg-type]


# --- numbers


def _number(text: str, kind: FieldType, reading: ValueFormat, locale: Locale) -> Decimal:
    if len(text) > MAX_WRITTEN:
        raise InvalidValueError(_no_number(text, locale))
    plain = "".join(_ascii(letter) for letter in text)
    body, signs = _without_signs(_NO_CENTS.sub("", plain))
    if not body or (signs and kind != "money"):
        raise InvalidValueError(_no_number(text, locale))
    if currencies := _currencies(signs, text):
        documents = _meant(fold(reading.currency or "").rstrip("."))
        if documents and not documents & currencies:
            named = " or ".join(sorted(currencies)) if len(currencies) < 3 else signs[0]
            msg = f"{quoted(text)} is in {named}, but the document's currency is {reading.currency}"
            raise InvalidValueError(msg)
    number = _in_form(body, locale)
    if number is None:
        raise InvalidValueError(_no_number(text, locale))
    return number


def _no_number(text: str, locale: Locale) -> str:
    from babel.numbers import format_decimal

    example = format_decimal(Decimal("1234.5"), "#,##0.00", locale=locale)
    return (
        f"{quoted(text)} is not a valid number in the locale {locale}; expected one "
        f"such as {example}"
    )


def _ascii(letter: str) -> str:
    """Any digit, blank and minus as programs write them."""
    if (value := digit_of(letter, -1)) >= 0:
        return str(value)
    if letter.isspace():
        return " "
    return "-" if letter == "\u2212" else letter


def _without_signs(text: str) -> tuple[str, tuple[str, ...]]:
    """The digits with their sign, and what stands before and behind them."""
    first = re.search(r"[+-]?\s*\d", text)
    if first is None:
        return "", (text,)
    last = max(place for place, letter in enumerate(text) if letter.isdigit()) + 1
    head, body, tail = text[: first.start()], text[first.start() : last], text[last:]
    minus = "-" if "-" in head else ""
    signs = tuple(fold(part).rstrip(".") for part in f"{head.replace('-', '')} {tail}".split())
    return minus + body.strip().replace("- ", "-"), signs


def _currencies(signs: tuple[str, ...], text: str) -> frozenset[str]:
    """The currencies that the signs may stand for; InvalidValueError for a sign that is none."""
    currencies: frozenset[str] | None = None
    for sign in signs:
        meant = _meant(sign)
        currencies = meant if currencies is None else currencies & meant
        if not currencies:
            msg = f"{quoted(text)} does not name one known currency"
            raise InvalidValueError(msg)
    return currencies or frozenset()


def _meant(sign: str) -> frozenset[str]:
    """The currencies that a folded sign, name or code may stand for."""
    from babel.numbers import list_currencies

    code = sign.upper()
    return _SIGNS.get(sign) or (frozenset({code}) & list_currencies())


def _in_form(text: str, locale: Locale) -> Decimal | None:
    """The number in the locale's form, or else as programs write it; None where it is neither."""
    from babel.numbers import get_decimal_symbol

    point = get_decimal_symbol(locale)
    groups = _GROUPS + {",": ".", ".": ","}.get(point, ",.")
    end = rf"(?:{re.escape(point)}\d+)?"
    written = re.fullmatch(
        rf"[+-]?(?:\d{{1,3}}([{re.escape(groups)}])\d{{3}}(?:\1\d{{3}})*|\d+){end}", text, re.ASCII
    ) or (point == "." and re.fullmatch(rf"[+-]?\d{{1,2}}(?:,\d\d)+,\d{{3}}{end}", text, re.ASCII))
    if written:
        digits = "".join(letter for letter in text if letter not in groups)
        return Decimal(digits.replace(point, "."))
    return Decimal(text) if re.fullmatch(r"[+-]?\d+\.\d+", text, re.ASCII) else None


# --- days and times


def _moment(text: str, kind: FieldType, reading: ValueFormat) -> object:
    if _ISO_TIME.match(text):
        moment = to_moment(text, reading.zone)
    elif reading.locale and not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        from countersign.model.date_formats import day_and_time, example

        written = text if len(text) <= MAX_WRITTEN else ""
        day, clock = day_and_time(written, locale_of(reading.locale))
        if day is None:
            msg = (
                f"{quoted(text)} is not a valid date in the locale {reading.locale}; "
                "expected one such as "
                f"{example(locale_of(reading.locale))} or 2026-12-31"
            )
            raise InvalidValueError(msg)
        if kind == "date":
            return day.isoformat()
        if clock is None:
            return text
        moment = datetime.combine(day, clock, reading.zone)
    else:
        return text
    return moment.astimezone(reading.zone).date().isoformat() if kind == "date" else moment


# --- yes and no


def _yes_or_no(value: object, reading: ValueFormat) -> object:
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value in (0, 1):
        return bool(value)
    if not isinstance(value, str):
        return value
    word = fold(value)
    for ticks, meaning in zip(_TICKED, (True, False), strict=True):
        if word in ticks:
            return meaning
    language = locale_of(reading.locale).language if reading.locale else "en"
    for name in (language, "en"):
        for words, meaning in zip(_YES_NO.get(name, ("", "")), (True, False), strict=True):
            if word in map(fold, words.split()):
                return meaning
    return value
