"""The command line, on a world in memory: what each command does, says and ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.model.connection import (
    Connection,
    ConnectionCredentials,
    FieldMapping,
    PartyMapping,
)
from countersign.model.refusal import RefusedCall
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from tests.unit.cli.desk import HOOKS, cloud_of

EVENTS = Path(__file__).parents[3] / "events"
CONTRACTS = EVENTS / "pipelines" / "contracts.yaml"
ANNA = "anna@acme.example"


class Console:
    """Runs commands as Anna; tokens count up, and webhooks reach the world's own receiver."""

    def __init__(self) -> None:
        self.world = World()
        self.tokens = (f"token{n}" for n in range(1, 100))

    def __call__(self, *arguments: str | Path) -> Result:
        world = self.world
        context = CliContext(
            user=ANNA,
            open_cloud=lambda: cloud_of(world),
            now=lambda: world.now,
            token=lambda: next(self.tokens),
            post=self.post,
        )
        return CliRunner(mix_stderr=False).invoke(countersign, [*map(str, arguments)], obj=context)

    def post(self, url: str, request: Request) -> tuple[int, str]:
        answer = receive(self.world.receiver, url.removeprefix(f"{HOOKS}/"), request).answer
        self.world.settle()
        return answer.status, answer.body

    @property
    def document(self) -> str:
        (document,) = self.world.documents.in_stage("contracts")
        return document.id


@pytest.fixture
def console() -> Iterator[Console]:
    """The example pipeline is published, DocuSign is connected, the contract is sent."""
    made = Console()
    assert made("pipelines", "publish", CONTRACTS).exit_code == 0
    connected = made(
        *("connections", "create", "docusign", "--pipeline", "contracts", "--secret", "first"),
        *("--map", "amount=amount", "--map", "currency=currency"),
        *("--map", "contract_number=number", "--responsible", ANNA),
    )
    assert connected.exit_code == 0, connected.output
    sent = made(
        "events", "send", EVENTS / "docusign" / "envelope-sent.json", "--connection", "docusign"
    )
    assert sent.exit_code == 0, sent.output
    return iter([made])


@pytest.fixture
def run(console: Iterator[Console]) -> Console:
    return next(console)


def rewritten(folder: Path, old: str, new: str) -> Path:
    """The example pipeline with one text exchanged."""
    text = CONTRACTS.read_text()
    assert old in text
    file = folder / "contracts.yaml"
    file.write_text(text.replace(old, new))
    return file


def test_a_good_file_is_told_in_one_line(run: Console) -> None:
    result = run("pipelines", "validate", CONTRACTS)
    assert (result.exit_code, result.output) == (
        0,
        f"{CONTRACTS}: contracts: 6 stages, 6 triggers, 3 rules\n",
    )


@pytest.mark.parametrize("command", ["validate", "plan", "publish"])
def test_a_bad_file_is_refused_with_every_mistake_and_ends_with_1(
    run: Console, tmp_path: Path, command: str
) -> None:
    file = rewritten(tmp_path, "kind: sent}", "kind: send}")
    file.write_text(file.read_text().replace("stage: archived", "stage: archive"))
    result = run("pipelines", command, file)
    assert result.exit_code == 1
    assert result.stdout == ""
    first, second, count = result.stderr.splitlines()
    assert first.startswith(f'{file}:21:26: trigger kind "send" is unknown; this version has ')
    assert second == (
        f'{file}:71:27: no stage "archive"; this pipeline has draft, sent, partially-signed, '
        "signed, archived, not-signed"
    )
    assert count == "2 errors"
    assert run.world.pipelines.list()[0].version == 1


def test_a_file_that_is_not_there_is_a_mistake_in_the_command(run: Console) -> None:
    assert run("pipelines", "validate", "nowhere.yaml").exit_code == 2


