"""The examples in every command's help: each works, as text and as JSON."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.services.people import MemoryPeople, MemoryPrograms
from countersign.cli.commands import countersign
from countersign.cli.output.verbs import Verb
from countersign.errors import PermanentError
from countersign.model.job import Job
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import START, World
from countersign.use_cases.messages.receive import receive
from tests.builders import mail, pipeline, stage, trigger
from tests.unit.cli.desk import ANNA, EVENTS, Desk
from tests.unit.cli.output.test_output import PRINTS_A_FILE, leaves

ENDS_WITH = {
    "countersign rejected retry --all": 1,
    "countersign doctor": 1,
    "countersign doctor --output json": 1,
    "countersign documents preview d-1042 hello --html mail.html": 1,
}
"""Examples that do not end with 0 in this world: what they are for is still wrong, and the document
has no client to mail to."""
FOLLOWS = {
    "countersign tail",
    "countersign tail --pipeline contracts --output jsonl",
    "countersign documents show d-1042 --follow",
    "countersign jobs show j-6v3k --follow",
}
"""Examples that print nothing until something happens."""
ANSWER = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"""What is given where a command asks for a secret."""
FILES = {"contract.pdf": b"%PDF-1.7", "terms.pdf": b"%PDF-1.4", "prices.csv": b"a;b"}
"""What the examples add to a document."""
CHECK = {
    "id": "check",
    "kind": "create_task",
    "execution": "independent",
    "settings": {"title": "Check it", "assignee": ANNA, "checklist": ["Amount", "Names"]},
}
JOB = Job(
    id="j-6v3k",
    kind="change_runs",
    arguments='{"change":{"action":"now"},"filter":{"states":["ready"]}}',
    by=ANNA,
    state="running",
    matched=70,
    done=25,
    created_at=START,
    updated_at=START,
)
OVERDUE = trigger("no_reaction", "overdue", settings={"stage": "work", "after": {"days": 30}})

EXAMPLES = [
    (path, example)
    for path, command in leaves()
    if isinstance(command, Verb)
    for example in command.examples
    if path not in PRINTS_A_FILE
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A world that has everything that the examples name, in a folder with their files."""
    made = Desk()
    world = made.world
    made.wait = _wait
    world.mailbox = MemoryMailer(refusal=lambda _: PermanentError("no recipient"))
    remind = mail("remind", execution="independent", time={"after": {"days": 3}})
    work = stage("work", mail("hello", execution="independent"), CHECK, remind)
    done = stage("done", triggers=[OVERDUE, trigger("called_by_code", settings={"code": "yes"})])
    wanted = pipeline(
        work,
        done,
        pipeline="reminders",
        senders=["contracts@acme.example"],
        groups={"legal": [ANNA]},
    )
    contracts = world.pipelines.version("contracts", 1).pipeline
    renamed = contracts.model_copy(update={"name": "Renamed"})
    for one in (wanted, pipeline(stage("draft"), pipeline="drafts"), renamed, contracts):
        world.publish(one)
    assert made("connections", "create", "pandadoc", "--pipeline", "contracts").exit_code == 0
    assert made("secrets", "set", "crm", answer="x\n").exit_code == 0
    people = MemoryPeople(lambda: world.now)
    people.invite("ben@acme.example", "en")
    made.more = {
        "people": people,
        "program_clients": MemoryPrograms({"viewer": "s-1"}),
        "token_endpoint": "https://sign-in.acme.example/oauth2/token",
    }
    _reject(world)
    world.jobs.jobs[JOB.id] = JOB  # nobody works on it
    made.other = made("documents", "create", "reminders", "title=Lease").stdout.strip()
    world.settle()
    kept = tmp_path / "kept.pdf"
    kept.write_bytes(b"%PDF-1.7 kept")
    adding = ("documents", "files", "add", made.other, str(kept), "--name", "Signed lease.pdf")
    assert made(*adding).exit_code == 0
    (tmp_path / "events" / "docusign").mkdir(parents=True)
    for name in ("contracts.yaml", "contracts.script.yaml"):
        shutil.copy(EVENTS / "pipelines" / name, tmp_path / name)
    voided = EVENTS / "docusign" / "envelope-voided.json"
    shutil.copy(voided, tmp_path / "events" / "docusign" / voided.name)
    shutil.copy(voided, tmp_path / "captured.json")
    (tmp_path / "downloads").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return made


