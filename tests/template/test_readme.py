"""The README and the pages beside it are true: tables, commands, links, examples and promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from countersign.cli.catalogue.providers import kinds_table, providers_table
from countersign.cli.commands import countersign
from countersign.cli.reference import reference
from countersign.cli.reference.kinds import german_reference
from countersign.model.run import RunState
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from tests.crash.laws import LAWS

PAGES = (
    "api",
    "console",
    "design",
    "glossary",
    "measured",
    "operations",
    "pipelines",
    "promises",
    "providers",
    "reference",
    "reference.de",
    "scale",
    "semantics",
)


@pytest.fixture(scope="module")
def readme(project_root: Path) -> str:
    """The README's text."""
    return (project_root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(project_root: Path) -> dict[str, str]:
    """The text of each page of docs, by its name."""
    return {
        path.stem: path.read_text(encoding="utf-8") for path in (project_root / "docs").glob("*.md")
    }


@pytest.fixture(scope="module")
def everything(readme: str, pages: dict[str, str]) -> str:
    """The README and all pages."""
    return "\n".join([readme, *pages.values()])


def test_the_pages_are_these(pages: dict[str, str]) -> None:
    assert sorted(pages) == list(PAGES)


def test_the_readme_is_short(readme: str) -> None:
    assert len(readme.splitlines()) <= 140


def test_the_reference_is_what_the_code_says(pages: dict[str, str]) -> None:
    assert pages["reference"] == reference(), "run `make reference`"
    assert pages["reference.de"] == german_reference(), "run `make reference`"


def test_the_tables_are_what_the_commands_print(pages: dict[str, str]) -> None:
    assert providers_table() in pages["reference"]
    for table in (kinds_table("trigger", TRIGGERS), kinds_table("rule", RULES)):
        assert table in pages["reference"]
    german = (kinds_table("trigger", TRIGGERS, "de"), kinds_table("rule", RULES, "de"))
    assert [table for table in german if table not in pages["reference.de"]] == []


@pytest.mark.parametrize(
    "written",
    [
        "| `on_doubt` | `stay`, `send_again` | `stay` |",
        "- `independent`: starts on arrival",
        "| `working_days` | 1 to 2,600 |",
        '| `money` | `{{ document.amount \\| money: "EUR" }}` | `€1,234.50` |',
        "| `bool` | `is_set`, `is_empty`, `equals`, `differs`, `one_of`, `none_of` |",
        "`signer.email`",
        "`countersign_document`",
        "| `signers_turn` | signers whose turn it is",
        "| `time_zone` | text | `UTC` |",
        "### call_web_address",
        "| `datetime` | `2026-05-31T14:30+02:00` | a moment |",
        "| `mails` | whole number or list of text | none | How many mails",
        "| `count` | whole number | required | *Number of signatures*: The trigger fires with",
        "| `after` | [a length](#times) | required | *How long*:",
        "`mode`: `fixed` Fixed user, `random` At random,",
    ],
)
def test_the_reference_has_every_part(pages: dict[str, str], written: str) -> None:
    assert written in pages["reference"]


@pytest.mark.parametrize("page", ["reference", "reference.de"])
def test_every_setting_of_the_reference_says_what_it_means(
    pages: dict[str, str], page: str
) -> None:
    assert "|  |" not in pages[page]


def test_the_pipeline_of_the_readme_is_valid(readme: str, tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    file = tmp_path / "contracts.yaml"
    file.write_text(text)
    validated = CliRunner(mix_stderr=False).invoke(
        countersign, ["pipelines", "validate", str(file)]
    )
    assert (validated.exit_code, validated.stderr) == (0, "")


def test_every_command_of_the_readme_exists(everything: str) -> None:
    pattern = r"^ *(?:\.venv/bin/)?countersign ([a-z-]+)(?: ([a-z][a-z-]*))?"
    named = set(re.findall(pattern, everything, re.MULTILINE))
    assert len(named) > 10
    for noun, verb in named:
        group = countersign.commands[noun]
        assert not verb or verb in getattr(group, "commands", ()), (noun, verb)


def test_the_simulations_of_the_readme_come_out_as_they_expect(
    everything: str, project_root: Path
) -> None:
    played = re.findall(
        r"^countersign pipelines simulate (events/\S+) (events/\S+)", everything, re.MULTILINE
    )
    assert played
    for files in played:
        paths = [str(project_root / file) for file in files]
        assert CliRunner().invoke(countersign, ["pipelines", "simulate", *paths]).exit_code == 0


def test_every_make_target_of_the_readme_exists(everything: str, project_root: Path) -> None:
    makefile = (project_root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", everything, re.MULTILINE)) <= targets


def test_every_file_that_the_readme_points_to_is_there(readme: str, project_root: Path) -> None:
    _require_links(project_root / "README.md")


def test_every_link_of_the_changelog_leads_somewhere(project_root: Path) -> None:
    _require_links(project_root / "CHANGELOG.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str, project_root: Path) -> None:
    _require_links(project_root / "docs" / f"{page}.md")


def _require_links(page: Path) -> None:
    """Every file that is linked is there, and has the heading that is linked."""
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^):]+)\)", text):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]
            assert heading in slugs, link


