"""What an envelope's custom fields become in a document, and what is told instead."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.custom_fields import mapped, reading_for
from countersign.model.connection import FieldMapping
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.simulation.world import START
from tests.builders import pipeline, stage

FIELDS = {
    "note": {"type": "text"},
    "level": {"type": "number"},
    "vip": {"type": "bool"},
    "end": {"type": "date"},
}
TOOK_NOT = 'the custom field "{}" of the envelope was not taken over: '
HINT = (
    "; if people fill it in, set the connection's locale: "
    "countersign connections update ID --locale NAME"
)
STAYS = (
    'the custom field "{}" of the envelope says "{}", but {} stays as a person set it; '
    "empty the field to take the next value from the envelope"
)


def document(**more: Any) -> Document:
    given = {"id": "d", "pipeline": "contracts", "stage": "s", "since": START, **more}
    return Document.model_validate({"created_at": START, **given})


def taken(
    told: dict[str, str],
    home: Document | None = None,
    *,
    locale: str | None = None,
    language: str | None = None,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What is taken of custom fields that are called after their fields, in capitals."""
    wanted = pipeline(stage("s"), fields=FIELDS, language=language)
    program = CompiledPipeline(Version(number=1, pipeline=wanted))
    news = [FieldMapping(source=name, field=name.lower()) for name in told]
    return mapped(home or document(), news, told, program, locale)


def test_values_are_read_by_the_types_of_their_fields_in_the_order_of_the_mappings() -> None:
    told = {"NOTE": "x", "AMOUNT": "5.5", "CURRENCY": "EUR", "VIP": "yes", "END": "2026-05-01"}
    values, warnings = taken(told)
    assert list(values) == ["note", "amount", "currency", "vip", "end"]
    assert values == {
        "note": "x",
        "amount": Decimal("5.5"),
        "currency": "EUR",
        "vip": True,
        "end": "2026-05-01",
    }
    assert warnings == ()


@pytest.mark.parametrize(
    ("locale", "language", "amount"),
    [
        ("de-DE", None, Decimal("1234.5")),
        (None, "de", Decimal("1234.5")),
        ("de-DE", "en", Decimal("1234.5")),
        ("en-US", "de", None),
        (None, None, None),
    ],
)
def test_numbers_are_read_in_the_connections_locale_or_the_pipelines_language(
    locale: str | None, language: str | None, amount: Decimal | None
) -> None:
    values, warnings = taken({"AMOUNT": "1.234,5"}, locale=locale, language=language)
    assert values == ({"amount": amount} if amount is not None else {})
    assert len(warnings) == (amount is None)
    if warnings:
        assert warnings[0].startswith(TOOK_NOT.format("AMOUNT"))
        assert warnings[0].endswith(HINT) == (locale is None)


@pytest.mark.parametrize(
    ("told", "hint"),
    [
        ({"LEVEL": "1.234,5"}, True),
        ({"END": "31.5.2026"}, True),
        ({"VIP": "vielleicht"}, True),
        ({"NONESUCH": "x"}, False),
    ],
)
def test_what_people_write_by_country_is_refused_with_a_hint(
    told: dict[str, str], hint: bool
) -> None:
    values, (warning,) = taken(told)
    assert values == {}
    assert warning.startswith(TOOK_NOT.format(*told))
    assert warning.endswith(HINT) is hint


def test_an_amount_in_another_currency_is_not_taken_over() -> None:
    values, warnings = taken({"AMOUNT": "5 USD", "CURRENCY": "EUR"}, locale="en-US")
    assert values == {"currency": "EUR"}
    assert warnings[0].startswith(TOOK_NOT.format("AMOUNT"))
    values, warnings = taken({"AMOUNT": "5 USD", "CURRENCY": "USD"}, locale="en-US")
    assert values == {"amount": Decimal(5), "currency": "USD"}
    home = document(currency="EUR", edited=("currency",))
    values, warnings = taken({"AMOUNT": "5 USD", "CURRENCY": "USD"}, home, locale="en-US")
    assert values == {}
    assert warnings[0] == STAYS.format("CURRENCY", "USD", "currency")


@pytest.mark.parametrize(
    ("told", "warnings"),
    [
        ({"NOTE": "mine"}, ()),
        ({"NOTE": "MINE"}, ()),
        ({"NOTE": "theirs"}, (STAYS.format("NOTE", "theirs", "note"),)),
    ],
)
def test_what_a_person_set_stays(told: dict[str, str], warnings: tuple[str, ...]) -> None:
    home = document(fields={"note": "mine"}, edited=("note",))
    assert taken(told, home) == ({}, warnings)


def test_one_that_is_refused_keeps_no_other_from_being_taken() -> None:
    values, warnings = taken({"LEVEL": "high", "NOTE": "x"})
    assert (values, len(warnings)) == ({"note": "x"}, 1)


def test_values_are_read_in_the_pipelines_zone_and_the_documents_currency() -> None:
    program = CompiledPipeline(Version(number=1, pipeline=pipeline(stage("s"))))
    reading = reading_for(document(currency="CHF"), program, "de-CH")
    assert (reading.zone.key, reading.locale, reading.currency) == ("Europe/Berlin", "de-CH", "CHF")
