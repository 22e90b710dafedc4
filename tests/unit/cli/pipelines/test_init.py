"""``pipelines init``: a file from a template that is valid, and asks nothing without a terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from countersign.cli.commands import countersign
from countersign.cli.pipelines import init as pipeline_init
from countersign.pipeline_files.reader import check_file
from countersign.simulation.play import play
from countersign.simulation.script import Script
from countersign.use_cases.pipelines.templates import TEMPLATES
from tests.unit.cli.desk import Desk

TODAY = date(2026, 3, 2)


def pipeline_of(file: Path) -> Any:
    """The file's pipeline; nothing is said against it."""
    checked = check_file(file, today=TODAY)
    assert checked.report == ()
    assert checked.pipeline is not None
    return checked.pipeline


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_a_pipeline_that_can_be_published(
    desk: Desk, tmp_path: Path, template: str
) -> None:
    file = tmp_path / "Sales offers.yaml"
    made = desk("pipelines", "init", str(file), "--template", template)
    assert (made.exit_code, made.stdout) == (
        0,
        f"{file} is written\nnext: countersign pipelines validate {file}\n",
    )
    pipeline = pipeline_of(file)
    assert (pipeline.pipeline, pipeline.name) == ("sales-offers", "Sales offers")
    assert (pipeline.senders, pipeline.time_zone) == (("contracts@acme.example",), "UTC")
    published = desk("pipelines", "publish", str(file))
    assert (published.exit_code, published.stderr) == (0, "")


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_there_in_german(desk: Desk, tmp_path: Path, template: str) -> None:
    english, german = (
        _words(desk, tmp_path / f"{language}.yaml", template, language) for language in ("en", "de")
    )

    assert len(english) == len(german) > 2
    if template == "rental-german":
        assert english == german
    else:
        assert [word for word in english if word in german] == []


def _words(desk: Desk, file: Path, template: str, language: str) -> list[str]:
    """The names that people see in a template's pipeline, and the lines of its texts."""
    options = ("--template", template, "--language", language)
    assert desk("pipelines", "init", str(file), *options).exit_code == 0
    pipeline = pipeline_of(file)
    assert pipeline.language == ("de" if language == "de" or "german" in template else None)
    parts = [part for stage in pipeline.stages for part in (*stage.triggers, *stage.rules)]
    named = [part.name for part in (*pipeline.stages, *parts) if part.name]
    texts = [
        line
        for part in parts
        for name in ("subject", "text", "title")
        for line in str(part.settings.get(name, "")).split("\n")
        if line and not line.startswith("{%")
    ]
    return named + texts


def test_a_language_that_there_is_not_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "offers.yaml"
    assert desk("pipelines", "init", str(file), "--language", "fr").exit_code == 2
    assert not file.exists()


