"""create_task: the task a rule asks for, and what cannot be one."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.engine.validation.pipeline import check
from countersign.errors import PermanentError
from countersign.model.task import NewTask
from countersign.model.timing import Span, Timing
from tests.builders import stage, trigger
from tests.unit.rules.scene import ANNA, BEN, DORA, KEY, PIPELINE, context, rule


def asked(**changes: Any) -> NewTask:
    """The task as a rule that only has a title asks for it."""
    return NewTask(
        run=KEY, stage="sent", pipeline_version=1, title="Check", assignee=ANNA
    ).model_copy(update=changes)


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, asked()),
        ({"assignee": "supervisor"}, asked(assignee=DORA)),
        ({"assignee": "field:lawyer"}, asked(assignee=BEN)),
        ({"assignee": BEN}, asked(assignee=BEN)),
        (
            {"title": "Check {{ document.title }}\n", "text": "{{ client.name }}\n{{ today }}"},
            asked(title="Check Lease", text="Klara\n2026-07-02"),
        ),
        (
            {"checklist": ["Read", "Call {{ client.name }}"], "wait": True},
            asked(checklist=("Read", "Call Klara"), waits=True),
        ),
        (
            {"deadline": {"after": {"working_days": 3}, "at": "12:00"}},
            asked(deadline=Timing(after=Span(working_days=3), at=time(12))),
        ),
    ],
)
def test_a_task_is_asked_for(settings: dict[str, Any], wanted: NewTask) -> None:
    made = rule("create_task", **{"title": "Check", **settings})
    assert made.edit(context()).task == wanted


@pytest.mark.parametrize(
    ("settings", "document", "told"),
    [
        (
            {},
            {"responsible": None},
            'assignee "responsible": nobody is responsible; fill it, or name a user in the rule',
        ),
        (
            {"assignee": "field:lawyer"},
            {"fields": {}},
            'assignee "field:lawyer": the field lawyer is empty; fill it, or name a user in the '
            "rule",
        ),
        (
            {"assignee": "supervisor"},
            {"responsible": DORA},
            "dora@acme.example has no supervisor; name one under the pipeline's supervisors",
        ),
        (
            {"title": "{{ document.reason }}"},
            {},
            "title: it is empty once its inserts are filled in; expected 1 to 250: correct it, for "
            "example with the filters default and truncate",
        ),
        (
            {"checklist": ["ok", "{{ document.title }}"]},
            {"title": "x" * 251},
            "point 2 of the checklist: it has 251 characters once its inserts are filled in; "
            "expected 1 to 250: correct it, for example with the filters default and truncate",
        ),
        (
            {"text": "{{ document.title }}"},
            {"title": "x" * 8001},
            "text: it has 8001 characters once its inserts are filled in; expected 1 to 8000: "
            "correct it, for example with the filters default and truncate",
        ),
    ],
)
def test_what_cannot_be_a_task_fails_with_the_reason(
    settings: dict[str, Any], document: dict[str, Any], told: str
) -> None:
    made = rule("create_task", **{"title": "Check", **settings})
    with pytest.raises(PermanentError) as raised:
        made.edit(context(**document))
    assert str(raised.value) == told


@pytest.mark.parametrize(
    "assignee", ["responsble", "field:", "", "group:", "group: ", "field:a\nb"]
)
def test_nobody_cannot_be_given_a_task(assignee: str) -> None:
    with pytest.raises(ValidationError, match="is nobody a task can be given to"):
        rule("create_task", title="Check", assignee=assignee)


def problems(settings: dict[str, Any], **more: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """What publishing refuses of a pipeline whose first rule creates such a task."""
    create = {"id": "check", "kind": "create_task", "settings": {"title": "Check", **settings}}
    raw = {
        "pipeline": "contracts",
        "fields": {"lawyer": {"type": "user"}, "end": {"type": "date"}, "note": {"type": "text"}},
        "stages": [stage("sent", create), stage("done", triggers=[trigger("sent")])],
        **more,
    }
    _, found = check(raw, today=date(2026, 3, 2))
    return [(one.place[5:], one.text) for one in found]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"assignee": "field:lawyer", "deadline": {"on": {"field": "end"}}}, []),
        (
            {"assignee": "field:note"},
            [
                (
                    ("assignee",),
                    '"field:note" is not a field that holds a user; expected field:lawyer',
                )
            ],
        ),
        (
            {"assignee": "supervisor"},
            [
                (
                    ("assignee",),
                    "the pipeline names no supervisors; list each user's under supervisors",
                )
            ],
        ),
        (
            {"deadline": {"on": {"field": "note"}}},
            [
                (
                    ("deadline", "on", "field"),
                    'field "note" is a text; a time hangs on a date; the date fields are '
                    "completed, created, end, expires, sent, since",
                )
            ],
        ),
        (
            {"deadline": {"after": {"years": 1}}},
            [
                (
                    ("deadline", "after", "years"),
                    '"years" is unknown in a length of time; expected seconds, minutes, hours, '
                    "days, weeks, months, working_hours, working_days, field",
                )
            ],
        ),
    ],
)
def test_publishing_refuses_what_can_never_be_a_task(
    settings: dict[str, Any], expected: list[tuple[tuple[str | int, ...], str]]
) -> None:
    assert problems(settings) == expected


def test_an_unknown_insert_is_told_with_its_point() -> None:
    ((place, text),) = problems({"checklist": ["fine", "{{ documnt.title }}"]})
    assert place == ("checklist",)
    assert text.startswith("point 2: ")


def test_a_task_of_the_supervisor_can_be_published_where_there_are_supervisors() -> None:
    assert problems({"assignee": "supervisor"}, supervisors=dict(PIPELINE.supervisors)) == []
