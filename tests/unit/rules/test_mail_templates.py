"""Mails made from the pipeline's templates, with the pipeline's signature below."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from tests.unit.rules.scene import PIPELINE, context, rule

LETTER = {"from": "contracts@acme.example", "to": ["client"]}
TEMPLATES = {
    "welcome": {"subject": "For {{ client.name }}\n", "text": "Dear {{ signer.name }}"},
    "rich": {"subject": "Rich", "text": "Rich text", "html": "<p>{{ document.title }}</p>"},
    "body": {"text": "Only a body"},
    "page": {"subject": "Page", "html": "<p>Page</p>"},
}
SIGNATURE = {"text": "Acme Ltd\n{{ responsible }}\n", "html": "<b>Acme</b> {{ document.title }}"}
RULE = '<hr style="border:0;border-top:1px solid #999999;margin:24px 0 16px">'
P = '<p dir="auto" style="margin:0 0 16px;white-space:pre-wrap">'


def made(settings: dict[str, Any], kind: str = "send_email", **more: Any) -> Email:
    pipeline = Pipeline.model_validate(
        {**PIPELINE.model_dump(), "mail_templates": TEMPLATES, **more}
    )
    mail: Email = rule(kind, **{**LETTER, **settings}).email(context(pipeline, title="R&D"))
    return mail


@pytest.mark.parametrize(
    ("settings", "subject", "text", "html"),
    [
        ({"template": "welcome", "plain": True}, "For Klara", "Dear Klara", None),
        ({"template": "welcome", "subject": "Own", "plain": True}, "Own", "Dear Klara", None),
        ({"template": "welcome", "text": "Own", "plain": True}, "For Klara", "Own", None),
        ({"template": "rich"}, "Rich", "Rich text", "<p>R&amp;D</p>"),
        ({"template": "rich", "html": "<i>Own</i>"}, "Rich", None, "<i>Own</i>"),
        ({"template": "rich", "plain": True}, "Rich", "Rich text", None),
        ({"template": "body", "subject": "Own", "plain": True}, "Own", "Only a body", None),
        ({"template": "page"}, "Page", None, "<p>Page</p>"),
    ],
)
def test_what_the_rule_does_not_say_is_the_template_s(
    settings: dict[str, Any], subject: str, text: str | None, html: str | None
) -> None:
    mail = made(settings)
    assert (mail.subject, mail.text, mail.html) == (subject, text, html)


def test_a_rule_s_own_text_is_never_sent_beside_the_html_of_its_template() -> None:
    html = made({"template": "rich", "text": "Own words"}).html
    assert html is not None
    assert f"{P}Own words</p>" in html
    assert "R&amp;D" not in html


def test_employees_are_notified_from_templates_too() -> None:
    mail = made({"template": "body", "subject": "Own", "to": ["responsible"]}, "notify_employees")
    assert (mail.subject, mail.text) == ("Own", "Only a body")


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("welcme", 'the pipeline has no mail template "welcme"; did you mean welcome?'),
        ("broken", "template broken, text: line 2: unknown insert"),
        ("lines", "template lines, subject: there is a line break"),
        ("body", "the mail has no subject; give it one"),
    ],
)
def test_what_a_template_lacks_or_has_wrong_names_the_template(template: str, error: str) -> None:
    broken = {"subject": "Hi", "text": "Dear\n{{ signer.nam }}"}
    lines = {"subject": "{{ document.number }}", "text": "Hi"}
    templates = {**TEMPLATES, "broken": broken, "lines": lines}
    pipeline = PIPELINE.model_copy(update={"mail_templates": {}})
    pipeline = Pipeline.model_validate({**pipeline.model_dump(), "mail_templates": templates})
    with pytest.raises(PermanentError, match=error):
        rule("send_email", **LETTER, template=template).email(context(pipeline, number="1\n2"))


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"text": "x"}, "the mail has no subject"),
        ({"subject": "x"}, "the mail says nothing"),
        ({"subject": " ", "template": "welcome"}, "the mail has no subject"),
        ({"text": " ", "template": "welcome"}, "the mail says nothing"),
    ],
)
def test_a_rule_that_says_nothing_and_has_no_template_is_refused(
    settings: dict[str, Any], error: str
) -> None:
    with pytest.raises(ValidationError, match=error):
        rule("send_email", **LETTER, **settings)


# --- the signature


@pytest.mark.parametrize(
    ("settings", "text", "below"),
    [
        (
            {"subject": "Hi", "text": "Hello\n"},
            "Hello\n\n-- \nAcme Ltd\nanna@acme.example",
            f"{P}Hello</p>\n{RULE}\n<div><b>Acme</b> R&amp;D</div>\n</body>",
        ),
        (
            {"template": "rich"},
            "Rich text\n\n-- \nAcme Ltd\nanna@acme.example",
            f"<p>R&amp;D</p>\n{RULE}\n<div><b>Acme</b> R&amp;D</div>\n",
        ),
    ],
)
def test_the_signature_stands_below_text_and_html(
    settings: dict[str, Any], text: str, below: str
) -> None:
    mail = made(settings, signature=SIGNATURE)
    assert mail.text == text
    assert mail.html is not None
    assert below in mail.html


def test_a_signature_of_text_alone_is_made_into_html() -> None:
    mail = made({"template": "page"}, signature={"text": "Acme <Ltd>\nhttps://acme.example."})
    link = '<a href="https://acme.example">https://acme.example</a>'
    assert (mail.text, mail.html) == (
        None,
        f"<p>Page</p>\n{RULE}\n<div>{P}Acme &lt;Ltd&gt;<br>{link}.</p></div>\n",
    )


def test_a_signature_of_html_alone_stands_below_html_alone() -> None:
    mail = made({"template": "rich"}, signature={"html": "<b>Acme</b>"})
    assert (mail.text, mail.html) == (
        "Rich text",
        f"<p>R&amp;D</p>\n{RULE}\n<div><b>Acme</b></div>\n",
    )


@pytest.mark.parametrize(
    ("html", "signed"),
    [
        ("<body>x</body>", f"<body>x{RULE}\n<div>y</div>\n</body>"),
        ("<html><BODY>x</BODY ></html>", f"<html><BODY>x{RULE}\n<div>y</div>\n</BODY ></html>"),
        ("<html>x</html>", f"<html>x{RULE}\n<div>y</div>\n</html>"),
    ],
)
def test_it_stands_within_a_whole_page(html: str, signed: str) -> None:
    settings = {"subject": "Hi", "html": html}
    assert made(settings, signature={"html": "y"}).html == signed


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("send_email", {"signature": False}),
        ("notify_employees", {"to": ["responsible"]}),
    ],
)
def test_only_mails_to_customers_that_want_it_have_the_signature(
    kind: str, settings: dict[str, Any]
) -> None:
    mail = made({"template": "rich", **settings}, kind, signature=SIGNATURE)
    assert (mail.text, mail.html) == ("Rich text", "<p>R&amp;D</p>")


def test_each_of_several_mails_has_it() -> None:
    mail = made({"template": "rich", "plain": True, "to": ["client"]}, signature={"text": "Acme"})
    assert mail.text == "Rich text\n\n-- \nAcme"


def test_a_signature_that_is_empty_once_filled_in_is_left_out() -> None:
    mail = made(
        {"template": "rich"},
        signature={"text": " {% if document.number == 'x' %}Acme{% endif %}\n"},
    )
    assert (mail.text, mail.html) == ("Rich text", "<p>R&amp;D</p>")


def test_a_signature_that_cannot_be_filled_in_says_where() -> None:
    with pytest.raises(PermanentError, match=r"signature\.text: line 1: unknown insert"):
        made({"template": "rich"}, signature={"text": "{{ nobody }}"})


@given(st.text(st.sampled_from("ab <&\n-"), min_size=1).filter(str.strip))
def test_what_stands_above_the_signature_is_the_text(text: str) -> None:
    signed = made({"subject": "Hi", "text": text, "plain": True}, signature={"text": "Acme"}).text
    assert signed == f"{text.rstrip()}\n\n-- \nAcme"
