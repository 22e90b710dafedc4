"""Runs by state and time, page by page, and the calendar of what is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.document import Document
from countersign.model.page import PageRequest
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.queries.operations.run_calendar import (
    Calendar,
    CalendarFilter,
    due_days,
    due_runs,
)
from countersign.use_cases.queries.runs import RunFilter, list_runs
from tests.builders import connection, envelope, event, mail, pipeline, stage

BEN = "ben@acme.example"
DATED: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "fields": {"ends": {"type": "date"}},
}
RULES = (
    mail("soon", time={"after": {"hours": 3}}),
    mail("below"),
    mail("later", time={"after": {"days": 2}}, execution="independent"),
    mail("dated", time={"after": {"field": "ends", "days": 1}}, execution="independent"),
)


def sent(here: World, number: int) -> Document:
    return here.tell(
        "docusign",
        [
            event(
                "document.sent",
                key=f"sent {number}",
                envelope=f"env-{number}",
                state=envelope(id=f"env-{number}"),
            )
        ],
    )


@pytest.fixture
def here() -> World:
    """Three documents of an hour each, from Monday, 2 March 2026, 21:00 in Berlin; the second has
    left the stage."""
    made = World(datetime(2026, 3, 2, 20, tzinfo=UTC))
    made.publish(pipeline(stage("sent", *RULES), stage("left"), **DATED))
    made.connect(connection())
    for number in range(3):
        sent(made, number)
        made.advance(timedelta(hours=1))
    second = made.documents.in_stage("contracts")
    ids = [document.id for document in second]
    made.edit(ids[1], Edit(stage="left"), by=BEN)
    return made


def keys(here: World, wanted: dict[str, Any], limit: int = 100) -> list[list[str]]:
    """The runs of each page, by the number of their document's envelope and by rule."""
    pages, after = [], None
    while True:
        page = list_runs(
            here.documents, here.pipelines, RunFilter(**wanted), PageRequest(after, limit)
        )
        names = [
            f"{(here.document(run.document).envelope or '')[-1]}.{run.rule}" for run in page.items
        ]
        pages.append(names)
        if (after := page.next) is None:
            return pages


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"states": ["ready"]}, [["2.soon", "0.later", "2.later"]]),
        ({"states": ["ready"], "rule": "soon"}, [["2.soon"]]),
        ({"states": ["ready"], "due_before": datetime(2026, 3, 3, 12, tzinfo=UTC)}, [["2.soon"]]),
        (
            {"states": ["ready"], "due_after": datetime(2026, 3, 4, 20, tzinfo=UTC)},
            [["0.later", "2.later"]],
        ),
        ({"states": ["waiting"], "pipeline": "contracts"}, [["2.below"]]),
        ({"states": ["no_date"], "pipeline": "contracts"}, [["0.dated", "2.dated"]]),
        (
            {"states": ["ready", "no_date"], "pipeline": "contracts"},
            [["2.soon", "0.later", "2.later"], ["0.dated", "2.dated"]],
        ),
        ({"states": ["failed", "in_doubt", "running"]}, [[], []]),
        ({}, [[]]),
    ],
    ids=str,
)
def test_runs_are_listed_by_state_without_those_of_a_stage_that_was_left(
    here: World, wanted: dict[str, Any], found: list[list[str]]
) -> None:
    assert keys(here, wanted) == found


def test_pages_go_on_where_the_one_before_ended(here: World) -> None:
    wanted = {"states": ["ready", "no_date"], "pipeline": "contracts"}
    flat = [name for page in keys(here, wanted, limit=1) for name in page]
    assert flat == ["2.soon", "0.later", "2.later", "0.dated", "2.dated"]


def test_the_runs_of_one_document_are_listed_in_the_order_of_their_plan(here: World) -> None:
    document = [one.id for one in here.documents.in_stage("contracts", "sent")][1]
    wanted = {"states": ["ready", "waiting", "no_date"], "document": document}
    assert keys(here, wanted) == [["2.soon", "2.below", "2.later", "2.dated"]]
    assert keys(here, wanted, limit=3) == [["2.soon", "2.below", "2.later"], ["2.dated"]]


