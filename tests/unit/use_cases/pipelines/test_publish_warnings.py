"""Publishing warns of what it can know about the stack: senders, APIs, tokens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from countersign.adapters.memory.services.senders import MemorySenders
from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.errors import UnavailableError
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.simulation.world import World
from countersign.use_cases.pipelines.publish_warnings import Stack, publish_warnings
from tests.builders import pipeline, stage, trigger
from tests.unit.cli.desk import cloud_of

PDF = {
    "id": "thank",
    "kind": "send_email",
    "settings": {
        "from": "contracts@acme.example",
        "to": ["client"],
        "subject": "Signed",
        "text": "Thank you",
        "attachments": ["signed_pdf"],
    },
}
REMIND = {"id": "remind", "kind": "remind_signer", "time": {"after": {"days": 3}}}
STAGES = (
    stage("sent", REMIND),
    stage("done", PDF, triggers=[trigger("signed_by_all")]),
)
BOLDSIGN_PDF = (
    "the connection boldsign has no API token for the signed PDF; set it: countersign connections "
    "update boldsign --api-token"
)
DOCUSIGN_PDF = (
    "DocuSign (connection docusign) does not offer the signed PDF, so this rule fails for its "
    "documents; give it a condition on the provider that leaves them out"
)


def warned(world: World, *stages: dict[str, Any], **more: Any) -> list[str]:
    """What is said of a pipeline in a world."""
    stack = Stack(connections=world.connections, secrets=world.secrets)
    return [one.text for one in publish_warnings(stack, pipeline(*stages, **more))]


def connected(*providers: str, token: str | None = None) -> World:
    """A world with connections of these providers to the pipeline."""
    world = World()
    for name in providers:
        secrets = ConnectionCredentials(
            connection=name, provider=name, pipeline="contracts", tokens=("t",), api_token=token
        )
        world.connect(Connection(id=name, provider=name, pipeline="contracts"), secrets)
    return world


def test_a_provider_that_does_not_offer_what_a_rule_needs_is_told() -> None:
    texts = warned(connected("docusign"), *STAGES)
    assert texts == [DOCUSIGN_PDF.replace("the signed PDF", "reminders"), DOCUSIGN_PDF]


def test_a_rule_that_is_switched_off_asks_for_nothing_and_hides_none_below() -> None:
    off = {**PDF, "id": "off", "enabled": False}
    done = stage("done", off, PDF, triggers=[trigger("signed_by_all")])
    assert warned(connected("docusign"), stage("sent"), done) == [DOCUSIGN_PDF]


def test_a_missing_api_token_is_told_with_the_command_that_sets_it() -> None:
    assert warned(connected("boldsign"), *STAGES) == [
        BOLDSIGN_PDF.replace("the signed PDF", "reminders"),
        BOLDSIGN_PDF,
    ]
    assert warned(connected("boldsign", token="key"), *STAGES) == []


def test_each_sender_that_is_not_verified_is_told_at_its_place_whatever_stands_above_it() -> None:
    world = World()
    senders = (
        "nobody",
        "contracts@acme.example",
        "@kunde.example",
        "a@other.example",
        "@no.example",
    )
    stack = Stack(
        connections=world.connections,
        secrets=world.secrets,
        senders=MemorySenders(["acme.example", "kunde.example"]),
    )
    wanted = pipeline(stage("draft")).model_copy(update={"senders": senders})
    assert [(one.place, one.text, one.severity) for one in publish_warnings(stack, wanted)] == [
        (
            ("senders", 3),
            "Amazon SES has not verified a@other.example, and refuses e-mails from it; verify the "
            "address or its domain: aws sesv2 create-email-identity --email-identity "
            "a@other.example",
            "warning",
        ),
        (
            ("senders", 4),
            "Amazon SES has not verified the domain no.example, and refuses e-mails from its "
            "addresses; verify it: aws sesv2 create-email-identity --email-identity no.example",
            "warning",
        ),
    ]


LINKED = {
    "id": "invite",
    "kind": "send_email",
    "settings": {
        "from": "contracts@acme.example",
        "to": ["client"],
        "subject": "To sign",
        "text": "Sign: {{ signer.signing_link }}",
    },
}
NEEDS = {
    "the link to sign": LINKED,
    "the audit trail": {**PDF, "settings": {**PDF["settings"], "attachments": ["audit_trail"]}},  # type: ignore[dict-item]
    "the unsigned document": {**PDF, "settings": {**PDF["settings"], "attachments": ["document"]}},  # type: ignore[dict-item]
}
OWN = (
    "DocuSign (connection docusign) does not offer the unsigned document, so this rule fails for "
    "its documents that have no contract of their own; give it a condition on the provider that "
    "leaves them out, or add their contracts: countersign documents files add DOCUMENT FILE --kind "
    "contract"
)


@pytest.mark.parametrize("offer", NEEDS)
def test_links_and_files_that_a_provider_has_not_are_told(offer: str) -> None:
    rule = NEEDS[offer]
    lacks = DOCUSIGN_PDF.replace("the signed PDF", offer)
    assert warned(connected("docusign"), stage("sent", rule)) == [
        OWN if offer == "the unsigned document" else lacks
    ]
    assert warned(connected("yousign"), stage("sent", rule)) == [
        f"the connection yousign has no API token for {offer}; set it: countersign connections "
        "update yousign --api-token"
    ]
    assert warned(connected("yousign", token="key"), stage("sent", rule)) == []
    assert warned(connected(), stage("sent", rule)) == []


@pytest.mark.parametrize("offer", NEEDS)
def test_a_condition_on_the_provider_leaves_the_others_out(offer: str) -> None:
    condition = {"field": "provider", "op": "equals", "value": "yousign"}
    rule = {**NEEDS[offer], "condition": condition}
    assert warned(connected("docusign"), stage("sent", rule)) == []
    assert len(warned(connected("yousign"), stage("sent", rule))) == 1


@pytest.mark.parametrize("provider", ["docusign", "yousign"])
def test_a_condition_on_the_files_says_that_documents_have_their_own_contract(
    provider: str,
) -> None:
    condition = {"field": "files", "op": "contains", "value": "contract"}
    rule = {**NEEDS["the unsigned document"], "condition": condition}
    assert warned(connected(provider), stage("sent", rule)) == []
    assert len(warned(connected(provider), stage("sent", {**LINKED, "condition": condition}))) == 1


def test_a_link_by_a_template_needs_the_provider_and_text_about_links_does_not() -> None:
    by_template = {**LINKED, "settings": {**LINKED["settings"], "template": "invite"}}  # type: ignore[dict-item]
    del by_template["settings"]["text"]  # type: ignore[attr-defined]
    templates = {"invite": {"text": "Sign: {{ signer.signing_link }}"}}
    told = [DOCUSIGN_PDF.replace("the signed PDF", "the link to sign")]
    world = connected("docusign")
    assert warned(world, stage("sent", by_template), mail_templates=templates) == told
    plain = {**LINKED, "settings": {**LINKED["settings"], "text": "Your link to sign follows"}}  # type: ignore[dict-item]
    assert warned(world, stage("sent", plain)) == []


def test_each_connection_of_the_pipeline_is_looked_at_and_no_other() -> None:
    world = connected("docusign", "boldsign", "stripe")
    elsewhere = Connection(id="elsewhere", provider="docusign", pipeline="other")
    world.connect(elsewhere)
    assert warned(world, STAGES[1]) == [BOLDSIGN_PDF, DOCUSIGN_PDF]
    assert warned(connected(), *STAGES) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"enabled": False},
        {"condition": {"field": "provider", "op": "differs", "value": "docusign"}},
        {"condition": {"any": [{"all": [{"field": "provider", "op": "equals", "value": "x"}]}]}},
        {"settings": {**PDF["settings"], "attachments": []}},  # type: ignore[dict-item]
    ],
)
def test_a_rule_that_leaves_the_provider_out_is_fine(changed: dict[str, Any]) -> None:
    assert warned(connected("docusign"), stage("done", {**PDF, **changed})) == []


def test_a_condition_on_something_else_changes_nothing() -> None:
    condition = {"field": "amount", "op": "greater", "value": 5}
    assert warned(connected("docusign"), stage("done", {**PDF, "condition": condition})) == [
        DOCUSIGN_PDF
    ]


def test_secrets_that_cannot_be_read_now_are_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    world = connected("boldsign")

    def fail(connection: str) -> ConnectionCredentials:
        raise UnavailableError(connection)

    monkeypatch.setattr(world.secrets, "get", fail)
    assert warned(world, *STAGES) == []


@pytest.mark.parametrize(
    ("verified", "told"),
    [
        (None, []),
        ([], ["contracts@acme.example", "eva@sub.house.example"]),
        (["acme.example", "house.example"], []),
        (["contracts@acme.example"], ["eva@sub.house.example"]),
        (["use.example"], ["contracts@acme.example", "eva@sub.house.example"]),
    ],
)
def test_a_sender_that_is_not_verified_is_told(verified: list[str] | None, told: list[str]) -> None:
    world = World()
    stack = Stack(
        connections=world.connections, secrets=world.secrets, senders=MemorySenders(verified)
    )
    written = pipeline(
        stage("a"), senders=["Acme <contracts@acme.example>", "eva@sub.house.example"]
    )
    problems = publish_warnings(stack, written)
    assert [one.text.split()[5].rstrip(",") for one in problems] == told
    assert {one.severity for one in problems} <= {"warning"}
    assert [one.place for one in problems] == [
        ("senders", ["contracts@acme.example", "eva@sub.house.example"].index(one)) for one in told
    ]


def test_plan_publish_and_rollback_show_them_and_do_their_work(tmp_path: Path) -> None:
    world = connected("docusign")
    file = tmp_path / "contracts.yaml"

    def run(*arguments: str) -> Result:
        context = CliContext(
            user="anna",
            open_cloud=lambda: replace(cloud_of(world), senders=MemorySenders([])),
            now=lambda: world.now,
        )
        return CliRunner(mix_stderr=False).invoke(countersign, arguments, obj=context)

    written = {"pipeline": "contracts", "senders": ["contracts@acme.example"], "stages": [*STAGES]}
    file.write_text(yaml.safe_dump(written, sort_keys=False))
    sender = (
        f"  ! {file}:3:3: warning: Amazon SES has not verified contracts@acme.example, and refuses "
        "e-mails from it; verify the address or its domain: aws sesv2 create-email-identity "
        "--email-identity contracts@acme.example\n"
    )
    for command in ("plan", "publish"):
        result = run("pipelines", command, str(file))
        assert result.exit_code == 0, result.stderr
        assert result.stderr == ""
        assert sender in result.stdout
        assert DOCUSIGN_PDF in result.stdout
    assert world.pipelines.head("contracts") is not None
    assert run("pipelines", "publish", str(file)).stdout == (
        "contracts is published like this already, as version 1\n"
    )
    file.write_text(file.read_text().replace("days: 3", "days: 4"))
    assert run("pipelines", "publish", str(file)).exit_code == 0
    back = run("pipelines", "rollback", "contracts", "1")
    assert "  ! Amazon SES has not verified contracts@acme.example" in back.stdout
    assert run("pipelines", "validate", str(file)).stderr == ""


def test_a_whole_domain_that_is_not_verified_is_told() -> None:
    world = World()
    stack = Stack(
        connections=world.connections,
        secrets=world.secrets,
        senders=MemorySenders(["nord.example", "anna@acme.example"]),
    )
    senders = ["@acme.example", "@mail.nord.example", "@g\u00e4rten.example"]
    told = publish_warnings(stack, pipeline(stage("a"), senders=senders))
    assert [(one.place, one.text) for one in told] == [
        (
            ("senders", n),
            f"Amazon SES has not verified the domain {domain}, and refuses e-mails from its "
            f"addresses; verify it: aws sesv2 create-email-identity --email-identity {domain}",
        )
        for n, domain in ((0, "acme.example"), (2, "xn--grten-gra.example"))
    ]
