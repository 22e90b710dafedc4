"""Runs: those that wait, failed or are in doubt; changed one by one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime

from countersign.errors import NotFoundError, PermanentError
from countersign.http.call import ApiCall, current
from countersign.http.once import once
from countersign.http.routes import Routes
from countersign.http.views.base import Id
from countersign.http.views.page import Cursor, Limit, PageOf
from countersign.http.views.runs import (
    CalendarView,
    ChangedRunView,
    DueDayView,
    RunRow,
    RunView,
    ShiftBody,
    run_row,
    run_view,
)
from countersign.model.run import Run, RunKey, RunState
from countersign.model.run_change import RunAction, RunChange
from countersign.use_cases.queries.operations.run_calendar import (
    Calendar,
    CalendarFilter,
    calendar_zone,
    due_days,
)
from countersign.use_cases.queries.pages.cursors import PagedList
from countersign.use_cases.queries.pages.names import names_of
from countersign.use_cases.queries.runs import RunFilter, list_runs
from countersign.use_cases.runs.change_run import RunRequest, change_run
from countersign.use_cases.store import Store

routes = Routes("runs")


@routes.get("/runs")
def list_runs_by_filter(
    state: Annotated[list[RunState] | None, Query(max_length=10)] = None,
    pipeline: Id | None = None,
    rule: Id | None = None,
    document: Id | None = None,
    due_after: AwareDatetime | None = None,
    due_before: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[RunRow]:
    """List runs: those that failed or are in doubt, or those in other states.

    `state` may be given several times. Runs that wait for other rules, for a date or for a person
    are listed by pipeline.
    """
    services = current().services
    cloud = services.cloud
    wanted = RunFilter(
        states=tuple(state or ()),
        pipeline=pipeline,
        rule=rule,
        document=document,
        due_after=due_after,
        due_before=due_before,
    )
    listed = PagedList(subject="runs", filters=wanted.model_dump(mode="json"))
    request = listed.request(cursor, limit)
    page = list_runs(cloud.documents, cloud.pipelines, wanted, request)
    names = names_of(cloud.pages, services.programs, page.items)
    rows = tuple(map(run_row, page.items, names))
    return PageOf(items=rows, next=listed.cursor(page.next))


@routes.get("/runs/calendar")
def get_calendar(
    first: date,
    last: date,
    pipeline: Id | None = None,
    rule: Id | None = None,
    zone: Id | None = None,
    cursor: Cursor = None,
) -> CalendarView:
    """Count the runs that are due on each day; `zone` is the pipeline's own unless given."""
    services = current().services
    cloud = services.cloud
    wanted = CalendarFilter(first=first, last=last, pipeline=pipeline, rule=rule, zone=zone)
    calendar = Calendar(
        documents=cloud.documents, pipelines=cloud.pipelines, programs=services.programs
    )
    listed = PagedList(subject="calendar", filters=wanted.model_dump(mode="json"))
    page = listed.page(due_days(calendar, wanted, listed.request(cursor).after))
    return CalendarView(
        time_zone=calendar_zone(calendar, wanted).key,
        items=tuple(map(DueDayView.model_validate, page.items)),
        next=page.next,
    )


@routes.get("/runs/<run>")
def get_run(run: str) -> RunView:
    """Show a run: its state and why, and how its condition was judged."""
    call = current()
    return _shown(call, _existing(call, _key(run)))


@routes.post("/runs/<run>/now", role="operator")
def run_now(run: str) -> ChangedRunView:
    """Have a run that waits for its time performed now."""
    return _changed(run, RunChange(action="now"))


@routes.post("/runs/<run>/shift", role="operator")
def shift_run(run: str, body: ShiftBody) -> ChangedRunView:
    """Shift a run that waits for its time to another one."""
    return _changed(run, change_of("shift", body))


@routes.post("/runs/<run>/skip", role="operator")
def skip_run(run: str) -> ChangedRunView:
    """Conclude a run without performing it; the rules below go on."""
    return _changed(run, RunChange(action="skip"))


@routes.post("/runs/<run>/retry", role="operator")
def retry_run(run: str, even_if_left: bool = True) -> ChangedRunView:
    """Perform a run once more that failed or is in doubt.

    One whose stage was left is refused where `even_if_left` is false.
    """
    return _changed(run, RunChange(action="retry"), even_if_left=even_if_left)


@routes.post("/runs/<run>/accept", role="operator")
def accept_run(run: str) -> ChangedRunView:
    """Count a run as done that failed or is in doubt."""
    return _changed(run, RunChange(action="accept"))


def change_of(action: RunAction, shift: ShiftBody | None) -> RunChange:
    """The change that a request asks for; PermanentError where it says too little or too much."""
    to = None if shift is None else shift.to
    seconds = None if shift is None else shift.seconds
    if (action == "shift") != ((to is None) != (seconds is None)) or (shift and action != "shift"):
        raise PermanentError("a shift takes either `to` or `seconds`, and no other action does")
    by = None if seconds is None else timedelta(seconds=seconds)
    return RunChange(action=action, to=to, by=by)


def _changed(text: str, change: RunChange, *, even_if_left: bool = True) -> ChangedRunView:
    call, key = current(), _key(text)

    def act(store: Store) -> ChangedRunView:
        request = RunRequest(run=key, change=change, by=call.actor, even_if_left=even_if_left)
        done = change_run(store, request)
        return ChangedRunView(run=_shown(call, done.run), after_leaving=done.after_leaving)

    def show(_: str) -> ChangedRunView:
        return ChangedRunView(run=_shown(call, _existing(call, key)), after_leaving=False)

    return once(call, f"/runs/{text}", act, show)


def _key(text: str) -> RunKey:
    key = RunKey.read(text)
    if key is None:
        raise NotFoundError(f'there is no run "{text}"; expected document.entry.rule')
    return key


def _existing(call: ApiCall, key: RunKey) -> Run:
    run = call.services.cloud.documents.run(key)
    if run is None:
        raise NotFoundError(f"there is no run {key}")
    return run


def _shown(call: ApiCall, run: Run) -> RunView:
    call.tag(f"{run.generation}-{run.state}")
    return run_view(run)