@pytest.mark.parametrize(
    ("wanted", "after", "text"),
    [
        ({"states": ["done"]}, None, "runs in the state done are not listed; expected ready, "),
        ({"states": ["waiting"]}, None, "runs in the state waiting are listed by pipeline; give a"),
        (
            {"states": ["ready"]},
            "7:x",
            '"7:x" is not a place in this list; expected one that a page',
        ),
        ({"states": ["ready"]}, "nonsense", '"nonsense" is not a place in this list; expected'),
    ],
)
def test_what_cannot_be_listed_is_told(
    here: World, wanted: dict[str, Any], after: str | None, text: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        list_runs(here.documents, here.pipelines, RunFilter(**wanted), PageRequest(after))
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize("name", ["pipeline", "document"])
def test_an_unknown_pipeline_or_document_is_told(here: World, name: str) -> None:
    with pytest.raises(NotFoundError, match="there is no"):
        list_runs(
            here.documents,
            here.pipelines,
            RunFilter.model_validate({name: "x"}),
            PageRequest(),
        )


# --- the calendar


def calendar(here: World) -> Calendar:
    return Calendar(documents=here.documents, pipelines=here.pipelines, programs=here.programs)


def days(here: World, first: str, last: str, **more: Any) -> list[tuple[str, int]]:
    wanted = CalendarFilter(first=date.fromisoformat(first), last=date.fromisoformat(last), **more)
    page = due_days(calendar(here), wanted)
    assert page.next is None
    return [(one.day.isoformat(), one.runs) for one in page.items]


def test_days_are_those_of_the_pipeline_s_time_zone(here: World) -> None:
    """What is due at 23:00 UTC is due on the next day in Berlin."""
    assert days(here, "2026-03-01", "2026-03-31", pipeline="contracts") == [
        ("2026-03-03", 1),
        ("2026-03-04", 2),
    ]
    assert days(here, "2026-03-01", "2026-03-31") == [("2026-03-03", 1), ("2026-03-04", 2)]


def test_another_time_zone_has_other_days(here: World) -> None:
    assert days(here, "2026-03-01", "2026-03-31", zone="Asia/Tokyo") == [
        ("2026-03-03", 1),
        ("2026-03-05", 2),
    ]


def test_the_last_day_counts_and_the_day_after_it_does_not(here: World) -> None:
    assert days(here, "2026-03-03", "2026-03-03") == [("2026-03-03", 1)]
    assert days(here, "2026-03-04", "2026-03-04", rule="later") == [("2026-03-04", 2)]
    assert days(here, "2026-03-05", "2026-03-09") == []


def test_pipelines_of_different_time_zones_are_counted_by_utc(here: World) -> None:
    other = pipeline(stage("open"), pipeline="leases").model_copy(
        update={"time_zone": "America/New_York"}
    )
    here.publish(other)
    assert days(here, "2026-03-01", "2026-03-31") == [("2026-03-03", 1), ("2026-03-04", 2)]
    assert days(here, "2026-03-01", "2026-03-31", pipeline="leases") == []


def test_the_runs_of_a_day_come_page_by_page(here: World) -> None:
    day = date(2026, 3, 4)
    wanted = CalendarFilter(first=day, last=day)
    first = due_runs(calendar(here), wanted, PageRequest(limit=1))
    second = due_runs(calendar(here), wanted, PageRequest(first.next, 1))
    third = due_runs(calendar(here), wanted, PageRequest(second.next, 1))
    # That of the document which has left the stage is read, and is not due.
    assert [[run.due for run in page.items] for page in (first, second, third)] == [
        [datetime(2026, 3, 4, 20, tzinfo=UTC)],
        [],
        [datetime(2026, 3, 4, 22, tzinfo=UTC)],
    ]


def test_a_day_on_which_a_page_of_days_ends_goes_on_with_the_next(here: World) -> None:
    """A page counts 500 runs."""
    many = World(datetime(2026, 3, 2, 20, tzinfo=UTC))
    rules = [mail(f"r{n}", time={"after": {"days": 1}}, execution="independent") for n in range(60)]
    many.publish(pipeline(stage("sent", *rules), **DATED))
    many.connect(connection())
    for number in range(9):
        sent(many, number)
    wanted = CalendarFilter(first=date(2026, 3, 1), last=date(2026, 3, 9))
    first = due_days(calendar(many), wanted)
    second = due_days(calendar(many), wanted, first.next)
    assert [(page.items[0].day.day, page.items[0].runs) for page in (first, second)] == [
        (3, 500),
        (3, 40),
    ]
    assert second.next is None


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"first": "2026-03-02", "last": "2026-03-01"}, "has no days, or more than 366"),
        ({"first": "2026-03-02", "last": "2027-03-03"}, "has no days, or more than 366"),
        ({"first": "2026-03-02", "last": "2026-03-02", "zone": "Mars/Base"}, '"Mars/Base" is no'),
        ({"first": "2026-03-02", "last": "2026-03-02", "zone": "../etc"}, '"../etc" is not a'),
    ],
)
def test_what_is_no_period_is_told(here: World, wanted: dict[str, Any], text: str) -> None:
    with pytest.raises(PermanentError) as refused:
        due_days(calendar(here), CalendarFilter(**wanted))
    assert text in str(refused.value)


def test_the_time_zone_that_all_pipelines_share_is_the_calendar_s(here: World) -> None:
    def published(name: str, zone: str) -> None:
        here.publish(
            pipeline(stage("sent", *RULES), stage("left"), pipeline=name, time_zone=zone, **DATED)
        )

    in_tokyo, in_utc = (
        [("2026-03-03", 1), ("2026-03-05", 2)],
        [("2026-03-03", 1), ("2026-03-04", 2)],
    )
    published("contracts", "Asia/Tokyo")
    published("leases", "Asia/Tokyo")
    assert days(here, "2026-03-01", "2026-03-31") == in_tokyo
    published("leases", "Asia/Seoul")
    assert days(here, "2026-03-01", "2026-03-31") == in_utc
    assert days(here, "2026-03-01", "2026-03-31", pipeline="contracts") == in_tokyo
    assert days(here, "2026-03-01", "2026-03-31", pipeline="contracts", zone="UTC") == in_utc


