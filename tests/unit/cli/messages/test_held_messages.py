"""Commands for messages of a pause that could not be applied."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.model.incoming_message import IncomingMessage
from countersign.simulation.world import World
from countersign.use_cases.pipelines.pause import pause
from tests.builders import KLARA, connection, event, pipeline, stage, trigger
from tests.builders import world as new_world
from tests.unit.cli.desk import cloud_of


class Desk:
    """Runs commands on a paused pipeline, for which a message of a removed connection waits."""

    def __init__(self) -> None:
        self.world: World = new_world(
            pipeline(stage("draft"), stage("seen", triggers=[trigger("viewed")]))
        )
        pause(self.world.pipelines, "contracts")
        viewed = event("document.viewed", KLARA, minute=1, envelope="env-7")
        self.world.held.add(
            IncomingMessage(
                pipeline="contracts",
                connection="pandadoc",
                received_at=self.world.now,
                authenticity="signed",
                events=(viewed,),
            )
        )

    def __call__(self, *arguments: str) -> Result:
        context = CliContext(
            user="anna@acme.example",
            open_cloud=lambda: cloud_of(self.world),
            now=lambda: self.world.now,
        )
        return CliRunner(mix_stderr=False).invoke(countersign, arguments, obj=context)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_resume_goes_on_and_says_what_it_set_aside_and_where_to_see_it(desk: Desk) -> None:
    result = desk("pipelines", "resume", "contracts")
    assert result.exit_code == 0
    assert result.stdout == "contracts is resumed: 0 messages applied, 0 runs due\n"
    assert result.stderr.splitlines() == [
        "a message of pandadoc of 2026-03-02 09:00:00 UTC was not applied: the connection pandadoc "
        "has been removed; create it again, then run countersign held-messages retry "
        "contracts; it is set aside",
        "see: countersign held-messages list contracts",
    ]


@pytest.mark.parametrize("which", [(), ("contracts",)])
def test_what_was_set_aside_is_listed_with_its_reason(desk: Desk, which: tuple[str, ...]) -> None:
    assert desk("held-messages", "list", *which).stdout == "no messages were set aside\n"
    desk("pipelines", "resume", "contracts")
    lines = desk("held-messages", "list", *which).stdout.splitlines()
    heads = ["RECEIVED", "(UTC)", "PIPELINE", "CONNECTION", "ENVELOPE", "REASON", "ID"]
    assert lines[0].split() == heads
    assert lines[1].split()[:5] == ["2026-03-02", "09:00:00", "contracts", "pandadoc", "env-7"]


def test_it_is_retried_once_the_connection_is_there_again(desk: Desk) -> None:
    desk("pipelines", "resume", "contracts")
    still = desk("held-messages", "retry")
    assert (still.exit_code, still.stderr) == (
        1,
        "Error: 1 of 1 messages could not be applied\n",
    )
    desk.world.connect(connection(id="pandadoc"))
    done = desk("held-messages", "retry", "contracts")
    assert done.stdout == "pandadoc, 2026-03-02 09:00:00: applied\n"
    assert done.exit_code == 0
    assert desk("held-messages", "retry").stdout == "no messages were set aside\n"


def test_one_of_several_is_retried_or_dropped(desk: Desk) -> None:
    for number in (8, 9):
        viewed = event(
            "document.viewed", KLARA, minute=1, envelope=f"env-{number}", key=f"k{number}"
        )
        message = next(iter(desk.world.held.list("contracts")))
        desk.world.held.add(message.model_copy(update={"events": (viewed,)}))
    desk("pipelines", "resume", "contracts")
    listed = {
        row["envelope"]: row["id"]
        for row in json.loads(desk("held-messages", "list", "--output", "json").stdout)
    }
    desk.world.connect(connection(id="pandadoc"))
    done = desk("held-messages", "retry", "contracts", "--only", listed["env-8"])
    assert (done.exit_code, done.stdout) == (0, "pandadoc, 2026-03-02 09:00:00: applied\n")
    dropped = desk("held-messages", "drop", "contracts", "--only", listed["env-9"], "--yes")
    assert dropped.stdout == "1 message dropped\n"
    left = desk.world.held.list_aside("contracts")
    assert [one.message.events[0].envelope for one in left] == ["env-7"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("retry", "contracts", "--only", "x"), 4, "no message x of contracts was set aside"),
        (("drop", "contracts", "--only", "x", "--yes"), 4, "no message x of contracts"),
        (("retry", "--only", "x"), 2, "--only needs the PIPELINE"),
    ],
)
def test_one_message_is_named_by_its_pipeline_and_its_id(
    desk: Desk, arguments: tuple[str, ...], code: int, text: str
) -> None:
    desk("pipelines", "resume", "contracts")
    result = desk("held-messages", *arguments)
    assert (result.exit_code, text in result.stderr) == (code, True)
    assert len(list(desk.world.held.list_aside("contracts"))) == 1


def test_it_is_dropped_after_a_question(desk: Desk) -> None:
    desk("pipelines", "resume", "contracts")
    assert desk("held-messages", "drop", "contracts").exit_code == 1  # nobody answers
    assert desk("held-messages", "drop", "contracts", "--yes").stdout == "1 message dropped\n"
    assert desk("held-messages", "list").stdout == "no messages were set aside\n"


@pytest.mark.parametrize("command", ["list", "retry", "drop"])
def test_an_unknown_pipeline_is_named(desk: Desk, command: str) -> None:
    result = desk("held-messages", command, "leases")
    assert (result.exit_code, result.stderr) == (
        4,
        'Error: there is no pipeline "leases"; published are contracts\n',
    )