def test_the_plan_shows_what_publishing_then_does(run: Console, tmp_path: Path) -> None:
    file = rewritten(tmp_path, "{days: 14}", "{days: 7}")
    change = "  ~ rule archive in signed\n      time.after.days: 14 -> 7\n"
    assert run("pipelines", "plan", file).output == (
        f"contracts, against version 1:\n{change}0 added, 1 rule changed, 0 removed.\n"
    )
    assert run("pipelines", "publish", file).output == f"contracts version 2 is published\n{change}"
    already = "contracts is published like this already, as version 2\n"
    nothing = "0 added, 0 changed, 0 removed.\n"
    assert run("pipelines", "plan", file).output == f"{already}{nothing}"
    assert run("pipelines", "publish", file).output == already
    assert run("pipelines").output == (
        "PIPELINE   NAME       VERSION  DOCUMENTS  STATE\n"
        "contracts  Contracts  2        0          running\n"
    )


def test_plan_and_publish_name_the_runs_that_lead_to_what_goes(
    run: Console, tmp_path: Path
) -> None:
    run("documents", "move", run.document, "signed")
    file = rewritten(tmp_path, "settings: {stage: archived}", "settings: {stage: filed}")
    file.write_text(file.read_text().replace("{id: archived, name: Archived,", "{id: filed,"))
    told = (
        '  ! 1 waiting run of the rule archive in signed: no stage "archived"; this pipeline has '
        "draft, sent, partially-signed, signed, filed, not-signed; it stays on version 1, where "
        "this will not work; once the new one is published, `countersign runs migrate contracts` "
        f"moves it to it (for example document {run.document})\n"
    )
    assert told in run("pipelines", "plan", file).output
    assert told in run("pipelines", "publish", file).output
    assert run("runs", "migrate", "contracts", "--yes").output.endswith("1 run migrated\n")
    assert told not in run("pipelines", "plan", file).output


def test_a_timer_that_was_added_later_is_shown_and_can_be_armed(
    run: Console, tmp_path: Path
) -> None:
    waits = "{id: asleep, kind: no_reaction, settings: {stage: sent, after: {months: 1}}}"
    declined = "      - {id: declined, kind: declined}\n"
    run("pipelines", "publish", rewritten(tmp_path, declined, f"{declined}      - {waits}\n"))
    words = "  asleep is not armed for this document, because it was added after its arrival; "
    assert f"Not planned on arrival\n{words}" in run("documents", "show", run.document).output
    assert run("pipelines", "backfill", "contracts", "trigger.asleep").output == (
        "trigger.asleep is planned for 1 document\n"
    )
    shown = run("documents", "show", run.document).output
    assert "Not planned on arrival" not in shown
    assert "ready, due 2026-04-02 10:00 Europe/Berlin: 1 month after its turn" in shown


def test_rolling_back_publishes_an_old_version_as_a_new_one(run: Console, tmp_path: Path) -> None:
    run("pipelines", "publish", rewritten(tmp_path, "{days: 14}", "{days: 7}"))
    assert run("pipelines", "rollback", "contracts", "1").output == (
        "contracts version 3 is published\n"
        "  ~ rule archive in signed\n"
        "      time.after.days: 7 -> 14\n"
    )
    versions = [run.world.pipelines.version("contracts", n).pipeline for n in (1, 3)]
    assert versions[0] == versions[1]


def test_a_rule_whose_secret_is_not_kept_is_not_published_until_it_is(
    run: Console, tmp_path: Path
) -> None:
    file = rewritten(
        tmp_path,
        "kind: change_stage\n        name: Archive it after two weeks\n"
        "        time: {after: {days: 14}}\n        settings: {stage: archived}",
        "kind: call_web_address\n        settings: {url: 'secret:crm', sign_with: key}",
    )
    refusal = (
        'Error: the secret "crm" of archive is not kept; keep it first: countersign secrets set '
        'crm; the secret "key" of archive is not kept; keep it first: countersign secrets set '
        "key\n"
    )
    assert run("pipelines", "validate", file).exit_code == 0
    for command in ("plan", "publish"):
        told = run("pipelines", command, file)
        assert (told.exit_code, told.stderr.splitlines(keepends=True)[-1]) == (1, refusal)
    for name in ("crm", "key"):
        run.world.named_secrets.put(name, "x")
    assert run("pipelines", "publish", file).exit_code == 0


