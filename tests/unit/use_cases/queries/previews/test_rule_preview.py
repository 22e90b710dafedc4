"""A preview of a draft's rule tells what was inserted from what is written, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.errors import NotFoundError
from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.use_cases.queries.previews.rule_preview import RulePreview, preview_rule
from tests.unit.use_cases.queries.scene import disordered, put

NOW = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
LENA = Signer(id="1", name="Lena", email="lena@nord.example", order=1, party="client")
OTTO = Signer(id="2", name="Otto", email="otto@nord.example", order=2, party="client")


def mail(**settings: Any) -> dict[str, Any]:
    """A rule that writes to the client."""
    given = {"from": "contracts@acme.example", "to": ["client"], "subject": "Hello", "text": "Hi"}
    return {"id": "hello", "kind": "send_email", "settings": {**given, **settings}}


def content(*rules: Any, **more: Any) -> dict[str, Any]:
    """A draft with these rules in its second stage."""
    return {
        "pipeline": "contracts",
        "senders": ["contracts@acme.example"],
        "fields": {"plan": {"type": "text"}},
        "stages": [{"id": "draft"}, {"id": "sent", "rules": [*rules]}],
        **more,
    }


def document(*signers: Signer, **more: Any) -> Document:
    world = disordered()
    put(world, "d1", signers=signers or (LENA,), title="Lease", **more)
    found = world.documents.get("d1")
    assert found is not None
    return found


def previewed(draft: object, rule: str = "hello", on: Document | None = None) -> RulePreview:
    return preview_rule(draft, rule, on or document(), now=NOW)


def told(pieces: tuple[Any, ...]) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in pieces]


def test_a_mail_has_its_recipients_and_what_was_inserted_is_told() -> None:
    rule = mail(
        subject="{{ document.title }} {{ document.number }}",
        text="Dear {{ signer.name }},\nplan {{ document.plan }}",
        cc=["ben@acme.example"],
        attachments=["signed_pdf"],
    )

    shown = previewed(content(rule))

    assert (shown.document, shown.stage, shown.rule) == ("d1", "sent", "hello")
    assert [one.text for one in shown.problems if one.severity == "error"] == []
    assert shown.attachments == ("signed_pdf",)
    (letter,) = shown.mails
    assert (letter.sender, letter.to) == ("contracts@acme.example", ("lena@nord.example",))
    assert (letter.cc, letter.bcc) == (("ben@acme.example",), ())
    assert letter.reason is None
    assert told(letter.subject) == [
        ("value", "Lease"),
        ("plain", " "),
        ("missing", "document.number"),
    ]
    assert told(letter.text) == [
        ("plain", "Dear "),
        ("value", "Lena"),
        ("plain", ",\nplan "),
        ("missing", "document.plan"),
    ]


def test_each_of_several_signers_gets_a_mail() -> None:
    shown = previewed(content(mail(text="Dear {{ signer.name }}")), on=document(LENA, OTTO))

    assert [one.to for one in shown.mails] == [("lena@nord.example",), ("otto@nord.example",)]
    assert [told(one.text)[1] for one in shown.mails] == [("value", "Lena"), ("value", "Otto")]


def test_what_a_filter_gives_in_place_of_an_empty_value_is_not_missing() -> None:
    shown = previewed(content(mail(text='No. {{ document.number | default: "to come" }}')))

    assert told(shown.mails[0].text) == [("plain", "No. "), ("value", "to come")]


def test_a_text_that_asks_whether_something_is_empty_reads_as_it_is_sent() -> None:
    text = (
        "{% capture no %}{{ document.number }}{% endcapture %}"
        "{% if no == blank %}without a number{% else %}{{ no }}{% endif %}"
    )

    assert told(previewed(content(mail(text=text))).mails[0].text) == [
        ("plain", "without a number")
    ]


def test_of_a_mail_in_html_what_is_seen_is_shown() -> None:
    html = "<html><head><style>p {}</style></head><p>Dear {{ signer.name }}</p><p>Bye</p></html>"
    rule = mail(html=html, text=None)
    rule["settings"].pop("text")

    assert told(previewed(content(rule)).mails[0].text) == [
        ("plain", "Dear "),
        ("value", "Lena"),
        ("plain", "\nBye"),
    ]


def test_marks_in_a_document_are_no_marks() -> None:
    odd = document(LENA, number="A\ue000B\ue001C\ue002")

    (letter,) = previewed(content(mail(text="No. {{ document.number }}")), on=odd).mails

    assert told(letter.text) == [("plain", "No. "), ("value", "ABC")]


def test_why_a_mail_cannot_be_made_is_said() -> None:
    nobody = Signer(id="3", name="Nina", email=None, order=1, party="client")

    (letter,) = previewed(content(mail()), on=document(nobody)).mails

    assert letter.reason is not None
    assert "Nina" in letter.reason
    assert (letter.subject, letter.text) == ((), ())


def test_the_rest_of_the_draft_may_be_wrong() -> None:
    draft = content(
        mail(), {"id": "odd", "kind": "no_such_kind"}, {"id": "x"}, holidays=["tomorrow"]
    )

    shown = previewed(draft)

    assert shown.mails[0].to == ("lena@nord.example",)
    assert shown.problems == ()


def test_a_rule_that_cannot_be_read_says_what_there_is_to_mend() -> None:
    shown = previewed(content({"id": "hello", "kind": "send_email", "settings": {"to": []}}))

    assert (shown.mails, shown.texts) == ((), ())
    pointers = {one.pointer for one in shown.problems if one.severity == "error"}
    assert "/stages/1/rules/0/settings/to" in pointers
    assert "/stages/1/rules/0/settings/from" in pointers


def test_the_texts_of_a_rule_that_sends_no_mail_are_shown() -> None:
    rule = {
        "id": "hello",
        "kind": "create_task",
        "settings": {
            "title": "Call {{ client.name }}",
            "text": "{{ document.amount }}{{ signer.name }}",
            "checklist": ["Ask {{ client.name }}", "Note it"],
            "assignee": "anna@acme.example",
        },
    }

    shown = previewed(content(rule))

    assert shown.mails == ()
    assert [(one.setting, told(one.text)) for one in shown.texts] == [
        ("title", [("plain", "Call "), ("value", "Lena")]),
        ("text", [("missing", "document.amount"), ("value", "Lena")]),
        ("checklist", [("plain", "Ask "), ("value", "Lena"), ("plain", "\nNote it")]),
    ]


def test_a_text_that_cannot_be_filled_in_says_why() -> None:
    rule = {
        "id": "hello",
        "kind": "add_comment",
        "settings": {"text": '{{ document.title | date: "long" }}'},
    }

    (text,) = previewed(content(rule)).texts

    assert text.text == ()
    assert text.reason is not None
    assert text.reason.startswith("text: line 1")


@pytest.mark.parametrize("draft", [content(mail()), {}, {"stages": 3}])
def test_a_rule_that_is_not_there_is_not_found(draft: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError, match='has no rule "other"'):
        previewed(draft, "other")
