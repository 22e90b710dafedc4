"""Every command that changes the configuration is recorded: who, from where, before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from countersign.errors import PermanentError, UnavailableError
from countersign.model.audit import AuditEntry
from tests.unit.cli.desk import ANNA, CONTRACTS, Desk

ACTOR: dict[str, Any] = {"id": f"local:{ANNA}", "name": None, "roles": [], "signed_in_by": "local"}
FROM_HERE = {"channel": "command line", "ip": None}
DOCUSIGN = {
    "id": "docusign",
    "provider": "docusign",
    "pipeline": "contracts",
    "created_at": "2026-03-02T09:00:00Z",
    "fields": [{"source": "amount", "field": "amount"}],
    "responsible": ANNA,
}
CREDENTIALS: dict[str, Any] = {
    "secrets": 1,
    "addresses": 1,
    "options": [],
    "api_token": False,
    "api_url": None,
}


def entries(desk: Desk, *filters: str) -> list[dict[str, Any]]:
    """The audit log, newest first."""
    listed = desk("audit", "list", "--output", "json", *filters)
    assert listed.exit_code == 0, listed.stderr
    found: list[dict[str, Any]] = json.loads(listed.stdout)
    return found


def changed(desk: Desk, *command: str, answer: str | None = None) -> list[tuple[Any, ...]]:
    """What a command adds, oldest first: action, subject, outcome, before, after."""
    before = len(entries(desk))
    result = desk(*command, answer=answer)
    assert result.exit_code == 0, result.stderr
    added = entries(desk)[: len(entries(desk)) - before]
    for one in added:
        assert (one["actor"], one["source"]) == (ACTOR, FROM_HERE)
    parts = ("action", "subject", "outcome", "before", "after")
    return [tuple(one[part] for part in parts) for one in reversed(added)]


def renamed(tmp_path: Path) -> str:
    """The example pipeline under another name."""
    file = tmp_path / "contracts.yaml"
    file.write_text(CONTRACTS.read_text().replace("name: Contracts", "name: Agreements", 1))
    return str(file)


def test_publishing_and_going_back_are_recorded_with_versions_and_differences(
    desk: Desk, tmp_path: Path
) -> None:
    there = {"change": "changed", "part": "pipeline", "id": "contracts", "stage": None}
    [(action, subject, outcome, before, after)] = changed(
        desk, "pipelines", "publish", renamed(tmp_path)
    )
    assert (action, subject, outcome) == ("pipeline.published", "pipeline:contracts", "done")
    assert before == {"version": 1}
    assert after == {
        "version": 2,
        "changes": [{**there, "details": ["name: Contracts -> Agreements"]}],
    }
    assert changed(desk, "pipelines", "publish", renamed(tmp_path)) == []
    assert changed(desk, "pipelines", "rollback", "contracts", "1") == [
        (
            "pipeline.rolled_back",
            "pipeline:contracts",
            "done",
            {"version": 2},
            {
                "version": 3,
                "published_again": 1,
                "changes": [{**there, "details": ["name: Agreements -> Contracts"]}],
            },
        )
    ]


def test_the_first_version_replaces_none(desk: Desk) -> None:
    (first,) = entries(desk, "--action", "pipeline.published")
    assert (first["before"], first["after"]["version"]) == (None, 1)
    assert first["at"] == "2026-03-02T09:00:00Z"
    assert first["id"] == "20260302T090000000000Z-001"


def test_a_pause_and_its_end_are_recorded_once(desk: Desk) -> None:
    on, off = {"paused": True}, {"paused": False}
    assert changed(desk, "pipelines", "pause", "contracts") == [
        ("pipeline.paused", "pipeline:contracts", "done", off, on)
    ]
    assert changed(desk, "pipelines", "pause", "contracts") == []
    assert changed(desk, "pipelines", "resume", "contracts") == [
        ("pipeline.resumed", "pipeline:contracts", "done", on, off)
    ]
    assert changed(desk, "pipelines", "resume", "contracts") == []


def test_a_connection_is_recorded_without_its_secrets(desk: Desk) -> None:
    (made,) = entries(desk, "--subject", "connection:docusign")
    assert (made["action"], made["outcome"], made["before"]) == ("connection.created", "done", None)
    assert made["after"] == DOCUSIGN | CREDENTIALS
    update = ("connections", "update", "docusign", "--silent-after", "7")
    assert changed(desk, *update) == [
        (
            "connection.changed",
            "connection:docusign",
            "done",
            DOCUSIGN,
            DOCUSIGN | {"silent_after": 7},
        )
    ]
    assert changed(desk, *update) == []
    rotate = ("connections", "rotate", "docusign")
    two = CREDENTIALS | {"secrets": 2}
    assert changed(desk, *rotate, "--secret", answer="second-key\n") == [
        ("connection.rotated", "connection:docusign", "done", CREDENTIALS, two)
    ]
    assert changed(desk, *rotate, "--address") == [
        ("connection.rotated", "connection:docusign", "done", two, two | {"addresses": 2})
    ]
    assert changed(desk, *rotate, "--retire") == [
        ("connection.retired", "connection:docusign", "done", two | {"addresses": 2}, CREDENTIALS)
    ]
    assert changed(desk, "connections", "remove", "docusign", "--yes") == [
        (
            "connection.removed",
            "connection:docusign",
            "done",
            DOCUSIGN | {"silent_after": 7},
            None,
        )
    ]
    whole = desk("audit", "export").stdout
    assert "first" not in whole
    assert "second-key" not in whole
    assert "token" not in whole.replace("api_token", "")


def test_secrets_are_recorded_by_name_alone(desk: Desk) -> None:
    there = {"set": True}
    assert changed(desk, "secrets", "set", "crm", answer="hush-hush\n") == [
        ("secret.set", "secret:crm", "done", None, there)
    ]
    assert changed(desk, "secrets", "make", "crm", "--replace") == [
        ("secret.set", "secret:crm", "done", there, there)
    ]
    assert changed(desk, "secrets", "remove", "crm") == [
        ("secret.removed", "secret:crm", "done", there, None)
    ]
    whole = desk("audit", "export").stdout
    assert "hush-hush" not in whole
    assert "whsec_" not in whole


def test_removing_a_pipeline_is_recorded(desk: Desk) -> None:
    desk("connections", "remove", "docusign", "--yes")
    remove = ("pipelines", "remove", "contracts", "--and-documents", "--yes")
    assert changed(desk, *remove) == [
        ("pipeline.removed", "pipeline:contracts", "done", {"version": 1, "documents": 1}, None)
    ]


def test_setting_what_the_plan_includes_is_recorded_once(desk: Desk) -> None:
    before: dict[str, Any] = {
        "automation": True,
        "trigger_kinds": None,
        "rule_kinds": None,
        "pipelines": None,
        "rules": None,
        "plan": "",
    }
    limit = ("entitlements", "set", "--rules", "9", "--plan", "Basic")
    assert changed(desk, *limit) == [
        (
            "entitlements.set",
            "entitlements:deployment",
            "done",
            before,
            before | {"rules": 9, "plan": "Basic"},
        )
    ]
    assert changed(desk, *limit) == []


def test_what_changes_nothing_is_not_recorded(desk: Desk) -> None:
    number = len(entries(desk))
    for refused in (
        ("pipelines", "pause", "hr"),
        ("pipelines", "rollback", "contracts", "7"),
        ("pipelines", "remove", "contracts", "--yes"),
        ("connections", "create", "docusign", "--pipeline", "contracts", "--secret", "s"),
        ("connections", "update", "docusign", "--responsible", "nobody"),
        ("connections", "remove", "other", "--yes"),
        ("secrets", "remove", "crm"),
        ("entitlements", "set", "--rules", "-1"),
        ("pipelines", "list"),
        ("documents", "create", "contracts", "title=Lease"),
    ):
        desk(*refused)
    assert len(entries(desk)) == number


def test_a_change_whose_end_is_not_known_stays_requested(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(name: str, value: str) -> None:
        raise UnavailableError("the parameter store gave no answer")

    monkeypatch.setattr(desk.world.named_secrets, "put", no_answer)
    assert desk("secrets", "set", "crm", answer="x\n").exit_code == 1
    first = entries(desk)[0]
    assert (first["action"], first["outcome"]) == ("secret.set", "requested")
    assert (first["concluded_at"], first["reason"]) == (None, None)


def test_a_change_that_is_refused_has_failed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(name: str, value: str) -> None:
        raise PermanentError("the parameter store refused it")

    monkeypatch.setattr(desk.world.named_secrets, "put", refuses)
    assert desk("secrets", "set", "crm", answer="x\n").exit_code == 1
    first = entries(desk)[0]
    assert (first["outcome"], first["concluded_at"]) == ("failed", "2026-03-02T09:00:00Z")
    assert first["reason"] == "PermanentError: the parameter store refused it"


def test_nothing_is_changed_that_cannot_be_recorded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(entry: AuditEntry | None) -> None:
        if entry is not None:
            raise UnavailableError("DynamoDB gave no answer")

    monkeypatch.setattr(desk.world.state, "record", no_answer)
    assert desk("secrets", "set", "crm", answer="x\n").exit_code == 1
    assert desk.world.named_secrets.list() == ()
    assert desk("pipelines", "pause", "contracts").exit_code == 1
    head = desk.world.pipelines.head("contracts")
    assert head is not None
    assert not head.paused


def test_the_list_says_who_did_what_and_what_changed(desk: Desk) -> None:
    desk("pipelines", "pause", "contracts")
    listed = desk("audit", "list", "--newest", "1").stdout
    assert listed == (
        "AT (UTC)             ACTOR                    FROM          ACTION           SUBJECT"
        "             OUTCOME  CHANGE\n"
        "2026-03-02 09:00:00  local:anna@acme.example  command line  pipeline.paused  "
        "pipeline:contracts  done     paused false -> true\n"
        "there are older ones; --newest lists more\n"
    )


def test_the_audit_log_is_filtered(desk: Desk) -> None:
    def actions(*filters: str) -> list[str]:
        return [one["action"] for one in entries(desk, *filters)]

    assert actions() == ["connection.created", "pipeline.published"]
    assert actions("--subject", "pipeline") == ["pipeline.published"]
    assert actions("--subject", "pipeline:other") == []
    assert actions("--actor", f"local:{ANNA}") == ["connection.created", "pipeline.published"]
    assert actions("--actor", ANNA) == []
    assert actions("--since", "2026-03-02T09:00:00") == ["connection.created", "pipeline.published"]
    assert actions("--until", "2026-03-02T09:00:00") == []
    assert desk("audit", "list", "--actor", ANNA).stdout == "nothing was changed\n"


def test_an_unknown_subject_or_action_is_refused_with_what_was_meant(desk: Desk) -> None:
    for given, says in (
        (("--action", "pipeline.publish"), "did you mean pipeline.published"),
        (("--subject", "pipelines:a"), 'there is no subject "pipelines"; did you mean pipeline'),
        (("--since", "yesterday"), "does not match the formats"),
    ):
        refused = desk("audit", "list", *given)
        assert (refused.exit_code, says in refused.stderr) == (2, True), refused.stderr


def test_the_export_has_a_line_for_each_entry(desk: Desk) -> None:
    lines = desk("audit", "export").stdout.splitlines()
    assert [json.loads(line) for line in lines] == entries(desk)
    assert desk("audit", "export", "--action", "secret.set").stdout == ""