def test_a_calendar_has_366_days_at_most(here: World) -> None:
    assert days(here, "2026-03-04", "2027-03-04") == [("2026-03-04", 2)]
    with pytest.raises(PermanentError, match="more than 366"):
        days(here, "2026-03-04", "2027-03-05")


@pytest.mark.parametrize("state", ["ready", "running"])
def test_a_run_in_doubt_that_waits_for_a_report_is_listed_once(here: World, state: str) -> None:
    """It stands among those that are due as well, for the end of its wait."""
    ready = [run for run in here.state.runs.values() if run.state == "ready" and run.entry == 1]
    doubtful = max(ready, key=lambda run: (run.rule == "later", run.document))
    update = {"state": "in_doubt", "due": None, "doubt_until": here.now, "started_at": here.now}
    here.state.runs[doubtful.key] = doubtful.model_copy(update=update)
    name = f"{(here.document(doubtful.document).envelope or '')[-1]}.later"
    *others, troubled = keys(here, {"states": [state], "in_doubt": True, "failed": True})
    assert ([name in page for page in others], troubled) == ([False], [name])


def due_at(here: World, *moments: datetime) -> None:
    """As many runs that are ready, each due at one of these moments."""
    ready = [run for run in here.state.runs.values() if run.state == "ready" and run.entry == 1]
    first = ready[0]
    here.state.runs.clear()
    for number, due in enumerate(moments):
        run = first.model_copy(update={"rule": f"r{number}", "due": due, "on_leave": "keep"})
        here.state.runs[run.key] = run


def test_a_day_begins_at_its_midnight_and_ends_before_the_next(here: World) -> None:
    """Midnight in Berlin is 23:00 UTC in winter and 22:00 UTC in summer."""
    due_at(
        here,
        datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 22, 30, tzinfo=UTC),
    )
    assert days(here, "2026-03-28", "2026-03-28") == [("2026-03-28", 1)]
    assert days(here, "2026-03-29", "2026-03-29") == [("2026-03-29", 2)]
    assert days(here, "2026-03-30", "2026-03-30") == [("2026-03-30", 2)]
    day = date(2026, 3, 29)
    page = due_runs(calendar(here), CalendarFilter(first=day, last=day), PageRequest())
    assert [run.rule for run in page.items] == ["r1", "r2"]


def test_the_runs_of_days_are_those_that_are_ready_for_the_pipeline_and_the_rule(
    here: World,
) -> None:
    due_at(here, *(datetime(2026, 3, 4, hour, tzinfo=UTC) for hour in (8, 9, 10, 11)))
    first, second, third, _ = list(here.state.runs.values())
    for run, update in (
        (second, {"state": "running", "lease_until": second.due}),
        (third, {"state": "in_doubt", "doubt_until": third.due}),
    ):
        here.state.runs[run.key] = run.model_copy(update=update)
    day = date(2026, 3, 4)

    def rules(**more: Any) -> list[str]:
        wanted = CalendarFilter(first=day, last=day, **more)
        return [run.rule for run in due_runs(calendar(here), wanted, PageRequest()).items]

    here.publish(pipeline(stage("open"), pipeline="leases"))
    assert rules() == ["r0", "r3"]
    assert rules(rule="r3") == ["r3"]
    assert rules(pipeline="contracts", rule=first.rule) == ["r0"]
    assert rules(pipeline="leases") == []
    assert days(here, "2026-03-04", "2026-03-04") == [("2026-03-04", 2)]
    assert days(here, "2026-03-04", "2026-03-04", rule="r0") == [("2026-03-04", 1)]
    assert days(here, "2026-03-04", "2026-03-04", pipeline="leases") == []


def test_what_is_no_period_or_time_zone_is_told_with_what_is(here: World) -> None:
    day = date(2026, 3, 4)

    def text(**wanted: Any) -> str:
        with pytest.raises(PermanentError) as refused:
            due_days(calendar(here), CalendarFilter(**{"first": day, "last": day, **wanted}))
        return str(refused.value)

    assert text(last=date(2026, 3, 3)) == (
        "the period from 2026-03-04 to 2026-03-03 has no days, or more than 366; "
        "expected a last day that is not before the first"
    )
    assert (
        text(zone="Berlin")
        == '"Berlin" is not a valid time zone; expected a name such as Europe/Berlin'
    )
    with pytest.raises(NotFoundError, match="the pipeline nda is not published"):
        due_days(calendar(here), CalendarFilter(first=day, last=day, pipeline="nda"))
