"""Commands start fast: a command imports what it needs and no more, and help needs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from countersign.cli.commands import COMMANDS, countersign
from countersign.cli.parsing.groups import DefaultGroup, LazyCommands

ROOT = Path(__file__).parents[3]
CONTRACTS = ROOT / "events" / "pipelines" / "contracts.yaml"
SCRIPT = """
import sys
sys.path.insert(0, {path!r})
from countersign.cli import main
sys.argv[1:] = {arguments!r}
try:
    main()
except SystemExit as end:
    code = end.code or 0
print("|", code, *sorted(name.partition(".")[0] for name in sys.modules if "." not in name),
      *(name for name in sys.modules if name.startswith("countersign.")))
"""
HEAVY = {"pydantic", "yaml", "boto3", "botocore", "liquid", "babel", "holidays", "urllib3", "idna"}


def imported(*arguments: str | Path) -> set[str]:
    """The packages and our own modules that a command imports, in a process of its own."""
    code = SCRIPT.format(
        path=str(ROOT / "layers" / "core"), arguments=[str(one) for one in arguments]
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    code_and_names = ended.stdout.rpartition("|")[2].split()
    assert code_and_names[0] == "0", ended.stdout
    return set(code_and_names[1:])


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []], ids=str)
def test_help_imports_click_and_nothing_else(arguments: list[str]) -> None:
    names = imported(*arguments)
    assert names & HEAVY == set()
    assert {name for name in names if name.startswith("countersign.")} == {
        "countersign.cli",
        "countersign.cli.commands",
        "countersign.cli.output",
        "countersign.cli.parsing",
        "countersign.cli.parsing.groups",
        "countersign.cli.output.terminal",
        "countersign.cli.output.verbs",
        "countersign.text",
        "countersign.text.lines",
    }


def test_checking_a_file_imports_no_adapters_and_no_tables_of_holidays() -> None:
    assert "holidays: DE-BY" in CONTRACTS.read_text()
    names = imported("pipelines", "validate", CONTRACTS)
    assert names & HEAVY <= {"pydantic", "yaml", "liquid", "babel"}
    ours = {name for name in names if name.startswith("countersign.")}
    assert [name for name in ours if name.startswith("countersign.adapters")] == []
    assert [name for name in ours if name.startswith("countersign.simulation")] == []
    used = {name for name in ours if name.startswith("countersign.use_cases")}
    assert used <= {"countersign.use_cases", "countersign.use_cases.services"}
    assert [name for name in ours if name.startswith("countersign.providers")] == []


@pytest.mark.parametrize("command", ["secrets", "documents", "connections", "providers", "runs"])
def test_the_help_of_a_command_imports_nothing_of_aws_and_no_texts(command: str) -> None:
    assert imported(command, "--help") & {"boto3", "botocore", "liquid", "holidays"} == set()


def test_the_list_of_commands_says_what_each_command_says_itself() -> None:
    for commands in lazy_groups():
        said = {name: lazy.short_help.rstrip(".") for name, lazy in commands.lazy.items()}
        own = {name: commands[name].get_short_help_str(200).rstrip(".") for name in commands}
        assert said == own
        assert all(lazy.short_help.endswith(".") for lazy in commands.lazy.values())


def test_every_command_has_the_name_it_is_listed_by() -> None:
    for commands in lazy_groups():
        assert {name: commands[name].name for name in commands} == {name: name for name in commands}
    assert list(countersign.commands) == list(COMMANDS)


def lazy_groups() -> list[LazyCommands]:
    """The program's commands, and those of its groups, where they are imported when needed."""
    inner = [getattr(COMMANDS[name], "commands", None) for name in COMMANDS]
    groups = [COMMANDS, *(commands for commands in inner if isinstance(commands, LazyCommands))]
    assert len(groups) > 4
    return groups


def test_every_command_is_a_noun_with_verbs_and_stands_in_a_section() -> None:
    listed = CliRunner().invoke(countersign, ["--help"]).output
    assert [line[:-1] for line in listed.splitlines() if line[:1].strip() and line[-1] == ":"] == [
        *("Options", "Set up", "Documents and tasks", "Find and repair", "Learn and try"),
    ]
    verbs = {name: set(getattr(COMMANDS[name], "commands", ())) for name in COMMANDS}
    assert verbs["documents"] == {
        *("list", "find", "show", "preview", "files", "create", "edit", "move", "call", "stop"),
        *("verify", "erase", "export-person"),
    }
    assert verbs["connections"] == {"list", "show", "create", "update", "rotate", "remove"}
    assert verbs["runs"] == {
        *("list", "calendar", "now", "shift", "skip", "retry", "accept", "migrate"),
    }
    assert verbs["jobs"] == {"list", "show", "abort"}
    assert verbs["pipelines"] == {
        *(
            "list",
            "show",
            "init",
            "validate",
            "simulate",
            "backtest",
            "plan",
            "publish",
            "versions",
            "diff",
            "export",
            "rollback",
        ),
        *("pause", "resume", "backfill", "remove"),
    }
    assert verbs["events"] == {"send", "inspect"}
    assert [name for name, inside in verbs.items() if not inside] == [
        "upgrade",
        "login",
        "logout",
        "whoami",
        "api",
        "tail",
        "doctor",
        "schema",
        "completion",
    ]


def test_every_command_and_option_is_explained() -> None:
    unexplained = []

    def look(path: str, command: click.Command) -> None:
        if not command.help:
            unexplained.append(path)
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.help:
                unexplained.append(f"{path} {parameter.opts[0]}")
        for name, inner in getattr(command, "commands", {}).items():
            look(f"{path} {name}", inner)

    look("countersign", countersign)
    assert unexplained == []


@pytest.mark.parametrize(
    "odd",
    [
        "whoever",
        " told",
        "asked for unseen",
        "mended",
        "is no ",
        "has to be",
        "hear of",
        "let pass",
    ],
)
def test_help_is_written_in_plain_english(odd: str) -> None:
    def texts(command: click.Command) -> list[str]:
        inner = getattr(command, "commands", {}).values()
        options = [getattr(one, "help", None) or "" for one in command.params]
        return [command.help or "", *options, *(text for one in inner for text in texts(one))]

    assert [text for text in texts(countersign) if odd in text] == []


def test_a_group_without_a_verb_lists_and_with_a_name_shows() -> None:
    @click.group(cls=DefaultGroup)
    def things() -> None:
        """Things."""

    @things.command("list")
    def list_things() -> None:
        click.echo("all")

    @things.command()
    @click.argument("name")
    @click.option("--long", is_flag=True)
    def show(name: str, long: bool) -> None:
        click.echo(f"{name} {long}")

    said = {
        arguments: CliRunner().invoke(things, list(arguments)).output
        for arguments in [(), ("list",), ("a",), ("a", "--long"), ("show", "list")]
    }
    assert said == {
        (): "all\n",
        ("list",): "all\n",
        ("a",): "a False\n",
        ("a", "--long"): "a True\n",
        ("show", "list"): "list False\n",
    }
    assert "Things." in CliRunner().invoke(things, ["--help"]).output
