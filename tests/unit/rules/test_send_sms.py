"""An SMS goes to one number with its country, or the run says what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.http import TextMessage
from countersign.rules.send_sms import SendSms
from tests.unit.rules.scene import KEY, PIPELINE, context, rule

NUMBER = "+4915112345678"


def sms_rule(**settings: Any) -> SendSms:
    """Such a rule."""
    made: SendSms = rule("send_sms", **{"to": "field:note", "text": "Hello", **settings})
    return made


def sent(note: str | None = NUMBER, **settings: Any) -> TextMessage:
    """What such a rule sends; the field ``note`` holds this."""
    return sms_rule(**settings).text_message(context(fields={"note": note}))


def test_an_sms_has_its_inserts_filled_in() -> None:
    message = sent(text="\n{{ client.name }}, please sign {{ document.title }}.\n", sender="ACME1")
    assert message == TextMessage(
        to=NUMBER, text="Klara, please sign Lease.", sender="ACME1", run=KEY
    )


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 151 1234-5678", NUMBER),
        (" +49 (0) 151 / 123.456.78 ", NUMBER),
        ("0049151\u00a012345678", NUMBER),
        ("+1 (202) 555-0143", "+12025550143"),
    ],
)
def test_a_number_may_be_written_for_readers(written: str, number: str) -> None:
    assert (sent(written).to, sent(to=written).to) == (number, number)


@pytest.mark.parametrize(
    ("note", "told"),
    [
        (None, "to: the field note is empty; fill it with the number, and retry"),
        (" ", "to: the field note is empty; fill it with the number, and retry"),
        (
            "0151 12345678",
            '"0151 12345678" in the field note is not a valid number with its country',
        ),
        ("+0151123456", "is not a valid number with its country"),
        ("+49 151 CALL-ME", "is not a valid number with its country"),
        ("+" + "1" * 16, "is not a valid number with its country"),
        ("+49151123456\u0667\u0668", "is not a valid number with its country"),
        (f"{NUMBER},{NUMBER}", "is not a valid number with its country"),
    ],
)
def test_a_field_without_a_number_fails_the_run(note: str | None, told: str) -> None:
    with pytest.raises(PermanentError) as caught:
        sent(note)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("length", "told"),
    [(1_601, "it has 1,601 characters"), (0, "it is empty")],
)
def test_a_text_that_is_too_long_or_empty_once_filled_in_fails_the_run(
    length: int, told: str
) -> None:
    there = context(fields={"note": NUMBER}, title="x" * length)
    with pytest.raises(PermanentError) as caught:
        sms_rule(text="{{ document.title }}").text_message(there)
    assert str(caught.value) == (
        f"text: {told} once its inserts are filled in; expected 1 to 1,600"
    )


def test_a_text_of_the_longest_length_is_sent() -> None:
    there = context(fields={"note": NUMBER}, title="x" * 1_600)
    assert len(sms_rule(text="{{ document.title }}").text_message(there).text) == 1_600


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"to": "0151 12345678"}, "expected field:<id>, or a number with its country"),
        ({"to": "field:"}, "expected field:<id>, or a number with its country"),
        ({"to": "client"}, "expected field:<id>, or a number with its country"),
        ({"text": " "}, "the SMS says nothing"),
        ({"sender": "AC"}, "expected 3 to 11 letters and digits"),
        ({"sender": "ACMECONTRACTS"}, "expected 3 to 11 letters and digits"),
        ({"sender": "12345"}, "expected 3 to 11 letters and digits"),
        ({"sender": "A B C"}, "expected 3 to 11 letters and digits"),
    ],
)
def test_settings_that_can_never_work_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        sms_rule(**settings)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, ()),
        ({"to": NUMBER}, ()),
        ({"to": "field:phone"},
         (("to", '"field:phone": there is no such field of text; there are note'),)),
        ({"to": "field:price"},
         (("to", '"field:price": there is no such field of text; there are note'),)),
        ({"text": "{{ document.titel }}"},
         (("text",
           'line 1: unknown insert "document.titel"; did you mean document.title?'),)),
    ],
)  # fmt: skip
def test_publishing_tells_fields_and_inserts_that_are_not_there(
    settings: dict[str, Any], found: tuple[tuple[str, str], ...]
) -> None:
    assert sms_rule(**settings).problems(PIPELINE) == found