def test_the_catalogue_commands_print_their_tables() -> None:
    run = CliRunner().invoke
    assert run(countersign, ["providers"]).output == f"{providers_table()}\n"
    steps = run(countersign, ["providers", "skribble"]).output.splitlines()
    assert (steps[0], steps[-3][:5], "{" in "".join(steps)) == ("Skribble", "  1. ", False)
    assert run(countersign, ["providers", "nobody"]).exit_code == 4
    assert "| Paperwork | `signed_by_all` |" in run(countersign, ["kinds"]).output


def test_every_promise_names_the_laws_or_tests_that_prove_it(
    pages: dict[str, str], project_root: Path
) -> None:
    table = pages["promises"]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 15
    for what, *_, proven in rows:
        laws, paths = re.findall(r"\*([a-z ]+)\*", proven), re.findall(r"`(tests/[^`]+)`", proven)
        assert laws or paths, what
        assert set(laws) <= set(LAWS), what
        assert all((project_root / path).exists() for path in paths), what


def test_the_glossary_has_every_state_of_a_run(pages: dict[str, str]) -> None:
    table = pages["glossary"].partition("## States of a run")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == get_args(RunState)


SETTINGS = {
    *("allow_return", "authenticity", "move_as", "execution", "on_failure", "on_leave"),
    *("on_reentry", "on_doubt", "if_passed", "again", "working_hours", "wait", "together"),
    *("repeatable", "automated", "plain", "signature", "track", "large_files"),
}


def test_every_setting_of_the_semantics_is_one_of_the_reference(pages: dict[str, str]) -> None:
    named = set(re.findall(r"`([a-z_]+): [a-z_]+`", pages["semantics"]))
    named |= set(re.findall(r"`(allow_return|move_as|authenticity)`", pages["semantics"]))
    assert named == SETTINGS
    for name in named:
        assert f"| `{name}` |" in pages["reference"], name


def test_every_section_that_the_behaviour_tests_name_is_there(
    pages: dict[str, str], project_root: Path
) -> None:
    headings = re.findall(r"^## (\d)\. ", pages["semantics"], re.MULTILINE)
    assert headings == ["1", "2", "3", "4", "5", "6", "7", "8"]
    tests = project_root / "tests" / "behaviour"
    texts = [path.read_text(encoding="utf-8") for path in tests.glob("test_*.py")]
    named = {number for text in texts for number in re.findall(r"semantics, section (\d)", text)}
    assert named <= set(headings)
    assert named >= {"2", "3", "4", "6", "7"}


def test_every_path_of_the_design_is_there(pages: dict[str, str], project_root: Path) -> None:
    package = project_root / "layers" / "core" / "countersign"
    tops = {path.name for path in package.iterdir()}
    named = set(re.findall(r"`([a-z0-9_/]+(?:\.py)?)/?`", pages["design"]))
    paths = {path for path in named if path.split("/")[0] in tops and "/" in path}
    assert len(paths) > 40
    for path in paths:
        assert (package / path).exists(), path


def test_the_design_names_every_folder_of_the_engine_and_its_users(
    pages: dict[str, str], project_root: Path
) -> None:
    package = project_root / "layers" / "core" / "countersign"
    for parent in ("engine", "use_cases", "adapters"):
        for folder in (package / parent).iterdir():
            if folder.is_dir() and folder.name != "__pycache__":
                assert f"`{parent}/{folder.name}" in pages["design"], folder
