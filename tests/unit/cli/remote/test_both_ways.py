"""A command prints the same with AWS credentials and over the API."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from countersign.model.entitlements import Entitlements
from countersign.model.run import Run, RunKey
from countersign.rules.base import Edit
from tests.unit.cli.desk import ANNA, CONTRACTS, Desk
from tests.unit.cli.example_desk import ANSWER, EXAMPLES, arguments, example_desk
from tests.unit.cli.transport import over_the_api

NEEDS_CREDENTIALS = ("programs secret",)
"""Commands of these nouns that the API does not offer."""
BY_JOBS = ("statistics rebuild", "--and-documents")
"""Commands and options that a job carries out over the API; tests below wait for its end."""
OVER = {
    *("documents", "tasks", "runs", "jobs", "pipelines"),
    *("people", "programs", "dead-letters", "held-messages", "rejected"),
    *("connections", "secrets", "audit", "entitlements", "statistics", "events"),
    *("doctor", "tail"),
}
"""Nouns whose commands go over the API, and commands that do."""
BOTH_WAYS = [
    (path, example)
    for path, example in EXAMPLES
    if path[0] in OVER and not any(one in example for one in (*NEEDS_CREDENTIALS, *BY_JOBS))
]


def run_both_ways(
    folder: Path, monkeypatch: pytest.MonkeyPatch, example: str, *more: str, file: str = ""
) -> tuple[Result, Result]:
    """What the example does in two worlds that are alike: with credentials, and over the API.

    ``file``: what contracts.yaml says there, unless it is as in the examples.
    """
    results = []
    monkeypatch.setattr("secrets.token_urlsafe", "x".__mul__)
    monkeypatch.setattr("secrets.token_bytes", b"x".__mul__)
    for way in ("stack", "api"):
        here = folder / way
        here.mkdir()
        desk = example_desk(here)
        monkeypatch.chdir(here)
        if file:
            (here / "contracts.yaml").write_text(file)
        words = arguments(desk, example)
        if way == "api":
            over_the_api(desk)
        given = f"{ANSWER if 'secret' in example else 'y'}\n"
        results.append(desk(*words, *more, answer=given))
    return results[0], results[1]


@pytest.mark.parametrize("format_", ["table", "json"])
@pytest.mark.parametrize(("path", "example"), BOTH_WAYS, ids=[one for _, one in BOTH_WAYS])
def test_an_example_prints_the_same_both_ways(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: tuple[str, ...],
    example: str,
    format_: str,
) -> None:
    more = () if "--output" in example else ("--output", format_)
    stack, api = run_both_ways(tmp_path, monkeypatch, example, *more)
    assert (api.exit_code, api.stdout) == (stack.exit_code, stack.stdout), api.stderr


CHANGED = CONTRACTS.read_text().replace("{days: 14}", "{days: 7}")
GIT = CHANGED.replace("\nname:", "\nmanaged_by: git\nname:")


@pytest.mark.parametrize("format_", ["table", "json"])
@pytest.mark.parametrize(
    "command",
    [
        "countersign pipelines plan contracts.yaml",
        "countersign pipelines publish contracts.yaml --note Sooner",
    ],
)
@pytest.mark.parametrize("file", [CHANGED, GIT], ids=["console", "git"])
def test_a_changed_file_is_planned_and_published_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, format_: str, file: str
) -> None:
    stack, api = run_both_ways(tmp_path, monkeypatch, command, "--output", format_, file=file)
    assert stack.exit_code == 0
    assert "archive" in stack.stdout
    assert (api.exit_code, api.stdout) == (0, stack.stdout), api.stderr


@pytest.mark.parametrize("format_", ["table", "json", "jsonl"])
@pytest.mark.parametrize(
    "command",
    [
        "show DOCUMENT",
        "show DOCUMENT --why",
        "list --pipeline contracts",
        "list --person anna@acme.example",
        "find envelope",
        "find anna@acme.example",
        "edit DOCUMENT amount=3200 contract_end=2026-12-31 --comment Less",
        "edit DOCUMENT contract_end=",
        "edit DOCUMENT amount=12500",
        "move DOCUMENT signed",
        "move DOCUMENT sent",
        "stop DOCUMENT",
        "call DOCUMENT nothing",
        "files list DOCUMENT",
    ],
)
def test_a_document_with_an_envelope_prints_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, format_: str
) -> None:
    results = []
    for way in ("stack", "api"):
        here = tmp_path / way
        here.mkdir()
        desk = example_desk(here)
        monkeypatch.chdir(here)
        document = desk.document
        for change in ("title=Lease", "number=4711", "contract_end=2026-09-30"):
            assert desk("documents", "edit", document, change).exit_code == 0
        if way == "api":
            over_the_api(desk)
        words = command.replace("DOCUMENT", document).split()
        told = desk("documents", *words, "--output", format_)
        results.append((told.exit_code, told.stdout))
    assert results[1] == results[0]
    assert results[0][0] == 0


@pytest.mark.parametrize("format_", ["table", "json"])
@pytest.mark.parametrize(
    "command",
    [
        "update docusign --name Sales --email ben@acme.example=company --silent-after 7",
        "update docusign --order 1=client --others unknown --document-field Contract --locale de",
        "update docusign --map number=number --responsible= --keep-files=",
        "update docusign --name=",
        "update pandadoc --secret second",
        "update pandadoc --secret",
        "update pandadoc --api-token",
        "update pandadoc --api-token --keep-files=",
        "update pandadoc --api-token --keep-files signed_pdf --name Offers",
        "rotate docusign --secret second",
        "rotate docusign --secret second --address --retire",
        "rotate docusign --retire",
        "create docusign --pipeline reminders --id other --secret a --secret b --silent-after 0",
        "create documenso --pipeline reminders --generate --order 1=client --name Leases",
        "create pandadoc --pipeline contracts --id more --api-token --keep-files=",
        "remove docusign --drop-messages --yes",
    ],
)
def test_a_connection_is_changed_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, format_: str
) -> None:
    results = []
    monkeypatch.setattr("secrets.token_urlsafe", "x".__mul__)
    for way in ("stack", "api"):
        here = tmp_path / way
        here.mkdir()
        desk = example_desk(here)
        monkeypatch.chdir(here)
        if way == "api":
            over_the_api(desk)
        done = desk("connections", *command.split(), "--output", format_, answer=f"{ANSWER}\n")
        connections = desk.world.connections.list()
        shown = [desk("connections", one.id, "--output", format_).stdout for one in connections]
        credentials = [desk.world.secrets.get(one.id) for one in connections]
        results.append((done.exit_code, done.stdout, done.stderr, shown, connections, credentials))
    assert results[1] == results[0]
    assert results[0][0] == 0


def test_entitlements_that_somebody_else_set_meanwhile_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = example_desk(tmp_path)
    web = over_the_api(desk)
    kept = web.client.application.respond

    def respond(event: dict[str, Any], context: object) -> dict[str, Any]:
        if event["requestContext"]["http"]["method"] == "PUT":
            desk.world.entitlements.put(Entitlements(rules=9, version=1))
        return kept(event, context)

    monkeypatch.setattr(web.client.application, "respond", respond)
    refused = desk("entitlements", "set", "--pipelines", "5")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == 'Error: If-Match is "0"; the present version is "1"\n'
    assert desk.world.entitlements.get() == Entitlements(rules=9, version=1)


REFUSED = [
    ("countersign documents show d-9", 4),
    ("countersign documents edit d-1042 amount=much", 1),
    ("countersign documents edit d-1042 nothing=1", 1),
    ("countersign documents move d-1042 nowhere", 1),
    ("countersign documents create nothing", 4),
    ("countersign documents create contracts --stage nowhere", 1),
    ("countersign documents preview d-1042 nothing", 4),
    ("countersign documents verify d-9", 4),
    ("countersign documents verify d-1042 --hash f00d", 1),
    ("countersign documents preview d-1042 check", 1),
    ("countersign documents erase nobody@kunde.example --document d-9 --yes", 4),
    ("countersign documents erase nobody@kunde.example --document d-1042 --yes", 4),
    ("countersign documents erase --document d-1042 --signer 9 --yes", 4),
    ("countersign documents export-person nobody@kunde.example --document d-9", 4),
    ("countersign documents list --stage nowhere", 4),
    ("countersign documents find a", 1),
    ("countersign documents files get d-1042 nothing.pdf", 4),
    ("countersign documents files add d-9 contract.pdf", 4),
    ("countersign tasks show d-1042.9.check", 4),
    ("countersign tasks check d-1042.1.check 9", 1),
    ("countersign tasks list --document d-9", 4),
    ("countersign runs retry d-1042.1.nothing", 4),
    ("countersign runs accept d-1042.1.remind", 1),
    ("countersign runs shift d-1042.1.remind --to 1999-01-01", 1),
    ("countersign runs calendar --time-zone Nowhere/Land", 1),
    ("countersign runs calendar --from 2026-04-01 --to 2026-03-01", 1),
    ("countersign runs list --state waiting", 1),
    ("countersign runs list --pipeline nothing", 4),
    ("countersign runs migrate nothing", 4),
    ("countersign jobs show j-9", 4),
    ("countersign jobs abort j-9", 4),
    ("countersign pipelines show nothing", 4),
    ("countersign pipelines show contracts --version 9", 4),
    ("countersign pipelines export contracts --draft", 4),
    ("countersign pipelines diff contracts 9", 4),
    ("countersign pipelines rollback contracts 9", 4),
    ("countersign pipelines pause nothing", 4),
    ("countersign pipelines resume nothing", 4),
    ("countersign pipelines backfill contracts nothing", 1),
    ("countersign events send captured.json --connection nothing", 4),
    ("countersign events send captured.json --connection pandadoc", 1),
    ("countersign events send contracts.yaml --connection docusign", 1),
    ("countersign events send events/docusign/envelope-voided.json --connection pandadoc", 1),
    ("countersign people remove nobody@acme.example --yes", 4),
    ("countersign people roles anna@acme.example --role viewer", 1),
    ("countersign people add anna@acme.example --role viewer", 1),
    ("countersign people add nowhere --role viewer", 1),
    ("countersign dead-letters list nothing", 4),
    ("countersign dead-letters redrive email --only nothing --yes", 4),
    ("countersign dead-letters drop email --only nothing --yes", 4),
    ("countersign held-messages retry contracts --only nothing", 4),
    ("countersign held-messages drop contracts --only nothing --yes", 4),
    ("countersign held-messages list nothing", 4),
    ("countersign held-messages drop nothing --yes", 4),
    ("countersign rejected list nothing", 4),
    ("countersign rejected show nothing", 4),
    ("countersign rejected retry nothing", 1),
    ("countersign connections show nothing", 4),
    ("countersign connections create nothing --pipeline contracts", 4),
    ("countersign connections create signwell --pipeline nothing", 4),
    ("countersign connections create docusign --pipeline contracts --secret a", 1),
    ("countersign connections update docusign --secret", 1),
    ("countersign connections update docusign --map a=nothing", 1),
    ("countersign connections update pandadoc --generate", 1),
    ("countersign connections update pandadoc --option a=b", 1),
    ("countersign connections rotate nothing --address", 4),
    ("countersign connections rotate docusign --generate", 1),
    ("countersign connections remove nothing --yes", 4),
    ("countersign pipelines remove contracts --yes", 1),
    ("countersign pipelines remove nothing --yes", 4),
    ("countersign pipelines remove nothing --and-documents --yes", 4),
    ("countersign pipelines remove contracts --and-documents --yes", 1),
    ("countersign pipelines remove reminders --yes", 1),
    ("countersign secrets set BIG", 1),
    ("countersign secrets make crm", 1),
    ("countersign secrets remove nothing", 4),
    ("countersign audit list --subject nothing", 2),
    ("countersign entitlements set --rules many", 1),
    ("countersign entitlements set --rule-kinds nothing", 4),
    ("countersign statistics show nothing", 4),
    ("countersign statistics rebuild nothing", 4),
    ("countersign statistics show --from 2026-04-01 --to 2026-03-01", 1),
]


@pytest.mark.parametrize(("command", "code"), REFUSED, ids=[one for one, _ in REFUSED])
def test_what_is_refused_is_refused_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    stack, api = run_both_ways(tmp_path, monkeypatch, command)
    assert (stack.exit_code, api.exit_code) == (code, code), (stack.stderr, api.stderr)
    assert api.stdout == stack.stdout
    assert api.stdout or api.stderr


@pytest.mark.parametrize(
    "command",
    [
        "countersign documents edit d-1042 amount=1",
        "countersign tasks complete d-1042.1.check",
        "countersign runs skip d-1042.1.remind",
        "countersign pipelines pause contracts",
        "countersign people list",
        "countersign rejected list",
        "countersign upgrade",
        "countersign statistics rebuild",
        "countersign pipelines remove reminders --and-documents --yes",
        "countersign documents erase klara@kunde.example --yes",
        "countersign documents erase klara@kunde.example --document d-1042 --yes",
        "countersign documents export-person klara@kunde.example",
    ],
)
def test_a_viewer_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    desk = example_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    over_the_api(desk, "viewer")
    refused = desk(*arguments(desk, command))
    assert (refused.exit_code, refused.stdout) in ((3, ""), (3, "0 of 1 resolved\n"))
    assert "anna@acme.example has the role viewer" in refused.stderr


def test_a_viewer_sees_a_document_without_its_rejected_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = example_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    document = desk.document
    told = desk("documents", "show", document)
    assert "rejected and kept: countersign rejected list docusign" in told.stdout
    over_the_api(desk, "viewer")
    seen = desk("documents", "show", document)
    assert seen.exit_code == 0
    assert seen.stdout == told.stdout.partition("\n\n1 genuine")[0] + "\n"


def test_what_the_api_does_not_offer_needs_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = example_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    over_the_api(desk)
    for command in (("programs", "secret", "viewer"),):
        refused = desk(*command)
        assert (refused.exit_code, refused.stdout) == (1, ""), command
        assert refused.stderr == "Error: this needs AWS credentials\n"


def test_what_happens_to_a_document_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = example_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    web = over_the_api(desk)
    looked = 0

    def wait(_: float) -> None:
        nonlocal looked
        looked += 1
        if looked == 2:
            desk.world.edit(desk.other, Edit(comment="Nearly there"), by=ANNA)
        if looked == 4:
            raise KeyboardInterrupt

    desk.wait = wait
    shown = desk("documents", "show", desk.other, "--follow", "--output", "jsonl")
    (entry,) = [json.loads(line) for line in shown.stdout.splitlines()]
    assert (entry["document"], entry["kind"], entry["by"]) == (desk.other, "commented", ANNA)
    # Read as a whole at first, and once more when its version changed.
    assert web.calls.count(f"GET /documents/{desk.other}/timeline") == 2


def settling(desk: Desk) -> Callable[[float], None]:
    """Has the desk's functions run while a command waits."""
    return lambda _: desk.world.settle()


