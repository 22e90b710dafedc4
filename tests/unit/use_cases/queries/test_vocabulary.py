"""What the catalogue lists, conditions and texts accept; and it lists all that there is."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from countersign.use_cases.pipelines.validate import validate
from countersign.use_cases.queries.catalogue.texts import Translation
from countersign.use_cases.queries.catalogue.vocabulary import (
    TypeRow,
    Variable,
    describe_vocabulary,
)

VOCABULARY = describe_vocabulary()
TYPES = ("text", "number", "money", "date", "datetime", "choice", "user", "bool", "list")
SENDER = "contracts@acme.example"
ONE: dict[str, Any] = {
    "text": "Berlin",
    "number": 3,
    "money": 5000,
    "date": "2026-12-31",
    "datetime": "2026-12-31T09:00:00Z",
    "choice": "basic",
    "user": "ada@acme.example",
    "bool": True,
}
"""A value of each type."""
SAME = {"Status", "Name", "Pipeline", "status", "name"}
"""Labels that are the same in both languages."""


def problems(stage: dict[str, Any], **more: Any) -> list[str]:
    """What forbids publishing a pipeline with such a stage, and with fields of every type."""
    fields: dict[str, Any] = {kind: {"type": kind} for kind in TYPES}
    fields["choice"]["options"] = ["basic", "large"]
    content = {
        "pipeline": "contracts",
        "senders": [SENDER],
        "groups": {"board": ["ada@acme.example"]},
        "fields": {f"own_{name}": spec for name, spec in fields.items()},
        "stages": [{"id": "draft"}, {"id": "sent", **stage}],
        **more,
    }
    found = validate(content, today=date(2026, 3, 2)).problems
    return [one.text for one in found if one.severity == "error"]


def with_condition(field: str, operator: str, value: object) -> list[str]:
    clause = {"field": field, "op": operator, "value": value}
    given = {name: one for name, one in clause.items() if one is not None}
    trigger = {"id": "moved", "kind": "sent", "condition": given}
    return problems({"triggers": [trigger]})


def compared_with(takes: str, one: object) -> object:
    """A value such as an operator takes, of a field that holds ``one``."""
    return {
        "nothing": None,
        "one": one,
        "two": [one, one],
        "several": [one],
        "span": {"days": 30},
        "group": "board",
    }[takes]


@pytest.mark.parametrize("row", VOCABULARY.types, ids=lambda row: row.type)
def test_every_operator_is_accepted_with_what_it_takes(row: TypeRow) -> None:
    takes = {one.operator: one.takes for one in VOCABULARY.operators}
    one = ONE.get(row.type, "ada@acme.example")
    assert len(row.operators) > 3
    for operator in row.operators:
        value = compared_with(takes[operator], one)
        assert with_condition(f"own_{row.type}", operator, value) == [], operator


def test_an_operator_that_a_type_does_not_list_is_refused_or_said_otherwise() -> None:
    otherwise = {"bool": {"one_of", "none_of"}, "list": {"equals", "differs", "one_of", "none_of"}}
    takes = {one.operator: one.takes for one in VOCABULARY.operators}
    for row in VOCABULARY.types:
        for operator in set(takes) - set(row.operators) - otherwise.get(row.type, set()):
            value = compared_with(takes[operator], ONE.get(row.type, "x"))
            assert with_condition(f"own_{row.type}", operator, value) != [], (row.type, operator)


def test_every_type_of_field_is_there() -> None:
    assert tuple(row.type for row in VOCABULARY.types) == TYPES


@pytest.mark.parametrize("field", VOCABULARY.fields, ids=lambda field: field.field)
def test_every_field_is_one_that_conditions_know_with_its_type_and_options(field: Any) -> None:
    operators = {row.type: row.operators for row in VOCABULARY.types}
    takes = {one.operator: one.takes for one in VOCABULARY.operators}
    stages = field.field in ("stage", "previous_stage")
    options = ["draft", "sent"] if stages else [one.value for one in field.options]
    assert (len(options) > 0) is (field.type == "choice")
    for one in options or [ONE.get(field.type, "ada@acme.example")]:
        for operator in operators[field.type]:
            value = compared_with(takes[operator], one)
            assert with_condition(field.field, operator, value) == [], (operator, one)
    in_rule = {
        "id": "c",
        "kind": "add_comment",
        "settings": {"text": "x"},
        "condition": {"field": field.field, "op": "is_set"},
    }
    assert (problems({"rules": [in_rule]}) == []) is (field.group == "document")


def test_no_field_that_conditions_know_is_left_out() -> None:
    (refused,) = with_condition("no_such_field_at_all", "is_set", None)
    named = set(re.findall(r"[a-z_.]+", refused.partition("there are")[2]))
    listed = {field.field for field in VOCABULARY.fields}
    own = {f"own_{kind}" for kind in TYPES}
    assert {name for name in named if "." in name} <= listed
    assert listed - named - own == set()
    assert len(listed) == 40


@pytest.mark.parametrize("field", VOCABULARY.fields, ids=lambda field: field.field)
def test_a_field_is_editable_where_a_rule_may_change_it(field: Any) -> None:
    value = ONE.get(field.type, ["ada@acme.example"])
    value = "EUR" if field.field == "currency" else value
    rule = {"id": "c", "kind": "change_fields", "settings": {"values": {field.field: value}}}
    assert (problems({"rules": [rule]}) == []) is field.editable


def mail(kind: str, text: str) -> dict[str, Any]:
    settings = {"from": SENDER, "subject": "Hello", "text": text}
    whom = {"to": ["client"]} if kind == "send_email" else {"to": ["responsible"]}
    return {"rules": [{"id": "r", "kind": kind, "settings": {**settings, **whom}}]}


@pytest.mark.parametrize("variable", VOCABULARY.variables, ids=lambda variable: variable.insert)
def test_every_variable_can_be_inserted_where_it_is_listed(variable: Variable) -> None:
    text = f"Say {{{{ {variable.insert} }}}}"
    kinds = variable.kinds or ("send_email", "notify_employees", "add_comment")
    for kind in kinds:
        stage = mail(kind, text)
        if kind == "add_comment":
            stage = {"rules": [{"id": "r", "kind": kind, "settings": {"text": text}}]}
        assert problems(stage) == [], kind


@pytest.mark.parametrize("row", VOCABULARY.types, ids=lambda row: row.type)
def test_own_fields_are_inserted_by_their_type(row: TypeRow) -> None:
    insert = row.insert.replace("{field}", f"own_{row.type}")
    assert problems(mail("send_email", f"Say {{{{ {insert} }}}}")) == []


def test_the_link_to_sign_is_listed_only_for_mails_that_may_have_it() -> None:
    (link,) = [one for one in VOCABULARY.variables if one.insert == "signer.signing_link"]
    assert link.kinds == ("send_email",)
    assert problems(mail("notify_employees", "{{ signer.signing_link }}")) != []


def test_what_is_listed_is_listed_once_and_in_its_group() -> None:
    inserts = [one.insert for one in VOCABULARY.variables]
    assert len(inserts) == len(set(inserts)) > 50
    assert 'client.signed | date: "medium"' in inserts
    assert "document.amount | money: document.currency" in inserts
    assert {one.group for one in VOCABULARY.variables} == {
        "signer", "document", "client", "company", "rest",
    }  # fmt: skip
    groups = [row.group for row in VOCABULARY.groups]
    assert groups == ["signer", "own", "document", "client", "company", "event", "rest"]


def test_every_label_is_there_in_both_languages() -> None:
    labels: list[Translation] = [
        *(row.title for row in VOCABULARY.groups),
        *(one.label for one in VOCABULARY.fields),
        *(option.label for one in VOCABULARY.fields for option in one.options),
        *(one.label for one in VOCABULARY.operators),
        *(one.label for one in VOCABULARY.variables),
    ]
    assert {one.en for one in labels if one.en == one.de} <= SAME
    assert all(one.en and one.de for one in labels)
    for listed in (
        [one.label for one in VOCABULARY.fields],
        [one.label for one in VOCABULARY.operators],
        [one.label for one in VOCABULARY.variables],
    ):
        assert len({one.en for one in listed}) == len({one.de for one in listed}) == len(listed)