def test_a_stage_that_holds_documents_cannot_go(run: Console, tmp_path: Path) -> None:
    file = rewritten(
        tmp_path,
        "  - id: sent\n    name: Sent\n    triggers:\n      - {id: sent, kind: sent}\n",
        "",
    )
    refusal = (
        'Error: a stage that holds documents cannot be removed: "sent" holds 1 document; '
        "move them first\n"
    )
    planned, published = run("pipelines", "plan", file), run("pipelines", "publish", file)
    assert (planned.exit_code, planned.stderr) == (1, refusal)
    assert (published.exit_code, published.stderr) == (1, refusal)
    assert run("documents", "move", run.document, "draft").exit_code == 0
    assert run("pipelines", "publish", file).exit_code == 0


def test_connecting_makes_the_connection_its_secret_and_its_address(run: Console) -> None:
    result = run(
        *(
            "connections",
            "create",
            "documenso",
            "--pipeline",
            "contracts",
            "--id",
            "sign",
            "--secret",
            "s",
        ),
        *("--name", "Sales", "--company-domain", "acme.example", "--role", "Director=company"),
        *("--map", "Segment=segment"),
    )
    assert result.exit_code == 0
    assert result.output.startswith(
        "sign connects Documenso to the pipeline contracts\n"
        "  address  https://hooks.example/webhooks/sign.token2\n"
        "  secret   s\n"
        "\n"
        "At Documenso:\n"
        "  1. "
    )
    assert len(result.output.splitlines()) == 8
    assert run.world.connections.get("sign") == Connection(
        id="sign",
        provider="documenso",
        pipeline="contracts",
        name="Sales",
        created_at=run.world.now,
        parties=PartyMapping(roles={"Director": "company"}, company_domains=("acme.example",)),
        fields=(FieldMapping(source="Segment", field="segment"),),
    )
    assert run.world.secrets.get("sign") == ConnectionCredentials(
        connection="sign",
        provider="documenso",
        pipeline="contracts",
        tokens=("token2",),
        secrets=("s",),
    )
    assert run("connections").output == (
        "CONNECTION  PROVIDER   PIPELINE   NAME\n"
        "docusign    docusign   contracts\n"
        "sign        documenso  contracts  Sales\n"
    )


def test_new_secrets_and_addresses_stand_beside_the_old_until_those_are_retired(
    run: Console,
) -> None:
    result = run(
        *("connections", "rotate", "docusign", "--secret", "second", "--address"),
    )
    assert "  1 older address accepted until --retire\n" in result.output
    assert "  1 older secret accepted until --retire\n" in result.output
    both = run.world.secrets.get("docusign")
    assert both is not None
    assert (both.tokens, both.secrets) == (("token2", "token1"), ("second", "first"))
    run("connections", "rotate", "docusign", "--retire")
    new = run.world.secrets.get("docusign")
    assert new == both.model_copy(update={"tokens": ("token2",), "secrets": ("second",)})


