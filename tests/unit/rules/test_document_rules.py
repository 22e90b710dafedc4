"""The rules that change the document: what is saved, and what is refused, when."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.engine.validation.pipeline import check
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.rules.base import Edit
from tests.unit.rules.scene import BEN, CARLA, DORA, PIPELINE, context, rule


def computed(field: str, value: str, **changes: Any) -> object:
    """What the field holds after the rule has run."""
    edit = rule("compute_field", field=field, value=value).edit(context(**changes))
    assert edit == Edit(values={field: edit.values[field]})
    return fields.fit_value(edit.values[field], field, PIPELINE)


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        ("price", "{{ document.amount | times: 1.19 | round: 2 }}", Decimal("1190.12")),
        ("price", "{{ document.amount | minus: 0.099 }}", Decimal("1000.001")),
        ("price", "{{ document.amount | plus: 234.567 }}", Decimal("1234.667")),
        ("share", "{{ 1 | divided_by: 3 }}", Decimal("0.3333333333")),
        ("share", "{{ 2 | divided_by: 3 | times: -1 }}", Decimal("-0.6666666667")),
        ("share", "\n {{ signers.size }}\n", Decimal(1)),
        ("share", "0", Decimal(0)),
        ("end", "{{ today | plus_days: 14 }}", "2026-07-16"),
        ("end", "{{ now }}", "2026-07-02"),
        ("end", "{{ document.sent | plus_months: 1 }}", "2026-08-02"),
        ("end", "{{ document.end | plus_months: 1 }}", "2026-02-28"),
        ("end", "{{ document.end | plus_months: -11 | plus_days: -1 }}", "2025-02-27"),
        ("end", "2027-01-01", "2027-01-01"),
        # Nine in the morning in Berlin, in winter and, a day later, in summer.
        ("call_at", "{{ document.call_at }}", "2026-03-28T09:00:00+00:00"),
        ("call_at", "{{ document.call_at | plus_days: 1 }}", "2026-03-29T08:00:00+00:00"),
        ("call_at", "{{ now }}", "2026-07-01T22:30:00+00:00"),
        ("lawyer", "{{ responsible }}", "anna@acme.example"),
        ("urgent", "{% if document.amount > 1000 %}yes{% else %}no{% endif %}", True),
        ("segment", "{% if document.amount > 5000 %}large{% else %}small{% endif %}", "small"),
        ("note", "{{ document.amount }} at {{ now }}", "1000.1 at 2026-07-02 00:30 CEST"),
        ("note", "{{ 1.234 }}", "1.234"),
        ("copies", "{{ document.lawyer }}, {{ responsible }}", (BEN, "anna@acme.example")),
        ("title", "{{ client.name }}: {{ document.title }}", "Klara: Lease"),
        ("note", "{{ document.reason }}", None),
        ("price", "{{ document.fields.price | times: 2 }}", None),
        ("end", "{{ document.expires | plus_days: 7 }}", None),
    ],
)
def test_a_value_is_computed_as_its_field_reads_it(field: str, value: str, held: object) -> None:
    assert computed(field, value) == held


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("price", "{{ document.title }}", 'price: "Lease" is not a valid number; expected digits'),
        # Text from outside may mean thousands; a number that was computed may not.
        ("price", "{{ document.number }}", 'price: "1.234" has two readings'),
        (
            "price",
            "{{ document.title | times: 2 }}",
            'value: line 1: times: "Lease" is not a valid number',
        ),
        ("share", "{{ 1 | divided_by: 0 }}", "value: line 1: divided_by: 1 cannot be divided by 0"),
        ("end", "{{ document.title | plus_days: 1 }}", 'value: line 1: plus_days: "Lease" is no'),
        (
            "end",
            "{{ today | plus_days: 0.5 }}",
            "value: line 1: plus_days: expected a whole number",
        ),
        ("end", "{{ today | plus_days: 100001 }}", "value: line 1: plus_days: expected a whole"),
        ("end", "{{ today | plus_months: 99999 }}", "value: line 1: plus_months: 99999 from 2026-"),
        ("segment", "{{ document.title }}", 'segment: "Lease" is not one of the options'),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(field: str, value: str, problem: str) -> None:
    with pytest.raises(PermanentError) as refused:
        computed(field, value)
    assert str(refused.value).startswith(problem)


def problems(kind: str, **settings: Any) -> list[tuple[str, str]]:
    """What publishing says of a rule, by setting."""
    raw = PIPELINE.model_dump(mode="json")
    raw["stages"] = [{"id": "sent", "rules": [{"id": "it", "kind": kind, "settings": settings}]}]
    _, found = check(raw, today=date(2026, 7, 1))
    return [(str(one.place[-1]), one.text) for one in found]


@pytest.mark.parametrize(
    ("kind", "settings", "setting", "text"),
    [
        (
            "compute_field",
            {"field": "price", "value": "{{ document.amuont }}"},
            "value",
            'line 1: unknown insert "document.amuont"; did you mean document.amount?',
        ),
        (
            "compute_field",
            {"field": "price", "value": "{{ document.amount | time: 2 }}"},
            "value",
            'line 1: unknown filter "time"; did you mean times?',
        ),
        (
            "compute_field",
            {"field": "stage", "value": "sent"},
            "field",
            'the field "stage" does not exist or is not for editing; there are title, ',
        ),
        (
            "compute_field",
            {"field": "prize", "value": "{{ document.amount }}"},
            "field",
            'the field "prize" does not exist or is not for editing; there are title, ',
        ),
        (
            "compute_field",
            {"field": "price", "value": "1,000"},
            "value",
            'price: "1,000" is not a v',
        ),
        (
            "add_comment",
            {"text": "by {{ responsibl }}"},
            "text",
            'line 1: unknown insert "responsibl"; did you mean responsible?',
        ),
        (
            "change_responsible",
            {"users": ["group:sale"]},
            "users",
            '"group:sale": the pipeline has no such group; did you mean group:sales?',
        ),
    ],
)
def test_publishing_is_told_what_cannot_work(
    kind: str, settings: dict[str, Any], setting: str, text: str
) -> None:
    ((place, told),) = problems(kind, **settings)
    assert place == setting
    assert told.startswith(text)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("compute_field", {"field": "segment", "value": "{{ document.title }}"}),
        ("compute_field", {"field": "end", "value": "{{ document.end | plus_days: 30 }}"}),
        ("compute_field", {"field": "end", "value": "{{ document.note | plus_days: 30 }}"}),
        ("compute_field", {"field": "amount", "value": "5000.50"}),
        ("add_comment", {"text": "{{ document.amount | money: document.currency }} is agreed"}),
        ("change_responsible", {"users": ["group:sales", "dora@acme.example"]}),
        ("change_responsible", {"users": ["dora@acme.example"], "mode": "fixed"}),
    ],
)
def test_publishing_takes_what_can_work(kind: str, settings: dict[str, Any]) -> None:
    assert problems(kind, **settings) == []


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("100 % {sure}, as  it stands\n", "100 % {sure}, as  it stands\n"),
        ("{{ document.title }} for {{ client.name }}", "Lease for Klara"),
        ('[{{ document.reason | default: "no reason" }}]', "[no reason]"),
    ],
)
def test_a_comment_is_plain_text_or_has_its_inserts_filled_in(text: str, comment: str) -> None:
    assert rule("add_comment", text=text).edit(context()) == Edit(comment=comment)


@pytest.mark.parametrize(
    ("text", "reason", "problem"),
    [
        ("{{ document.reason }}", None, "text: it is empty once its inserts are filled in"),
        ("{{ document.reason }}", "x" * 4001, "text: it has 4001 characters once its inserts"),
        ("{{ document.titel }}", None, 'text: line 1: unknown insert "document.titel"'),
    ],
)
def test_a_comment_that_cannot_be_written_is_refused(
    text: str, reason: str | None, problem: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        rule("add_comment", text=text).edit(context(reason=reason))
    assert str(refused.value).startswith(problem)


def picked(*users: str, **more: Any) -> Counter[object]:
    """Who became responsible for how many of a thousand documents."""
    wanted = rule("change_responsible", users=list(users), **more)
    edits = (wanted.edit(context(document=f"d{n}")) for n in range(1000))
    return Counter(edit.values["responsible"] for edit in edits)


def test_of_several_users_and_groups_each_is_picked_about_as_often() -> None:
    found = picked("group:sales", "dora@acme.example", BEN)
    assert found.keys() == {BEN, CARLA, DORA}
    assert min(found.values()) > 280


def test_one_user_is_picked_always() -> None:
    assert picked(BEN) == picked(BEN, mode="fixed") == {BEN: 1000}


def test_a_run_that_is_tried_again_picks_the_same() -> None:
    wanted = rule("change_responsible", users=["group:sales"])
    assert wanted.edit(context()) == wanted.edit(context())


@pytest.mark.parametrize("users", [[BEN, CARLA], ["group:sales"]])
def test_fixed_leaves_nothing_to_pick_from(users: list[str]) -> None:
    with pytest.raises(ValidationError, match="fixed takes one user, found"):
        rule("change_responsible", users=users, mode="fixed")


def test_a_group_that_is_gone_is_told_on_the_run() -> None:
    wanted = rule("change_responsible", users=["group:empty"])
    with pytest.raises(PermanentError, match="the group is empty"):
        wanted.edit(context())


def test_the_kinds_are_known_and_plain_texts_written_without_loading_liquid() -> None:
    program = """
import sys
from tests.unit.rules.scene import context, rule
rule("compute_field", field="price", value="5").edit(context())
rule("add_comment", text="seen").edit(context())
rule("change_responsible", users=["group:sales"]).edit(context())
sys.exit(bool({"liquid", "babel", "markupsafe"} & sys.modules.keys()))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