def test_many_runs_are_changed_by_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = []
    for way in ("stack", "api"):
        here = tmp_path / way
        here.mkdir()
        desk = example_desk(here)
        monkeypatch.chdir(here)
        for _ in range(30):
            assert desk("documents", "create", "reminders").exit_code == 0
        desk.world.settle()
        if way == "api":
            over_the_api(desk)
        desk.wait = settling(desk)
        done = desk("runs", "skip", "--all", "--state", "ready", "--rule", "remind", "--yes")
        outputs.append((done.exit_code, done.stdout))
    assert outputs[0] == outputs[1]
    assert "31 of 31 done, 0 refused" in outputs[0][1]


def passing(desk: Desk) -> Callable[[float], None]:
    """Has the time pass that a command waits for, with what the desk's functions do in it."""
    return lambda seconds: desk.world.advance(timedelta(seconds=seconds))


def old_and_wrongly_counted(desk: Desk) -> None:
    """Documents of an earlier version, some counted wrongly and some not at all, an hour ago."""
    for number in range(3):
        assert desk("documents", "create", "reminders", f"title=Lease {number}").exit_code == 0
    state = desk.world.state
    for name, document in state.documents.items():
        state.documents[name] = document.model_copy(update={"word_index": 0})
    state.words.clear()
    desk.world.advance(timedelta(hours=1))


