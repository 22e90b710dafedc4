"""``kinds KIND`` explains a kind with its settings; ``schema`` describes the whole file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.pipeline_files.reader import read_file
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries.catalogue.schema import pipeline_schema
from tests.unit.cli.desk import EVENTS

KINDS = [*TRIGGERS.kinds, *RULES.kinds]


def run(*arguments: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(countersign, arguments)


def test_a_kind_is_explained_with_its_settings() -> None:
    assert run("kinds", "payment_received").stdout.splitlines()[:4] == [
        "payment_received: Payment received, a trigger",
        "  A payment for the document has come in.",
        "",
        "Settings",
    ]
    lines = run("kinds", "send_email").stdout.splitlines()
    assert "  to: list of text (required)" in lines
    assert "  from: text or list of text (required)" in lines
    assert "  together: true or false (default false)" in lines
    kinds = "contract or invoice or offer or attachment or signed_pdf or"
    assert f"  attachments: list of {kinds}" in lines


def test_a_kind_without_settings_says_so() -> None:
    assert run("kinds", "voided").stdout.splitlines()[-1] == "It has no settings of its own"


def test_a_kind_is_explained_to_programs() -> None:
    told = json.loads(run("kinds", "create_task", "--output", "json").stdout)
    assert (told["kind"], told["is"], told["group"]) == ("create_task", "rule", "task_management")
    title, *_ = told["settings"]
    assert (title["name"], title["type"], title["required"]) == ("title", "text", True)
    wait = next(one for one in told["settings"] if one["name"] == "wait")
    assert (wait["type"], wait["required"], wait["default"]) == ("true or false", False, False)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_explained(kind: str, language: str) -> None:
    result = run("kinds", kind, "--language", language)
    assert (result.exit_code, result.stdout.startswith(f"{kind}: ")) == (0, True)
    assert "``" not in result.stdout
    assert [line for line in result.stdout.splitlines() if len(line) > 100] == []


def test_a_kind_is_explained_in_german() -> None:
    assert (
        run("kinds", "change_observers", "--language", "de").stdout
        == """\
change_observers: Beobachter ändern, eine Regel
  Fügt dem Dokument Beobachter hinzu oder ersetzt sie.

Einstellungen
  mode: add oder replace (Vorgabe add)
      Vorgehen: Ob diese Benutzer zu den bisherigen Beobachtern hinzukommen oder sie
        ersetzen.
      - add: Hinzufügen
      - replace: Alle ersetzen
      Beispiel: mode: replace
  users: Liste aus Text (erforderlich)
      Beobachter: Die Benutzer, die dem Dokument von nun an folgen; eine Gruppe steht
        für alle ihre Benutzer.
      In der Datei: Adressen oder Namen von Benutzern, oder group:<Name>.
      Beispiel: users: [ben@acme.example, 'group:legal']
"""
    )


def test_settings_are_explained_to_programs_in_the_language_asked_for() -> None:
    told = json.loads(run("kinds", "no_reaction", "--language", "de", "--output", "json").stdout)
    (_, after, _) = told["settings"]
    assert (told["title"], told["group_title"]) == ("Keine Reaktion", "Zeit")
    assert (after["name"], after["label"], after["widget"]) == ("after", "Wie lange", "duration")
    assert (after["order"], after["example"]) == (2, {"working_days": 3})
    assert after["schema"]["$ref"] == "#/$defs/Span"
    assert "working_days" in after["schema"]["$defs"]["Span"]["properties"]


def test_kinds_are_listed_in_german() -> None:
    table = run("kinds", "list", "--language", "de").stdout
    assert "| Unterzeichnung | `declined` | Ein Empfänger hat die Unterschrift" in table
    listed = json.loads(run("kinds", "list", "--language", "de", "--output", "json").stdout)
    titles = {one["kind"]: one["title"] for one in listed}
    assert titles["send_email"] == "E-Mail senden"


def test_amounts_are_exact_to_programs_and_short_to_people() -> None:
    assert "Example: at_least: 500\n" in run("kinds", "payment_received").stdout
    told = json.loads(run("kinds", "payment_received", "--output", "json").stdout)
    assert told["settings"][0]["example"] == "500.00"


def test_an_unknown_kind_is_not_found() -> None:
    result = run("kinds", "send_mail")
    assert (result.exit_code, "did you mean send_email" in result.stderr) == (4, True)


# --- the schema


@pytest.fixture(scope="module")
def errors() -> Any:
    """What the schema says against a pipeline."""
    validators: Any = pytest.importorskip("jsonschema.validators")
    schema = json.loads(run("schema").stdout)
    validators.Draft202012Validator.check_schema(schema)
    check = validators.Draft202012Validator(schema)
    return lambda value: [error.message for error in check.iter_errors(value)]


def example(**more: Any) -> dict[str, Any]:
    """A pipeline with one stage."""
    return {"pipeline": "p", "stages": [{"id": "sent", **more}]}


@pytest.mark.parametrize("name", ["contracts.yaml", "director-first.yaml"])
def test_the_schema_takes_the_examples(errors: Any, name: str) -> None:
    value, _, _ = read_file(EVENTS / "pipelines" / name)
    assert errors(value) == []


@pytest.mark.parametrize(
    "value",
    [
        example(),
        {**example(), "x-shared": {"anything": 1}},
        example(rules=[{"id": "a", "kind": "stop_rules"}]),
        example(rules=[{"id": "a", "kind": "change_stage", "settings": {"stage": "b"}}]),
        example(triggers=[{"id": "a", "kind": "signed_by_count", "settings": {"count": 2}}]),
    ],
)
def test_the_schema_takes_what_is_right(errors: Any, value: dict[str, Any]) -> None:
    assert errors(value) == []


@pytest.mark.parametrize(
    "value",
    [
        {"stages": []},
        {**example(), "stagess": []},
        example(rules=[{"id": "a", "kind": "send_mail"}]),
        example(rules=[{"id": "a", "kind": "change_stage"}]),
        example(rules=[{"id": "a", "kind": "change_stage", "settings": {"stag": "b"}}]),
        example(rules=[{"id": "a", "kind": "change_stage", "settings": {"stage": 1}}]),
        example(triggers=[{"id": "a", "kind": "change_stage", "settings": {"stage": "b"}}]),
        example(triggers=[{"id": "a", "kind": "voided", "settings": {"party": "client"}}]),
    ],
    ids=range(8),
)
def test_the_schema_refuses_what_is_wrong(errors: Any, value: dict[str, Any]) -> None:
    assert errors(value) != []


def test_every_kind_and_setting_is_in_the_schema() -> None:
    definitions = pipeline_schema()["$defs"]
    for part, registry in (("Trigger", TRIGGERS), ("Rule", RULES)):
        choices = definitions[part]["properties"]["kind"]["oneOf"]
        assert [choice["const"] for choice in choices] == list(registry.kinds)
        assert all(choice["description"] for choice in choices)
    assert definitions["SendEmail"]["properties"]["track"]["description"].startswith("Whether ")


def test_the_schema_is_the_same_each_time(tmp_path: Path) -> None:
    assert run("schema").stdout == run("schema").stdout
