"""A kind of trigger or rule is one module, with its texts beside it: kinds of this test's folder do
all that others do."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import countersign as countersign_package
from countersign.cli.commands import countersign
from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.runs.version_losses import losses
from countersign.engine.validation.pipeline import Problem, check
from countersign.model.pipeline import Pipeline, Version
from countersign.registry import UnknownKindError
from countersign.rules import RULES
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.triggers import TRIGGERS
from countersign.use_cases.pipelines.publish_warnings import Stack, publish_warnings
from countersign.use_cases.queries.catalogue.schema import pipeline_schema
from tests.builders import connection, envelope, event, mail, pipeline, stage, states, subjects

BEN = "ben@acme.example"
FOLDER = Path(__file__).parent / "one_file_kinds"
TASK = {"id": "read", "kind": "create_task", "settings": {"title": "Read", "assignee": BEN}}


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(TRIGGERS.with_folder(FOLDER / "triggers"))
        stack.enter_context(RULES.with_folder(FOLDER / "rules"))
        yield


def written(
    request: dict[str, Any] | None = None, finished: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A pipeline as it is written, whose rule moves documents into the stage of their review."""
    asked = {"note_in": "note", "announced_by": "announce", "reviewed_in": "review"}
    waited = {"field": "note", "rule": "read", "during": "review"}
    return {
        "pipeline": "contracts",
        "senders": ["contracts@acme.example"],
        "fields": {"note": {"type": "text"}, "score": {"type": "number"}},
        "stages": [
            stage(
                "draft",
                mail("announce"),
                {"id": "ask", "kind": "request_review", "settings": asked | (request or {})},
            ),
            stage("review", TASK),
            stage(
                "reviewed",
                triggers=[
                    {
                        "id": "over",
                        "kind": "review_finished",
                        "settings": waited | (finished or {}),
                    }
                ],
            ),
        ],
    }


def checked(raw: dict[str, Any]) -> tuple[Pipeline | None, tuple[Problem, ...]]:
    return check(raw, today=date(2026, 1, 1))


def wrong(raw: dict[str, Any]) -> list[tuple[Any, str]]:
    """What publishing refuses, with its places."""
    return [(one.place, one.text) for one in checked(raw)[1]]


def test_a_pipeline_with_them_is_published_without_a_problem_and_played() -> None:
    made, problems = checked(written())
    assert problems == ()
    assert made is not None
    here = World()
    here.publish(made)
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert (here.document(document.id).stage, subjects(here)) == ("review", ["announce"])
    assert here.document(document.id).fields["note"] == "announced by announce"
    here.complete_task(here.documents.tasks(document.id)[-1].key, by=BEN)
    assert here.document(document.id).stage == "reviewed"
    assert states(here, document, 1) == {"announce": "done", "ask": "done"}


def test_its_trigger_says_why_it_did_not_match() -> None:
    made, _ = checked(written())
    assert made is not None
    here = World()
    here.publish(made)
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.edit(document.id, Edit(values={"note": None}), by=BEN)
    here.complete_task(here.documents.tasks(document.id)[-1].key, by=BEN)
    assert here.document(document.id).stage == "review"
    assert any(
        "the field note is empty" in line.model_dump_json()
        for line in here.documents.timeline(document.id)
    )


RULE, TRIGGER = ("stages", 0, "rules", 1, "settings"), ("stages", 2, "triggers", 0, "settings")


@pytest.mark.parametrize(
    ("request_", "finished", "found"),
    [
        (
            {"note_in": "nota"},
            {},
            (
                (*RULE, "note_in"),
                'the field "nota" does not exist or is not for editing; there are title, number, '
                "responsible, observers, amount, currency, note, score",
            ),
        ),
        (
            {"note_in": "score"},
            {},
            (
                (*RULE, "note_in"),
                'score: "announced by announce" is not a valid number; expected digits with a '
                "point for the decimals and no separators, such as 5000 or 5000.50",
            ),
        ),
        (
            {"announced_by": "anounce"},
            {},
            (
                (*RULE, "announced_by"),
                'the pipeline has no rule "anounce" that sends mail; did you mean announce?',
            ),
        ),
        (
            {"announced_by": "read"},
            {},
            (
                (*RULE, "announced_by"),
                'the pipeline has no rule "read" that sends mail; expected announce',
            ),
        ),
        (
            {},
            {"field": "nota"},
            (
                (*TRIGGER, "field"),
                'the field "nota" does not exist or is not for editing; there are title, number, '
                "responsible, observers, amount, currency, note, score",
            ),
        ),
        (
            {},
            {"rule": "announce"},
            (
                (*TRIGGER, "rule"),
                'the pipeline has no rule "announce" that creates a task; expected read',
            ),
        ),
        (
            {},
            {"during": "revue"},
            (
                (*TRIGGER, "during"),
                'no stage "revue"; this pipeline has draft, review, reviewed',
            ),
        ),
    ],
)
def test_what_they_name_is_checked_with_its_place(
    request_: dict[str, Any], finished: dict[str, Any], found: tuple[Any, str]
) -> None:
    assert wrong(written(request_, finished)) == [found]