REFUSED = {
    "an unknown provider": (
        ["connections", "create", "docusgn", "--pipeline", "contracts"],
        'provider "docusgn" is unknown; this version has ',
    ),
    "an unknown pipeline": (
        ["connections", "create", "documenso", "--pipeline", "contract", "--generate"],
        'there is no pipeline "contract"; published are contracts\n',
    ),
    "no secret": (
        ["connections", "create", "documenso", "--pipeline", "contracts"],
        "Documenso proves its messages with a secret; give it one, or have one made\n",
    ),
    "an id that is taken": (
        ["connections", "create", "docusign", "--pipeline", "contracts", "--generate"],
        'the connection "docusign" exists already; choose another id, or rotate it\n',
    ),
    "an id of other letters": (
        [
            "connections",
            "create",
            "documenso",
            "--pipeline",
            "contracts",
            "--generate",
            "--id",
            "a.b",
        ],
        '"a.b" is not a valid id; expected 1 to 64 letters, digits, "-" and "_"\n',
    ),
    "a field that does not exist": (
        [
            "connections",
            "create",
            "documenso",
            "--pipeline",
            "contracts",
            "--generate",
            "--map",
            "a=amuont",
        ],
        '"a" cannot be written into "amuont": documents of contracts have no such field; '
        "expected title, number, responsible, observers, amount, currency, contract_end, "
        "segment\n",
    ),
    "a connection that does not exist": (
        ["connections", "rotate", "sign", "--address"],
        'there is no connection "sign"; there are docusign\n',
    ),
    "a document that does not exist": (
        ["documents", "show", "nothing"],
        "there is no document nothing\n",
    ),
    "a document to edit": (
        ["documents", "edit", "nothing", "amount=1"],
        "there is no document nothing\n",
    ),
    "a pipeline to pause": (
        ["pipelines", "pause", "contract"],
        'there is no pipeline "contract"; published are contracts\n',
    ),
    "documents of a pipeline": (
        ["documents", "list", "--pipeline", "contract"],
        'there is no pipeline "contract"; published are contracts\n',
    ),
    "a version that does not exist": (
        ["pipelines", "rollback", "contracts", "7"],
        "pipeline contracts has no version 7\n",
    ),
    "a rule that does not exist": (
        ["pipelines", "backfill", "contracts", "rmind"],
        'version 1 has no rule "rmind" that is switched on\n',
    ),
    "an example for another provider": (
        [
            "events",
            "send",
            str(EVENTS / "documenso" / "DOCUMENT_SENT.json"),
            "--connection",
            "docusign",
        ],
        f"{EVENTS / 'documenso' / 'DOCUMENT_SENT.json'} is an example of documenso; "
        "the connection docusign is docusign's\n",
    ),
    "a file that is not a valid example": (
        ["events", "send", str(CONTRACTS), "--connection", "docusign"],
        f"{CONTRACTS} is not a valid example: the body is not valid JSON: ",
    ),
}


