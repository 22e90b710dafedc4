"""Lists of runs: which states they hold, what is left out, and where pages begin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.page import PageRequest
from countersign.model.run import Run, RunMail
from countersign.simulation.world import START, World
from countersign.use_cases.queries.runs import RunFilter, list_runs
from tests.unit.use_cases.queries.scene import put, run, two_pipelines


@pytest.fixture
def here() -> World:
    return two_pipelines()


def ready(here: World, document: str, rule: str, minute: int, **more: Any) -> Run:
    due = START + timedelta(minutes=minute)
    return run(here, document, rule, "ready", 0, due=due, concluded_at=None, **more)


def running(here: World, document: str, rule: str, minute: int, **more: Any) -> Run:
    begun = {"started_at": START, "lease_until": START + timedelta(minutes=minute)}
    return run(here, document, rule, "running", 0, concluded_at=None, **begun, **more)


def listed(here: World, limit: int = 100, after: str | None = None, **wanted: Any) -> list[str]:
    page = list_runs(here.documents, here.pipelines, RunFilter(**wanted), PageRequest(after, limit))
    return [str(found.key) for found in page.items]


def place(here: World, limit: int, after: str | None = None, **wanted: Any) -> str | None:
    request = PageRequest(after, limit)
    return list_runs(here.documents, here.pipelines, RunFilter(**wanted), request).next


def filled(here: World) -> None:
    ready(here, "d-1", "later", 30)
    running(here, "d-1", "busy", 10)
    running(here, "d-2", "busy", 5, pipeline="leases")
    run(here, "d-1", "lost", "in_doubt", 20, doubt_until=START + timedelta(minutes=40))
    run(here, "d-2", "broken", "failed", 15, pipeline="leases")
    run(here, "d-1", "asked", "awaiting", 0, concluded_at=None)
    run(here, "d-1", "over", "done", 1)
    run(here, "d-2", "below", "waiting", 0, pipeline="leases", concluded_at=None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"states": ["running"]}, ["d-2.1.busy", "d-1.1.busy"]),
        ({"states": ["running"], "pipeline": "contracts"}, ["d-1.1.busy"]),
        ({"states": ["running"], "rule": "later"}, []),
        ({"states": ["running"], "failed": True}, ["d-2.1.busy", "d-1.1.busy"]),
        ({"states": ["failed"]}, ["d-2.1.broken"]),
        ({"failed": True}, ["d-2.1.broken"]),
        ({"in_doubt": True}, ["d-1.1.lost"]),
        ({}, ["d-2.1.broken", "d-1.1.lost"]),
        ({"states": ["ready"], "in_doubt": True}, ["d-1.1.later"]),
        ({"states": ["awaiting"], "pipeline": "contracts"}, ["d-1.1.asked"]),
        ({"states": ["awaiting"], "pipeline": "leases"}, []),
        ({"states": ["waiting", "awaiting"], "pipeline": "leases"}, ["d-2.1.below"]),
    ],
    ids=str,
)
def test_the_first_page_holds_the_runs_of_the_first_list(
    here: World, wanted: dict[str, Any], found: list[str]
) -> None:
    filled(here)
    assert listed(here, **wanted) == found


def test_the_lists_come_ready_running_troubled_and_then_those_that_wait(here: World) -> None:
    filled(here)
    wanted: dict[str, Any] = {
        "states": ["awaiting", "failed", "in_doubt", "ready", "running"],
        "pipeline": "contracts",
    }
    pages = [listed(here, after=after, **wanted) for after in (None, "1:", "2:", "3:")]
    assert pages == [["d-1.1.later"], ["d-1.1.busy"], ["d-1.1.lost"], ["d-1.1.asked"]]
    assert [place(here, 100, after, **wanted) for after in (None, "1:", "2:", "3:")] == [
        "1:",
        "2:",
        "3:",
        None,
    ]


@pytest.mark.parametrize("after", ["2:", "1", "-1:", ":", "x:", ""])
def test_a_place_in_none_of_the_lists_is_refused(here: World, after: str) -> None:
    with pytest.raises(PermanentError) as refused:
        listed(here, after=after, states=["ready", "running"])
    assert str(refused.value) == (
        f'"{after}" is not a place in this list; expected one that a page named'
    )


def test_the_place_within_a_list_is_where_its_page_ended(here: World) -> None:
    for minute in range(3):
        ready(here, "d-1", f"r{minute}", minute)
    first = place(here, 2, states=["ready", "running"])
    assert first == "0:2026-03-02T09:01:00.000000Z#d-1.1.r1"
    assert listed(here, after=first, states=["ready", "running"]) == ["d-1.1.r2"]


def test_states_that_no_list_holds_are_named_with_those_that_are_listed(here: World) -> None:
    with pytest.raises(PermanentError) as refused:
        listed(here, states=["skipped", "done", "ready"])
    assert str(refused.value) == (
        "runs in the state done are not listed; expected "
        "ready, running, failed, in_doubt, waiting, no_date, awaiting"
    )


@pytest.mark.parametrize("state", ["no_date", "awaiting"])
def test_those_that_wait_are_listed_by_pipeline(here: World, state: str) -> None:
    with pytest.raises(PermanentError) as refused:
        listed(here, states=[state, "waiting"])
    assert str(refused.value) == (
        f"runs in the state {state} are listed by pipeline; give a pipeline"
    )


# --- what has changed since the list was made


def test_what_was_removed_or_went_on_since_is_left_out(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rule in ("gone", "went-on", "stays"):
        ready(here, "d-1", rule, 5)
    ready(here, "d-2", "orphan", 5, pipeline="leases")
    listing = here.documents.due_between

    def behind(*given: Any) -> Any:
        page = listing(*given)
        for found in page.items:
            if found.rule == "gone":
                del here.state.runs[found.key]
            if found.rule == "went-on":
                here.state.runs[found.key] = found.model_copy(update={"state": "done"})
            if found.rule == "orphan":
                del here.state.documents["d-2"]
        return page

    monkeypatch.setattr(here.documents, "due_between", behind)
    assert listed(here, states=["ready"]) == ["d-1.1.stays"]


def test_runs_that_have_not_begun_end_with_their_stage_unless_they_are_kept(here: World) -> None:
    put(here, "d-1", entry=2, stage="sent")
    for rule, more in (
        ("left", {}),
        ("kept", {"on_leave": "keep"}),
        ("here", {"entry": 2}),
        ("half-sent", {"mails": (RunMail(signer="s1", state="sent"), RunMail())}),
        ("unsent", {"mails": (RunMail(), RunMail())}),
    ):
        ready(here, "d-1", rule, 5, **more)
    running(here, "d-1", "at-work", 5)
    assert sorted(listed(here, states=["ready"])) == ["d-1.1.half-sent", "d-1.1.kept", "d-1.2.here"]
    assert listed(here, states=["running"]) == ["d-1.1.at-work"]
    assert sorted(listed(here, states=["ready", "running"], document="d-1")) == [
        "d-1.1.at-work",
        "d-1.1.half-sent",
        "d-1.1.kept",
        "d-1.2.here",
    ]


def test_a_whole_page_is_read_as_it_is_now(here: World) -> None:
    """More runs than are read together, in their order."""
    for minute in range(60):
        ready(here, "d-1", f"r{minute:02}", minute)
    assert listed(here, states=["ready"]) == [f"d-1.1.r{minute:02}" for minute in range(60)]


def test_of_those_that_are_due_only_the_period_is_read(here: World) -> None:
    """A page reads 500 runs at most, whether they match or not."""
    for minute in (*range(500), *range(600, 1100)):
        ready(here, "d-1", f"r{minute:04}", minute)
    ready(here, "d-1", "wanted", 550)
    begin, end = START + timedelta(minutes=500), START + timedelta(minutes=600)
    both: dict[str, Any] = {"states": ["ready"], "due_after": begin, "due_before": end}
    assert (listed(here, **both), place(here, 100, **both)) == (["d-1.1.wanted"], None)
    after: dict[str, Any] = {"states": ["ready"], "due_after": begin}
    assert listed(here, 1, **after) == ["d-1.1.wanted"]


# --- of one document


def test_of_a_document_only_what_matches_is_listed(here: World) -> None:
    filled(here)
    assert listed(here, document="d-1", states=["ready"]) == ["d-1.1.later"]
    assert listed(here, document="d-1", states=["running", "awaiting"]) == [
        "d-1.1.asked",
        "d-1.1.busy",
    ]
    assert listed(here, document="d-1", states=["ready"], rule="busy") == []
    assert listed(here, document="d-2", states=["waiting"], pipeline="contracts") == []
    assert listed(here, document="d-2") == ["d-2.1.broken"]


def test_of_a_document_the_place_counts_what_came_before(here: World) -> None:
    for number in range(5):
        ready(here, "d-1", f"r{number}", 5)
    wanted: dict[str, Any] = {"document": "d-1", "states": ["ready"]}
    assert [listed(here, 2, after, **wanted) for after in (None, "2", "4", "5", "x", "")] == [
        ["d-1.1.r0", "d-1.1.r1"],
        ["d-1.1.r2", "d-1.1.r3"],
        ["d-1.1.r4"],
        [],
        ["d-1.1.r0", "d-1.1.r1"],
        ["d-1.1.r0", "d-1.1.r1"],
    ]
    assert [place(here, 2, after, **wanted) for after in (None, "2", "3", "4")] == [
        "2",
        "4",
        None,
        None,
    ]


def test_a_document_that_is_not_there_has_no_list(here: World) -> None:
    with pytest.raises(NotFoundError) as refused:
        listed(here, document="d-9", states=["ready"])
    assert str(refused.value).startswith("there is no document d-9")


# --- which runs a filter matches

DUE = START + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ({}, True),
        ({"due_after": DUE}, True),
        ({"due_after": DUE + timedelta(microseconds=1)}, False),
        ({"due_before": DUE}, False),
        ({"due_before": DUE + timedelta(microseconds=1)}, True),
        ({"due_after": DUE, "due_before": DUE + timedelta(minutes=1)}, True),
        ({"due_after": START, "due_before": DUE}, False),
        ({"rule": "other"}, False),
        ({"document": "d-2"}, False),
        ({"pipeline": "leases"}, False),
        ({"failed": True}, True),
        ({"states": ["running"], "failed": True}, False),
    ],
    ids=str,
)
def test_a_filter_includes_its_first_moment_and_not_its_last(
    here: World, wanted: dict[str, Any], matches: bool
) -> None:
    given = {"states": ["ready"], **wanted}
    assert RunFilter(**given).matches(ready(here, "d-1", "later", 30)) is matches


@pytest.mark.parametrize("wanted", [{"due_after": START}, {"due_before": DUE}], ids=str)
def test_a_run_without_a_time_is_due_in_no_period(here: World, wanted: dict[str, Any]) -> None:
    waits = run(here, "d-1", "below", "waiting", 0, concluded_at=None)
    assert RunFilter(states=("waiting",)).matches(waits)
    assert not RunFilter(states=("waiting",), **wanted).matches(waits)


def test_without_states_those_that_failed_or_are_in_doubt_are_wanted() -> None:
    assert RunFilter().wanted_states == {"failed", "in_doubt"}
    assert RunFilter(failed=True).wanted_states == {"failed"}
    assert RunFilter(in_doubt=True, states=("ready",)).wanted_states == {"in_doubt", "ready"}