def test_a_stage_that_is_not_there_is_refused() -> None:
    assert wrong(written({"reviewed_in": "revue"})) == [
        ((*RULE, "reviewed_in"), 'no stage "revue"; this pipeline has draft, review, reviewed')
    ]


def test_its_move_counts_in_a_circle() -> None:
    settings = {"note_in": "note", "announced_by": "announce", "reviewed_in": "draft"}
    back = {"id": "back", "kind": "request_review", "settings": settings}
    raw = written()
    raw["stages"][1] = stage("review", TASK, back)
    assert wrong(raw) == [
        (
            (*RULE, "reviewed_in"),
            "these rules move documents in a circle for ever: draft -> review -> draft "
            "(rules ask, back); give one of them a condition, or write on_reentry: once",
        )
    ]


def test_only_its_move_leads_to_the_stage() -> None:
    raw = written()
    raw["stages"][0] = stage("draft", mail("announce"))
    assert wrong(raw) == [
        (
            ("stages", 1),
            'no trigger and no rule brings documents into the stage "review"; only people and '
            "the API can",
        )
    ]


def test_a_rule_into_its_own_stage_does_nothing() -> None:
    assert (
        (*RULE, "reviewed_in"),
        "the document is in this stage already, so the rule does nothing",
    ) in wrong(written({"reviewed_in": "draft"}))


def test_they_stand_in_the_catalogue_and_in_the_schema() -> None:
    run = CliRunner(mix_stderr=False)
    listed = json.loads(run.invoke(countersign, ["kinds", "--output", "json"]).stdout)
    found = {one["kind"]: (one["is"], one["settings"]) for one in listed}
    assert found["review_finished"] == ("trigger", ["field", "rule", "during"])
    assert found["request_review"] == ("rule", ["note_in", "announced_by", "reviewed_in"])
    shown = run.invoke(countersign, ["kinds", "request_review"]).stdout
    assert shown.startswith("request_review: Request a review, a rule\n")
    german = run.invoke(countersign, ["kinds", "request_review", "--language", "de"]).stdout
    labels = [line.strip() for line in german.splitlines() if line.startswith("      ")][::2]
    assert labels == [
        "Durchsicht in: Die Stufe der Durchsicht.",
        "Vermerk in: Das Feld, das den Vermerk bekommt.",
        "Angekündigt von: Die Regel, deren E-Mail die Durchsicht ankündigt.",
    ]
    schema = json.dumps(pipeline_schema())
    assert '"review_finished"' in schema
    assert '"request_review"' in schema


def test_a_title_leads_to_the_kind() -> None:
    assert RULES.hint("Durchsicht anfordern") == "; did you mean request_review?"


def test_a_reminder_of_its_own_kind_is_measured_by_what_the_provider_offers() -> None:
    here = World()
    here.connect(connection())
    made = pipeline(stage("sent", {"id": "nudge", "kind": "nudge_everybody"}))
    stack = Stack(connections=here.connections, secrets=here.secrets)
    assert [(one.place, one.text) for one in publish_warnings(stack, made)] == [
        (
            ("stages", 0, "rules", 0, "kind"),
            "DocuSign (connection docusign) does not offer reminders, so this rule fails for its "
            "documents; give it a condition on the provider that leaves them out",
        )
    ]


KLARA = {"to": "klara@kunde.example"}
LETTER = {"id": "letter", "kind": "plain_letter", "settings": KLARA}


