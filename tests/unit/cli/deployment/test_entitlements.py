"""What the plan includes is shown and set, and every command that it concerns says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.desk import CONTRACTS, Desk
from tests.unit.cli.test_doctor import WELL

NOT_INCLUDED = "automation is not included in this deployment's plan"


def limited(desk: Desk, *options: str) -> None:
    """Set what the plan includes."""
    result = desk("entitlements", "set", *options)
    assert result.exit_code == 0, result.stderr


def record(desk: Desk, *command: str) -> Any:
    """What a command says to programs."""
    return json.loads(desk(*command, "--output", "json").stdout)


def test_everything_is_included_unless_it_is_set_otherwise(desk: Desk) -> None:
    assert desk("entitlements", "show").stdout == (
        "plan           without a name\n"
        "automation     included\n"
        "trigger kinds  all\n"
        "rule kinds     all\n"
        "pipelines      any number\n"
        "rules          any number in a pipeline\n"
    )


def test_a_plan_is_set_and_limits_are_taken_away_again(desk: Desk) -> None:
    told = desk(
        *("entitlements", "set", "--plan", "Basic", "--no-automation", "--pipelines", "2"),
        *("--rules", "5", "--rule-kinds", "send_email, create_task", "--trigger-kinds", "sent"),
    )
    assert (told.exit_code, told.stdout) == (
        0,
        "plan           Basic\n"
        "automation     not included\n"
        "trigger kinds  sent\n"
        "rule kinds     create_task, send_email\n"
        "pipelines      2\n"
        "rules          5 in a pipeline\n",
    )
    limited(desk, "--automation", "--pipelines", "all", "--rules", "all", "--rule-kinds", "all")
    assert record(desk, "entitlements", "show") == {
        "automation": True,
        "trigger_kinds": ["sent"],
        "rule_kinds": None,
        "pipelines": None,
        "rules": None,
        "plan": "Basic",
        "version": 2,
    }


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ((), 2, "nothing to set"),
        (("--rules", "-1"), 1, '"-1" is not valid for rules'),
        (("--rules", "five"), 1, '"five" is not valid for rules'),
        (("--rule-kinds", "send_mail"), 4, "did you mean send_email"),
        (("--trigger-kinds", "sent,signed"), 4, 'there is no kind of trigger "signed"'),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, options: tuple[str, ...], code: int, says: str
) -> None:
    refused = desk("entitlements", "set", *options)
    assert (refused.exit_code, says in refused.stderr) == (code, True), refused.stderr
    assert record(desk, "entitlements", "show")["version"] == 0


def test_publishing_what_is_not_included_is_not_allowed(desk: Desk, tmp_path: Path) -> None:
    limited(desk, "--rules", "1", "--plan", "Basic")
    refused = desk("pipelines", "publish", str(CONTRACTS))
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "this deployment's plan Basic includes 1 rule in a pipeline" in refused.stderr
    planned = desk("pipelines", "plan", str(CONTRACTS))
    assert planned.exit_code == 1
    assert "this deployment's plan Basic includes 1 rule in a pipeline" in planned.stderr


def test_lists_say_what_was_published_before_the_plan_changed(desk: Desk) -> None:
    first = record(desk, "pipelines", "list")[0]
    assert (first["automation"], first["not_included"]) == (True, [])
    limited(desk, "--rule-kinds", "all", "--trigger-kinds", "sent")
    (listed,) = record(desk, "pipelines", "list")
    shown = record(desk, "pipelines", "show", "contracts")
    parts = ["director-signed", "all-signed", "declined", "voided", "expired"]
    assert (listed["not_included"], shown["not_included"]) == (parts, parts)
    told = (
        "published before the plan changed: director-signed, all-signed, declined, voided, expired "
        "not included"
    )
    assert desk("pipelines", "list").stdout.splitlines()[-1] == f"contracts: {told}"
    assert desk("pipelines", "show", "contracts").stdout.splitlines()[1] == f"# {told}"


def test_without_automation_lists_documents_and_publishing_say_so(desk: Desk) -> None:
    limited(desk, "--no-automation")
    assert desk("pipelines", "list").stdout == (
        "PIPELINE   NAME       VERSION  DOCUMENTS  STATE\n"
        "contracts  Contracts  1        0          running, without automation\n"
        f"{NOT_INCLUDED}: no trigger fires and no rule is planned\n"
    )
    shown = desk("documents", "show", desk.document, "--why").stdout
    assert f"Contracts ({NOT_INCLUDED})" in shown
    planned = desk("pipelines", "plan", str(CONTRACTS))
    assert planned.exit_code == 0
    assert f"{NOT_INCLUDED}: no trigger fires and no rule is planned" in planned.stdout
    refused = desk("pipelines", "backfill", "contracts", "archive")
    assert (refused.exit_code, NOT_INCLUDED in refused.stderr) == (3, True)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            ("--rules", "50", "--pipelines", "1", "--plan", "Basic"),
            "ok         entitlements   the plan Basic includes 1 pipeline, 50 rules in a pipeline",
        ),
        (
            ("--no-automation",),
            "ok         entitlements   the plan includes no automation",
        ),
        (
            ("--rules", "1"),
            "ok         entitlements   the plan includes 1 rule in a pipeline; published with more "
            "before: contracts -> countersign pipelines show contracts",
        ),
    ],
)
def test_doctor_says_what_is_limited(desk: Desk, options: tuple[str, ...], line: str) -> None:
    assert "everything is included" in WELL
    limited(desk, *options)
    assert line in desk("doctor").stdout.splitlines()


def test_doctor_finds_a_switch_that_was_interrupted(desk: Desk) -> None:
    limited(desk, "--no-automation")
    desk.world.pipelines.set_automation("contracts", True)
    told = desk("doctor")
    assert told.exit_code == 1
    assert (
        "attention  entitlements   automation is not switched yet for contracts -> "
        "countersign entitlements set --no-automation"
    ) in told.stdout.splitlines()
