"""``pipelines simulate`` tells of calls, chat messages, events and SMS; no secret is needed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.simulation.secrets import PlaceholderCredentials
from countersign.use_cases.services import Cloud

PIPELINE = """\
pipeline: contracts
name: Contracts
time_zone: Europe/Berlin
stages:
  - id: draft
  - id: sent
    triggers: [{id: sent, kind: sent}]
    rules:
      - id: team
        kind: post_message
        name: Tell the team
        settings:
          service: teams
          to: secret:team-chat
          title: News
          text: |
            {{ document.title }} is out.
            Wait for it.
      - id: crm
        kind: call_web_address
        name: Tell the CRM
        settings:
          url: secret:crm-address
          headers: {authorization: "Bearer secret:crm-token"}
          sign_with: crm-key
          body: {title: "{{ document.title }}"}
      - id: told
        kind: publish_event
        name: Publish
        settings: {name: ContractSent, detail: {title: "{{ document.title }}"}}
      - id: sms
        kind: send_sms
        name: Send an SMS
        settings: {to: "+49 151 12345678", sender: ACME, text: Please sign}
"""
SCRIPT = """\
start: 2026-03-02 09:00
envelope:
  title: Lease
  sender: anna@acme.example
  signers: [{email: klara@kunde.example, order: 1}]
steps: [{event: sent}]
"""
TOLD = """\
            rule    Tell the team: done
            post    to secret:team-chat
                    | News
                    | Lease is out.
                    | Wait for it.
            rule    Tell the CRM: done
            call    POST secret:crm-address
                    | {"title": "Lease"}
            rule    Publish: done
            bus     ContractSent
                    | {"idempotency_key": "RUN.told", "title": "Lease"}
            rule    Send an SMS: done
            sms     to +4915112345678 from ACME
                    | Please sign
"""


def simulated(folder: Path, *options: str, pipeline: str = PIPELINE) -> str:
    """What the command prints, without any stack to go to."""

    def no_cloud() -> Cloud:
        raise AssertionError("the simulation went to the cloud")

    (folder / "pipeline.yaml").write_text(pipeline)
    (folder / "script.yaml").write_text(SCRIPT)
    context = CliContext(
        user="anna@acme.example", open_cloud=no_cloud, now=lambda: datetime(2026, 3, 2, tzinfo=UTC)
    )
    files = [str(folder / "pipeline.yaml"), str(folder / "script.yaml")]
    runner = CliRunner(mix_stderr=False)
    ended = runner.invoke(countersign, ["pipelines", "simulate", *files, *options], obj=context)
    assert (ended.exit_code, ended.stderr) == (0, "")
    return ended.stdout


def test_everything_that_would_go_out_is_told_at_its_time(tmp_path: Path) -> None:
    played = json.loads(simulated(tmp_path, "--output", "json"))
    run = f"{played['document']['document']['id']}.2"
    assert TOLD.replace("RUN", run) in simulated(tmp_path)


def test_secrets_are_told_by_their_names(tmp_path: Path) -> None:
    moments = json.loads(simulated(tmp_path, "--output", "json"))["moments"]
    calls = [moment["call"] for moment in moments if moment["call"]]
    assert [call["url"] for call in calls] == ["secret:team-chat", "secret:crm-address"]
    assert calls[1]["headers"]["authorization"] == "Bearer secret:crm-token"


def test_a_long_body_is_cut_for_readers_and_whole_in_json(tmp_path: Path) -> None:
    long = PIPELINE.replace('body: {title: "{{ document.title }}"}', f"body: {'x' * 300}")
    assert f"| {'x' * 240}…\n" in simulated(tmp_path, pipeline=long)
    assert f'"{"x" * 300}"' in simulated(tmp_path, "--output", "json", pipeline=long)


def test_a_made_up_secret_is_the_same_every_time_and_hides_behind_its_name() -> None:
    secrets, others = PlaceholderCredentials(), PlaceholderCredentials()
    assert secrets.get("a") == others.get("a") != secrets.get("b")
    assert secrets.hidden(f"x {secrets.get('b')} {secrets.get('a')}") == "x secret:b secret:a"
    secrets.put("a", "https://chat.example")
    assert secrets.hidden("https://chat.example/x") == "secret:a/x"