@pytest.mark.parametrize(("arguments", "text"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_told_in_a_line(
    run: Console, arguments: list[str], text: str
) -> None:
    result = run(*arguments)
    missing = ("there is no", 'provider "docusgn" is unknown', "pipeline contracts has no version")
    assert (result.exit_code, result.stdout) == (4 if text.startswith(missing) else 1, "")
    assert result.stderr.startswith(f"Error: {text}")
    assert len(result.stderr.splitlines()) == 1


USAGE = {
    "a change without a value": ["documents", "edit", "x", "amount"],
    "a role without a side": [
        "connections",
        "create",
        "documenso",
        "--pipeline",
        "p",
        "--role",
        "Director",
    ],
    "a side that is none": [
        "connections",
        "create",
        "documenso",
        "--pipeline",
        "p",
        "--role",
        "Director=ours",
    ],
    "a connection without a pipeline": ["connections", "create", "documenso", "--generate"],
    "a rotation of nothing": ["connections", "rotate", "docusign"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_a_command_that_makes_no_sense_ends_with_2(run: Console, arguments: list[str]) -> None:
    result = run(*[run.document if one == "x" else one for one in arguments])
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_webhook_with_a_wrong_secret_is_told_as_it_is_answered(run: Console) -> None:
    known = run.world.secrets.get("docusign")
    assert known is not None
    console_posts = run.post

    def post(url: str, request: Request) -> tuple[int, str]:
        run.world.secrets.put(known.model_copy(update={"secrets": ("other",)}))
        return console_posts(url, request)

    run.post = post  # type: ignore[method-assign]
    result = run(
        "events", "send", EVENTS / "docusign" / "envelope-voided.json", "--connection", "docusign"
    )
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: envelope-voided.json to docusign: answered 401 unauthorized\n",
    )


def test_one_example_serves_for_many_envelopes(run: Console) -> None:
    file = EVENTS / "docusign" / "envelope-sent.json"
    envelope = json.loads(file.read_text())["body"]["data"]["envelopeId"]
    result = run(
        "events", "send", file, "--connection", "docusign", "--replace", f"{envelope}=another-1"
    )
    assert (result.exit_code, result.output) == (
        0,
        "envelope-sent.json to docusign: answered 200\n",
    )
    found = run.world.documents.in_stage("contracts")
    assert {one.envelope for one in found} == {envelope, "another-1"}


def test_documents_are_listed_with_stage_and_amount(run: Console) -> None:
    assert run("documents").output == (
        "DOCUMENT                    TITLE                               PIPELINE   STAGE  "
        "SINCE (UTC)          RESPONSIBLE        AMOUNT\n"
        f"{run.document}  Framework agreement ACME and Kunde  contracts  Sent   "
        "2026-03-02 09:00:00  anna@acme.example  12,500.00 EUR\n"
    )
    assert run("documents", "--stage", "draft").output == "there are no documents\n"


def test_an_edit_is_one_save_and_tells_what_it_changed(run: Console) -> None:
    result = run("documents", "edit", run.document, "amount=3200", "segment=private", "number=")
    assert (result.exit_code, result.output) == (
        0,
        "anna@acme.example changed amount, segment, number\n",
    )
    document = run.world.document(run.document)
    assert (document.version, document.number) == (2, None)
    assert (str(document.amount), document.fields) == ("3200", {"segment": "private"})


def test_an_edit_of_a_wrong_type_changes_nothing(run: Console) -> None:
    before = run.world.document(run.document)
    result = run("documents", "edit", run.document, "segment=private", "amount=5,000")
    assert (result.exit_code, result.stderr) == (
        1,
        'Error: amount: "5,000" is not a valid number; expected digits with a point for '
        "the decimals "
        "and no separators, such as 5000 or 5000.50\n",
    )
    assert run.world.document(run.document) == before


def test_a_move_starts_the_rules_of_the_stage(run: Console) -> None:
    assert run("documents", "move", run.document, "signed", "--comment", "By post").output == (
        "By post\nmoved from sent to signed as anna@acme.example\n  archive: ready\n"
    )
    again = run("documents", "move", run.document, "signed")
    assert again.output == f"{run.document} is in signed already; no rule was started\n"


def test_a_connection_is_shown_with_its_last_events_and_refusals(run: Console) -> None:
    run.world.refusals.note(
        RefusedCall(at=run.world.now, connection="docusign", status=401, reason="no signature")
    )
    assert run("connections", "update", "docusign", "--others", "unknown").exit_code == 0
    assert run("connections", "docusign").output == (
        "docusign connects DocuSign to the pipeline contracts\n"
        "  secrets    1, addresses 1\n"
        "  API        nothing\n"
        "\n"
        "Parties, the first line that fits a signer counts\n"
        "  addresses at the sender's domain  company, unless it is a free-mail domain\n"
        "  anybody else                      is unknown\n"
        "\n"
        "Last events\n"
        "AT (UTC)             EVENT          MEANS          AUTHENTICITY  DOCUMENT\n"
        f"2026-03-02 09:00:00  envelope-sent  document.sent  signed        {run.document}\n"
        "\n"
        "Refused in the last 7 days\n"
        "AT (UTC)             STATUS  REASON\n"
        "2026-03-02 09:00:00  401     no signature\n"
    )


def test_a_document_is_made_by_hand_and_an_envelope_that_names_it_is_attached(
    run: Console,
) -> None:
    made = run("documents", "create", "contracts", "title=Lease", "amount=900").output.strip()
    assert run.world.document(made).title == "Lease"
    file = EVENTS / "docusign" / "envelope-sent.json"
    result = run(
        "events", "send", file, "--connection", "docusign",
        "--replace", "3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6=another-envelope",
        "--replace", "contract_number=countersign_document",
        "--replace", f"V-2026-0042={made}",
    )  # fmt: skip
    assert result.exit_code == 0
    document = run.world.document(made)
    assert (document.envelope, document.stage) == ("another-envelope", "sent")


def test_the_rules_of_a_documents_stage_are_stopped_and_the_document_stays(run: Console) -> None:
    run("documents", "move", run.document, "signed")
    assert run("documents", "stop", run.document).output == (
        "anna@acme.example stopped the rules of the stage signed\n  archive: cancelled\n"
    )
    assert run.world.document(run.document).stage == "signed"
    assert (
        "cancelled: anna@acme.example stopped the rules"
        in run("documents", "show", run.document).output
    )


def test_a_pipeline_is_paused_and_goes_on_with_what_came_meanwhile(run: Console) -> None:
    assert run("pipelines", "pause", "contracts").output == (
        "contracts is paused: messages are kept and no rule starts until it is resumed\n"
    )
    assert "paused" in run("pipelines").output
    file = EVENTS / "docusign" / "recipient-completed-director.json"
    assert run("events", "send", file, "--connection", "docusign").exit_code == 0
    assert run.world.document(run.document).stage == "sent"
    assert run("pipelines", "resume", "contracts").output == (
        "contracts is resumed: 1 message applied, 1 run due\n"
    )
    assert run.world.document(run.document).stage == "partially-signed"


def test_a_rule_that_came_later_runs_for_documents_that_were_there(
    run: Console, tmp_path: Path
) -> None:
    later = (
        "{id: sent, kind: sent}\n    rules:\n"
        "      - {id: note, kind: add_comment, settings: {text: Sent}}\n"
    )
    run("pipelines", "publish", rewritten(tmp_path, "{id: sent, kind: sent}\n", later))
    assert (
        run("pipelines", "backfill", "contracts", "note").output
        == "note is planned for 1 document\n"
    )
    assert (
        run("pipelines", "backfill", "contracts", "note").output
        == "note is planned for 0 documents\n"
    )


def test_runs_move_to_a_new_version_when_they_are_told_to(run: Console, tmp_path: Path) -> None:
    run("documents", "move", run.document, "signed")
    run("pipelines", "publish", rewritten(tmp_path, "{days: 14}", "{days: 7}"))
    line = (
        f"  {run.document}.3.archive: goes on with version 2, now due 2026-03-09 09:00:00+00:00\n"
    )
    assert (
        run("runs", "migrate", "contracts").output
        == f"{line}1 run to migrate; use --yes to migrate\n"
    )
    assert run("runs", "migrate", "contracts", "--yes").output == f"{line}1 run migrated\n"
    assert run("runs", "migrate", "contracts").output == "0 runs to migrate; use --yes to migrate\n"


STORY = """\
Framework agreement ACME and Kunde
  document      DOCUMENT
  pipeline      Contracts
  stage         Partially signed since 2026-03-02 10:00 Europe/Berlin
  number        V-2026-0042
  responsible   anna@acme.example
  amount        12,500.00 EUR
  envelope      3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6 at docusign: sent
  expires       2026-04-01 11:00 Europe/Berlin
  contract_end  2027-01-31
  signer        1. Anna Berger <anna.berger@acme.example> (company, Director) signed \
2026-03-02 11:15 Europe/Berlin
  signer        2. Klara Vogel <klara.vogel@kunde.example> (client, Client) waiting
  signer        3. Legal Archive <archive@acme.example> (company, Archive) waiting

Timeline (Europe/Berlin)
  2026-03-02 10:00:00  docusign reported the envelope 3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6 \
(provider:docusign)
  2026-03-02 10:00:00  provider:docusign changed amount, currency, number (provider:docusign)
                       amount: empty -> 12500
                       currency: empty -> EUR
                       number: empty -> V-2026-0042
  2026-03-02 10:00:00  document.sent (provider:docusign)
                       fired the trigger sent of sent
  2026-03-02 10:00:00  moved from draft to sent as anna@acme.example (trigger:sent)
  2026-03-02 10:00:00  signer.notified (anna.berger@acme.example), read off the state that \
envelope-sent carried (provider:docusign)
  2026-03-02 10:00:00  document.viewed (anna.berger@acme.example), read off the state that \
recipient-completed carried (provider:docusign)
                       by the provider's clock 2026-03-02 11:14:20 Europe/Berlin
  2026-03-02 10:00:00  signer.signed (anna.berger@acme.example) (provider:docusign)
                       by the provider's clock 2026-03-02 11:15 Europe/Berlin
                       fired the trigger director-signed of partially-signed
  2026-03-02 10:00:00  moved from sent to partially-signed as anna@acme.example \
(trigger:director-signed)
  2026-03-02 11:00:00  anna@acme.example changed contract_end (anna@acme.example)
                       contract_end: empty -> 2027-01-31

Rules
  Partially signed (3. stage entry, here now)
    Ask the client to sign  done 2026-03-02 10:00 Europe/Berlin
    Remind the client       ready, due 2026-03-05 09:00 Europe/Berlin: 3 days after its turn, \
at 09:00, in working hours
"""


def test_a_document_is_shown_with_its_timeline_and_what_is_planned(run: Console) -> None:
    director = EVENTS / "docusign" / "recipient-completed-director.json"
    run("events", "send", director, "--connection", "docusign")
    run.world.advance(timedelta(hours=1))
    run("documents", "edit", run.document, "contract_end=2027-01-31")
    assert run("documents", "show", run.document).output == STORY.replace("DOCUMENT", run.document)


def test_why_a_rule_was_skipped_is_told_clause_by_clause(run: Console) -> None:
    run("documents", "edit", run.document, "amount=3200")
    run("documents", "move", run.document, "partially-signed")
    run.world.settle()
    assert run("documents", "show", run.document, "--why").output.split("Rules\n")[1] == (
        "  Partially signed (3. stage entry, here now)\n"
        "    Ask the client to sign  skipped: amount 3,200 is not greater than 5,000\n"
        "                              amount greater 5,000? found 3,200: no\n"
        "                              currency equals EUR? found EUR: yes\n"
        "    Remind the client       ready, due 2026-03-05 09:00 Europe/Berlin: "
        "3 days after its turn, at 09:00, in working hours\n"
        "                            3 days after its turn, at 09:00, in working hours: "
        "Thu 2026-03-05 09:00 Europe/Berlin\n"
    )


def test_a_document_is_told_as_json_for_programs(run: Console) -> None:
    told = json.loads(run("documents", "show", run.document, "--output", "json").output)
    assert (told["document"]["id"], told["stage"], told["paused"]) == (run.document, "Sent", False)
    assert [line["kind"] for line in told["timeline"]].count("moved") == 1


def test_text_from_outside_cannot_steer_the_terminal(run: Console) -> None:
    run("documents", "edit", run.document, "title=\x1b[2Jgone\nand back")
    shown = run("documents", "show", run.document).output
    assert shown.startswith(" [2Jgone and back\n")
    assert "\x1b" not in shown + run("documents").output


def test_a_connection_may_ring_when_it_falls_silent(run: Console) -> None:
    made = run("connections", "create", "documenso", "--pipeline", "contracts", "--secret", "s")
    assert made.exit_code == 0
    quiet = ("--id", "quiet", "--pipeline", "contracts", "--secret", "s", "--silent-after", "7")
    assert run("connections", "create", "documenso", *quiet).exit_code == 0
    found = {one.id: one.silent_after for one in run.world.connections.list()}
    assert found == {"docusign": None, "documenso": None, "quiet": 7}
    assert run("connections", "create", "documenso", *quiet[:-1], "366").exit_code == 2
    for days, kept in (("3", 3), ("0", None)):
        changed = run("connections", "update", "quiet", "--silent-after", days)
        assert changed.exit_code == 0
        connection = run.world.connections.get("quiet")
        assert connection is not None
        assert connection.silent_after == kept


def test_what_a_connection_says_of_its_messages_can_be_changed(run: Console) -> None:
    before = run.world.connections.get("docusign")
    secrets = run.world.secrets.get("docusign")
    assert before is not None
    changed = run(
        *("connections", "update", "docusign", "--name", "Sales", "--role", "Vendor=company"),
        *("--company-domain", "acme.example", "--map", "number=number"),
    )
    assert changed.exit_code == 0
    assert run.world.connections.get("docusign") == before.model_copy(
        update={
            "name": "Sales",
            "parties": PartyMapping(roles={"Vendor": "company"}, company_domains=("acme.example",)),
            "fields": (FieldMapping(source="number", field="number"),),
        }
    )
    assert run.world.secrets.get("docusign") == secrets
    assert run("connections", "update", "docusign", "--role", "Buyer=client").exit_code == 0
    after = run.world.connections.get("docusign")
    assert after is not None
    assert after.parties.roles == {"Buyer": "client"}
    assert after.parties.company_domains == ("acme.example",)


def test_a_wrong_change_changes_nothing(run: Console) -> None:
    before = run.world.connections.list(), run.world.secrets.get("docusign")
    refused = run("connections", "update", "docusign", "--name", "Sales", "--map", "a=nowhere")
    assert (refused.exit_code, "have no such field" in refused.stderr) == (1, True)
    unknown = run("connections", "update", "nobody", "--name", "Sales")
    assert unknown.stderr == 'Error: there is no connection "nobody"; there are docusign\n'
    bare = run("connections", "create", "docusign")
    assert (bare.exit_code, "Missing option '--pipeline'" in bare.stderr) == (2, True)
    both = run("connections", "rotate", "docusign", "--generate", "--secret", "s")
    assert both.exit_code == 2
    assert (run.world.connections.list(), run.world.secrets.get("docusign")) == before


def test_a_connection_says_in_which_locale_envelopes_are_filled_in(run: Console) -> None:
    again = (
        "connections",
        "create",
        "docusign",
        "--id",
        "swiss",
        "--pipeline",
        "contracts",
        "--secret",
        "s",
    )
    assert run(*again, "--locale", "de-CH").exit_code == 0
    assert "  locale     de-CH\n" in run("connections", "swiss").output
    assert run("connections", "update", "swiss", "--locale", "fr").exit_code == 0
    assert "  locale     fr\n" in run("connections", "swiss").output
    refused = run("connections", "update", "swiss", "--locale", "Swiss")
    assert (refused.exit_code, refused.stderr) == (
        1,
        'Error: "Swiss" is not a known locale; expected one such as en, de or fr-CH\n',
    )
    assert "locale" not in run("connections", "docusign").output


def test_the_plan_warns_of_values_that_a_changed_field_cannot_read(
    run: Console, tmp_path: Path
) -> None:
    file = rewritten(tmp_path, "contract_end: {type: date", "contract_end: {type: text")
    assert "warning" not in run("pipelines", "plan", file).output
    file = rewritten(tmp_path, "options: [private, business]", "options: [private, trade]")
    warning = (
        '      warning: documents whose "segment" is "business" keep it, though it is not an option'
    )
    assert f"{warning} now\n" in run("pipelines", "plan", file).output
    assert f"{warning} now\n" in run("pipelines", "publish", file).output
