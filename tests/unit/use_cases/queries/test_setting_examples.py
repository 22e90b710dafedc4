"""The example of every setting can be published, and its widget gives what the setting takes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest

from countersign.engine.validation.pipeline import Problem, check
from countersign.rules.base import EmailRule
from countersign.use_cases.queries.catalogue import (
    PARTS,
    KindOf,
    Part,
    describe_kind,
    describe_part,
    show_kind,
)
from countersign.use_cases.queries.catalogue.settings import Setting
from countersign.use_cases.queries.catalogue.widgets import WIDGETS, Widget
from tests.unit.use_cases.queries.test_setting_texts import KINDS, PLACES, settings_of

PIPELINE: dict[str, Any] = {
    "pipeline": "contracts",
    "senders": ["contracts@acme.example"],
    "groups": {"legal": ["ben@acme.example"]},
    "supervisors": {"anna@acme.example": "ben@acme.example"},
    "mail_templates": {"reminder": {"subject": "Please sign", "text": "It waits for you."}},
    "country": "DE",
    "fields": {
        "segment": {"type": "choice", "options": ["private", "business"]},
        "contract_end": {"type": "date"},
        "crm_id": {"type": "text"},
        "payment_link": {"type": "text"},
        "mobile": {"type": "text"},
        "total": {"type": "money"},
        "account_manager": {"type": "user"},
    },
}
SENT = [
    {
        "id": "remind",
        "kind": "send_email",
        "settings": {
            "from": "contracts@acme.example",
            "to": ["unsigned"],
            "template": "reminder",
            "track": True,
        },
    },
    {"id": "review", "kind": "create_task", "settings": {"title": "Review"}},
]
SENT_STAGES = [{"id": "draft"}, {"id": "sent", "rules": SENT}]


def errors(of: KindOf, part: dict[str, Any]) -> tuple[Problem, ...]:
    """What forbids publishing a pipeline with this trigger or rule."""
    first: dict[str, Any] = {"id": "draft"}
    last: dict[str, Any] = {"id": "archived"}
    if of == "rule":
        first["rules"] = [part]
    else:
        last["triggers"] = [part]
    stages = [first, {"id": "sent", "rules": SENT}, {"id": "signed"}, last]
    problems = check({**PIPELINE, "stages": stages}, today=date(2026, 1, 1))[1]
    return tuple(one for one in problems if one.severity == "error")


def least(kind: str) -> dict[str, Any]:
    """As few settings as a kind can have, by their examples."""
    settings = describe_kind(kind).settings
    found = {one.name: one.example for one in settings if one.required}
    if issubclass(show_kind(kind)[1], EmailRule):
        found["template"] = "reminder"
    return found


def tried(kind: str, setting: Setting) -> tuple[Problem, ...]:
    """What forbids publishing the example of a kind's setting."""
    settings = {**least(kind), setting.name: setting.example}
    if setting.name == "at_least":
        settings["currency"] = "EUR"
    of, model = show_kind(kind)
    model.model_validate(settings)
    return errors(of, {"id": "tried", "kind": kind, "settings": settings})


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_a_kinds_settings_can_be_published(kind: str) -> None:
    found = {one.name: tried(kind, one) for one in describe_kind(kind).settings}
    assert {name: problems for name, problems in found.items() if problems} == {}


WHOLE: dict[KindOf, dict[str, Any]] = {
    "trigger": {"id": "tried", "kind": "signed_by_client"},
    "rule": {"id": "tried", "kind": "change_stage", "settings": {"stage": "signed"}},
}


def tried_in(of: KindOf, setting: Setting) -> tuple[Problem, ...]:
    """What forbids publishing the example of a setting that every trigger or rule has."""
    given = {setting.name: setting.example}
    if setting.name in ("again", "if_passed"):
        given["time"] = {"on": {"field": "contract_end"}}
    if setting.name in ("kind", "on_doubt") and of == "rule":
        given |= {"kind": "send_email", "settings": least("send_email")}
    return errors(of, {**WHOLE[of], **given})


@pytest.mark.parametrize("of", WHOLE)
def test_the_examples_of_what_every_trigger_and_rule_has_can_be_published(of: KindOf) -> None:
    found = {one.name: tried_in(of, one) for one in describe_part(of)}
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_examples_of_a_time_can_be_published() -> None:
    for one in describe_part("time"):
        time = {one.name: one.example}
        assert errors("rule", {**WHOLE["rule"], "time": time}) == (), one.name


def test_the_examples_of_a_duration_can_be_published() -> None:
    for one in describe_part("duration"):
        unit = {"days": 3} if one.name == "field" else {}
        time = {"after": {**unit, one.name: one.example}}
        assert errors("rule", {**WHOLE["rule"], "time": time}) == (), one.name