def with_letter(part: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A pipeline as it is written, with a letter in the stage that the trigger leads to."""
    letter = {**LETTER, "settings": {**KLARA, **settings}}
    return {
        "pipeline": "contracts",
        "stages": [stage("draft"), stage("done", letter, triggers=[part]), stage("read")],
    }


def test_a_mail_of_its_own_kind_goes_out() -> None:
    here = World()
    here.publish(pipeline(stage("sent", LETTER)))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert states(here, document) == {"letter": "done"}
    assert [(one.to, one.text) for one in here.mailbox.sent] == [
        (("klara@kunde.example",), "Service agreement")
    ]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (
            {"counted": False},
            'no mail that it waits for is tracked; set track: true in the rule "letter"',
        ),
        ({"counted": True}, None),
    ],
)
def test_a_trigger_of_mails_waits_for_a_mail_of_its_own_kind(
    settings: dict[str, Any], found: str | None
) -> None:
    raw = with_letter({"id": "sealed", "kind": "archive_sealed"}, **settings)
    opened = {"id": "opened", "kind": "mail_opened", "settings": {"rule": "letter"}}
    raw["stages"][2] = stage("read", triggers=[opened])
    place = ("stages", 2, "triggers", 0, "settings", "rule")
    assert wrong(raw) == ([(place, found)] if found else [])


@pytest.mark.parametrize(("kind", "warns"), [("archive_sealed", False), ("viewed", True)])
def test_a_file_of_its_own_kind_of_mail_is_there_once_all_have_signed(
    kind: str, warns: bool
) -> None:
    raw = with_letter({"id": "come", "kind": kind}, with_pdf=True)
    raw["stages"].pop()
    places = [one.place for one in checked(raw)[1]]
    assert places == ([("stages", 1, "rules", 0, "settings", "with_pdf")] if warns else [])


def test_a_file_of_its_own_kind_of_mail_is_measured_by_what_the_provider_offers() -> None:
    here = World()
    here.connect(connection())
    made, _ = checked(with_letter({"id": "come", "kind": "archive_sealed"}, with_pdf=True))
    assert made is not None
    stack = Stack(connections=here.connections, secrets=here.secrets)
    assert [one.place for one in publish_warnings(stack, made)] == [
        ("stages", 1, "rules", 0, "settings", "with_pdf")
    ]


def test_a_new_version_takes_from_a_waiting_run_what_its_kind_names() -> None:
    old, _ = checked(written())
    raw = written({"note_in": "title"}, {"field": "title"})
    del raw["fields"]["note"]
    new, problems = checked(raw)
    assert (problems, old is None, new is None) == ((), False, False)
    assert old is not None
    assert new is not None
    lost = losses(CompiledPipeline(Version(number=1, pipeline=old)), new)
    assert {name: loss.reason for name, loss in lost.items()} == {
        ("draft", "ask"): 'the field "note" does not exist or is not for editing; there are '
        "title, number, responsible, observers, amount, currency, score"
    }


CORE = Path(countersign_package.__file__).parent
IMPORTED = re.compile(r"countersign\.(?:rules|triggers)\.(\w+)")


@pytest.mark.parametrize("part", ["engine", "use_cases", "model", "ports", "adapters"])
def test_what_performs_kinds_names_none_of_them(part: str) -> None:
    sources = [*(CORE / part).rglob("*.py"), *CORE.glob(f"{part}.py")]
    assert sources
    named = {
        (path.name, kind) for path in sources for kind in IMPORTED.findall(path.read_text("utf-8"))
    }
    assert {(name, kind) for name, kind in named if kind not in ("base", "_shared")} == set()


def test_a_call_is_a_call_whatever_its_methods_are_named() -> None:
    here = World()
    here.publish(pipeline(stage("sent", {"id": "ask", "kind": "ask_registry"})))
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert states(here, document) == {"ask": "done"}
    assert [call.url for call in here.web.calls] == ["https://registry.example/"]
    assert (here.bus.published, here.phones.sent) == ([], [])


def test_a_folder_is_left_as_it_was_found(tmp_path: Path) -> None:
    before = RULES.kinds
    source = (FOLDER / "rules" / "ask_registry.py").read_text()
    (tmp_path / "ask_archive.py").write_text(source.replace("ask_registry", "ask_archive"))
    with RULES.with_folder(tmp_path):
        assert RULES.get("ask_archive").__name__ == "AskRegistry"
    assert RULES.kinds == before
    assert "countersign.rules.ask_archive" not in sys.modules
    with pytest.raises(UnknownKindError):
        RULES.get("ask_archive")
