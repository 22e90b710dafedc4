"""``countersign tasks``: what each command says, does and ends with."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.simulation.world import World
from tests.builders import envelope, event, mail, pipeline, stage, states, world
from tests.unit.cli.desk import cloud_of

BEN, CARLA = "ben@acme.example", "carla@acme.example"
CHECK = {
    "id": "check",
    "kind": "create_task",
    "settings": {
        "title": "Check {{ document.title }}",
        "text": "2nd floor\nand cellar",
        "assignee": BEN,
        "deadline": {"after": {"days": 1}, "at": "12:00"},
        "checklist": ["Read", "Call {{ client.name }}"],
        "wait": True,
    },
}


class Console:
    """Ben's command line, on a world with one document whose first rule waits for his task."""

    def __init__(self) -> None:
        self.world: World = world(
            pipeline(stage("draft", CHECK, mail("below")), senders=["contracts@acme.example"])
        )
        told = self.world.tell("docusign", [event("document.sent", state=envelope())])
        self.document = told.id
        self.task = f"{told.id}.1.check"

    def __call__(self, *arguments: str) -> Result:
        world = self.world
        context = CliContext(
            user=BEN,
            open_cloud=lambda: cloud_of(world),
            now=lambda: world.now,
        )
        runner = CliRunner(mix_stderr=False)
        found = runner.invoke(countersign, [*arguments], obj=context)
        world.settle()
        return found

    def states(self) -> dict[str, str]:
        return dict(states(self.world, self.document))


@pytest.fixture
def run() -> Console:
    return Console()


def test_everybody_sees_their_own_open_tasks(run: Console) -> None:
    due = "2026-03-03 11:00:00"
    width = len(run.task)
    assert run("tasks", "list").output == (
        f"{'TASK':<{width}}  TITLE                    STATE  ASSIGNEE          DEADLINE (UTC)"
        "       CHECKLIST\n"
        f"{run.task}  Check Service agreement  open   {BEN}  {due}  0 of 2 points\n"
    )
    assert run("tasks", "list", "--assignee", CARLA).output == f"{CARLA} has no open task\n"


def test_a_document_shows_its_concluded_tasks_too(run: Console) -> None:
    assert run("tasks", "complete", run.task).output == f"{run.task}: done\n"
    assert run("tasks", "list", "--mine").output == f"{BEN} has no open task\n"
    assert run("tasks", "list").output == "nobody has an open task\n"
    listed = run("tasks", "list", "--document", run.document).output
    assert listed.splitlines()[1].split()[4:6] == ["done", BEN]


def test_show_prints_the_text_and_the_checklist(run: Console) -> None:
    assert run("tasks", "check", run.task, "2").output == f"{run.task}: 1 of 2 points\n"
    assert run("tasks", "show", run.task).output == (
        "Check Service agreement\n"
        f"  open, of {BEN}, due 2026-03-03 12:00 Europe/Berlin, 1 of 2 points\n"
        "  made by the rule check in draft, 2026-03-02 10:00 Europe/Berlin\n"
        "  | 2nd floor\n"
        "  | and cellar\n"
        "  1. [ ] Read\n"
        "  2. [x] Call Klara\n"
    )
    assert run("tasks", "uncheck", run.task, "2").output == f"{run.task}: 0 of 2 points\n"
    as_json = json.loads(run("tasks", "show", run.task, "--output", "json").output)
    assert (as_json["id"], as_json["state"], as_json["version"]) == ("1.check", "open", 3)


@pytest.mark.parametrize(
    ("command", "state", "after"),
    [
        (["complete"], "done", {"check": "done", "below": "done"}),
        (
            ["withdraw", "--reason", "too late"],
            "withdrawn",
            {"check": "cancelled", "below": "done"},
        ),
    ],
    ids=["complete", "withdraw"],
)
def test_a_concluded_task_lets_the_chain_go_on(
    run: Console, command: list[str], state: str, after: dict[str, str]
) -> None:
    name, *options = command
    assert run("tasks", name, run.task, *options).output == f"{run.task}: {state}\n"
    assert run.states() == after
    again = run("tasks", "complete", run.task)
    assert (again.exit_code, again.stderr) == (
        1,
        f"Error: the task {run.task} is {state} already, by {BEN}\n",
    )


def test_a_task_is_handed_over(run: Console) -> None:
    assert run("tasks", "assign", run.task, CARLA).output == f"{run.task}: assigned to {CARLA}\n"
    assert run("tasks", "list", "--assignee", CARLA).output.count(run.task) == 1


def test_the_story_of_a_document_tells_its_tasks(run: Console) -> None:
    *_, heading, rules, check, below, _, tasks, task = run(
        "documents", "show", run.document
    ).output.splitlines()
    assert (heading, rules) == ("Rules", "  draft (1. stage entry, here now)")
    assert check == (
        f'    check  waits for the task "Check Service agreement" of {BEN} '
        "(due 2026-03-03 12:00 Europe/Berlin)"
    )
    assert (below, tasks) == ("    below  waits for check", "Tasks")
    assert task == (
        f"  1.check  Check Service agreement: open, of {BEN}, "
        "due 2026-03-03 12:00 Europe/Berlin, 0 of 2 points"
    )
    run("tasks", "withdraw", run.task)
    assert run("documents", "show", run.document).output.splitlines()[-1] == (
        "  1.check  Check Service agreement: "
        f"withdrawn 2026-03-02 10:00 Europe/Berlin by {BEN}, 0 of 2 points"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ["complete", "check"],
            2,
            '"check" is not a valid task; expected document.entry.rule, as `tasks list` shows it',
        ),
        (["show", "d-none.1.check"], 4, "there is no task d-none.1.check"),
        (["list", "--document", "d-none"], 4, "there is no document d-none"),
        (
            ["list", "--document", "d", "--assignee", BEN],
            2,
            "tasks list takes one of --assignee, --mine and --document",
        ),
    ],
)
def test_what_is_not_there_is_refused(
    run: Console, arguments: list[str], code: int, told: str
) -> None:
    found = run("tasks", *arguments)
    assert (found.exit_code, told in found.stderr) == (code, True)