ENDED = {"id": "ended", "kind": "success"}
WRITTEN: dict[Part, Any] = {
    "pipeline": lambda given: given,
    "stage": lambda given: {"stages": [*SENT_STAGES, {"id": "ended", **given}]},
    "field": lambda given: {
        "fields": {"tried": {"type": "choice" if "options" in given else "text", **given}}
    },
    "calendar": lambda given: {"calendar": given},
    "mail_signature": lambda given: {"signature": {"text": "Acme", **given}},
    "mail_template": lambda given: {
        "mail_templates": {"reminder": {"subject": "Hi", "text": "Hello", **given}}
    },
    "daily_report": lambda given: {"daily_report": {"to": ["ops@acme.example"], **given}},
    "retention": lambda given: {"retention": given},
    "kept_for": lambda given: {"retention": {"final_after": given}},
}
"""Each part of the pipeline with a setting of it, as it is written."""


def tried_in_pipeline(part: Part, setting: Setting) -> tuple[Problem, ...]:
    """What forbids publishing the example of a setting of the pipeline or of a part of it."""
    given = WRITTEN[part]({setting.name: setting.example})
    found = check({**PIPELINE, "stages": [*SENT_STAGES, ENDED], **given}, today=date(2026, 1, 1))
    return tuple(one for one in found[1] if one.severity == "error")


@pytest.mark.parametrize("part", WRITTEN)
def test_the_examples_of_the_pipelines_own_settings_can_be_published(part: Part) -> None:
    found = {one.name: tried_in_pipeline(part, one) for one in describe_part(part)}
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_every_part_has_its_examples_tried() -> None:
    assert {*WHOLE, *WRITTEN, "time", "duration"} == set(PARTS)


def as_json(example: Any) -> Any:
    """The value of TOML as JSON has it."""
    return float(example) if isinstance(example, Decimal) else example


@pytest.mark.parametrize("place", PLACES)
def test_an_example_fits_the_schema_and_shows_more_than_the_default(place: str) -> None:
    validators: Any = pytest.importorskip("jsonschema.validators")
    for one in settings_of(place):
        schema = {**one.json_schema}
        assert "title" not in schema  # it has a label, in two languages
        validators.Draft202012Validator.check_schema(schema)
        errors_of = validators.Draft202012Validator(schema).iter_errors
        found = [error.message for error in errors_of(as_json(one.example))]
        assert (one.name, found) == (one.name, [])
        assert one.required or one.example != one.default, one.name


# --- widgets

TAKES: dict[Widget, set[str]] = {
    "addresses": {"array"},
    "amount": {"number", "string"},
    "calendar": {"object"},
    "clock": {"string"},
    "color": {"string"},
    "condition": {"object"},
    "currency": {"string"},
    "daily_report": {"object"},
    "date_field": {"object"},
    "days": {"array"},
    "document_fields": {"object"},
    "duration": {"object"},
    "field": {"string"},
    "field_paths": {"object"},
    "field_value": {"string", "number", "boolean", "array"},
    "field_values": {"object"},
    "fields": {"array"},
    "files": {"array"},
    "groups": {"object"},
    "holidays": {"string", "array"},
    "hours": {"object"},
    "json": {"object", "array", "string"},
    "kept_for": {"object"},
    "key_values": {"object"},
    "kind": {"string"},
    "language": {"string"},
    "lines": {"array"},
    "mail_signature": {"object"},
    "mail_template": {"string"},
    "mail_templates": {"object"},
    "number": {"integer"},
    "optional_switch": {"boolean"},
    "phone": {"string"},
    "recipients": {"array"},
    "retention": {"object"},
    "rule": {"string"},
    "rule_list": {"array"},
    "secret": {"string"},
    "select": {"string"},
    "sender": {"string", "array"},
    "senders": {"array"},
    "settings": {"object"},
    "special_hours": {"object"},
    "stage": {"string"},
    "stage_list": {"array"},
    "stages": {"array"},
    "supervisors": {"object"},
    "switch": {"boolean"},
    "template_html": {"string"},
    "template_line": {"string"},
    "template_text": {"string"},
    "text": {"string"},
    "time": {"object", "string"},
    "time_zone": {"string"},
    "trigger_list": {"array"},
    "url": {"string"},
    "user": {"string"},
    "users": {"array"},
    "words": {"array"},
}
"""The types of JSON that each widget gives."""


def types(schema: Any, definitions: Any) -> set[str]:
    """The types of JSON that a schema takes."""
    if "$ref" in schema:
        return types(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if parts:
        return {one for part in parts for one in types(part, definitions)}
    return {schema["type"]}


@pytest.mark.parametrize("place", PLACES)
def test_a_widget_gives_what_its_setting_takes(place: str) -> None:
    for one in settings_of(place):
        found = types(one.json_schema, one.json_schema.get("$defs", {}))
        nullable, taken = "null" in found, found - {"null"}
        assert taken <= TAKES[one.widget], one.name
        assert len(taken) == 1 or taken == TAKES[one.widget], one.name
        assert (one.widget in ("select", "files")) == bool(one.choices), one.name
        if taken == {"boolean"}:
            assert one.widget == ("optional_switch" if nullable else "switch"), one.name


def test_every_widget_is_used_and_says_what_it_edits() -> None:
    used = {one.widget for place in PLACES for one in settings_of(place)}
    assert used == set(get_args(Widget)) == set(WIDGETS) == set(TAKES)