def _wait(seconds: float) -> None:
    """A rebuild's minutes pass; what a command that follows waits for is Ctrl-C."""
    if seconds < 60:
        raise KeyboardInterrupt


def _reject(world: World) -> None:
    """A genuine message that cannot be read."""
    request = Request(
        headers={"content-type": "application/json"}, body=b"{}", received_at=world.now
    )
    signed = provider("docusign").sign(request, "first", world.now)
    assert receive(world.receiver, "docusign.token1", signed).rejected is not None


def arguments(desk: Desk, example: str) -> list[str]:
    """The example's words, with the ids that this world has."""
    (rejected,) = desk.world.rejected.ids()
    text = example.replace("d-1042", desk.other).replace("docusign.9f86d081884c7d65", rejected)
    program, *words = shlex.split(text)
    assert program == "countersign"
    return words


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_works(desk: Desk, path: tuple[str, ...], example: str) -> None:
    result = desk(*arguments(desk, example), answer=f"{ANSWER if 'secret' in example else 'y'}\n")
    assert result.exit_code == ENDS_WITH.get(example, 0), result.stderr
    assert result.stdout or example in FOLLOWS


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_says_the_same_to_programs(
    desk: Desk, path: tuple[str, ...], example: str
) -> None:
    if path in PRINTS_A_FILE:
        pytest.skip("prints a file")
    given = f"{ANSWER if 'secret' in example else 'y'}\n"
    words = [word for word in arguments(desk, example) if word not in ("--output", "json")]
    if example in FOLLOWS:
        pytest.skip("prints a line for each entry")
    whole = desk(*words, "--output", "json", answer=given)
    assert whole.exit_code == ENDS_WITH.get(example, 0), whole.stderr
    echoed = f"{given.strip()}\n"  # By the test's runner, where a question was asked.
    check(json.loads(whole.stdout.removeprefix(echoed).removeprefix(f" {echoed}")))


FREE = {"fields", "headers", "pipeline", "custom_fields", "detail", "names", "settings"}
"""Keys below which stand names that people choose."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")


def check(value: Any) -> None:
    """Keys are in snake case, and times in UTC."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", key), key
            if key not in FREE:
                check(inner)
    elif isinstance(value, list):
        for inner in value:
            check(inner)
    elif isinstance(value, str) and MOMENT.fullmatch(value):
        assert datetime.fromisoformat(value).tzinfo == UTC
        assert value.endswith("Z")


def test_every_command_has_examples_of_itself() -> None:
    for path, command in leaves():
        examples = getattr(command, "examples", ())
        assert examples, path
        for example in examples:
            noun, verb = path[0], path[1] if len(path) > 1 else None
            words = re.findall(r"[\w./-]+", example.partition("countersign ")[2])
            assert words[0] == noun, path
            short = verb in ("list", "show") and not set(words) & {"list", "show"}
            assert verb is None or verb in words or short, (path, example)


@pytest.mark.parametrize(
    "path", [path for path, _ in leaves()], ids=[" ".join(path) for path, _ in leaves()]
)
def test_the_help_ends_with_the_examples(path: tuple[str, ...]) -> None:
    command: click.Command = countersign
    for word in path:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    shown = CliRunner().invoke(countersign, [*path, "--help"]).output
    assert isinstance(command, Verb)
    end = "\n".join(f"  {example}" for example in command.examples)
    assert shown.endswith(f"\nExamples:\n{end}\n")
