"""What surrounds the code is true too: workflows, updates of dependencies, decisions, links."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCUMENTS = ("CONTRIBUTING.md", "SECURITY.md", "events/README.md", "docs/decisions/README.md")
WORKFLOWS = ("nightly", "test")


@pytest.fixture(scope="module")
def workflows(project_root: Path) -> dict[str, dict[Any, Any]]:
    """Each workflow by its file's name."""
    folder = project_root / ".github" / "workflows"
    return {path.stem: yaml.safe_load(path.read_text()) for path in folder.iterdir()}


def test_a_push_runs_everything_on_every_python_that_is_supported(
    workflows: dict[str, dict[Any, Any]],
) -> None:
    assert sorted(workflows) == sorted(WORKFLOWS)
    # YAML 1.1 reads the key "on" as true.
    assert set(workflows["test"][True]) == {"push", "pull_request", "workflow_dispatch"}
    job = workflows["test"]["jobs"]["test"]
    assert job["strategy"]["matrix"] == {"python": ["3.11", "3.12", "3.13"]}
    assert job["steps"][-1] == {"run": ".ci/run", "env": {"PYTHON": "python"}}


def test_a_night_runs_what_takes_long(workflows: dict[str, dict[Any, Any]]) -> None:
    [when] = workflows["nightly"][True]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", when["cron"])
    commands = workflows["nightly"]["jobs"]["long"]["strategy"]["matrix"]["command"]
    assert [command.split()[1] for command in commands] == ["crash-test", "faults", "fuzz"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_and_ends(workflows: dict[str, dict[Any, Any]], name: str) -> None:
    assert workflows[name]["permissions"] == {"contents": "read"}
    for job in workflows[name]["jobs"].values():
        assert job["timeout-minutes"] <= 360
        [checkout] = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
        assert checkout["with"] == {"persist-credentials": False}


def test_every_make_target_that_is_named_exists(project_root: Path) -> None:
    makefile = (project_root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    files = [*(project_root / ".github" / "workflows").iterdir(), project_root / "CONTRIBUTING.md"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    named = set(re.findall(r"(?:^|`|- run: |- )make ([a-z-]+)", text, re.MULTILINE))
    assert {"install", "unit", "faults"} <= named <= targets


def test_newer_versions_of_everything_that_is_locked_are_looked_for(project_root: Path) -> None:
    text = (project_root / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    updates = {update["package-ecosystem"]: update for update in yaml.safe_load(text)["updates"]}
    assert set(updates) == {"pip", "github-actions"}
    locks = {path.parent for path in project_root.glob("requirements/*.txt")}
    locks |= {path.parent for path in project_root.glob("layers/*/requirements.txt")}
    folders = {f"/{folder.relative_to(project_root)}" for folder in locks}
    assert folders | {"/"} == set(updates["pip"]["directories"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(project_root: Path, document: str) -> None:
    path = project_root / document
    _require_links(path)


def test_every_decision_says_when_why_what_and_what_not(project_root: Path) -> None:
    records = _records(project_root)
    assert len(records) > 60
    for number, path in enumerate(records, 1):
        text = path.read_text(encoding="utf-8")
        title, status, *_ = [line for line in text.splitlines() if line]
        assert path.name.startswith(f"{number:04d}-"), path.name
        assert title.startswith(f"# {number}. "), path.name
        stated = re.fullmatch(
            r"Status: (?:accepted|superseded by \d{4}), (\d{4}-\d\d-\d\d)", status
        )
        assert stated, path.name
        assert date.fromisoformat(stated[1]) >= date(2026, 11, 23), path.name
        sections = re.findall(r"^## (.+)\n\n\S", text, re.MULTILINE)
        assert sections == ["Context", "Decision", "Refused"], path.name
        _require_links(path)


def test_the_list_of_decisions_is_whole(project_root: Path) -> None:
    text = (project_root / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- (\S+) \[\d{4}\]\((\S+)\) (.+)$", text, re.MULTILINE)
    stated = []
    for path in _records(project_root):
        title, status, *_ = [line for line in path.read_text("utf-8").splitlines() if line]
        stated.append((status[-10:], path.name, title.partition(". ")[2]))
    assert listed == stated


def _records(project_root: Path) -> list[Path]:
    return sorted((project_root / "docs" / "decisions").glob("[0-9]*.md"))


def _require_links(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), f"{path.name}: {link}"
