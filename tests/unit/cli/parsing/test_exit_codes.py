"""What commands end with: 0, 1 error, 2 usage, 3 not allowed, 4 not found, 10 from plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import our_error
from countersign.cli.parsing.groups import exit_code
from countersign.errors import NotAllowedError, PermanentError, UnavailableError
from tests.builders import pipeline, stage
from tests.unit.cli.desk import EVENTS, Desk

NOT_FOUND = [
    ("documents", "show", "nothing"),
    ("documents", "edit", "nothing", "amount=1"),
    ("documents", "list", "--pipeline", "leases"),
    ("documents", "list", "--stage", "nowhere"),
    ("documents", "create", "leases"),
    ("documents", "call", "nothing", "code"),
    ("connections", "show", "sales"),
    ("connections", "update", "sales", "--name", "Sales"),
    ("connections", "rotate", "sales", "--address"),
    ("connections", "remove", "sales", "--yes"),
    ("connections", "create", "docsign", "--pipeline", "contracts"),
    ("connections", "create", "documenso", "--pipeline", "leases", "--generate"),
    ("pipelines", "show", "leases"),
    ("pipelines", "versions", "leases"),
    ("pipelines", "rollback", "contracts", "7"),
    ("pipelines", "pause", "leases"),
    ("pipelines", "resume", "leases"),
    ("pipelines", "backfill", "leases", "rule"),
    ("pipelines", "remove", "leases", "--yes"),
    ("runs", "list", "--document", "nothing"),
    ("runs", "retry", "nothing.1.rule"),
    ("runs", "migrate", "leases"),
    ("tasks", "show", "nothing.1.rule"),
    ("tasks", "complete", "nothing.1.rule"),
    ("tasks", "list", "--document", "nothing"),
    ("secrets", "remove", "crm"),
    ("rejected", "show", "docusign.nothing"),
    ("rejected", "list", "sales"),
    ("dead-letters", "list", "nowhere"),
    ("held-messages", "list", "leases"),
    ("held-messages", "drop", "leases", "--yes"),
    ("providers", "show", "docsign"),
    ("events", "send", "--connection", "sales", str(EVENTS / "docusign" / "envelope-sent.json")),
    ("events", "inspect", "docsign", str(EVENTS / "docusign" / "envelope-sent.json")),
]


@pytest.mark.parametrize("arguments", NOT_FOUND, ids=lambda words: " ".join(words[:3]))
def test_what_does_not_exist_ends_with_4(desk: Desk, arguments: tuple[str, ...]) -> None:
    result = desk(*arguments)
    assert result.exit_code == 4, result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("documents", "shw"),
        ("nouns", "list"),
        ("documents", "edit", "d"),
        ("documents", "edit", "d", "amount"),
        ("runs", "retry"),
        ("runs", "retry", "no key"),
        ("tasks", "show", "no-key"),
        ("pipelines", "publish", "nowhere.yaml"),
        ("connections", "create", "docusign"),
        ("connections", "rotate", "docusign"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_ends_with_2(desk: Desk, arguments: tuple[str, ...]) -> None:
    assert desk(*arguments).exit_code == 2


def test_a_task_of_somebody_else_ends_with_3() -> None:
    desk = Desk()
    check = {
        "id": "check",
        "kind": "create_task",
        "settings": {"title": "Check it", "assignee": "ben@acme.example"},
    }
    desk.world.publish(pipeline(stage("work", check), pipeline="checks"))
    made = desk("documents", "create", "checks", "title=Lease").stdout.strip()
    desk.world.settle()
    refused = desk("tasks", "complete", f"{made}.1.check")
    assert (refused.exit_code, "is assigned to ben@acme.example" in refused.stderr) == (3, True)
    assert desk("tasks", "complete", f"{made}.1.check", "--as-operator").exit_code == 0
    again = desk("tasks", "complete", f"{made}.1.check", "--as-operator")
    assert (again.exit_code, "is done already" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("code", "status", "wanted", "ends"),
    [
        ("AccessDeniedException", 400, NotAllowedError, 3),
        ("AccessDenied", 403, NotAllowedError, 3),
        ("UnrecognizedClientException", 400, NotAllowedError, 3),
        ("InvalidClientTokenId", 403, NotAllowedError, 3),
        ("ResourceNotFoundException", 400, PermanentError, 1),
        ("ThrottlingException", 400, UnavailableError, 1),
    ],
)
def test_a_refusal_of_aws_for_want_of_rights_ends_with_3(
    code: str, status: int, wanted: type[Exception], ends: int
) -> None:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = our_error("DynamoDB", ClientError(answer, "GetItem"))  # type: ignore[arg-type]
    assert (type(error), exit_code(error)) == (wanted, ends)


def test_plan_ends_with_10_where_it_is_asked_and_something_changes(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(desk.example.read_text().replace("{days: 14}", "{days: 7}"))
    assert desk("pipelines", "plan", str(file)).exit_code == 0
    assert desk("pipelines", "plan", str(file), "--exit-code").exit_code == 10
    assert desk("pipelines", "plan", str(desk.example), "--exit-code").exit_code == 0
    file.write_text(file.read_text().replace("  - id: sent\n    name: Sent\n", "  - id: gone\n"))
    assert desk("pipelines", "plan", str(file), "--exit-code").exit_code == 1


def test_one_failure_among_several_kinds_ends_with_1(desk: Desk) -> None:
    settled = f"{desk.document}.1.x"
    assert desk("runs", "retry", settled, "nothing.1.rule").exit_code == 4
