"""semantics, section 3: lengths in weeks, months and working hours, wherever one is written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from countersign.engine.validation.pipeline import check
from countersign.rules.base import Edit
from tests.builders import envelope, event, mail, pipeline, run_of, stage, trigger, world

BEN = "ben@acme.example"
WORKING: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "fields": {"ends": {"type": "date"}},
    "calendar": {
        "hours": {"mon-fri": "09:00-17:00"},
        "holidays": ["DE-BY:catholic", "AT"],
        "special_hours": {"03-03": "09:00-12:00"},
    },
}
LENGTHS = {
    # From Monday, 2 March 2026, 10:00 in Berlin; the Tuesday is half a day.
    "weeks": ({"weeks": 4}, "2026-03-30T08:00"),  # summer time has begun
    "months": ({"months": 6}, "2026-09-02T08:00"),
    "working hours": ({"working_hours": 12}, "2026-03-04T10:00"),
}


@pytest.mark.parametrize(("length", "expected"), LENGTHS.values(), ids=LENGTHS)
def test_a_rule_a_timer_and_a_task_wait_for_the_same_length(
    length: dict[str, int], expected: str
) -> None:
    waits = trigger("no_reaction", settings={"stage": "draft", "after": length})
    task = {
        "id": "task",
        "kind": "create_task",
        "execution": "independent",
        "settings": {"title": "Look at it", "assignee": BEN, "deadline": {"after": length}},
    }
    here = world(
        pipeline(
            stage("draft", mail("later", time={"after": length}), task),
            stage("late", triggers=[waits]),
            **WORKING,
        )
    )
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    at = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    (made,) = here.documents.tasks(document.id)
    assert [run_of(here, document, rule).due for rule in ("later", "trigger.no-reaction")] == [
        at,
        at,
    ]
    assert made.deadline == at


@pytest.mark.parametrize(
    ("before", "ends", "expected"),
    [
        ({"months": 3}, "2026-08-31", "2026-05-30T22:00"),
        ({"months": 1}, "2027-03-31", "2027-02-27T23:00"),
        ({"weeks": 6}, "2026-08-31", "2026-07-19T22:00"),
        # Monday, 17 August; the 15th, a Saturday, is a holiday anyway.
        ({"working_hours": 12}, "2026-08-18", "2026-08-14T11:00"),
        # 26 October is a holiday in Austria.
        ({"working_hours": 12}, "2026-10-28", "2026-10-23T11:00"),
    ],
)
def test_a_rule_comes_so_long_before_a_date(
    before: dict[str, int], ends: str, expected: str
) -> None:
    rule = mail("warn", time={"before": {"field": "ends", **before}})
    here = world(pipeline(stage("draft", rule), **WORKING))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.edit(document.id, Edit(values={"ends": ends}), by=BEN)
    assert run_of(here, document, "warn").due == datetime.fromisoformat(expected).replace(
        tzinfo=UTC
    )


def test_a_length_in_two_units_or_none_that_exist_is_refused() -> None:
    wrong = [{"after": {"weeks": 1, "months": 1}}, {"after": {"years": 1}}]
    rules = [mail(f"m{n}", time=time) for n, time in enumerate(wrong)]
    _, found = check(
        {"pipeline": "p", "stages": [stage("a", *rules)], **WORKING}, today=date(2026, 3, 2)
    )
    assert [one.text for one in found] == [
        "a length of time has exactly one of seconds, minutes, hours, days, weeks, months, "
        "working_hours, working_days; found weeks and months",
        '"years" is unknown in a length of time; expected seconds, minutes, hours, days, weeks, '
        "months, working_hours, working_days, field",
    ]
