"""``countersign pipelines simulate``: what it prints and ends with, and the example scripts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.use_cases.services import Cloud

PIPELINES = Path(__file__).parents[3] / "events" / "pipelines"
CONTRACTS = PIPELINES / "contracts.yaml"
SCRIPTS = sorted(PIPELINES.glob("*.script.yaml"))


def simulate(*arguments: str | Path) -> Result:
    """Run the command without any stack to go to."""

    def no_cloud() -> Cloud:
        raise AssertionError("the simulation went to the cloud")

    context = CliContext(
        user="anna@acme.example", open_cloud=no_cloud, now=lambda: datetime(2026, 3, 2, tzinfo=UTC)
    )
    runner = CliRunner(mix_stderr=False)
    return runner.invoke(countersign, ["pipelines", "simulate", *map(str, arguments)], obj=context)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_an_example_script_meets_its_expectations(script: Path) -> None:
    pipeline = script.with_name(f"{script.name.partition('.')[0]}.yaml")
    played = simulate(pipeline, script)
    assert (played.exit_code, played.stderr) == (0, "")
    assert "- expect:" in script.read_text()


def test_there_are_example_scripts() -> None:
    assert [path.name for path in SCRIPTS] == [
        "amount-decides.script.yaml",
        "chat.script.yaml",
        "contracts.declined.script.yaml",
        "contracts.rough.script.yaml",
        "contracts.script.yaml",
        "escalation.script.yaml",
        "payment.script.yaml",
        "signing-with-reminders.script.yaml",
        "tasks.script.yaml",
    ]


def test_an_example_pipeline_is_valid_without_a_warning() -> None:
    files = [path for path in sorted(PIPELINES.glob("*.yaml")) if ".script" not in path.name]
    assert len(files) == 9
    for file in files:
        checked = CliRunner(mix_stderr=False).invoke(
            countersign, ["pipelines", "validate", str(file)]
        )
        assert (checked.exit_code, checked.stderr) == (0, ""), file.name
        assert checked.stdout.startswith(f"{file}: {file.stem}: "), file.name


def test_two_example_pipelines_are_in_german() -> None:
    german = [path.stem for path in PIPELINES.glob("*.yaml") if "language: de" in path.read_text()]
    assert sorted(german) == ["amount-decides", "payment"]


SHORT = """\
start: 2026-03-02 09:00
envelope:
  title: "Lease\\e[31m of the workshop"
  sender: anna@acme.example
  signers:
    - {email: anna@acme.example, order: 1}
    - {name: Klara Vogel, email: klara@kunde.example, order: 2}
steps:
  - event: sent
  - wait: {minutes: 90}
  - {event: signed, by: anna@acme.example}
  - edit: {number: "4711"}
  - until: 2026-03-04 16:00
  - {event: declined, by: klara@kunde.example, reason: Too dear}
