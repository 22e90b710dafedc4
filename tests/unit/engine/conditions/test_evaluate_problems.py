"""What publishing refuses about conditions, with the place and a way out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.engine.conditions.evaluate import Vocabulary, problems
from countersign.model.condition import Clause, Condition, Group
from countersign.model.pipeline import Pipeline

PIPELINE = Pipeline.model_validate(
    {
        "pipeline": "contracts",
        "groups": {"sales": ["anna@acme.example"], "legal": []},
        "fields": {
            "contract_end": {"type": "date"},
            "segment": {"type": "choice", "options": ["private", "business"]},
            "nda": {"type": "bool"},
            "tags": {"type": "list"},
        },
        "stages": [{"id": "draft"}, {"id": "sent"}],
    }
)
PLACE = ("stages", 1, "rules", 0, "condition")


def found(condition: Condition | None, *, event: bool = False) -> list[tuple[Any, str]]:
    return problems(condition, Vocabulary.of(PIPELINE), PLACE, event=event)


@pytest.mark.parametrize(
    ("field", "op", "value", "where", "text"),
    [
        ("ammount", "is_set", None, "field", 'no field "ammount"; did you mean amount?'),
        ("weather", "is_set", None, "field", 'there is no field "weather"; there are '),
        ("event.kind", "equals", "other", "field", "known to triggers only"),
        (
            "amount",
            "contains",
            "5",
            "op",
            "amount is of type money, which has no contains; it has is_set, is_empty, equals, "
            "differs, one_of, none_of, greater, at_least, less, at_most, between",
        ),
        ("title", "greater", 5, "op", "title is of type text, which has no greater"),
        ("amount", "within_next", {"days": 1}, "op", "has no within_next"),
        ("responsible", "contains", "@", "op", "has no contains"),
        ("title", "in_group", "sales", "op", "has no in_group"),
        ("observers", "contains", "anna", "op", "it has is_set, is_empty, equals, differs, one"),
        (
            "amount",
            "greater",
            "5000",
            "value",
            '"5000" is not a valid number; expected one without quotes',
        ),
        ("amount", "greater", True, "value", "yes is not a valid number"),
        ("amount", "greater", None, "value", "no value is not a valid number"),
        ("amount", "greater", [5000], "value", "5,000 is not a valid number"),
        ("number", "equals", 2026, "value", "2,026 is not a text; write it in quotes"),
        ("currency", "equals", False, "value", "no is not a text; write it in quotes"),
        ("currency", "equals", " ", "value", "the text is blank; ask with is_empty or is_set"),
        ("nda", "equals", "yes", "value", '"yes" is neither yes nor no; expected true or false'),
        (
            "contract_end",
            "less",
            "31.12.2026",
            "value",
            '"31.12.2026" is not a valid date; expected YYYY',
        ),
        ("contract_end", "less", "2026-02-30", "value", "is not in the calendar"),
        ("contract_end", "less", "2026-12-31T10:00Z", "value", "is not a valid date"),
        ("sent", "less", "tomorrow", "value", '"tomorrow" is not a valid date and time'),
        ("contract_end", "within_next", 5, "value", "expected {days: 0 to 36500}"),
        ("contract_end", "within_next", {"hours": 5}, "value", "found hours: 5; expected"),
        ("contract_end", "within_next", {"weeks": 5_201}, "value", "{weeks: 0 to 5200}"),
        (
            "contract_end",
            "within_next",
            {"working_hours": 4},
            "value",
            "found working_hours: 4; expected {days: 0 to 36500}, {weeks: 0 to 5200}, "
            "{months: 0 to 1200} or {working_days: 0 to 1000}",
        ),
        ("sent", "within_last", {"working_hours": 8_001}, "value", "or {working_hours: 0 to 8000}"),
        ("contract_end", "within_next", {"days": -1}, "value", "found days: -1; expected"),
        ("contract_end", "within_next", {"days": 99_999}, "value", "found days: 99999"),
        ("contract_end", "within_last", {"working_days": 1001}, "value", "0 to 1000}"),
        ("contract_end", "within_last", {"days": 1, "working_days": 1}, "value", "expected"),
        ("contract_end", "within_last", {}, "value", "expected"),
        ("amount", "between", 5, "value", "between takes two limits, [low, high]; found 5"),
        ("amount", "between", [1, 2, 3], "value", "found 1, 2, 3"),
        ("amount", "between", [2, 1], "value", "2 is above 1; expected the lower limit first"),
        ("contract_end", "between", ["2026-02-01", "2026-01-01"], "value", "is above"),
        ("amount", "one_of", 5, "value", "one_of takes a list of at least one value; found 5"),
        ("amount", "one_of", [], "value", "found an empty list"),
        ("amount", "none_of", [1, "2"], "value", '"2" is not a valid number'),
        ("tags", "has_any", "a", "value", 'has_any takes a list of at least one value; found "a"'),
        ("tags", "has_all", [1], "value", "1 is not a text"),
        ("tags", "has_none", [], "value", "found an empty list"),
        ("tags", "equals", "a", "value", '"a" is not a valid list; expected one such as [a, b]'),
        ("tags", "one_of", [["a"], "b"], "value", "so it takes lists, such as [[a, b], [c]]"),
        ("tags", "one_of", ["a"], "value", "so it takes lists, such as [[a, b], [c]]; for its"),
        ("segment", "equals", "privat", "value", 'did you mean "private"?'),
        ("segment", "one_of", ["private", "state"], "value", '"state" is not one of the options'),
        ("stage", "equals", "archived", "value", "expected one of draft, sent"),
        ("status", "differs", "signed", "value", '"signed" is not one of the options'),
        ("title", "is_set", True, "value", "is_set takes no value, found yes; remove it"),
        ("responsible", "is_responsible", "x", "value", 'takes no value, found "x"'),
        ("responsible", "in_group", "sale", "value", 'no group "sale"; the pipeline has sales, l'),
        ("responsible", "in_group", "legal", "value", 'the group "legal" has no members'),
        ("responsible", "in_group", ["sales"], "value", "sales is not a text"),
    ],
)
def test_a_clause_that_cannot_work_is_refused_with_its_place(
    field: str, op: str, value: object, where: str, text: str
) -> None:
    clause = Clause.model_validate({"field": field, "op": op, "value": value})
    [(place, why)] = found(clause)
    assert place == (*PLACE, where)
    assert text in why


def test_every_problem_is_found_at_once_each_at_its_own_place() -> None:
    condition = Group.model_validate(
        {
            "all": [
                {"field": "amount", "op": "greater", "value": 5000},
                {
                    "any": [
                        {"field": "amount", "op": "is_set"},
                        {"none": [{"field": "ammount", "op": "is_set"}]},
                        {"all": []},
                    ]
                },
                {"field": "stage", "op": "equals", "value": "nowhere"},
            ]
        }
    )
    assert [place[len(PLACE) :] for place, _ in found(condition)] == [
        ("all", 1, "any", 1, "none", 0, "field"),
        ("all", 1, "any", 2, "all"),
        ("all", 2, "value"),
    ]


def test_no_condition_is_no_problem() -> None:
    assert found(None) == []


def test_a_trigger_may_ask_the_event() -> None:
    condition = Group.model_validate(
        {
            "all": [
                {
                    "field": "event.kind",
                    "op": "one_of",
                    "value": ["signer.signed", "task.completed"],
                },
                {"field": "event.signer", "op": "ends_with", "value": "@client.example"},
                {"field": "event.party", "op": "equals", "value": "client"},
                {"field": "event.order", "op": "at_most", "value": 2},
            ]
        }
    )
    assert found(condition, event=True) == []


def test_a_trigger_cannot_ask_for_an_event_that_does_not_exist() -> None:
    clause = Clause(field="event.kind", op="equals", value="signer.singed")
    [(place, why)] = found(clause, event=True)
    assert place == (*PLACE, "value")
    assert 'did you mean "signer.signed"?' in why


def test_groups_may_be_nested_deeply_but_not_without_end() -> None:
    def nested(levels: int) -> Condition:
        condition: Condition = Clause(field="title", op="is_set")
        for _ in range(levels):
            condition = Group(all=(condition,))
        return condition

    assert found(nested(50)) == []
    [(_, why)] = found(nested(51))
    assert why == "groups are nested deeper than 50; expected fewer, write it flatter"


def test_a_condition_as_deep_as_publishing_lets_through_survives_storage() -> None:
    condition: dict[str, Any] = {"field": "title", "op": "is_set"}
    for _ in range(50):
        condition = {"all": [condition]}
    trigger = {"id": "t", "kind": "sent", "condition": condition}
    pipeline = Pipeline.model_validate(
        {"pipeline": "p", "stages": [{"id": "draft", "triggers": [trigger]}]}
    )
    assert Pipeline.model_validate_json(pipeline.model_dump_json()) == pipeline


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (1, Decimal(1)),
        (0, Decimal(0)),
        (5000, Decimal(5000)),
        (0.1, Decimal("0.1")),
        (Decimal("5000.00"), Decimal(5000)),
        (True, True),
        ("5000", "5000"),
        (date(2026, 5, 31), "2026-05-31"),
        (datetime(2026, 5, 31, 12, tzinfo=UTC), "2026-05-31T12:00:00+00:00"),
        (
            datetime(2026, 5, 31, 12, tzinfo=timezone(timedelta(hours=2))),
            "2026-05-31T12:00:00+02:00",
        ),
        ([1, "a", True], (Decimal(1), "a", True)),
        ([["a"], ["b"]], (("a",), ("b",))),
        ({"days": 3}, {"days": 3}),
        (None, None),
    ],
)
def test_a_value_is_kept_in_one_form_however_it_is_written(written: object, kept: object) -> None:
    value = Clause.model_validate({"field": "f", "op": "equals", "value": written}).value
    assert (value, type(value)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (float("nan"), "nan is out of range"),
        (10**15, "out of range; expected a number of at most 15 digits"),
        (Decimal("1E-20"), "out of range"),
        (1234567890.1234567, "has too many digits; expected at most 15"),
        (b"x", "a condition cannot compare with bytes; expected text, a number"),
        ([[["x"]]], "a condition cannot compare with list"),
        ({"days": "3"}, "found {days: 3}; expected a whole number, such as {days: 30}"),
        ({"days": True}, "expected a whole number"),
    ],
)
def test_a_value_that_nothing_can_be_compared_with_is_refused(written: object, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Clause.model_validate({"field": "f", "op": "equals", "value": written})
    assert text in str(refused.value)


def test_equal_numbers_are_kept_the_same_however_they_are_written() -> None:
    written = [5000, 5000.0, Decimal("5000.00"), Decimal("5E+3")]
    kept = [Clause.model_validate({"field": "f", "op": "less", "value": one}) for one in written]
    assert len({str(clause.value) for clause in kept}) == 1


def test_published_numbers_stay_numbers() -> None:
    clause = Clause.model_validate(
        {"field": "amount", "op": "one_of", "value": [Decimal("5E+3"), Decimal("0.10")]}
    )
    assert clause.model_dump_json() == '{"field":"amount","op":"one_of","value":[5000,0.1]}'


def test_the_schema_tells_what_a_value_may_be() -> None:
    [*kinds] = Clause.model_json_schema()["properties"]["value"]["anyOf"]
    assert {kind["type"] for kind in kinds} == {
        "boolean",
        "number",
        "string",
        "array",
        "object",
        "null",
    }


def test_without_any_groups_that_is_said() -> None:
    asked = Clause(field="responsible", op="in_group", value="sales")
    without = Vocabulary.of(PIPELINE.model_copy(update={"groups": {}}))
    assert problems(asked, without, PLACE, event=False) == [
        (
            (*PLACE, "value"),
            'responsible: there is no group "sales"; the pipeline has none',
        )
    ]


@pytest.mark.parametrize(
    ("field", "unit", "most"),
    [
        ("contract_end", "days", 36_500),
        ("contract_end", "weeks", 5_200),
        ("contract_end", "months", 1_200),
        ("contract_end", "working_days", 1_000),
        ("created", "working_hours", 8_000),
    ],
)
def test_each_unit_reaches_so_far_and_no_further(field: str, unit: str, most: int) -> None:
    def asked(count: int) -> list[tuple[Any, str]]:
        return found(Clause(field=field, op="within_next", value={unit: count}))

    assert (asked(0), asked(most)) == ([], [])
    for count in (-1, most + 1):
        ((place, text),) = asked(count)
        assert place == (*PLACE, "value")
        assert f"{{{unit}: 0 to {most}}}" in text


def nested(groups: int) -> Condition:
    condition: Condition = Clause(field="title", op="is_set")
    for _ in range(groups):
        condition = Group(all=(condition,))
    return condition


def test_fifty_groups_may_be_nested() -> None:
    assert found(nested(50)) == []
    ((place, text),) = found(nested(51))
    assert place == (*PLACE, *("all", 0) * 50)
    assert text == "groups are nested deeper than 50; expected fewer, write it flatter"


@pytest.mark.parametrize(
    "clause",
    [
        Clause(field="responsible", op="is_responsible"),
        Clause(field="responsible", op="in_group", value="sales"),
        Clause(field="responsible", op="is_set"),
        Clause(field="contract_end", op="between", value=("2026-01-01", "2026-01-01")),
        Clause(field="tags", op="has_any", value=("a",)),
        Clause(field="segment", op="one_of", value=("private", "business")),
    ],
    ids=str,
)
def test_a_clause_that_suits_its_field_has_no_problem(clause: Clause) -> None:
    assert found(clause) == []


def test_where_the_groups_are_not_known_any_group_is_taken() -> None:
    asked = Clause(field="responsible", op="in_group", value="sales")
    without = Vocabulary(types={"responsible": "user"})
    assert problems(asked, without, PLACE, event=False) == []


def test_of_the_names_that_look_alike_the_nearest_three_are_suggested() -> None:
    names = ("total_2023", "total_2024", "total_2025", "total_2026", "weather")
    vocabulary = Vocabulary(types=dict.fromkeys(names, "number"))
    asked = Clause(field="total_2O26", op="is_set")
    assert problems(asked, vocabulary, PLACE, event=False) == [
        (
            (*PLACE, "field"),
            'there is no field "total_2O26"; did you mean total_2026 or total_2025 or total_2024?',
        )
    ]
