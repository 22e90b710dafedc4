"""Mistakes in a pipeline are told at their place, with what was expected there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.engine.validation.pipeline import check
from countersign.text.suggestions import close_or_all
from tests.builders import mail, stage

ASK = mail("ask")
MANY = [f"point {n}" for n in range(51)]


def found(*rules: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """What is wrong with a pipeline that has these rules in its second stage."""
    raw = {
        "pipeline": "contracts",
        "senders": ["contracts@acme.example"],
        "stages": [stage("draft"), stage("sent", *rules)],
        **more,
    }
    _, told = check(raw, today=date(2026, 3, 2))
    return [(".".join(map(str, one.place)), one.text) for one in told]


@pytest.mark.parametrize(
    ("rule", "place", "text"),
    [
        ({**ASK, "condition": {"field": "amount"}}, "condition.op",
         '"op" is missing; a clause must have it'),
        ({**ASK, "condition": {"all": [{"field": "amount"}]}}, "condition.all.0.op",
         '"op" is missing; a clause must have it'),
        ({**ASK, "time": {"on": {}}}, "time.on.field",
         '"field" is missing; a date to run on must have it'),
        ({"id": "ask"}, "kind", '"kind" is missing; a rule must have it'),
        ({**ASK, "time": {"after": {"days": 1}, "on_leave": "keep"}}, "time.on_leave",
         '"on_leave" stands beside time, not under it'),
        ({**ASK, "id": 7}, "id", "id is 7; expected text, in quotes"),
        ({**ASK, "execution": "indipendent"}, "execution",
         'execution is "indipendent"; did you mean independent?'),
        ({"id": "t", "kind": "create_task", "settings": {"title": "x", "checklist": MANY}},
         "settings.checklist", "checklist is a list, which is too long; expected at most 50"),
        ({"id": "t", "kind": "create_task", "settings": {"title": ""}},
         "settings.title", "title is empty; expected at least 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_where_it_stands(
    rule: dict[str, Any], place: str, text: str
) -> None:
    assert found(rule) == [(f"stages.1.rules.0.{place}", text)]


@pytest.mark.parametrize(
    ("to", "place", "text"),
    [
        (["nobody"], "daily_report.to.0",
         '"nobody" is not a valid e-mail address; expected one such as operations@acme.example'),
        (["ops@acme.example", "no body@acme.example"], "daily_report.to.1",
         '"no body@acme.example" is not a valid e-mail address; expected one such as '
         "operations@acme.example"),
        ([f"a{n}@acme.example" for n in range(51)], "daily_report.to",
         "to is a list, which is too long; expected at most 50"),
    ],
)  # fmt: skip
def test_who_is_to_read_the_daily_report_must_be_an_address(
    to: list[str], place: str, text: str
) -> None:
    assert found(ASK, daily_report={"to": to, "at": "08:00"}) == [(place, text)]


def test_a_list_of_fifty_is_not_too_long() -> None:
    task = {"id": "t", "kind": "create_task", "settings": {"title": "x", "checklist": MANY[:50]}}
    to = [f"a{n}@acme.example" for n in range(50)]
    told = found(task, daily_report={"to": to, "at": "08:00"})
    assert [text for _, text in told if "long" in text] == []


@pytest.mark.parametrize(
    ("name", "there", "text"),
    [
        ("sign", ("signed", "signer", "signs"), "did you mean signs or signer?"),
        ("sing", ("draft", "sent"), "expected draft, sent"),
        ("draf", ("draft", "sent"), "did you mean draft?"),
        ("sent", (), "it has none"),
    ],
)
def test_a_name_that_is_not_there_is_answered_by_the_closest_two(
    name: str, there: tuple[str, ...], text: str
) -> None:
    assert close_or_all(name, there) == text
