"""What of a written pipeline can still be checked where parts of it do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.validation.lenient_parser import PartialPipeline, parse_leniently
from countersign.model.base import Place
from countersign.model.pipeline import Pipeline

ASK: dict[str, Any] = {
    "id": "ask",
    "kind": "add_comment",
    "settings": {"text": "Please sign."},
}
SENT: dict[str, Any] = {"id": "sent", "kind": "sent"}


def written(*stages: Any, **more: Any) -> dict[str, Any]:
    """A pipeline as it is written."""
    return {"pipeline": "contracts", "stages": list(stages), **more}


def told(form: PartialPipeline) -> list[tuple[str, str]]:
    return [(".".join(map(str, one.place)), one.text) for one in form.schema_errors]


def test_a_pipeline_that_fits_is_read_whole() -> None:
    raw = written({"id": "draft"}, {"id": "sent", "triggers": [SENT], "rules": [ASK]})
    assert parse_leniently(raw) == PartialPipeline(
        pipeline=Pipeline.model_validate(raw), schema_errors=()
    )


@pytest.mark.parametrize("raw", [None, "pipeline", [{"id": "draft"}], 7])
def test_what_is_not_a_mapping_is_refused_with_its_keys(raw: object) -> None:
    form = parse_leniently(raw)
    ((place, text),) = told(form)
    assert (form.pipeline, place) == (None, "")
    assert text.startswith("this is not a pipeline; expected a mapping with pipeline, name, ")


LEFT_OUT: dict[str, tuple[dict[str, Any], dict[str, Any], set[Place]]] = {
    "a stage's id stands for itself": (
        written({"id": "draft"}, {"id": "Sent!", "rules": [ASK]}),
        written({"id": "draft"}, {"id": "x-1", "rules": [ASK]}),
        {("stages", 1, "id")},
    ),
    "a rule's id": (
        written({"id": "draft", "rules": [{**ASK, "id": "Ask!"}]}),
        written({"id": "draft", "rules": [{**ASK, "id": "x-0-0"}]}),
        {("stages", 0, "rules", 0, "id")},
    ),
    "a trigger's id that is missing": (
        written({"id": "draft"}, {"id": "sent", "triggers": [{"kind": "sent"}]}),
        written({"id": "draft"}, {"id": "sent", "triggers": [{"kind": "sent", "id": "x-1-0"}]}),
        {("stages", 1, "triggers", 0, "id")},
    ),
    "a stage's kind is the assumed one": (
        written({"id": "draft"}, {"id": "end", "kind": "done", "rules": [ASK]}),
        written({"id": "draft"}, {"id": "end", "rules": [ASK]}),
        {("stages", 1, "kind")},
    ),
    "a rule's kind is none": (
        written({"id": "draft", "rules": [{**ASK, "kind": 5}, {**ASK, "id": "b"}]}),
        written({"id": "draft", "rules": [{**ASK, "kind": ""}, {**ASK, "id": "b"}]}),
        {("stages", 0, "rules", 0, "kind")},
    ),
    "a whole rule": (
        written({"id": "draft", "rules": ["ask", {**ASK, "id": "b"}]}),
        written({"id": "draft", "rules": [{"id": "x-0-0", "kind": ""}, {**ASK, "id": "b"}]}),
        {("stages", 0, "rules", 0)},
    ),
    "a whole stage": (
        written({"id": "draft", "rules": [ASK]}, "sent"),
        written({"id": "draft", "rules": [ASK]}, {"id": "x-1"}),
        {("stages", 1)},
    ),
    "a list of rules": (
        written({"id": "draft", "rules": "ask", "triggers": [SENT]}),
        written({"id": "draft", "triggers": [SENT]}),
        {("stages", 0, "rules")},
    ),
    "an optional key of a rule": (
        written({"id": "draft", "rules": [{**ASK, "on_leave": "hold", "on_failure": "stop"}]}),
        written({"id": "draft", "rules": [{**ASK, "on_failure": "stop"}]}),
        {("stages", 0, "rules", 0, "on_leave")},
    ),
    "a clause of a condition": (
        written(
            {
                "id": "draft",
                "rules": [
                    {
                        **ASK,
                        "condition": {
                            "any": [{"field": "title"}, {"field": "title", "op": "is_set"}]
                        },
                    }
                ],
            }
        ),
        written(
            {
                "id": "draft",
                "rules": [
                    {
                        **ASK,
                        "condition": {"any": [{"all": []}, {"field": "title", "op": "is_set"}]},
                    }
                ],
            }
        ),
        {("stages", 0, "rules", 0, "condition", "any", 0)},
    ),
    "a condition of one clause": (
        written({"id": "draft", "rules": [{**ASK, "condition": {"field": "title"}}]}),
        written({"id": "draft", "rules": [ASK]}),
        {("stages", 0, "rules", 0, "condition")},
    ),
    "a condition of which a part does not fit": (
        written(
            {
                "id": "draft",
                "rules": [
                    {**ASK, "condition": {"field": "title", "op": "is_set", "value": [{"a": 1}]}}
                ],
            }
        ),
        written({"id": "draft", "rules": [ASK]}),
        {("stages", 0, "rules", 0, "condition")},
    ),
    "a condition with a key too many": (
        written(
            {
                "id": "draft",
                "rules": [{**ASK, "condition": {"all": [], "every": []}, "name": "Ask"}],
            }
        ),
        written({"id": "draft", "rules": [{**ASK, "name": "Ask"}]}),
        {("stages", 0, "rules", 0, "condition")},
    ),
    "the pipeline's id": (
        written({"id": "draft", "rules": [ASK]}, pipeline="Contracts!"),
        {**written({"id": "draft", "rules": [ASK]}), "pipeline": "stand-in"},
        {("pipeline",)},
    ),
    "its stages": (
        {"pipeline": "contracts", "stages": "draft", "time_zone": "Europe/Berlin"},
        {"pipeline": "contracts", "stages": [{"id": "stand-in"}], "time_zone": "Europe/Berlin"},
        {("stages",)},
    ),
    "one of its own keys": (
        written({"id": "draft"}, language=5, time_zone="Europe/Berlin"),
        written({"id": "draft"}, time_zone="Europe/Berlin"),
        {("language",)},
    ),
    "a field": (
        written({"id": "draft"}, fields={"end": {"type": "day"}, "go": {"type": "text"}}),
        written({"id": "draft"}, fields={"go": {"type": "text"}}),
        {("fields", "end")},
    ),
    "a field that is called as if it were an id": (
        written({"id": "draft"}, fields={"id": {"type": "day"}, "kind": {"type": "text"}}),
        written({"id": "draft"}, fields={"kind": {"type": "text"}}),
        {("fields", "id")},
    ),
    "a rule's time, part by part": (
        written({"id": "draft", "rules": [{**ASK, "time": {"after": {"days": "two"}}}]}),
        written({"id": "draft", "rules": [ASK]}),
        {
            ("stages", 0, "rules", 0, "time", "after", "days"),
            ("stages", 0, "rules", 0, "time", "after"),
            ("stages", 0, "rules", 0, "time"),
        },
    ),
}


@pytest.mark.parametrize(("raw", "kept", "where"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_the_smallest_part_that_does_not_fit_is_left_out(
    raw: dict[str, Any], kept: dict[str, Any], where: set[Place]
) -> None:
    form = parse_leniently(raw)
    expected = Pipeline.model_validate(kept)
    if ("stages", 1, "id") in where:  # what refers to a stage finds it as it is written
        stages = (expected.stages[0], expected.stages[1].model_copy(update={"id": "Sent!"}))
        expected = expected.model_copy(update={"stages": stages})
    assert form.pipeline == expected
    assert form.left_out == where
    assert len(form.schema_errors) == 1


@pytest.mark.parametrize("stages", [[], 5, "x", {"id": "draft"}, None])
def test_stages_that_cannot_be_read_leave_the_rest_to_be_checked(stages: object) -> None:
    form = parse_leniently({"pipeline": "contracts", "stages": stages, "language": "de"})
    assert form.pipeline == Pipeline.model_validate(
        written({"id": "stand-in"}, language="de", pipeline="contracts")
    )
    assert form.left_out == {("stages",)}


def test_two_things_that_do_not_fit_in_one_part_are_told_both() -> None:
    condition = {"field": 5, "op": "sit", "value": [{"a": 1}]}
    form = parse_leniently(written({"id": "draft", "rules": [{**ASK, "condition": condition}]}))
    where = ("stages", 0, "rules", 0, "condition")
    assert [one.place for one in form.schema_errors] == [
        (*where, "field"),
        (*where, "op"),
        (*where, "value"),
    ]
    assert form.left_out == {where, (*where, "op"), (*where, "value")}
    assert form.pipeline == Pipeline.model_validate(written({"id": "draft", "rules": [ASK]}))


def test_what_nothing_can_be_left_out_of_is_told_and_not_checked_on() -> None:
    raw: dict[object, Any] = {5: "x"}
    form = parse_leniently(raw | written({"id": "draft"}))
    assert form.pipeline is None
    assert [text for _, text in told(form)] == ["found 5: Keys should be strings"]


def test_what_lies_in_a_part_that_was_left_out_means_nothing() -> None:
    form = parse_leniently(written({"id": "draft", "rules": [ASK, "b"]}))
    assert form.means_nothing(("stages", 0, "rules", 1, "kind"))
    assert form.means_nothing(("stages", 0, "rules", 1))
    assert not form.means_nothing(("stages", 0, "rules", 0, "kind"))
    assert not form.means_nothing(("stages", 0, "rules"))


def test_all_that_does_not_fit_is_told_at_once() -> None:
    form = parse_leniently(
        written(
            {"id": "Draft!", "rules": [{**ASK, "enabled": "perhaps"}, {"id": "b"}]},
            {"id": "sent", "colour": "#GG"},
            language=5,
        )
    )
    assert [place for place, _ in told(form)] == [
        "language",
        "stages.0.id",
        "stages.0.rules.0.enabled",
        "stages.0.rules.1.kind",
        "stages.1.colour",
    ]
    assert form.pipeline is not None
    assert [one.id for one in form.pipeline.stages[0].rules] == ["ask", "b"]


@pytest.mark.parametrize(
    ("rule", "place", "text", "read_as"),
    [
        (
            {"id": "a", "kind": "add_comment", "text": "Hello"},
            "text",
            '"text" is a setting of add_comment; write it under settings',
            {"id": "a", "kind": "add_comment", "settings": {"text": "Hello"}},
        ),
        (
            {"id": "a", "kind": "add_comment", "settings": {"text": "Kept"}, "text": "Hello"},
            "text",
            '"text" is a setting of add_comment; write it under settings',
            {"id": "a", "kind": "add_comment", "settings": {"text": "Kept"}},
        ),
        (
            {**ASK, "time": {"after": {"days": 1}, "on_leave": "keep"}},
            "time.on_leave",
            '"on_leave" stands beside time, not under it',
            {**ASK, "time": {"after": {"days": 1}}, "on_leave": "keep"},
        ),
        (
            {**ASK, "time": {"after": {"days": 1}, "on_weekends": "keep"}},
            "time.on_weekends",
            '"on_weekends" is unknown in a time; expected after, before, on, at, working_hours',
            {**ASK, "time": {"after": {"days": 1}}},
        ),
        (
            {**ASK, "condition": {"all": [], "enabled": False}},
            "condition.enabled",
            '"enabled" is unknown in a condition; expected all, any, none',
            ASK,
        ),
        (
            {**ASK, "on_leav": "keep"},
            "on_leav",
            '"on_leav" is unknown in a rule; did you mean on_leave?',
            {**ASK, "on_leave": "keep"},
        ),
        (
            {**ASK, "on_leav": "keep", "on_leave": "cancel"},
            "on_leav",
            '"on_leav" is unknown in a rule; did you mean on_leave?',
            {**ASK, "on_leave": "cancel"},
        ),
        (
            {"id": "a", "kind": "nonesuch", "text": "Hello"},
            "text",
            '"text" is unknown in a rule; expected id, kind, name, execution, time, condition, '
            "on_leave, on_reentry, on_failure, on_doubt, if_passed, again, enabled, settings",
            {"id": "a", "kind": "nonesuch"},
        ),
    ],
)
def test_a_key_in_the_wrong_place_is_read_where_it_was_meant(
    rule: dict[str, Any], place: str, text: str, read_as: dict[str, Any]
) -> None:
    form = parse_leniently(written({"id": "draft", "rules": [rule]}))
    assert told(form) == [(f"stages.0.rules.0.{place}", text)]
    assert form.schema_errors[0].of_key
    assert form.pipeline == Pipeline.model_validate(written({"id": "draft", "rules": [read_as]}))


def test_what_is_written_is_not_changed_by_reading_it() -> None:
    shared = {"id": "a", "kind": "add_comment", "text": "Hello"}
    raw = written({"id": "draft", "rules": (shared,)}, {"id": "sent", "rules": [shared]})
    parse_leniently(raw)
    assert shared == {"id": "a", "kind": "add_comment", "text": "Hello"}
    assert raw["stages"][0]["rules"] == (shared,)