@pytest.mark.parametrize("format_", ["table", "json", "jsonl"])
@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("upgrade", "5"),
        ("statistics rebuild", "is not counted"),
        ("statistics rebuild --replace", "is not counted"),
        ("statistics rebuild reminders", "reminders"),
        ("statistics rebuild drafts", ""),
        ("pipelines remove reminders --and-documents --yes", "reminders"),
        ("pipelines remove reminders --and-documents", "reminders"),
        ("pipelines remove drafts --and-documents --yes", "drafts"),
    ],
)
def test_what_a_job_does_over_the_api_prints_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, says: str, format_: str
) -> None:
    results = []
    for way in ("stack", "api"):
        here = tmp_path / way
        here.mkdir()
        desk = example_desk(here)
        monkeypatch.chdir(here)
        old_and_wrongly_counted(desk)
        desk.wait = passing(desk)
        if way == "api":
            over_the_api(desk)
        told = desk(*command.split(), "--output", format_, answer="y\n")
        left = sorted(desk.world.state.documents), desk.world.pipelines.list()
        results.append((told.exit_code, told.stdout, left))
    assert results[1] == results[0]
    assert results[0][0] == 0
    assert says in results[0][1]


def test_what_was_printed_before_is_printed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk = example_desk(tmp_path)
    old_and_wrongly_counted(desk)
    desk.wait = passing(desk)
    over_the_api(desk)
    printed = [
        desk(*command.split()).stdout.splitlines()[-1]
        for command in (
            "upgrade",
            "statistics rebuild reminders --replace",
            "statistics rebuild reminders",
            "pipelines remove reminders --and-documents --yes",
        )
    ]
    assert printed == [
        "upgraded: 5 documents looked at, 2 indexed, 4 open tasks listed",
        "4 documents compared; 4 differences found and corrected",
        "4 documents compared; 0 differences found",
        "reminders is removed, and 4 documents with it",
    ]


