"""Values as people of a country write them, and as programs do, become what the fields keep."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.errors import PermanentError
from countersign.model.foreign_values import ValueFormat, read
from countersign.model.values import InvalidValueError

LISBON = ZoneInfo("Europe/Lisbon")
LOCALES = ["de", "de-AT", "de-CH", "fr", "fr-CH", "it", "es", "nl", "pl", "sv", "en-US", "en-GB"]

laws = settings(deadline=None, max_examples=120)


def _read(value: object, kind: Any, locale: str | None = None, currency: str | None = None) -> Any:
    return read(value, kind, "f", ValueFormat(zone=LISBON, locale=locale, currency=currency))


@pytest.mark.parametrize(
    ("locale", "written", "amount"),
    [
        ("de", "7.310,55 €", "7310.55"),
        ("de", "EUR 7.310,5", "7310.5"),
        ("de", "7.310", "7310"),
        ("de", "7.310,-- EUR", "7310"),
        ("de", "7310.55", "7310.55"),
        ("de", "-\u20ac 12,30", "-12.30"),
        ("de", "\u221212,30 Euro", "-12.30"),
        ("de-CH", "Fr. 7'310.55", "7310.55"),
        ("de-CH", "7\u2019310.\u2013 CHF", "7310"),
        ("fr", "7\u202f310,55 €", "7310.55"),
        ("fr", "7 310,55", "7310.55"),
        ("pl", "7\u00a0310,55 zł", "7310.55"),
        ("sv", "7 310,55 kr", "7310.55"),
        ("en-US", "US$ 7,310.55", "7310.55"),
        ("en-IN", "₹7,31,055.5", "731055.5"),
        ("en-US", "7.310", "7.31"),
        ("ar", "\u0667\u0663", "73"),
    ],
)
def test_amounts_are_read_in_the_form_of_the_country(
    locale: str, written: str, amount: str
) -> None:
    assert _read(written, "money", locale) == Decimal(amount)


@pytest.mark.parametrize(
    ("locale", "written", "why"),
    [
        (
            "de",
            "7.31.055",
            '"7.31.055" is not a valid number in the locale de; expected one such as 1.234,50',
        ),
        ("en", "7310,5", "expected one such as 1,234.50"),
        ("de", "about 5", "does not name one known currency"),
        ("de", "5 EUR USD", "does not name one known currency"),
        ("de", "7,3,1", "is not a valid number in the locale de"),
        ("de", "lots", "is not a valid number in the locale de"),
        ("de", "5" * 200, "is not a valid number in the locale de"),
        ("de", "1\n2", "is not a valid number in the locale de"),
        (None, "7.310,55 €", "is not a valid number; expected digits with a point"),
        (None, "7.310", "has two readings"),
    ],
)
def test_what_is_no_amount_there_is_refused(locale: str | None, written: str, why: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        _read(written, "money", locale)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("written", "currency", "fits"),
    [
        ("80,00 €", "EUR", True),
        ("80,00 €", "eur", True),
        ("80,00 €", None, True),
        ("80,00 €", "€", True),
        ("80,00 €", "Euro", True),
        ("80,00 €", "units", True),
        ("80,00 €", "CHF", False),
        ("CHF 80,00", "EUR", False),
        ("$80,00", "CAD", True),
        ("$80,00", "EUR", False),
        ("kr 80,00", "NOK", True),
        ("80,00", "USD", True),
    ],
)
def test_a_currency_that_contradicts_the_documents_is_refused(
    written: str, currency: str | None, fits: bool
) -> None:
    if fits:
        assert _read(written, "money", "de", currency) == 80
        return
    with pytest.raises(InvalidValueError, match=f"but the document's currency is {currency}"):
        _read(written, "money", "de", currency)


@pytest.mark.parametrize(
    ("locale", "written", "day"),
    [
        ("de", "24.11.2027", "2027-11-24"),
        ("de", "4.1.27", "2027-01-04"),
        ("de", "24. November 2027", "2027-11-24"),
        ("de", "Mittwoch, den 24. Nov. 2027", "2027-11-24"),
        ("de-AT", "4. Jänner 2027", "2027-01-04"),
        ("en-US", "11/24/2027", "2027-11-24"),
        ("en-GB", "24/11/2027", "2027-11-24"),
        ("en", "November 24th, 2027", "2027-11-24"),
        ("fr", "24 novembre 2027", "2027-11-24"),
        ("es", "24 de noviembre de 2027", "2027-11-24"),
        ("pl", "24 listopada 2027", "2027-11-24"),
        ("sv", "2027-11-24", "2027-11-24"),
        ("de", "24.11.2027, 23:50 Uhr", "2027-11-24"),
        ("de", "2027-11-24T23:50:00-05:00", "2027-11-25"),
        (None, "2027-11-24T23:50:00-05:00", "2027-11-25"),
        (None, "2027-07-24T23:30:00Z", "2027-07-25"),
        (None, "2027-11-24 23:50", "2027-11-24"),
        (None, "2027-11-24", "2027-11-24"),
    ],
)
def test_days_are_read_in_the_form_of_the_country(
    locale: str | None, written: str, day: str
) -> None:
    assert _read(written, "date", locale) == day


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("de", "31.11.2027"),
        ("en-US", "24/11/2027"),
        ("de", "11.2027"),
        ("de", "nie"),
        ("de", "24.11.2027 25:00"),
        (None, "24.11.2027"),
    ],
)
def test_what_is_no_day_there_is_refused(locale: str | None, written: str) -> None:
    with pytest.raises(InvalidValueError, match="is not a valid date"):
        _read(written, "date", locale)


@pytest.mark.parametrize(
    ("locale", "written", "moment"),
    [
        ("de", "24.07.2027, 14:30", "2027-07-24T13:30:00+00:00"),
        ("en", "Jul 24, 2027, 2:30 PM", "2027-07-24T13:30:00+00:00"),
        ("fr", "24 juillet 2027 à 14h30", "2027-07-24T13:30:00+00:00"),
        (None, "2027-07-24T14:30", "2027-07-24T13:30:00+00:00"),
        (None, "2027-07-24T14:30:00Z", "2027-07-24T14:30:00+00:00"),
    ],
)
def test_times_without_an_offset_are_the_pipelines_clock(
    locale: str | None, written: str, moment: str
) -> None:
    assert _read(written, "datetime", locale) == moment


@pytest.mark.parametrize(
    ("value", "locale", "kept"),
    [
        ("Ja", "de", True),
        ("NEIN", "de", False),
        ("Oui", "fr", True),
        ("sí", "es", True),
        ("no", "it", False),
        ("HAYIR", "tr", False),
        ("yes", "de", True),
        (1, None, True),
        (0, None, False),
        ("1", None, True),
        ("0", "de", False),
        (Decimal(1), None, True),
        (True, None, True),
        ("X", None, True),
        ("on", "fr", True),
        ("Off", None, False),
    ],
)
def test_yes_and_no_are_read_in_the_language(value: object, locale: str | None, kept: bool) -> None:
    assert _read(value, "bool", locale) is kept


@pytest.mark.parametrize(("value", "locale"), [("Ja", None), ("Oui", "de"), (2, None), ("z", "de")])
def test_what_is_neither_is_refused(value: object, locale: str | None) -> None:
    with pytest.raises(InvalidValueError, match="neither yes nor no"):
        _read(value, "bool", locale)


@pytest.mark.parametrize(
    ("value", "kind", "kept"),
    [
        (4711, "text", "4711"),
        (Decimal("4E+3"), "text", "4000"),
        (Decimal("0.50"), "choice", "0.5"),
        (7, "user", "7"),
        ("  ", "money", None),
        (None, "date", None),
        (["a"], "list", ("a",)),
        ([17, Decimal("2.50"), "b"], "list", ("17", "2.5", "b")),
        (Decimal("5.000"), "money", Decimal(5)),
    ],
)
def test_what_programs_write_is_kept_as_the_field_has_it(
    value: object, kind: Any, kept: Any
) -> None:
    assert _read(value, kind) == kept
    assert _read(value, kind, "de") == kept


def test_a_locale_that_is_not_known_is_a_lasting_fault() -> None:
    with pytest.raises(PermanentError, match='"xx" is not a known locale'):
        _read("5", "money", "xx")


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    ),
    st.sampled_from(LOCALES),
)
@laws
def test_what_the_country_writes_is_read_back(amount: Decimal, locale: str) -> None:
    place = locale.replace("-", "_")
    written = format_decimal(amount, "#,##0.00", locale=place)
    assert _read(written, "number", locale) == amount
    assert _read(written, "money", locale) == amount
    with_sign = format_currency(amount, "EUR", locale=place)
    if locale not in ("fr-CH", "de-AT"):  # whose signs for money are others than for numbers
        assert _read(with_sign, "money", locale, "EUR") == amount


@given(
    st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31)),
    st.sampled_from(LOCALES),
    st.sampled_from(["short", "medium", "long", "full"]),
)
@laws
def test_every_day_the_country_writes_is_read_back(day: Any, locale: str, style: Any) -> None:
    written = format_date(day, style, locale=locale.replace("-", "_"))
    assert _read(written, "date", locale) == day.isoformat()


@given(
    st.text(max_size=20),
    st.sampled_from([None, *LOCALES]),
    st.sampled_from(["number", "money", "date", "datetime", "bool", "text"]),
)
@laws
def test_whatever_comes_is_read_or_refused(text: str, locale: str | None, kind: Any) -> None:
    with suppress(InvalidValueError):
        _read(text, kind, locale)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("€", "EUR"),
        ("Euro", "EUR"),
        ("zł", "PLN"),
        ("SFr.", "CHF"),
        ("$", "$"),
        ("USD", "USD"),
        ("x", "x"),
    ],
)
def test_a_sign_that_means_one_currency_becomes_its_code(written: str, kept: str) -> None:
    assert read(written, "text", "currency", ValueFormat(zone=LISBON)) == kept
    assert read(written, "text", "note", ValueFormat(zone=LISBON)) == written
