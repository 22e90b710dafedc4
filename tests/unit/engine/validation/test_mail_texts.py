"""The signature and the mail templates are checked like a rule's own texts, with their place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from countersign.engine.validation.diff import Difference, ValueChange, diff
from countersign.engine.validation.mail_texts import signed_rules
from countersign.engine.validation.pipeline import check
from countersign.model.base import Place
from countersign.pipeline_files.reader import check_file
from tests.builders import pipeline, stage

SENDER = "contracts@acme.example"
TODAY = date(2026, 3, 2)
WELCOME = {"subject": "Welcome", "text": "Dear {{ signer.name }}"}


def rule(rule_id: str, kind: str = "send_email", **settings: Any) -> dict[str, Any]:
    to = {} if kind == "notify_supervisor" else {"to": ["responsible"]}
    return {"id": rule_id, "kind": kind, "settings": {"from": SENDER, **to, **settings}}


def problems(*rules: dict[str, Any], **more: Any) -> list[tuple[Place, str, str]]:
    raw = {"pipeline": "p", "senders": [SENDER], "stages": [stage("a", *rules)], **more}
    _, found = check(raw, today=TODAY)
    return [(one.place, one.text, one.severity) for one in found]


def test_a_signature_and_templates_that_are_used_are_right() -> None:
    signature = {"text": "{{ responsible }}", "html": "<b>{{ pipeline.name }}</b>"}
    rules = [
        rule("one", template="welcome"),
        rule("two", "notify_employees", template="body", subject="Own"),
        rule("three", template="rich", plain=True, signature=False),
    ]
    templates = {
        "welcome": WELCOME,
        "body": {"name": "A body", "html": "<p>x</p>"},
        "rich": {"subject": "x", "text": "x", "html": "<p>x</p>"},
    }
    assert problems(*rules, signature=signature, mail_templates=templates) == []


@pytest.mark.parametrize(
    ("signature", "place", "text"),
    [
        ({}, (), "the signature is empty; give it a text, html or both"),
        ({"text": " \n"}, (), "the signature is empty; give it a text, html or both"),
        (
            {"text": "Acme\n{{ responsibl }}"},
            ("text",),
            'line 2: unknown insert "responsibl"; did you mean responsible?',
        ),
        (
            {"html": "{{ today | dat }}"},
            ("html",),
            'line 1: unknown filter "dat"; did you mean date?',
        ),
        ({"text": "{% if client %}"}, ("text",), "line 1: "),
    ],
)
def test_a_wrong_signature_is_refused(signature: dict[str, str], place: Place, text: str) -> None:
    ((where, told, severity),) = problems(signature=signature)
    assert (where, severity) == (("signature", *place), "error")
    assert told.startswith(text)


@pytest.mark.parametrize(
    ("template", "place", "text"),
    [
        ({"name": "x"}, (), "the mail template is empty; give it a subject, a text, html or all"),
        ({"subject": "x", "text": " "}, (), "the mail template says nothing; give it a text"),
        ({"subject": "", "text": "x"}, ("subject",), "the subject is empty; write one, or leave"),
        (
            {"subject": "x\ny", "text": "x"},
            ("subject",),
            "the subject has a line break; write it on one line",
        ),
        (
            {"subject": "{{ docment.title }}", "text": "x"},
            ("subject",),
            'line 1: unknown insert "docment.title"; did you mean document.title?',
        ),
        (
            {"subject": "x", "html": "{{ signer.nam }}"},
            ("html",),
            'line 1: unknown insert "signer.nam"; did you mean signer.name?',
        ),
    ],
)
def test_a_wrong_template_is_refused_where_it_stands(
    template: dict[str, str], place: Place, text: str
) -> None:
    used = rule("one", template="welcome", subject="Own", text="Own")
    ((where, told, severity),) = problems(used, mail_templates={"welcome": template})
    assert (where, severity) == (("mail_templates", "welcome", *place), "error")
    assert told.startswith(text)


@pytest.mark.parametrize(
    ("settings", "setting", "text"),
    [
        (
            {"template": "welcom"},
            "template",
            'the pipeline has no mail template "welcom"; did you mean welcome?',
        ),
        (
            {"template": "x"},
            "template",
            'the pipeline has no mail template "x"; expected welcome, body, title, page',
        ),
        (
            {"template": "body"},
            "template",
            'the mail template "body" has no subject; give it one, or write it in the rule',
        ),
        (
            {"template": "title"},
            "template",
            'the mail template "title" has no text; give it one, or write it in the rule',
        ),
        (
            {"template": "page", "plain": True},
            "plain",
            'the mail template "page" has only html; give it a text, or leave out plain',
        ),
        (
            {"template": "welcome", "track": True, "plain": True},
            "track",
            "only an HTML mail can be",
        ),
        ({"template": "welcome", "subject": "{{ x }}"}, "subject", 'line 1: unknown insert "x"'),
    ],
)
@pytest.mark.parametrize("kind", ["send_email", "notify_employees", "notify_supervisor"])
def test_a_rule_with_a_wrong_template_is_refused(
    kind: str, settings: dict[str, Any], setting: str, text: str
) -> None:
    if "track" in settings and kind != "send_email":
        pytest.skip("a setting of send_email")
    templates = {
        "welcome": WELCOME,
        "body": {"text": "x"},
        "title": {"subject": "x"},
        "page": {"subject": "x", "html": "<p>x</p>"},
    }
    more = {"supervisors": {"a@acme.example": "b@acme.example"}}
    found = problems(rule("one", kind, **settings), mail_templates=templates, **more)
    ((where, told),) = [(where, told) for where, told, severity in found if severity == "error"]
    assert where == ("stages", 0, "rules", 0, "settings", setting)
    assert told.startswith(text)


def test_without_templates_the_error_says_there_are_none() -> None:
    ((_, told, _),) = problems(rule("one", template="welcome"))
    assert told == 'the pipeline has no mail template "welcome"; it has none'


def test_a_template_that_no_rule_uses_is_a_warning() -> None:
    templates = {"welcome": WELCOME, "old": WELCOME}
    assert problems(rule("one", template="welcome"), mail_templates=templates) == [
        (
            ("mail_templates", "old"),
            'no rule uses the mail template "old"; write template: old in one, or remove it',
            "warning",
        )
    ]


def test_a_template_that_cannot_be_read_has_no_errors_that_only_follow() -> None:
    templates = {"welcome": {"subject": ["x"], "text": "x"}}
    found = problems(rule("one", template="welcome"), mail_templates=templates)
    assert [place for place, _, severity in found if severity == "error"] == [
        ("mail_templates", "welcome", "subject")
    ]


def test_the_fault_stands_at_its_line_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "pipeline: p\n"
        "signature:\n"
        "  text: Acme {{ responsibl }}\n"
        "mail_templates:\n"
        "  welcome:\n"
        "    subject: Welcome\n"
        "    text: |\n"
        "      Dear {{ signer.nam }}\n"
        "  Old One: {subject: x, txt: x}\n"
        "stages: [{id: a}]\n",
        encoding="utf-8",
    )
    shown = [line.shown("p.yaml") for line in check_file(file, today=TODAY).report]
    assert [line.partition(": ")[0] for line in shown] == [
        "p.yaml:3:9",
        "p.yaml:5:3",
        "p.yaml:7:11",
        "p.yaml:9:3",
        "p.yaml:9:25",
    ]


def changed(old: dict[str, Any], new: dict[str, Any]) -> tuple[Difference, ...]:
    rules = [
        rule("one", template="welcome"),
        rule("two", template="other", signature=False),
        rule("three", "notify_employees", template="welcome"),
        rule("four", subject="x", text="x"),
    ]
    return diff(pipeline(stage("a", *rules), **old), pipeline(stage("a", *rules), **new))


def test_a_changed_template_is_shown_with_the_rules_whose_mails_it_changes() -> None:
    old = {"mail_templates": {"welcome": WELCOME, "other": WELCOME}}
    new = {"mail_templates": {"welcome": {**WELCOME, "subject": "Hello"}, "other": WELCOME}}
    assert changed(old, new) == (
        Difference(
            change="changed",
            part="mail_template",
            id="welcome",
            details=("subject: Welcome -> Hello",),
            values=(ValueChange(pointer="/subject", before="Welcome", after="Hello"),),
            rules=("one", "three"),
        ),
    )


def test_templates_and_signatures_come_and_go() -> None:
    with_both = {"mail_templates": {"other": WELCOME}, "signature": {"text": "Acme"}}
    for old, new, change in (({}, with_both, "added"), (with_both, {}, "removed")):
        assert {(one.change, one.part, one.id, one.rules) for one in changed(old, new)} == {
            (change, "mail_template", "other", ("two",)),
            (change, "signature", "contracts", ("one", "four")),
        }


def test_a_changed_signature_is_shown_with_the_rules_that_have_it() -> None:
    assert changed({"signature": {"text": "Acme"}}, {"signature": {"text": "Acme Ltd"}}) == (
        Difference(
            change="changed",
            part="signature",
            id="contracts",
            details=("text: Acme -> Acme Ltd",),
            values=(ValueChange(pointer="/text", before="Acme", after="Acme Ltd"),),
            rules=("one", "four"),
        ),
    )


def test_a_rule_of_an_unknown_kind_hides_none_that_has_the_signature() -> None:
    unknown, off = {"id": "x", "kind": "nonesuch"}, rule("off", signature=False)
    written = pipeline(stage("draft", unknown, rule("a"), off, rule("b")))
    assert signed_rules(written) == ("a", "b")
