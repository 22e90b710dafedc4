"""What shells complete: commands, options, and values of the stack."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import BashComplete, ShellComplete
from click.testing import CliRunner

from countersign.cli.commands import COMMANDS, countersign
from countersign.cli.completion import VARIABLE
from countersign.cli.context import CliContext
from countersign.errors import UnavailableError
from tests.unit.cli.desk import ANNA, Desk, cloud_of


def offered(desk: Desk, *words: str, begun: str = "") -> list[str]:
    """What a shell offers after these words."""
    context = CliContext(user=ANNA, open_cloud=lambda: cloud_of(desk.world))
    return offers(context, words, begun)


def offers(context: CliContext, words: tuple[str, ...], begun: str = "") -> list[str]:
    completes = ShellComplete(countersign, {"obj": context}, "countersign", VARIABLE)
    return [item.value for item in completes.get_completions([*words], begun)]


def test_commands_and_verbs_are_offered(desk: Desk) -> None:
    assert offered(desk) == list(COMMANDS)
    assert offered(desk, begun="re") == ["rejected"]
    assert offered(desk, "documents", begun="s") == ["show", "stop"]
    assert offered(desk, "connections", begun="r") == ["rotate", "remove"]
    assert offered(desk, "documents", "list", begun="--s") == ["--stage"]


@pytest.mark.parametrize(
    ("words", "begun", "values"),
    [
        (("pipelines", "show"), "", ["contracts"]),
        (("pipelines", "pause"), "con", ["contracts"]),
        (("pipelines", "pause"), "lea", []),
        (("documents", "list", "--pipeline"), "", ["contracts"]),
        (("documents", "list", "--stage"), "s", ["sent", "signed"]),
        (("documents", "create", "contracts", "--stage"), "d", ["draft"]),
        (("documents", "move", "DOCUMENT"), "arch", ["archived"]),
        (("documents", "show"), "", ["DOCUMENT"]),
        (("tasks", "list", "--document"), "", ["DOCUMENT"]),
        (("connections", "update"), "", ["docusign"]),
        (("connections", "create"), "docus", ["docuseal", "docusign"]),
        (("events", "send", "--connection"), "", ["docusign"]),
        (("runs", "list", "--pipeline"), "", ["contracts"]),
        (("runs", "migrate"), "", ["contracts"]),
        (("held-messages", "list"), "", ["contracts"]),
        (("dead-letters", "list"), "e", ["email"]),
        (("secrets", "remove"), "", ["crm"]),
        (("providers", "show"), "pan", ["pandadoc"]),
        (("kinds", "show"), "send_", ["send_email", "send_sms"]),
        (("pipelines", "plan", "--output"), "", ["table", "json", "jsonl"]),
    ],
)
def test_values_come_from_the_stack(
    desk: Desk, words: tuple[str, ...], begun: str, values: list[str]
) -> None:
    desk.world.named_secrets.put("crm", "x")
    named = [word.replace("DOCUMENT", desk.document) for word in words]
    wanted = [value.replace("DOCUMENT", desk.document) for value in values]
    assert offered(desk, *named, begun=begun) == wanted


@pytest.mark.parametrize("place", [0, 99, 100, 5_000, 9_999])
def test_a_document_is_offered_by_the_beginning_of_its_id_among_10_000(
    desk: Desk, place: int
) -> None:
    documents = desk.world.state.documents
    known = documents[desk.document]
    for n in range(10_000):
        name = "lease-7" if n == place else f"doc-{n:05}"
        since = known.since + timedelta(seconds=n)
        documents[name] = known.model_copy(update={"id": name, "since": since})
    assert offered(desk, "documents", "show", begun="lea") == ["lease-7"]
    assert offered(desk, "tasks", "list", "--document", begun="lease-7") == ["lease-7"]
    some = offered(desk, "documents", "edit", begun="doc-")
    assert (len(some), len(set(some)), {name[:4] for name in some}) == (100, 100, {"doc-"})


@pytest.mark.parametrize("error", [UnavailableError("no network"), RuntimeError("no keys")])
def test_where_the_stack_does_not_answer_nothing_is_offered(error: Exception) -> None:
    def away() -> Any:
        raise error

    context = CliContext(user=ANNA, open_cloud=away)
    assert offers(context, ("documents", "show")) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BashComplete, "_check_version", staticmethod(lambda: None))
    result = CliRunner().invoke(countersign, ["completion", shell])
    assert (result.exit_code, f"{VARIABLE}={shell}_complete" in result.output) == (0, True)
    assert CliRunner().invoke(countersign, ["completion", "cmd"]).exit_code == 2


def test_bash_takes_the_script(tmp_path: Path) -> None:
    script = tmp_path / "countersign.bash"
    script.write_text(CliRunner().invoke(countersign, ["completion", "bash"]).output)
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)
