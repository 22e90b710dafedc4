"""A payment link is asked for with the exact amount, for the one document, and only its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.rules.base import Reply
from countersign.standards.stripe_amounts import major_units, minor_units
from tests.unit.rules.scene import PIPELINE, context, rule


def request(changes: dict[str, Any] | None = None, **settings: Any) -> WebRequest:
    """The call of such a rule for the document, with these changes of it."""
    wanted = rule("request_payment", **{"secret": "stripe", "field": "note", **settings})
    made: WebRequest = wanted.request(context(**(changes or {})), {"stripe": "rk_1"}.__getitem__)
    return made


def test_the_call_makes_a_link_for_one_payment_that_names_its_document() -> None:
    made = request()
    assert (made.method, made.url, made.repeatable) == (
        "POST",
        "https://api.stripe.com/v1/payment_links",
        True,
    )
    assert made.headers == {
        "authorization": "Bearer rk_1",
        "content-type": "application/x-www-form-urlencoded",
        "idempotency-key": "d1.1.it.1",
        "stripe-version": "2025-07-30.basil",
    }
    assert dict(parse_qsl(made.body.decode(), strict_parsing=True)) == {
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "100010",
        "line_items[0][price_data][product_data][name]": "Lease",
        "line_items[0][quantity]": "1",
        "restrictions[completed_sessions][limit]": "1",
        "metadata[countersign_document]": "d1",
        "payment_intent_data[metadata][countersign_document]": "d1",
    }


@pytest.mark.parametrize(
    ("settings", "amount", "currency"),
    [
        ({"amount": Decimal("12.5")}, "1250", "eur"),
        ({"amount": 7, "currency": "JPY"}, "7", "jpy"),
        ({"amount": "{{ document.amount | times: 0.3 | round: 2 }}"}, "30003", "eur"),
        ({"amount": "1.5", "currency": "KWD"}, "1500", "kwd"),
        ({"amount": "100", "currency": "ISK"}, "10000", "isk"),
    ],
)
def test_amount_and_currency_may_be_the_rule_s_own(
    settings: dict[str, Any], amount: str, currency: str
) -> None:
    form = dict(parse_qsl(request(**settings).body.decode()))
    item = "line_items[0][price_data]"
    assert (form[f"{item}[unit_amount]"], form[f"{item}[currency]"]) == (amount, currency)


def test_what_is_paid_for_is_one_line_of_data() -> None:
    made = request({"title": "A & B=C\n\n" + "x" * 300}, description="For {{ document.title }}")
    name = dict(parse_qsl(made.body.decode()))["line_items[0][price_data][product_data][name]"]
    assert name == ("For A & B=C " + "x" * 300)[:250]


@pytest.mark.parametrize(
    ("changes", "settings", "says"),
    [
        ({"amount": None}, {}, "the document has no amount; set it, or give the rule an amount"),
        ({"currency": None}, {}, "no currency; set it, or give the rule a currency"),
        ({"amount": Decimal("0")}, {}, "amount: 0 EUR cannot be paid; expected an amount over 0"),
        ({"amount": Decimal("-1")}, {}, "amount: -1 EUR cannot be paid"),
        (
            {"amount": Decimal("1.005")},
            {},
            "amount: 1.005 EUR has too many decimals; expected whole steps of 0.01: round it",
        ),
        ({}, {"currency": "JPY"}, "expected whole steps of 1: round it"),
        ({}, {"currency": "KWD", "amount": "1.5050"}, "expected whole steps of 0.010: round it"),
        ({}, {"amount": "a lot"}, 'amount: "a lot" is not a valid number'),
        ({}, {"amount": "NaN"}, "amount: it cannot be paid; expected an amount of at most 12"),
        ({}, {"amount": "1e99999"}, "at most 12 digits"),
        ({}, {"amount": "1e-99999"}, "at most 12 digits"),
        ({"title": " "}, {}, "description: it is empty"),
    ],
)
def test_a_payment_that_cannot_be_asked_for_is_a_sentence(
    changes: dict[str, Any], settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        request(changes, **settings)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (
            b'{"url": "https://buy.stripe.com/1"}',
            Reply(values={"note": "https://buy.stripe.com/1"}),
        ),
        (b'{"url": "javascript:x"}', None),
        (b'{"url": 1}', None),
        (b"{}", None),
        (b"[]", None),
        (b"oops", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_link_of_the_answer_goes_into_the_field(body: bytes, reply: Reply | None) -> None:
    wanted = rule("request_payment", secret="stripe", field="note")
    none = Reply(warnings=("note was not filled: Stripe's answer has no link",))
    assert wanted.reply(WebAnswer(status=200, body=body), context()) == (reply or none)


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        ({}, []),
        (
            {"field": "price"},
            [("field", 'there is no text field "price" for the link; there are note')],
        ),
        ({"field": "n"}, [("field", 'there is no text field "n" for the link; there are note')]),
    ],
)
def test_a_link_needs_a_text_field(settings: dict[str, Any], problems: list[Any]) -> None:
    wanted = rule("request_payment", **{"secret": "stripe", "field": "note", **settings})
    assert list(wanted.problems(PIPELINE)) == problems


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"amount": -5}, "-5 cannot be paid; expected an amount over 0"),
        ({"amount": "0"}, "0 cannot be paid; expected an amount over 0"),
        ({"amount": "NaN"}, "NaN cannot be paid; expected an amount over 0"),
        (
            {"amount": "a lot"},
            '"a lot" is not a valid number; expected digits with a point, as 5000.50',
        ),
        (
            {"amount": "1.5", "currency": "JPY"},
            "1.5 JPY has too many decimals; expected whole steps of 1: round it",
        ),
        ({"amount": "1.5050"}, None),
        (
            {"amount": "1.505"},
            '"1.505" has two readings; write 1505 for the larger, 1.5050 for the smaller',
        ),
        ({"amount": "{{ document.amount | times: 0.3 | round: 2 }}"}, None),
    ],
)
def test_an_amount_that_can_never_be_paid_is_refused_when_the_rule_is_published(
    settings: dict[str, Any], problem: str | None
) -> None:
    wanted = rule("request_payment", secret="s", field="note", **settings)
    assert list(wanted.problems(PIPELINE)) == ([("amount", problem)] if problem else [])


def test_inserts_are_checked_when_the_rule_is_published() -> None:
    wanted = rule(
        "request_payment", secret="s", field="note", amount="{{ document.pric }}", description="x"
    )
    ((setting, text),) = wanted.problems(PIPELINE)
    assert (setting, "document.price" in text) == ("amount", True)


def test_its_key_is_one_of_the_secrets_that_publishing_looks_for() -> None:
    assert rule("request_payment", secret="stripe", field="note").secrets == {"stripe"}


@pytest.mark.parametrize("currency", ["eur", "EURO", ""])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        rule("request_payment", secret="s", field="note", currency=currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1234.50", "EUR", 123450), ("5000", "JPY", 5000), ("1.230", "TND", 1230)],
)
def test_an_amount_in_minor_units_is_the_same_in_major_ones(
    amount: str, currency: str, minor: int
) -> None:
    assert minor_units(Decimal(amount), currency) == minor
    assert major_units(minor, currency) == amount