def test_nobody_has_to_watch_a_job_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk = example_desk(tmp_path)
    over_the_api(desk)
    for command in (
        "upgrade",
        "statistics rebuild",
        "pipelines remove reminders --and-documents --yes",
    ):
        left = desk(*command.split())
        assert (left.exit_code, left.stdout) == (0, ""), command
        assert "the job goes on: countersign jobs show j-" in left.stderr
    assert desk.world.pipelines.head("reminders") is None


@pytest.mark.parametrize("format_", ["table", "json"])
@pytest.mark.parametrize(
    "command",
    [
        "erase klara.vogel@kunde.example --yes",
        "erase klara.vogel@kunde.example",
        'erase klara.vogel@kunde.example --name "K. Vogel" --keep-files contract --yes',
        "erase klara.vogel@kunde.example --document DOCUMENT --yes",
        "erase --document DOCUMENT --signer 2 --yes",
        "erase nobody@kunde.example --yes",
        "erase anna@acme.example --yes",
        "export-person klara.vogel@kunde.example",
        "export-person klara.vogel@kunde.example --document DOCUMENT",
        "export-person klara.vogel@kunde.example --document OTHER",
        "export-person nobody@kunde.example",
    ],
)
def test_a_persons_request_is_carried_out_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, format_: str
) -> None:
    results = []
    for way in ("stack", "api"):
        here = tmp_path / way
        here.mkdir()
        desk = example_desk(here)
        monkeypatch.chdir(here)
        desk.wait = settling(desk)
        document = desk.document
        for one in (document, desk.other):
            desk.world.edit(one, Edit(comment="called klara.vogel@kunde.example"), by=ANNA)
        if way == "api":
            over_the_api(desk)
        words = command.replace("DOCUMENT", document).replace("OTHER", desk.other)
        told = desk("documents", *shlex.split(words), "--output", format_, answer="y\n")
        there = desk.world.state
        persons = [(one.signers, one.erased) for one in there.documents.values()]
        results.append((told.exit_code, told.stdout, persons, sorted(desk.world.jobs.jobs)))
    assert results[1] == results[0]
    assert results[0][0] == (1 if "anna@" in command else 0)
    assert results[0][1]


