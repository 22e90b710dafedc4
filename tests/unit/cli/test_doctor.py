"""``doctor``: a line for each check, with what to do where something needs attention."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner

from countersign import __version__
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.services.senders import MemorySenders
from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.errors import NotFoundError, PermanentError, UnavailableError
from countersign.use_cases.services import Cloud
from tests.builders import mail, pipeline, stage
from tests.unit.cli.desk import ANNA, Desk

WELL = f"""\
ok         stack          reachable; 1 pipeline, 1 connection
ok         versions       the command and the stack are {__version__}
ok         search         documents are found by their words
ok         mail service   Amazon SES sends e-mails to any address
ok         senders        1 address verified
ok         secrets        no connection is waiting for a secret
ok         silence        no connection has been silent for too long
ok         runs           no run has failed or is in doubt
ok         dead letters   there are no dead letters
ok         rejected       nothing genuine was rejected
ok         held messages  no message was set aside
ok         entitlements   everything is included
"""


@pytest.fixture
def well(desk: Desk) -> Desk:
    """A stack on which all is well."""
    senders = MemorySenders(["acme.example"], to_anybody=True)
    desk.more = {"senders": senders, "version": __version__}
    return desk


def test_where_all_is_well_every_check_says_so(well: Desk) -> None:
    result = well("doctor")
    assert (result.exit_code, result.stdout) == (0, WELL)


def old_stack(desk: Desk) -> None:
    desk.more["version"] = "0.0.9"


def sandbox(desk: Desk) -> None:
    desk.more["senders"] = MemorySenders(["acme.example"], to_anybody=False)


def unverified(desk: Desk) -> None:
    desk.more["senders"] = MemorySenders([], to_anybody=True)


def waiting(desk: Desk) -> None:
    desk("connections", "create", "pandadoc", "--pipeline", "contracts")


def silent(desk: Desk) -> None:
    desk("connections", "update", "docusign", "--silent-after", "3")
    desk.world.advance(timedelta(days=5))


def paused(desk: Desk) -> None:
    desk("pipelines", "pause", "contracts")


def failed(desk: Desk) -> None:
    desk.world.mailbox = MemoryMailer(refusal=lambda _: PermanentError("no recipient"))
    wanted = pipeline(stage("work", mail("hello")), pipeline="mails", senders=["a@acme.example"])
    desk.world.publish(wanted)
    desk("documents", "create", "mails", "title=Lease")
    desk.world.settle()


@pytest.mark.parametrize(
    ("break_it", "line"),
    [
        (
            old_stack,
            f"attention  versions       the command is {__version__}, the stack is 0.0.9 -> use "
            "the command of the stack's version",
        ),
        (
            sandbox,
            "attention  mail service   Amazon SES is in its sandbox and sends e-mails to verified "
            "addresses only -> request production access: "
            "https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html",
        ),
        (
            unverified,
            "attention  senders        not verified: contracts@acme.example -> aws sesv2 "
            "create-email-identity --email-identity contracts@acme.example",
        ),
        (
            waiting,
            "attention  secrets        waiting for a secret, and refusing all messages: pandadoc "
            "-> countersign connections update pandadoc --secret",
        ),
        (
            silent,
            "attention  silence        no event came from docusign for 5 days -> countersign "
            "connections show docusign",
        ),
        (
            paused,
            "attention  stack          1 pipeline, 1 connection; paused: contracts -> countersign "
            "pipelines resume contracts",
        ),
        (failed, "attention  runs           1 failed, 0 in doubt -> countersign runs list"),
    ],
)
def test_each_problem_is_a_line_with_what_to_do(
    well: Desk, break_it: Callable[[Desk], None], line: str
) -> None:
    break_it(well)
    result = well("doctor")
    assert (result.exit_code, result.stderr) == (1, "")
    assert [one for one in result.stdout.splitlines() if not one.startswith("ok")] == [line]


def test_what_cannot_be_known_is_no_failure(desk: Desk) -> None:
    result = desk("doctor")
    unknown = [line.split()[1] for line in result.stdout.splitlines() if line[:7] == "unknown"]
    assert (result.exit_code, unknown) == (0, ["versions", "mail", "senders"])


def test_one_check_that_gets_no_answer_keeps_no_other_from_it(
    well: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise UnavailableError("S3 cannot answer now")

    monkeypatch.setattr(type(well.world.rejected), "ids", fail)
    result = well("doctor", "--output", "json")
    states = {one["check"]: one["status"] for one in json.loads(result.stdout)}
    assert (result.exit_code, states["rejected"]) == (1, "failed")
    assert [name for name, status in states.items() if status != "ok"] == ["rejected"]


def test_a_stack_that_is_not_there_is_the_one_finding() -> None:
    def away() -> Cloud:
        raise NotFoundError('there is no stack "countersign" in eu-central-1')

    context = CliContext(user=ANNA, open_cloud=away)
    result = CliRunner(mix_stderr=False).invoke(countersign, ["doctor"], obj=context)
    assert (result.exit_code, result.stdout) == (
        1,
        'failed     stack          there is no stack "countersign" in eu-central-1 -> name the '
        "stack with --stack and --region, and check your AWS credentials\n",
    )
