"""The examples of every command's help, and a world that has everything that they name."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from countersign import __version__
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.services.people import MemoryPeople, MemoryPrograms
from countersign.cli.output.verbs import Verb
from countersign.errors import PermanentError
from countersign.model.dead_letter import DeadLetter
from countersign.model.incoming_message import IncomingMessage
from countersign.model.job import Job
from countersign.model.message import RunMessage
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import START, World
from countersign.use_cases.messages.receive import receive
from tests.builders import event, mail, pipeline, stage, trigger
from tests.unit.cli.desk import ANNA, EVENTS, Desk
from tests.unit.cli.output.test_output import PRINTS_A_FILE, leaves
from tests.unit.cli.sign_in.hosted_pages import API, free_ports

ENDS_WITH = {
    "countersign rejected retry --all": 1,
    "countersign login --no-browser": 1,
    "countersign doctor": 1,
    "countersign doctor --output json": 1,
    "countersign documents preview d-1042 hello --html mail.html": 1,
    "countersign documents verify d-1042 --hash 5f0c…": 1,
}
"""Examples that do not end with 0 in this world: what they are for is still wrong, the document has
no client to mail to, the hash is not on its timeline, and the address that a browser ends at is not
known before."""
FOLLOWS = {
    "countersign login --no-browser",
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


def example_desk(tmp_path: Path) -> Desk:
    """A world that has everything that the examples name, with their files in the folder."""
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
    people.set_roles(people.invite(ANNA, "en").id, ["administrator"])
    made.more = {
        "people": people,
        "program_clients": MemoryPrograms({"viewer": "s-1"}),
        "token_endpoint": "https://sign-in.acme.example/oauth2/token",
        "version": __version__,
    }
    _reject(world)
    _give_up(world)
    world.jobs.jobs[JOB.id] = JOB  # nobody works on it
    made.other = made("documents", "create", "reminders", "title=Lease").stdout.strip()
    world.settle()
    kept = tmp_path / "kept.pdf"
    kept.write_bytes(b"%PDF-1.7 kept")
    adding = ("documents", "files", "add", made.other, str(kept), "--name", "Signed lease.pdf")
    assert made(*adding).exit_code == 0
    made.pages.ports[:], made.folder = free_ports(), tmp_path / "signed-in"
    assert made("login", "--api", API).exit_code == 0
    (tmp_path / "events" / "docusign").mkdir(parents=True)
    for name in ("contracts.yaml", "contracts.script.yaml"):
        shutil.copy(EVENTS / "pipelines" / name, tmp_path / name)
    voided = EVENTS / "docusign" / "envelope-voided.json"
    shutil.copy(voided, tmp_path / "events" / "docusign" / voided.name)
    shutil.copy(voided, tmp_path / "captured.json")
    (tmp_path / "downloads").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
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


def _give_up(world: World) -> None:
    """A mail's message in the dead-letter queue, and a message of a provider that was set aside."""
    asked = RunMessage(document="d-1", entry=1, rule="hello", generation=1, pipeline="reminders")
    world.dead_letters.resting.append(
        DeadLetter(
            id="0b4f3d62",
            queue="email",
            receipt="r-1",
            body=asked.model_dump_json(),
            sent_at=world.now,
            run=asked,
        )
    )
    message = IncomingMessage(
        pipeline="contracts",
        connection="pandadoc",
        received_at=world.now,
        authenticity="signed",
        events=(event("document.viewed", minute=1, envelope="env-7"),),
    )
    world.held.set_aside(message, "it could not be applied", at=world.now)


def arguments(desk: Desk, example: str) -> list[str]:
    """The example's words, with the ids that this world has."""
    (rejected,) = desk.world.rejected.ids()
    address = "https://abc123.execute-api.eu-central-1.amazonaws.com/api/v1"
    text = example.replace(address, API).replace("d-1042", desk.other)
    text = text.replace("docusign.9f86d081884c7d65", rejected)
    (aside,) = desk.world.held.list_aside("contracts")
    text = text.replace("5f1d0c", aside.message.digest)
    program, *words = shlex.split(text)
    assert program == "countersign"
    return words