def test_a_question_about_erasing_has_the_number_of_documents_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk = example_desk(tmp_path)
    asked = []
    for _ in ("stack", "api"):
        refused = desk("documents", "erase", "klara.vogel@kunde.example", answer="n\n")
        assert refused.exit_code == 1
        asked.append(refused.stderr)
        web = over_the_api(desk)
    assert asked[0] == asked[1]
    assert "erase the person from 1 document? This cannot be undone." in asked[0]
    assert set(web.calls) <= {"POST /personal-data/documents"}
    assert "erase_person" not in {job.kind for job in desk.world.jobs.jobs.values()}


def ended_at_the_second_look(
    runs: dict[RunKey, Run], run: Run, waited: list[float], seconds: float
) -> None:
    """Note the wait; with the second one the run is as it was."""
    waited.append(seconds)
    if len(waited) == 2:
        runs[run.key] = run


def test_a_run_that_is_being_performed_is_waited_for_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    results = []
    for way in ("stack", "api"):
        here = tmp_path / way
        here.mkdir()
        desk = example_desk(here)
        desk.world.edit(desk.other, Edit(values={"title": "For klara@kunde.example"}), by=ANNA)
        runs, waited = desk.world.state.runs, list[float]()
        key, run = next(one for one in runs.items() if one[1].state == "ready")
        lease = desk.world.now + timedelta(minutes=2)
        runs[key] = run.model_copy(update={"state": "running", "lease_until": lease})

        desk.wait = partial(ended_at_the_second_look, runs, run, waited)
        if way == "api":
            over_the_api(desk)
        words = ("documents", "erase", "klara@kunde.example", "--document", desk.other)
        told = desk(*words, "--yes")
        assert told.stderr.count("has a run that is being performed; waiting") == len(waited) == 2
        results.append((told.exit_code, told.stdout))
    assert results[0] == results[1]
    assert results[0][0] == 0


def test_messages_that_are_too_much_for_the_api_are_told_to_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk = example_desk(tmp_path)
    words = ("documents", "export-person", "klara.vogel@kunde.example", "--output", "json")
    stack = desk(*words)
    assert json.loads(stack.stdout)["documents"][0]["messages_left_out"] is False
    monkeypatch.setattr("countersign.use_cases.personal_data.export.MAX_DOCUMENT_BYTES", 10)
    over_the_api(desk)
    api = desk(*words)
    assert json.loads(api.stdout)["documents"][0]["messages_left_out"] is True
    assert "its messages are too much for the API, and left out" in api.stderr
    assert "with AWS credentials, --no-api has them" in api.stderr
