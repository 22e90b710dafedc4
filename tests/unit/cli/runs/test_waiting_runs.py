"""Commands for runs that wait: listed, counted by day, run now, shifted, skipped, few and many."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.model.run import Run
from countersign.simulation.world import World
from tests.builders import connection, envelope, event, mail, pipeline, stage, subjects
from tests.unit.cli.desk import cloud_of

BEN = "ben@acme.example"
WAITS = mail("remind", time={"after": {"days": 3}})
DATED = mail("warn", time={"after": {"field": "ends", "days": 1}}, execution="independent")


class Console:
    """A world with some documents, each with a mail that is due in three days."""

    def __init__(self, number: int) -> None:
        self.world = World()
        self.world.publish(
            pipeline(
                stage("sent", WAITS, mail("then"), DATED),
                senders=["contracts@acme.example"],
                fields={"ends": {"type": "date"}},
            )
        )
        self.world.connect(connection())
        self.interrupted = False
        for n in range(number):
            state = envelope(id=f"env-{n}")
            told = event("document.sent", key=f"sent {n}", envelope=f"env-{n}", state=state)
            self.world.tell("docusign", [told])

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        world = self.world

        def wait(_: float) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            world.settle()

        context = CliContext(
            user=BEN,
            open_cloud=lambda: cloud_of(world),
            now=lambda: world.now,
            token=lambda: "token",
            wait=wait,
        )
        return CliRunner(mix_stderr=False).invoke(countersign, arguments, obj=context, input=answer)

    def runs(self, rule: str = "remind") -> list[Run]:
        there = (run for run in self.world.state.runs.values() if run.rule == rule)
        return sorted(there, key=lambda run: run.document)

    def key(self, rule: str = "remind") -> str:
        return str(self.runs(rule)[0].key)


@pytest.fixture
def console() -> Console:
    return Console(2)


def table(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.stderr
    return [line.split() for line in result.stdout.splitlines()]


# --- listed


def test_runs_are_listed_by_state_with_their_times(console: Console) -> None:
    first, second = (str(run.key) for run in console.runs())
    reason = ["3", "days", "after", "its", "turn:", "Thu", "2026-03-05", "10:00", "Europe/Berlin"]
    due = ["send_email", "ready", "2026-03-05", "09:00:00"]
    assert table(console("runs", "list", "--state", "ready")) == [
        ["RUN", "KIND", "STATE", "DUE", "(UTC)", "REASON"],
        [first, *due, *reason],
        [second, *due, *reason],
    ]


@pytest.mark.parametrize(
    ("arguments", "rules"),
    [
        (["--state", "no_date", "--pipeline", "contracts"], {"warn"}),
        (["--state", "waiting", "--pipeline", "contracts"], {"then"}),
        (["--state", "ready", "--rule", "remind"], {"remind"}),
        (["--state", "ready", "--due-before", "2026-03-05T10:00+01:00"], set()),
        (["--state", "ready", "--due-before", "2026-03-05T10:01+01:00"], {"remind"}),
        (["--state", "ready", "--due-after", "2026-03-06"], set()),
    ],
)
def test_what_the_filters_match_is_listed(
    console: Console, arguments: list[str], rules: set[str]
) -> None:
    result = console("runs", "list", *arguments, "--output", "json")
    assert {one["run"].split(".")[-1] for one in json.loads(result.stdout)} == rules


def test_that_there_are_more_is_told(console: Console) -> None:
    result = console("runs", "list", "--state", "ready", "--limit", "1")
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == "there are more than 1; --limit shows more of them\n"


def test_where_nothing_matches_that_is_told(console: Console) -> None:
    assert console("runs", "list", "--state", "running").stdout == "no run matches\n"


def test_states_that_are_listed_by_pipeline_need_one(console: Console) -> None:
    result = console("runs", "list", "--state", "waiting")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: runs in the state waiting are listed by pipeline; give a pipeline\n",
    )


# --- the calendar


def test_the_calendar_counts_runs_by_day(console: Console) -> None:
    assert table(console("runs", "calendar")) == [
        ["DAY", "(Europe/Berlin)", "RUNS"],
        ["2026-03-05", "2"],
    ]


def test_the_runs_of_a_day_are_listed(console: Console) -> None:
    result = console("runs", "calendar", "--day", "2026-03-05", "--output", "json")
    assert [one["run"] for one in json.loads(result.stdout)] == [
        str(run.key) for run in console.runs()
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2026-03-06"], "no run is due from 2026-03-06 to 2026-03-19 (Europe/Berlin)"),
        (["--rule", "other"], "no run is due from 2026-03-02 to 2026-03-15 (Europe/Berlin)"),
        (["--day", "2026-03-04"], "no run is due on 2026-03-04 (Europe/Berlin)"),
        (
            ["--day", "2026-03-04", "--time-zone", "Asia/Tokyo"],
            "no run is due on 2026-03-04 (Asia/Tokyo)",
        ),
    ],
)
def test_days_without_runs_are_told(console: Console, arguments: list[str], said: str) -> None:
    assert console("runs", "calendar", *arguments).stdout == f"{said}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--day", "2026-03-04", "--to", "2026-03-05"], 2, "takes --day, or --from and --to"),
        (
            ["--day", "tomorrow"],
            2,
            '"tomorrow" is not a valid date; expected one such as 2026-03-31',
        ),
        (["--from", "2026-03-04", "--to", "2026-03-03"], 1, "has no days, or more than 366"),
        (["--time-zone", "Moon"], 1, '"Moon" is not a valid time zone'),
        (["--pipeline", "leases"], 4, "leases is not published"),
    ],
)
def test_what_is_no_calendar_is_told(
    console: Console, arguments: list[str], code: int, said: str
) -> None:
    result = console("runs", "calendar", *arguments)
    assert result.exit_code == code
    assert said in result.stderr


# --- one by one


def test_runs_are_run_now_one_by_one(console: Console) -> None:
    result = console("runs", "now", console.key())
    assert result.stdout == f"  {console.key()}: ready\n1 of 1 changed\n"
    console.world.settle()
    assert subjects(console.world) == ["remind", "then"]


@pytest.mark.parametrize(
    ("arguments", "due"),
    [
        (["--to", "2026-03-09"], datetime(2026, 3, 9, tzinfo=UTC)),
        (["--to", "2026-03-09T09:00+02:00"], datetime(2026, 3, 9, 7, tzinfo=UTC)),
        (["--by", "3d"], datetime(2026, 3, 8, 9, tzinfo=UTC)),
        (["--by", "-2h"], datetime(2026, 3, 5, 7, tzinfo=UTC)),
        (["--by", "1w"], datetime(2026, 3, 12, 9, tzinfo=UTC)),
        (["--by", "+90m"], datetime(2026, 3, 5, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_run_is_shifted(console: Console, arguments: list[str], due: datetime) -> None:
    result = console("runs", "shift", console.key(), *arguments)
    assert console.runs()[0].due == due
    assert result.stdout == (
        f"  {console.key()}: ready, due {due:%Y-%m-%d %H:%M} UTC\n1 of 1 changed\n"
    )


def test_a_run_that_waits_is_skipped_and_the_rules_after_it_continue(console: Console) -> None:
    result = console("runs", "skip", console.key())
    assert result.stdout == f"  {console.key()}: skipped\n1 of 1 resolved\n"
    console.world.settle()
    assert subjects(console.world) == ["then"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["shift", "KEY"], 2, "runs shift takes --to or --by; not both"),
        (["shift", "KEY", "--to", "2026-03-09", "--by", "1d"], 2, "runs shift takes --to or --by"),
        (
            ["shift", "KEY", "--by", "3 days"],
            2,
            '"3 days" is not a valid duration; expected 30m, 2h, 3d',
        ),
        (["shift", "KEY", "--by", "1y"], 2, '"1y" is not a valid duration'),
        (["shift", "KEY", "--to", "noon"], 2, '"noon" is not a valid time; expected 2026-03-31'),
        (["shift", "KEY", "--to", "2026-03-01"], 1, "which has passed; expected 2026-03-02 09:00"),
        (["now", "KEY", "--state", "ready"], 2, "runs now takes RUN..., or --all with filters"),
        (["now"], 2, "runs now takes RUN..., or --all with filters"),
        (["now", "d-9.1.remind"], 4, "there is no run d-9.1.remind"),
        (["now", "nonsense"], 2, '"nonsense" is not a valid run; expected document.entry.rule'),
    ],
)
def test_what_cannot_be_meant_is_told(
    console: Console, arguments: list[str], code: int, said: str
) -> None:
    before = console.runs()
    given = [console.key() if one == "KEY" else one for one in arguments]
    result = console("runs", *given)
    assert result.exit_code == code
    assert said in result.stderr
    assert console.runs() == before


# --- many


def test_in_bulk_it_shows_what_it_is_about_and_asks(console: Console) -> None:
    refused = console("runs", "now", "--all", answer="n\n")
    assert refused.exit_code == 1
    assert "now 2 runs? [y/N]" in refused.stderr
    assert {run.generation for run in console.runs()} == {1}
    agreed = console("runs", "now", "--all", answer="y\n")
    assert agreed.stdout.endswith("2 of 2 changed\n")
    assert console.world.jobs.jobs == {}


def test_many_runs_are_changed_by_a_job_that_is_watched() -> None:
    console = Console(30)
    result = console("runs", "shift", "--all", "--rule", "remind", "--by", "1d", answer="y\n")
    assert result.exit_code == 0
    assert "shift 30 runs? [y/N]" in result.stderr
    assert "  and 10 others\n" in result.stderr
    assert result.stdout.splitlines()[1:] == [  # the first is the answer, echoed by the runner
        "job j-token: done",
        "  change_runs, started by ben@acme.example at 2026-03-02 09:00:00 UTC",
        "  30 of 30 done, 0 refused",
        "  ended at 2026-03-02 09:00:00 UTC",
    ]
    assert {run.due for run in console.runs()} == {datetime(2026, 3, 6, 9, tzinfo=UTC)}


def test_who_stops_watching_a_job_does_not_stop_it() -> None:
    console = Console(30)
    console.interrupted = True
    result = console("runs", "now", "--all", "--yes")
    assert result.exit_code == 0
    assert result.stderr.endswith(
        "the job goes on: countersign jobs show j-token, or jobs abort j-token\n"
    )
    console.world.settle()
    assert console("jobs", "show", "j-token").stdout.splitlines()[2] == "  30 of 30 done, 0 refused"


def test_what_a_job_refused_is_shown_and_ends_with_an_error() -> None:
    console = Console(12)
    first = console.runs("then")[0].document
    arguments = ("--all", "--state", "waiting", "--pipeline", "contracts", "--yes")
    few = console("runs", "now", *arguments)
    assert few.exit_code == 1
    assert few.stdout == "0 of 12 changed\n"
    many = Console(26)
    result = many("runs", "now", *arguments)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[2] == "  0 of 26 done, 26 refused"
    assert lines[-1] == "  and 16 others"
    assert sum(line.startswith("  refused: d-") for line in lines) == 10
    assert first in few.stderr


# --- jobs


def test_jobs_are_listed_shown_and_aborted() -> None:
    console = Console(30)
    console.interrupted = True
    assert console("jobs", "list").stdout == "there are no jobs\n"
    console("runs", "now", "--all", "--yes")
    assert table(console("jobs", "list")) == [
        ["JOB", "STARTED", "(UTC)", "BY", "STATE", "MATCHED", "DONE", "REFUSED"],
        ["j-token", "2026-03-02", "09:00:00", BEN, "waiting", "0", "0", "0"],
    ]
    console.world.now += timedelta(minutes=1)
    aborted = console("jobs", "abort", "j-token")
    assert aborted.stdout.splitlines()[0] == f"job j-token: aborted, aborted by {BEN}"
    console.world.settle()
    assert subjects(console.world) == []
    again = console("jobs", "abort", "j-token")
    assert (again.exit_code, again.stderr) == (
        1,
        "Error: the job j-token has ended: it is aborted\n",
    )
    shown = json.loads(console("jobs", "show", "j-token", "--output", "json").stdout)
    assert (shown["state"], shown["ended_at"]) == ("aborted", "2026-03-02T09:01:00Z")


@pytest.mark.parametrize("verb", ["show", "abort"])
def test_a_job_that_is_not_there_is_told(console: Console, verb: str) -> None:
    result = console("jobs", verb, "j-9")
    assert (result.exit_code, result.stderr) == (
        4,
        "Error: there is no job j-9; jobs are kept for 30 days\n",
    )
