"""Fields that settings name: they must be there and be able to hold what is given."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.engine.check import check
from tests.builders import stage, trigger

FIELDS = {
    "note": {"type": "text"},
    "level": {"type": "number"},
    "urgent": {"type": "bool"},
    "end": {"type": "date"},
}


def errors(
    first: list[dict[str, Any]], *triggers: dict[str, Any], fields: Any = FIELDS
) -> list[tuple[str, str]]:
    """What is wrong with these rules of the first stage and triggers of the second."""
    raw = {
        "pipeline": "contracts",
        "fields": fields,
        "groups": {"sales": ["anna@acme.example"]},
        "stages": [stage("draft", *first), stage("sent", triggers=list(triggers))],
    }
    _, problems = check(raw, today=date(2026, 3, 2))
    return [
        (".".join(map(str, one.place)), one.text) for one in problems if one.severity == "error"
    ]


def watching(**settings: Any) -> list[tuple[str, str]]:
    """What is wrong with a trigger that watches fields, below its settings."""
    found = errors([], trigger("field_changed", settings=settings))
    before = "stages.1.triggers.0.settings."
    assert all(place.startswith(before) for place, _ in found)
    return [(place.removeprefix(before), text) for place, text in found]


NOTHING = " is empty, which means nothing here; leave it out for any value, or write "


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"fields": ["note"], "old": "a", "new": "b"}, []),
        ({"fields": ["note"], "was_empty": True, "new": "b"}, []),
        ({"fields": ["note"], "old": "a", "became_empty": True}, []),
        ({"fields": ["level"], "old": 5}, []),
        ({"fields": ["note"], "old": ""},
         [("old", f"old{NOTHING}was_empty: true for a field that was empty")]),
        ({"fields": ["note"], "new": None},
         [("new", f"new{NOTHING}became_empty: true for a field that became empty")]),
        ({"fields": ["note"], "old": "a", "was_empty": True},
         [("was_empty", "was_empty and old exclude each other; remove one of them")]),
        ({"fields": ["note"], "new": "a", "became_empty": True},
         [("became_empty", "became_empty and new exclude each other; remove one of them")]),
        ({"new": "b"}, []),
    ],
)  # fmt: skip
def test_what_a_field_was_and_becomes_is_a_value_or_empty(
    settings: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert watching(**settings) == expected


@pytest.mark.parametrize("word", ["empty", "Blank", "NONE", "nil", "leer"])
def test_a_word_for_nothing_is_answered_by_the_setting_that_means_it(word: str) -> None:
    (old,) = watching(fields=["level"], old=word)
    (new,) = watching(fields=["level"], new=word)
    assert old[0] == "old"
    assert old[1].endswith("; for an empty field write was_empty: true")
    assert new[1].endswith("; for an empty field write became_empty: true")


@pytest.mark.parametrize("value", ["nothing", True, ["empty"]])
def test_another_value_that_does_not_fit_is_not(value: Any) -> None:
    ((place, text),) = watching(fields=["level", "note"] if value == "nothing" else ["level"],
                                old=value)  # fmt: skip
    assert place == "old"
    assert text.startswith("level: ")
    assert "for an empty field" not in text


def test_a_field_that_is_not_there_is_told_with_those_that_are_close() -> None:
    assert watching(fields=["note", "levl"], old="a") == [
        ("fields.1", 'there is no field "levl"; did you mean level?')
    ]


def test_a_value_that_no_field_at_all_can_hold_is_told() -> None:
    assert watching(new=True) == []
    without = {name: one for name, one in FIELDS.items() if name != "urgent"}
    found = errors([], trigger("field_changed", settings={"new": True}), fields=without)
    assert found == [("stages.1.triggers.0.settings.new", "no field of the pipeline can hold yes")]


def responsible(**settings: Any) -> list[tuple[str, str]]:
    found = errors([], trigger("responsible_changed", settings=settings))
    return [(place.rpartition("settings.")[2], text) for place, text in found]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"to": ["anna@acme.example", "ben"]}, []),
        ({"became_empty": True}, []),
        ({"to": ["ben", " "]}, [("to.1", "a user is blank")]),
        ({"to": ["group:sales", "ben"]},
         [("to.0", '"group:sales" is a group, and one user becomes responsible; list its users')]),
        ({"to": ["ben"], "became_empty": True},
         [("became_empty", "became_empty and to exclude each other; remove one of them")]),
    ],
)  # fmt: skip
def test_who_becomes_responsible_is_a_user(
    settings: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert responsible(**settings) == expected


def rule(kind: str, **settings: Any) -> list[str]:
    """The places below its settings where a rule is wrong."""
    found = errors([{"id": "r", "kind": kind, "settings": settings}])
    return [place.removeprefix("stages.0.rules.0.settings.") for place, _ in found]


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"note": "a", "level": 5}, []),
        ({"nonesuch": "a"}, ["values.nonesuch"]),
        ({"note": "a", "level": "high", "urgent": "perhaps"}, ["values.level", "values.urgent"]),
    ],
)
def test_values_that_a_rule_writes_must_fit_their_fields(
    values: dict[str, Any], places: list[str]
) -> None:
    assert rule("change_fields", values=values) == places


@pytest.mark.parametrize(
    ("field", "value", "places"),
    [
        ("level", "5", []),
        ("level", "{{ document.amount }}", []),
        ("level", "high", ["value"]),
        ("nonesuch", "high", ["field"]),
        ("nonesuch", "{{ document.amount }}", ["field"]),
    ],
)
def test_what_a_rule_computes_must_fit_its_field(field: str, value: str, places: list[str]) -> None:
    assert rule("compute_field", field=field, value=value) == places


@pytest.mark.parametrize(
    ("deadline", "places"),
    [
        ({"after": {"days": 3}}, []),
        ({"before": {"field": "end", "days": 3}}, []),
        ({"before": {"field": "note", "days": 3}}, ["deadline.before.field"]),
    ],
)
def test_a_tasks_deadline_hangs_on_a_date(deadline: dict[str, Any], places: list[str]) -> None:
    task = {"title": "Call", "assignee": "anna@acme.example"}
    assert rule("create_task", **task, deadline=deadline) == places
    assert rule("create_task", **task) == []
