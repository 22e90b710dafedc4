"""Commands for what went wrong: runs settled one by one and in bulk, dead letters re-driven."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.errors import InDoubtError, PermanentError
from countersign.model.dead_letter import DeadLetter
from countersign.model.message import Email, RunMessage
from countersign.model.run import Run
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from tests.builders import connection, envelope, event, mail, pipeline, stage
from tests.unit.cli.desk import cloud_of

BEN = "ben@acme.example"
REASONS: dict[str, Exception] = {
    "first": PermanentError("no recipient"),
    "second": InDoubtError("SES gave no answer"),
}


def refusal(email: Email) -> Exception | None:
    return REASONS.get(email.subject)


class Console:
    """A world in which the first mail failed, the second is in doubt, and the third was sent."""

    def __init__(self) -> None:
        self.world = World(mailbox=MemoryMailer(refusal=refusal))
        rules = (mail("first"), mail("second", execution="independent"))
        third = mail("third", execution="independent")
        self.world.publish(
            pipeline(
                stage("sent", *rules, third), stage("signed"), senders=["contracts@acme.example"]
            )
        )
        self.world.connect(connection())
        told = self.world.tell("docusign", [event("document.sent", state=envelope())])
        self.document = told.id
        self.world.mailbox = MemoryMailer()

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        world = self.world
        context = CliContext(
            user=BEN,
            open_cloud=lambda: cloud_of(world),
            now=lambda: world.now,
        )
        return CliRunner(mix_stderr=False).invoke(countersign, arguments, obj=context, input=answer)

    def leave(self) -> None:
        """The document goes on to the next stage."""
        self.world.edit(self.document, Edit(stage="signed"), by=BEN)

    def run(self, rule: str) -> Run:
        return next(run for run in self.world.state.runs.values() if run.rule == rule)

    def key(self, rule: str) -> str:
        return str(self.run(rule).key)


@pytest.fixture
def console() -> Console:
    return Console()


def rules(listed: str) -> list[str]:
    """The rules of the runs in a table."""
    return [line.split()[0].split(".")[-1] for line in listed.splitlines()[1:]]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], ["first", "second"]),
        (["--failed"], ["first"]),
        (["--unknown"], ["second"]),
        (["--failed", "--unknown"], ["first", "second"]),
        (["--pipeline", "contracts"], ["first", "second"]),
        (["--document", "DOCUMENT", "--failed"], ["first"]),
    ],
)
def test_what_needs_somebody_is_listed(
    console: Console, filters: list[str], found: list[str]
) -> None:
    given = [console.document if one == "DOCUMENT" else one for one in filters]
    assert rules(console("runs", "list", *given).output) == found


def test_a_run_is_listed_with_its_reason(console: Console) -> None:
    assert console("runs", "list", "--failed").output.splitlines()[1].split() == [
        *(console.key("first"), "send_email", "failed", "2026-03-02", "09:00:00"),
        *("no", "recipient"),
    ]


@pytest.mark.parametrize("option", ["--pipeline", "--document"])
def test_a_filter_that_names_nothing_is_told(console: Console, option: str) -> None:
    result = console("runs", "list", option, "nothing")
    assert result.exit_code == 4
    assert "Error: there is no" in result.stderr
    assert "nothing" in result.stderr


@pytest.mark.parametrize(
    ("remedy", "state", "after"),
    [("retry", "ready", "done"), ("skip", "skipped", "skipped"), ("accept", "done", "done")],
)
def test_runs_are_settled_one_by_one(console: Console, remedy: str, state: str, after: str) -> None:
    keys = console.key("first"), console.key("second")
    result = console("runs", remedy, *keys)
    assert (result.exit_code, result.output) == (
        0,
        f"  {keys[0]}: {state}\n  {keys[1]}: {state}\n2 of 2 resolved\n",
    )
    console.world.settle()
    assert {console.run(rule).state for rule in ("first", "second")} == {after}
    assert BEN in console.world.documents.timeline(console.document)[-1].text
    assert console("runs", "list").output == "no run has failed or is in doubt\n"


def test_in_bulk_it_shows_what_it_is_about_and_asks(console: Console) -> None:
    refused = console("runs", "skip", "--all", "--failed", answer="n\n")
    assert refused.exit_code == 1
    assert "skip 1 run? [y/N]" in refused.stderr
    assert console.run("first").state == "failed"
    agreed = console("runs", "skip", "--all", answer="y\n")
    assert agreed.exit_code == 0
    assert "skip 2 runs? [y/N]" in agreed.stderr
    assert (console.run("first").state, console.run("second").state) == ("skipped", "skipped")


def test_in_bulk_it_does_not_ask_who_says_yes(console: Console) -> None:
    result = console("runs", "accept", "--all", "--unknown", "--yes")
    assert result.output == f"  {console.key('second')}: done\n1 of 1 resolved\n"
    assert console.run("first").state == "failed"


def test_one_that_cannot_be_settled_keeps_no_other_from_it(console: Console) -> None:
    done, failed = console.key("third"), console.key("first")
    result = console("runs", "skip", done, failed)
    assert result.exit_code == 1
    assert result.stdout == f"  {failed}: skipped\n1 of 2 resolved\n"
    assert result.stderr == (
        f"  the run {done} is done; only failed runs and runs in doubt can be resolved\n"
    )


def test_a_run_whose_stage_was_left_is_carried_out_where_it_is_named_and_says_so(
    console: Console,
) -> None:
    console.leave()
    key = console.key("first")
    result = console("runs", "retry", key)
    assert (result.exit_code, result.stdout) == (
        0,
        f"  {key}: ready; tried again by {BEN}, though the stage sent was left; the document is in "
        "signed now; it was failed: no recipient\n1 of 1 resolved\n",
    )
    console.world.settle()
    assert console.run("first").state == "done"
    assert [email.subject for email in console.world.mailbox.sent] == ["first"]


def test_that_a_stage_was_left_is_known_from_the_run_not_from_words_of_its_reason(
    console: Console,
) -> None:
    run = console.run("first")
    reason = "the receiver says that the parcel was left at the door"
    console.world.state.runs[run.key] = run.model_copy(update={"reason": reason})
    result = console("runs", "retry", str(run.key))
    assert result.stdout == f"  {run.key}: ready\n1 of 1 resolved\n"


def test_in_bulk_runs_whose_stage_was_left_are_passed_over(console: Console) -> None:
    console.leave()
    key = console.key("first")
    result = console("runs", "retry", "--all", "--failed", "--yes")
    assert (result.exit_code, result.stdout) == (1, "0 of 1 resolved\n")
    assert result.stderr == (
        f"  the run {key} was passed over: the stage sent was left; the document is in signed now; "
        f"to carry it out all the same: countersign runs retry {key}\n"
    )
    assert console.run("first").state == "failed"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "takes RUN..., or --all with filters"),
        (["--failed"], "takes RUN..., or --all with filters"),
        (["d.1.r", "--all"], "takes RUN..., or --all with filters"),
        (["d.1.r", "--failed"], "takes RUN..., or --all with filters"),
        (["d.1"], '"d.1" is not a valid run; expected document.entry.rule'),
        (["d.x.r"], '"d.x.r" is not a valid run; expected document.entry.rule'),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_in_the_command(
    console: Console, arguments: list[str], reason: str
) -> None:
    result = console("runs", "retry", *arguments)
    assert result.exit_code == 2
    assert reason in result.stderr


# --- dead letters


@pytest.fixture
def rotting(console: Console) -> Console:
    """A message of a run that is ready, one of a run that is done, and one nobody can read."""
    ready = console.run("third").model_copy(update={"rule": "fourth", "state": "ready"})
    console.world.state.runs[ready.key] = ready
    given = {"sent_at": START, "body": "{}"}
    console.world.dead_letters.resting = [
        DeadLetter(queue="email", id="1", receipt="1", run=RunMessage.of(ready), **given),  # type: ignore[arg-type]
        DeadLetter(
            queue="email",
            id="2",
            receipt="2",
            run=RunMessage.of(console.run("third")),
            **given,  # type: ignore[arg-type]
        ),
        DeadLetter(queue="parked", id="3", receipt="3", reason="it cannot be read: x", **given),  # type: ignore[arg-type]
    ]
    return console


def columns(listed: str) -> list[tuple[str, str]]:
    """The first column of a table and what redriving does, before the id."""
    rows = [re.split(r" {2,}", line.strip()) for line in listed.splitlines()[1:]]
    return [(row[0], row[-2]) for row in rows]


def test_dead_letters_are_listed_with_what_became_of_them(rotting: Console) -> None:
    listed = rotting("dead-letters", "list").output
    assert columns(listed) == [
        ("parked", "look at it in the queue"),
        ("email", "use redrive to send it back"),
        ("email", "use redrive to remove it"),
    ]
    assert "the run is ready and was not performed" in listed
    assert "the run is done" in listed
    assert len(rotting.world.dead_letters.resting) == 3


def test_dead_letters_of_one_queue_are_redriven(rotting: Console) -> None:
    result = rotting("dead-letters", "redrive", "email", "--yes")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "2 dead letters"
    letters = rotting.world.dead_letters
    assert [letter.id for letter in letters.resting] == ["3"]
    assert [(letter.id, lane) for letter, lane in letters.sent_back] == [("1", "email")]


def test_one_dead_letter_is_redriven_and_the_others_stay(rotting: Console) -> None:
    result = rotting("dead-letters", "redrive", "email", "--only", "1", "--yes")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "1 dead letter")
    letters = rotting.world.dead_letters
    assert [letter.id for letter in letters.resting] == ["2", "3"]
    assert [letter.id for letter in letters.hold("email")] == ["2"]


def test_one_dead_letter_is_dropped_whatever_it_asks_for(rotting: Console) -> None:
    asked = rotting("dead-letters", "drop", "email", "--only", "1", answer="n\n")
    assert asked.exit_code == 1
    assert "the run is ready and was not performed" in asked.stderr
    dropped = rotting("dead-letters", "drop", "email", "--only", "1", "--yes")
    assert dropped.output.splitlines()[-1] == "1 dead letter dropped"
    assert [letter.id for letter in rotting.world.dead_letters.resting] == ["2", "3"]


@pytest.mark.parametrize("command", ["redrive", "drop"])
@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("email", "--only", "3"), 4, "there is no dead letter 3 in email"),
        (("mail", "--only", "1"), 4, 'there is no dead-letter queue "mail"'),
        (("--only", "1"), 2, "--only needs the QUEUE"),
    ],
)
def test_one_dead_letter_is_named_by_its_queue_and_its_id(
    rotting: Console, command: str, arguments: tuple[str, ...], code: int, text: str
) -> None:
    result = rotting("dead-letters", command, *arguments, "--yes")
    assert (result.exit_code, text in result.stderr) == (code, True)
    assert len(rotting.world.dead_letters.resting) == 3


def test_one_that_nobody_can_do_anything_with_is_not_redriven(rotting: Console) -> None:
    result = rotting("dead-letters", "redrive", "parked", "--only", "3", "--yes")
    assert result.exit_code != 0
    assert "cannot be redriven" in result.stderr
    assert [letter.id for letter in rotting.world.dead_letters.hold("parked")] == ["3"]


def test_redriving_asks_first(rotting: Console) -> None:
    assert rotting("dead-letters", "redrive", answer="n\n").exit_code == 1
    assert len(rotting.world.dead_letters.resting) == 3


def test_a_queue_that_does_not_exist_is_told_with_those_that_do(console: Console) -> None:
    result = console("dead-letters", "list", "mail")
    assert (result.exit_code, result.stderr) == (
        4,
        'Error: there is no dead-letter queue "mail"; there are parked, dispatch, statistics, '
        "schedule, email, web, document, feedback\n",
    )


def test_no_dead_letters_are_told_too(console: Console) -> None:
    assert console("dead-letters", "list", "email").output == "no dead letters in email\n"


def test_a_run_that_a_moved_date_armed_again_is_settled_by_its_own_key(console: Console) -> None:
    first = console.run("first")
    again = first.model_copy(update={"repeat": 2})
    console.world.state.runs[again.key] = again
    assert "first~2" in rules(console("runs", "list").stdout)
    assert console("runs", "skip", f"{first.key}~2").stdout == (
        f"  {first.key}~2: skipped\n1 of 1 resolved\n"
    )
    states = [console.world.state.runs[one.key].state for one in (first, again)]
    assert states == ["failed", "skipped"]
