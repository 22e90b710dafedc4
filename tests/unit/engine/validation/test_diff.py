"""What a new version changes, part by part."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.validation.diff import Difference, diff
from countersign.model.pipeline import Pipeline
from tests.builders import mail, pipeline, stage, to_stage, trigger

OLD = pipeline(
    stage("draft"),
    stage("sent", mail("ask"), mail("remind"), triggers=[trigger("sent")]),
    stage("signed", triggers=[trigger("signed_by_all")]),
)


def changed(*stages: dict[str, Any], **more: Any) -> tuple[Difference, ...]:
    return diff(OLD, pipeline(*stages, **more))


DRAFT = stage("draft")
SENT = stage("sent", mail("ask"), mail("remind"), triggers=[trigger("sent")])
SIGNED = stage("signed", triggers=[trigger("signed_by_all")])

CASES = {
    "nothing": (changed(DRAFT, SENT, SIGNED), ()),
    "a rule comes and one goes": (
        changed(
            DRAFT, stage("sent", mail("ask"), mail("thank"), triggers=[trigger("sent")]), SIGNED
        ),
        (
            Difference(change="added", part="rule", id="thank", stage="sent"),
            Difference(change="removed", part="rule", id="remind", stage="sent"),
        ),
    ),
    "a rule changes": (
        changed(
            DRAFT,
            stage(
                "sent",
                mail("ask", on_leave="keep"),
                to_stage("remind", "signed"),
                triggers=[trigger("sent")],
            ),
            SIGNED,
        ),
        (
            Difference(
                change="changed",
                part="rule",
                id="ask",
                stage="sent",
                details=("on_leave: cancel -> keep",),
            ),
            Difference(
                change="changed",
                part="rule",
                id="remind",
                stage="sent",
                details=(
                    "kind: send_email -> change_stage",
                    "settings.from: contracts@acme.example -> null",
                    'settings.to: ["client"] -> null',
                    "settings.subject: remind -> null",
                    "settings.text: Hello -> null",
                    "settings.stage: null -> signed",
                ),
            ),
        ),
    ),
    "a trigger moves to another stage": (
        changed(
            DRAFT,
            stage("sent", mail("ask"), mail("remind")),
            stage("signed", triggers=[trigger("signed_by_all"), trigger("sent")]),
        ),
        (
            Difference(
                change="changed",
                part="trigger",
                id="sent",
                stage="signed",
                details=("stage: sent -> signed",),
            ),
        ),
    ),
    "a stage goes with all it holds": (
        changed(DRAFT, SENT),
        (
            Difference(change="removed", part="stage", id="signed"),
            Difference(change="removed", part="trigger", id="signed-by-all", stage="signed"),
        ),
    ),
    "the order of stages and of rules": (
        changed(
            DRAFT,
            SIGNED,
            stage("sent", mail("remind"), mail("ask"), triggers=[trigger("sent")]),
        ),
        (
            Difference(
                change="changed",
                part="pipeline",
                id="contracts",
                details=(
                    'order of stages: ["draft","sent","signed"] -> ["draft","signed","sent"]',
                ),
            ),
            Difference(
                change="changed",
                part="stage",
                id="sent",
                details=('order of rules: ["ask","remind"] -> ["remind","ask"]',),
            ),
        ),
    ),
    "the calendar": (
        changed(DRAFT, SENT, SIGNED, calendar={"holidays": "DE-BY"}),
        (
            Difference(
                change="changed",
                part="pipeline",
                id="contracts",
                details=("calendar.holidays: null -> DE-BY",),
            ),
        ),
    ),
}


@pytest.mark.parametrize(("found", "expected"), CASES.values(), ids=CASES)
def test_a_new_version_tells_what_it_changes(
    found: tuple[Difference, ...], expected: tuple[Difference, ...]
) -> None:
    assert tuple(one.model_copy(update={"values": ()}) for one in found) == expected


def test_what_changes_is_told_with_whole_values() -> None:
    long, longer = "x " * 300, "x " * 300 + "y"
    timed = {"time": {"after": {"days": 3}}}
    ask = mail("ask", name=long, on_leave="keep", **timed)
    before = pipeline(stage("a", ask, mail("b")), stage("z"))
    later = mail("ask", name=longer, time={"after": {"days": 4}})
    after = pipeline(stage("z"), stage("a", mail("b"), later))

    found = {(one.part, one.id): one for one in diff(before, after)}

    rule = found["rule", "ask"]
    assert [(one.pointer, one.before, one.after) for one in rule.values] == [
        ("/name", long, longer),
        ("/time/after/days", 3, 4),
        ("/on_leave", "keep", "cancel"),
    ]
    assert [one.partition(":")[0] for one in rule.details] == [
        "name",
        "time.after.days",
        "on_leave",
    ]
    (order,) = found["stage", "a"].values
    assert (order.pointer, order.before, order.after) == ("/rules", ["ask", "b"], ["b", "ask"])
    (stages,) = found["pipeline", "contracts"].values
    assert (stages.pointer, stages.before, stages.after) == ("/stages", ["a", "z"], ["z", "a"])


def test_a_value_is_told_without_what_is_empty_in_it() -> None:
    condition = {"all": [{"field": "amount", "op": "greater", "value": 5}]}
    before = pipeline(stage("a", mail("ask")))
    after = pipeline(stage("a", mail("ask", condition=condition)))

    ((change,),) = [one.values for one in diff(before, after)]

    assert (change.pointer, change.before, change.after) == ("/condition", None, condition)


def test_a_name_with_a_slash_is_one_step_of_a_pointer() -> None:
    before = pipeline(stage("a"), groups={"a/b~c": ["ada@acme.example"]})
    after = pipeline(stage("a"), groups={"a/b~c": ["ben@acme.example"]})

    ((change,),) = [one.values for one in diff(before, after)]

    assert change.pointer == "/groups/a~1b~0c"


def test_of_a_new_pipeline_everything_is_added() -> None:
    assert [(one.change, one.part, one.id) for one in diff(None, OLD)] == [
        ("added", "pipeline", "contracts"),
        ("added", "stage", "draft"),
        ("added", "stage", "sent"),
        ("added", "trigger", "sent"),
        ("added", "rule", "ask"),
        ("added", "rule", "remind"),
        ("added", "stage", "signed"),
        ("added", "trigger", "signed-by-all"),
    ]


def _warned(old: dict[str, object], new: dict[str, object]) -> tuple[str, ...]:
    """What publishing the second says of documents that hold values of the first's fields."""
    before, after = (
        Pipeline.model_validate({"pipeline": "p", "fields": own, "stages": [{"id": "a"}]})
        for own in (old, new)
    )
    [difference] = diff(before, after)
    return difference.warnings


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("text", "date", ['keep what "f" holds as text; what cannot be read as date makes']),
        ("date", "number", ['keep what "f" holds as date; what cannot be read as number makes']),
        ("bool", "text", ['keep what "f" holds as bool']),
        ("number", "money", []),
        ("money", "number", []),
        ("choice", "text", []),
        ("user", "text", []),
        ("date", "text", []),
        ("datetime", "text", []),
        ("date", "datetime", ['keep what "f" holds as date']),
        ("text", "user", ['keep what "f" holds as text']),
        ("user", "list", ['keep what "f" holds as user']),
    ],
)
def test_a_changed_type_says_what_becomes_of_old_values(
    old: str, new: str, told: list[str]
) -> None:
    found = _warned({"f": {"type": old}}, {"f": {"type": new}})
    assert len(found) == len(told)
    assert all(text in warning for text, warning in zip(told, found, strict=True))


