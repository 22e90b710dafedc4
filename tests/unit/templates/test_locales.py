"""Numbers, dates and times of texts: one rounding, in the pipeline's language unless said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.errors import PermanentError
from countersign.templates.render import render
from countersign.templates.values import Day, Moment, Record
from countersign.text.locales import locale_of

VIENNA = ZoneInfo("Europe/Vienna")
AT = Moment.of(datetime(2026, 3, 1, 13, 5, tzinfo=UTC), VIENNA)


def _text(source: str, language: str | None = "de", **values: object) -> str:
    pipeline = Record({"id": "p", "language": language or "en"})
    return render(
        source,
        {"now": AT, "at": AT, "day": Day.of(AT.date(), VIENNA), "pipeline": pipeline} | values,
    )


amounts = st.decimals(
    allow_nan=False, allow_infinity=False, places=5, min_value=-99999, max_value=99999
)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("817.445", "817,45\xa0€"),
        ("817.435", "817,44\xa0€"),
        ("-817.445", "-817,45\xa0€"),
        ("0.005", "0,01\xa0€"),
        ("-0.004", "0,00\xa0€"),
        ("1000000.995", "1.000.001,00\xa0€"),
    ],
)
def test_an_amount_is_rounded_half_up(amount: str, shown: str) -> None:
    assert _text("{{ x | money: 'EUR' }}", x=Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ x | money: 'JPY', locale: 'en' }}", "¥3"),
        ("{{ x | money: 'KWD', locale: 'en' }}", "KWD2.500"),
        ("{{ x | money }}", "2,50"),
        ("{{ x | round }}", "3"),
        ("{{ x | number: 0 }}", "3"),
        ("{{ x | number }}", "2,5"),
        ("{{ x | times: -1 | round }}", "-3"),
        ("{{ x | minus: 2.5 }}", "0"),
        ("{{ 0 | times: -1 }} {{ -0.0 }} {{ -0.4 | round }}", "0 0 0"),
        ("{{ 1 | divided_by: 8 | round: 2 }}", "0.13"),
        ("{{ 2 | divided_by: 3 }}", "0.6666666666666666666666666667"),
        ("{{ -1 | divided_by: 8 | money }}", "-0,13"),
    ],
)
def test_every_filter_rounds_alike(source: str, shown: str) -> None:
    assert _text(source, x=Decimal("2.5")) == shown


@given(amounts, st.integers(0, 4))
@settings(deadline=None, max_examples=150)
def test_the_rounding_is_half_up_and_zero_has_no_sign(amount: Decimal, places: int) -> None:
    exact = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    source = f"{{{{ x | round: {places} }}}} {{{{ x | number: {places}, locale: 'en' }}}}"
    rounded, number = _text(source, x=amount).split(" ")
    assert Decimal(rounded) == exact == Decimal(number.replace(",", ""))
    assert not (rounded.startswith("-") or number.startswith("-")) or exact < 0


@given(amounts)
@settings(deadline=None, max_examples=80)
def test_money_says_what_round_says(amount: Decimal) -> None:
    money, rounded = _text(
        "{{ x | money: 'USD', locale: 'en' }} {{ x | round: 2 }}", x=amount
    ).split()
    assert Decimal(money.replace("$", "").replace(",", "")) == Decimal(rounded)


@pytest.mark.parametrize(
    ("language", "source", "shown"),
    [
        ("de", "{{ day | date: '%d. %B %Y' }}", "01. März 2026"),
        ("de-AT", "{{ '2026-01-05' | date: '%-d. %B' }}", "5. Jänner"),
        ("fr", "{{ at | date: '%A %-d %B %Y' }}", "dimanche 1 mars 2026"),
        ("pl", "{{ day | date: '%-d %B' }}", "1 marca"),
        ("pl", "{{ day | date: '%B' }}", "marzec"),
        ("nl", "{{ day | date: '%a %d %b' }}", "zo 01 mrt"),
        ("de", "{{ day | date: '%^B, 100 %%' }}", "MÄRZ, 100 %"),
        ("de", "{{ day | date: 'long' }}", "1. März 2026"),
        ("de", "{{ day | date: '%d %B', locale: 'en' }}", "01 March"),
        (None, "{{ day | date: '%d %B' }}", "01 March"),
        (None, "{{ day | date: 'long' }}", "March 1, 2026"),
        ("de", "{{ at | time_of_day }} Uhr", "14:05 Uhr"),
        ("de", "{{ at | time_of_day: 'short', locale: 'en' }}", "2:05 PM"),
        ("de", "{{ at | time_of_day: '%H.%M' }}", "14.05"),
        ("de", "{{ at | date_time: 'medium' }}", "01.03.2026, 14:05:00"),
        ("en-GB", "{{ at | date_time }}", "01/03/2026, 14:05"),
        ("de", "{{ 1234567.5 | money: 'EUR' }}", "1.234.567,50\xa0€"),
        ("de-CH", "{{ 1234567.5 | number: 2 }}", "1\u2019234\u2019567.50"),
        (None, "{{ 1234567.5 | money: 'EUR' }}", "€1,234,567.50"),
        ("de", "[{{ nothing | number }}{{ nothing | time_of_day }}]", "[]"),
        ("de", "{{ pipeline.language }}", "de"),
    ],
)
def test_texts_are_in_the_pipelines_language(language: Any, source: str, shown: str) -> None:
    assert _text(source, language, nothing=None) == shown


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ day | time_of_day }}", 'time_of_day: "2026-03-01" is a day without a time; use date'),
        (
            "{{ at | date_time: 'huge' }}",
            'date_time: "huge" is not a valid style; expected short, medium',
        ),
        ("{{ 1 | number: 11 }}", "number: expected 0 to 10 digits, found 11"),
        ("{{ day | date: '%B', locale: 'q' }}", 'locale "q" is unknown; expected one such as en'),
    ],
)
def test_what_cannot_be_written_says_what_can(source: str, error: str) -> None:
    with pytest.raises(PermanentError, match=error.replace("(", r"\(")):
        _text(source)


VALUES: dict[str, object] = {
    "nothing": None,
    "blanks": " \u00a0\n\t",
    "none_of_them": "",
    "no_items": [],
    "no": False,
    "yes": True,
    "zero": Decimal(0),
    "word": "x",
    "items": ["x"],
    "date": Day.of(date(2026, 3, 1), VIENNA),
}
BLANK = {"nothing", "blanks", "none_of_them", "no_items", "no"}
EMPTY = {"none_of_them", "no_items"}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize(("word", "those"), [("blank", BLANK), ("empty", EMPTY)])
def test_blank_and_empty_are_what_shopify_means(name: str, word: str, those: set[str]) -> None:
    sources = [
        f"{{% if {name} == {word} %}}is{{% else %}}not{{% endif %}}",
        f"{{% if {word} == {name} %}}is{{% else %}}not{{% endif %}}",
        f"{{% if {name} != {word} %}}not{{% else %}}is{{% endif %}}",
        f"{{% unless {name} == {word} %}}not{{% else %}}is{{% endunless %}}",
        f"{{% if false or {name} == {word} and true %}}is{{% else %}}not{{% endif %}}",
        f"{{% case {name} %}}{{% when 'q', {word} %}}is{{% else %}}not{{% endcase %}}",
        f"{{% if 1 == 2 %}}{{% elsif {name} == {word} %}}is{{% else %}}not{{% endif %}}",
    ]
    expected = "is" if name in those else "not"
    assert [render(source, VALUES) for source in sources] == [expected] * len(sources)


def test_a_number_that_is_missing_leaves_its_words_out() -> None:
    source = "Lease{% if number != blank %} no. {{ number }}{% endif %}, {{ party }}"
    texts = [render(source, {"number": number, "party": "x"}) for number in (None, "", " ", "7")]
    assert texts == ["Lease, x", "Lease, x", "Lease, x", "Lease no. 7, x"]


@pytest.mark.parametrize(
    ("before", "locale", "text"),
    [
        ("he", "is", "jan\u00faar jan."),
        ("de", "de-AT", "J\u00e4nner J\u00e4n"),
        ("es", "es-VE", "enero ene."),
    ],
)
def test_what_a_locale_writes_does_not_depend_on_what_was_written_before(
    before: str, locale: str, text: str
) -> None:
    """One process writes for many pipelines, each in its language."""
    source = "{{ '2026-01-05' | date: '%B %b' }}"
    locale_of.cache_clear()
    _text(source, before)
    assert _text(source, locale) == text
