"""Phone numbers: as people write them at home and abroad, in E.164."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import PermanentError
from countersign.model.pipeline import Country, Pipeline
from countersign.text.phones import PLANS, e164
from tests.unit.rules.scene import PIPELINE, context
from tests.unit.rules.test_send_sms import sms_rule


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("0160 / 5550 123", "DE", "+491605550123"),
        ("(0) 664 555-0123", "AT", None),
        ("0664\u2013555 0123", "AT", "+436645550123"),
        ("079 555 01 23", "CH", "+41795550123"),
        ("07700 900123", "GB", "+447700900123"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("347 555 0123", "IT", "+393475550123"),
        ("06 5550 1234", "IT", "+390655501234"),
        ("06 20 555 0123", "HU", "+36205550123"),
        ("612 345 678", "ES", "+34612345678"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("1-202-555-0143", "CA", "+12025550143"),
        ("+43 664 5550123", "DE", "+436645550123"),
        ("0043 664 5550123", "DE", "+436645550123"),
        ("49 160 5550123", "DE", None),
        ("160 5550123", "DE", None),
        ("0160 5550123", None, None),
        ("0160 5550123", "XX", None),
        ("079 555 01 2", "CH", None),
        ("0160 CALL ME", "DE", None),
        ("01605550\u0661\u0662\u0663", "DE", None),
        ("", "DE", None),
    ],
)
def test_a_number_without_a_country_is_one_of_the_country_given(
    written: str, country: str | None, number: str | None
) -> None:
    assert e164(written, country) == number


def test_every_country_that_a_pipeline_may_name_has_a_plan() -> None:
    assert set(get_args(Country)) == set(PLANS)


@given(st.sampled_from(sorted(PLANS)), st.text("0123456789 /-()", max_size=18))
def test_a_number_that_is_found_is_found_again_whatever_the_country(
    country: str, written: str
) -> None:
    number = e164(written, country)
    assert number is None or all(e164(number, other) == number for other in (None, "DE", country))


def in_germany() -> Pipeline:
    return PIPELINE.model_copy(update={"country": "DE"})


def test_a_field_may_hold_a_number_of_the_pipeline_s_country() -> None:
    rule = sms_rule(to="field:note")
    made = rule.text_message(context(in_germany(), fields={"note": "0160 5550123"}))
    assert made.to == "+491605550123"


def test_a_number_of_nowhere_says_which_country_was_tried() -> None:
    rule = sms_rule(to="field:note")
    with pytest.raises(PermanentError) as refused:
        rule.text_message(context(in_germany(), fields={"note": "5550123"}))
    assert str(refused.value) == (
        'to: "5550123" in the field note is not a valid number with its country, nor one of DE; '
        "correct it, such as +4915112345678, and retry"
    )