def test_what_is_given_is_written(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "offers.yaml"
    options = (
        *("--id", "offers-2026", "--name", 'Offers: "north" # one', "--time-zone", "Europe/Berlin"),
        *("--sender", "Offers <offers@acme.example>"),
    )
    assert desk("pipelines", "init", str(file), *options).exit_code == 0
    pipeline = pipeline_of(file)
    assert (pipeline.pipeline, pipeline.name) == ("offers-2026", 'Offers: "north" # one')
    assert pipeline.time_zone == "Europe/Berlin"
    assert pipeline.senders == ("Offers <offers@acme.example>",)


@pytest.mark.parametrize(
    "option",
    [("--id", "Not An Id"), ("--time-zone", "Mars/Base"), ("--sender", "nobody"), ("--id", "")],
    ids=" ".join,
)
def test_what_does_not_fit_is_refused_and_the_file_before_stays(
    desk: Desk, tmp_path: Path, option: tuple[str, str]
) -> None:
    file = tmp_path / "offers.yaml"
    assert desk("pipelines", "init", str(file), *option).exit_code == 1
    assert not file.exists()
    file.write_text("before")
    assert desk("pipelines", "init", str(file), "--replace", *option).exit_code == 1
    assert file.read_text() == "before"


def test_a_file_that_exists_is_replaced_only_where_that_is_said(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "offers.yaml"
    file.write_text("before")
    refused = desk("pipelines", "init", str(file))
    assert (refused.exit_code, file.read_text()) == (1, "before")
    assert "use --replace" in refused.stderr
    assert desk("pipelines", "init", str(file), "--replace").exit_code == 0
    assert pipeline_of(file).pipeline == "offers"


def test_on_a_terminal_what_is_not_given_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, str] = {}

    def prompt(text: str, *, default: str, err: bool) -> str:
        asked[text] = default
        return {"sender": "sales@acme.example"}.get(text, default)

    monkeypatch.setattr(pipeline_init, "_is_terminal", lambda: True)
    monkeypatch.setattr(click, "prompt", prompt)
    file = tmp_path / "leases.yaml"
    result = CliRunner().invoke(countersign, ["pipelines", "init", str(file), "--id", "leases"])
    assert result.exit_code == 0, result.output
    assert asked == {
        "template": "signing",
        "name": "Leases",
        "sender": "contracts@acme.example",
        "time zone": "UTC",
    }
    assert pipeline_of(file).senders == ("sales@acme.example",)


def test_the_template_for_signing_reminds_and_ends(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "leases.yaml"
    desk("pipelines", "init", str(file))
    script = {
        "start": "2026-03-02 09:00",
        "envelope": {
            "title": "Lease",
            "sender": "anna@acme.example",
            "signers": [{"name": "Klara", "email": "klara@kunde.example", "order": 1}],
        },
        "steps": [
            {"event": "sent"},
            {"wait": {"days": 4}},
            {"expect": {"stage": "sent", "mails": ["Please sign: Lease"]}},
            {"event": "signed", "by": "klara@kunde.example"},
            {"expect": {"stage": "signed", "mails": 1}},
        ],
    }
    played = play(pipeline_of(file), Script.model_validate(script))
    assert (played.misses, played.met, played.expectations) == ((), 4, 4)


ENVELOPE = {
    "title": "Lease",
    "sender": "anna@acme.example",
    "signers": [
        {"name": "Anna", "email": "anna@acme.example", "order": 1},
        {"name": "Klara", "email": "klara@kunde.example", "order": 2},
    ],
}
OURS_SIGNED = {"event": "signed", "by": "anna@acme.example"}
CLIENT_SIGNED = {"event": "signed", "by": "klara@kunde.example"}


@pytest.mark.parametrize(
    ("template", "steps"),
    [
        (
            "two-parties",
            [
                {"event": "sent"},
                {"wait": {"days": 3}},
                {"expect": {"stage": "ours", "mails": ["Please sign: Lease"]}},
                OURS_SIGNED,
                {"wait": {"days": 21}},
                {"expect": {"stage": "overdue", "mails": 4}},
                CLIENT_SIGNED,
                {"expect": {"stage": "signed"}},
            ],
        ),
        (
            "sale",
            [
                {"event": "sent"},
                OURS_SIGNED,
                CLIENT_SIGNED,
                {"expect": {"stage": "signed", "mails": ["Payment for Lease"]}},
                {"wait": {"days": 15}},
                {"expect": {"rules": {"check": "done"}}},
            ],
        ),
        (
            "rental-german",
            [
                {"event": "sent"},
                {"wait": {"days": 4}},
                {"expect": {"mails": ["Mietvertrag: bitte unterzeichnen"]}},
                OURS_SIGNED,
                CLIENT_SIGNED,
                {"expect": {"stage": "unterzeichnet", "mails": 2}},
                {"expect": {"rules": {"uebergabe": "no_date"}}},
            ],
        ),
    ],
)
def test_the_templates_of_the_first_visit_do_what_they_say(
    desk: Desk, tmp_path: Path, template: str, steps: list[Any]
) -> None:
    file = tmp_path / "leases.yaml"
    desk("pipelines", "init", str(file), "--template", template)
    script = {"start": "2026-03-02 09:00", "envelope": ENVELOPE, "steps": steps}
    assert play(pipeline_of(file), Script.model_validate(script)).misses == ()
