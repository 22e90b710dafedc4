"""Runs: listed, counted by day, changed and migrated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from countersign.cli.context import CliContext
from countersign.cli.operations.read import run_of
from countersign.cli.remote.session import ApiSession, path
from countersign.model.page import Page, PageRequest
from countersign.model.run import Run, RunKey
from countersign.model.run_change import RunChange
from countersign.use_cases.queries.operations.run_calendar import (
    Calendar,
    CalendarFilter,
    calendar_zone,
    due_days,
    due_filter,
    due_runs,
)
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.queries.runs import (
    RunFilter,
    list_runs,
    unresolved_runs,
    unresolved_since,
)
from countersign.use_cases.runs.change_run import ChangedRun, RunRequest, change_run
from countersign.use_cases.runs.migrate_runs import migrate_runs, migrations


@dataclass(frozen=True, slots=True)
class Migration:
    """A run that goes to the current version, or would."""

    run: str
    text: str
    """What changes."""


class StackRuns:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def unresolved(self, wanted: RunFilter) -> tuple[Run, ...]:
        """The runs that failed or are in doubt and that the filter matches, oldest first."""
        cloud = self._context.cloud
        return unresolved_runs(cloud.documents, cloud.pipelines, wanted)

    def page(self, wanted: RunFilter, after: str | None) -> Page[Run]:
        """A page of the runs that the filter matches."""
        cloud = self._context.cloud
        return list_runs(cloud.documents, cloud.pipelines, wanted, PageRequest(after))

    def change(self, key: RunKey, change: RunChange, *, even_if_left: bool) -> ChangedRun:
        """The run once it is changed."""
        actor = self._context.actor
        request = RunRequest(run=key, change=change, by=actor, even_if_left=even_if_left)
        return change_run(self._context.store, request)

    def zone(self, wanted: CalendarFilter) -> ZoneInfo:
        """The time zone of a calendar's days."""
        return calendar_zone(self._calendar, wanted)

    def due_days(self, wanted: CalendarFilter) -> Counter[date]:
        """How many runs are due on each day."""
        counts, after = Counter[date](), None
        while True:
            page = due_days(self._calendar, wanted, after)
            for day in page.items:
                counts[day.day] += day.runs
            if (after := page.next) is None:
                return counts

    def due_runs(self, wanted: CalendarFilter) -> Iterator[Run]:
        """Which runs are due on these days."""
        after = None
        while True:
            page = due_runs(self._calendar, wanted, PageRequest(after))
            yield from page.items
            if (after := page.next) is None:
                return

    def migrations(self, pipeline: str, *, write: bool) -> tuple[Migration, ...]:
        """What migrating the waiting runs of a pipeline changes, or would change."""
        context = self._context
        published_head(context.cloud.pipelines, pipeline)
        migrate = migrate_runs if write else migrations
        moves = migrate(context.store, context.programs.current(pipeline))
        return tuple(Migration(str(move.was.key), move.text) for move in moves)

    @property
    def _calendar(self) -> Calendar:
        cloud = self._context.cloud
        return Calendar(
            documents=cloud.documents,
            pipelines=cloud.pipelines,
            programs=self._context.programs,
        )


class ApiRuns:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def unresolved(self, wanted: RunFilter) -> tuple[Run, ...]:
        """The runs that failed or are in doubt and that the filter matches, oldest first."""
        runs = map(run_of, self._api.items("/runs", run_query(wanted)))
        return tuple(sorted(runs, key=lambda run: (unresolved_since(run), str(run.key))))

    def page(self, wanted: RunFilter, after: str | None) -> Page[Run]:
        """A page of the runs that the filter matches."""
        reply = self._api.page("/runs", {**run_query(wanted), "cursor": after})
        return Page(tuple(map(run_of, reply["items"])), reply["next"])

    def change(self, key: RunKey, change: RunChange, *, even_if_left: bool) -> ChangedRun:
        """The run once it is changed."""
        query = {"even_if_left": even_if_left} if change.action == "retry" else {}
        body = shift_body(change)
        reply = self._api.post(path("runs", key, change.action), body, query)
        return ChangedRun(run_of(reply["run"]), reply["after_leaving"])

    def zone(self, wanted: CalendarFilter) -> ZoneInfo:
        """The time zone of a calendar's days."""
        first_day = wanted.model_copy(update={"last": wanted.first})
        return ZoneInfo(self._api.get("/runs/calendar", _days(first_day))["time_zone"])

    def due_days(self, wanted: CalendarFilter) -> Counter[date]:
        """How many runs are due on each day."""
        counts, cursor = Counter[date](), None
        while True:
            page = self._api.get("/runs/calendar", {**_days(wanted), "cursor": cursor})
            for item in page["items"]:
                counts[date.fromisoformat(item["day"])] += item["runs"]
            if (cursor := page["next"]) is None:
                return counts

    def due_runs(self, wanted: CalendarFilter) -> Iterator[Run]:
        """Which runs are due on these days."""
        due = due_filter(wanted, self.zone(wanted))
        return map(run_of, self._api.items("/runs", run_query(due)))

    def migrations(self, pipeline: str, *, write: bool) -> tuple[Migration, ...]:
        """What migrating the waiting runs of a pipeline changes, or would change."""
        place = path("pipelines", pipeline, "migrate-runs")
        reply = self._api.post(place) if write else self._api.get(place)
        return tuple(Migration(item["run"], item["text"]) for item in reply["items"])


def run_query(wanted: RunFilter) -> dict[str, Any]:
    """The filter as the API's parameters have it."""
    return {
        "state": sorted(wanted.wanted_states),
        "pipeline": wanted.pipeline,
        "rule": wanted.rule,
        "document": wanted.document,
        "due_after": wanted.due_after,
        "due_before": wanted.due_before,
    }


def shift_body(change: RunChange) -> dict[str, Any] | None:
    """To when or by how much a run is shifted, as the API takes it; None for other changes."""
    if change.to is not None:
        return {"to": change.to.isoformat()}
    return None if change.by is None else {"seconds": round(change.by.total_seconds())}


def _days(wanted: CalendarFilter) -> dict[str, Any]:
    return wanted.model_dump(mode="json")


def runs_of(context: CliContext) -> StackRuns | ApiRuns:
    """Runs, the way that commands go."""
    return StackRuns(context) if context.api is None else ApiRuns(context.api)