"""

TOLD = """\
Contracts: Lease [31m of the workshop
2026-03-02 09:00 Europe/Berlin to 2026-03-04 16:00 Europe/Berlin

Mon 2026-03-02
  09:00     created docusign reported the envelope env-1 (provider:docusign)
            event   document.sent
                    fired the trigger sent of sent
            moved   from draft to sent as anna@acme.example (trigger:sent)
            event   signer.notified (anna@acme.example)
  10:30     event   signer.signed (anna@acme.example)
                    fired the trigger director-signed of partially-signed
            moved   from sent to partially-signed as anna@acme.example (trigger:director-signed)
            rule    Remind the client: ready, due 2026-03-05 09:00 Europe/Berlin: \
3 days after its turn, at 09:00, in working hours
            rule    Ask the client to sign: skipped: amount is empty
            event   signer.notified (klara@kunde.example)
            edited  anna@acme.example changed number (anna@acme.example)
                    number: empty -> 4711

Wed 2026-03-04
  16:00     event   signer.declined (klara@kunde.example)
                    fired the trigger declined of not-signed
                    reason: Too dear
            moved   from partially-signed to not-signed as anna@acme.example (trigger:declined)
            rule    Remind the client: cancelled: \
the document left the stage partially-signed before it began
            event   document.declined
                    reason: Too dear

In the end it is in Not signed, since 2026-03-04 16:00 Europe/Berlin
Nothing more is planned
The script has no expectations
"""


def script(folder: Path, *more: str) -> Path:
    """The short script in a file, with more steps."""
    path = folder / "lease.yaml"
    path.write_text(SHORT + "".join(f"  - {step}\n" for step in more))
    return path


def test_the_timeline_is_told_in_the_pipelines_clock_time(tmp_path: Path) -> None:
    played = simulate(CONTRACTS, script(tmp_path))
    assert (played.exit_code, played.stderr) == (0, "")
    assert played.stdout == TOLD


def test_why_tells_which_triggers_were_passed_over() -> None:
    example = PIPELINES / "contracts.script.yaml"
    why = (
        "did not match: trigger director-signed (partially-signed): "
        "the document is in the trigger's own stage"
    )
    assert why in simulate("--why", CONTRACTS, example).stdout
    assert why not in simulate(CONTRACTS, example).stdout


def test_a_missed_expectation_is_told_with_its_line_and_ends_with_1(tmp_path: Path) -> None:
    path = script(tmp_path, "expect: {stage: archived, mails: 0}")
    played = simulate(CONTRACTS, path)
    assert played.exit_code == 1
    assert played.stderr == f"{path}:15:21: stage: expected archived, found not-signed\n"
    bare = simulate(CONTRACTS, script(tmp_path)).stdout
    assert played.stdout == bare.replace("The script has no", "1 of 2").replace(
        "expectations", "expectations met"
    )


CRM = """\
pipeline: leases
time_zone: Europe/Berlin
stages:
  - id: draft
  - id: sent
    triggers:
      - {id: sent, kind: sent}
    rules:
      - {id: tell-crm, kind: call_web_address, settings: {url: "https://crm.example/"}}
"""


def refused_by_crm(folder: Path, *steps: str) -> Result:
    """A pipeline whose one rule fails, played with these steps."""
    file, path = folder / "leases.yaml", folder / "leases.script.yaml"
    file.write_text(CRM)
    begun = SHORT.partition("  - wait")[0]
    answers = "answers: {tell-crm: {status: 404}}\nsteps:"
    path.write_text(begun.replace("steps:", answers) + "".join(f"  - {one}\n" for one in steps))
    return simulate(file, path)


@pytest.mark.parametrize(
    ("steps", "code", "counted"),
    [
        ((), 1, "The script has no expectations"),
        (("expect: {stage: sent}",), 1, "1 of 1 expectations met"),
        (("expect: {rules: {tell-crm: failed}}",), 0, "1 of 1 expectations met"),
        (
            ("expect: {rules: {tell-crm: failed}, stage: sent, mails: 0}",),
            0,
            "3 of 3 expectations met",
        ),
        (("expect: {rules: {tell-crm: done}, mails: 0}",), 1, "1 of 2 expectations met"),
    ],
    ids=["nothing", "something else", "the failure", "the failure and more", "success"],
)
def test_a_rule_that_fails_fails_the_script_unless_it_is_expected_to(
    tmp_path: Path, steps: tuple[str, ...], code: int, counted: str
) -> None:
    played = refused_by_crm(tmp_path, *steps)
    assert (played.exit_code, played.stdout.splitlines()[-1]) == (code, counted), played.stderr
    assert len(played.stderr.splitlines()) == code


def test_a_rule_that_fails_is_named_with_what_to_write(tmp_path: Path) -> None:
    (line,) = refused_by_crm(tmp_path).stderr.splitlines()
    assert ": rule tell-crm in sent failed" in line
    assert line.endswith("; if it is meant to, expect it: rules: {tell-crm: failed}")


def test_each_thing_that_is_expected_counts(tmp_path: Path) -> None:
    played = refused_by_crm(
        tmp_path,
        "expect: {stage: sent, status: sent, mails: 0, rules: {tell-crm: failed}}",
        "expect: {stage: draft, fields: {title: Other, number: null}}",
    )
    assert played.stdout.splitlines()[-1] == "5 of 7 expectations met"


def test_a_bad_pipeline_is_refused_as_by_validate(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(CONTRACTS.read_text().replace("kind: send_email", "kind: send_mail", 1))
    played = simulate(bad, script(tmp_path))
    validated = CliRunner(mix_stderr=False).invoke(
        countersign,
        ["pipelines", "validate", str(bad)],
        obj=CliContext(
            user="anna@acme.example",
            open_cloud=lambda: pytest.fail("validate went to the cloud"),
            now=lambda: datetime(2026, 3, 2, tzinfo=UTC),
        ),
    )
    assert (played.exit_code, played.stdout) == (1, "")
    assert played.stderr.splitlines()[0] == validated.stderr.splitlines()[0]


def test_a_bad_script_is_refused_and_nothing_is_played(tmp_path: Path) -> None:
    path = script(tmp_path, "evnt: sent")
    played = simulate(CONTRACTS, path)
    assert (played.exit_code, played.stdout, played.stderr) == (
        1,
        "",
        f'{path}:15:5: a step cannot be "evnt"; did you mean event?\n',
    )


def test_json_holds_everything(tmp_path: Path) -> None:
    played = simulate("--output", "json", CONTRACTS, PIPELINES / "contracts.script.yaml")
    found = json.loads(played.stdout)
    mails = [moment["mail"] for moment in found["moments"] if moment["sort"] == "mail"]
    assert [mail["to"] for mail in mails] == [["klara.vogel@kunde.example"]] * 2
    assert found["document"]["document"]["stage"] == "archived"
    assert found["end"] == "2026-03-23T09:00:00Z"