def test_a_field_and_an_option_that_go_say_so_too() -> None:
    choice = {"type": "choice", "options": ["gold", "tin"]}
    assert _warned({"f": choice}, {}) == (
        'documents keep what "f" holds, but nothing shows or reads it any more',
    )
    fewer = {"type": "choice", "options": ["gold", "iron"]}
    assert _warned({"f": choice}, {"f": fewer}) == (
        'documents whose "f" is "tin" keep it, though it is not an option now',
    )
    assert _warned({"f": choice}, {"f": choice, "g": {"type": "text"}}) == ()


@pytest.mark.parametrize(
    ("length", "shown"), [(60, "x" * 60), (61, "x" * 59 + "…")], ids=["whole", "cut"]
)
def test_a_long_value_is_shown_in_part(length: int, shown: str) -> None:
    (found,) = diff(pipeline(DRAFT), pipeline(DRAFT, name="x" * length))
    assert found.details == (f"name:  -> {shown}",)


LONG = "a text of more than sixty characters, in which nothing is different yet, "


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (f"{LONG}one.", f"{LONG}two.", "…one. -> …two."),
        (f"{LONG}one and so on.", f"{LONG}once.", "…one and so on. -> …once."),
        (f"{LONG}one", f"{LONG}one two", "…one -> …one two"),
        ("x" * 90, "x" * 91, "… -> …x"),
        ("a  b", "a b", "a b: only blanks and line breaks differ"),
        ("short", f"{LONG}", f"short -> {LONG[:59]}…"),
    ],
)
def test_of_long_values_the_part_that_differs_is_shown(old: str, new: str, shown: str) -> None:
    (found,) = diff(pipeline(DRAFT, name=old), pipeline(DRAFT, name=new))
    assert found.details == (f"name: {shown}",)
