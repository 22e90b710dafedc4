"""The HTML part of a mail that is written as text alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.model.run import Run
from countersign.model.task import Task
from countersign.rules._shared.task_mail import TaskMail
from countersign.use_cases.runs.daily_report import notice
from tests.unit.rules.scene import ANNA, PIPELINE, context, rule

LETTER = {"from": "contracts@acme.example", "subject": "Hi", "to": ["responsible"]}
P = '<p dir="auto" style="margin:0 0 16px;white-space:pre-wrap">'


def html_of(kind: str, **settings: Any) -> str | None:
    letter = {name: LETTER[name] for name in LETTER if (kind, name) != ("notify_supervisor", "to")}
    title = "R&D <b>x</b>\nhttps://acme.example/a?b=1&c=2."
    html: str | None = rule(kind, **letter, **settings).email(context(title=title)).html
    return html


@pytest.mark.parametrize("kind", ["send_email", "notify_employees", "notify_supervisor"])
def test_a_mail_written_as_text_has_html_that_says_the_same(kind: str) -> None:
    made = html_of(kind, text="Dear {{ client.name }},\n\n{{ document.title }}\n")
    link = "https://acme.example/a?b=1&amp;c=2"
    assert made is not None
    assert made.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert made.partition(">\n<p")[2].partition("</body>")[0] == (
        f"{P[2:]}Dear Klara,</p>\n"
        f'{P}R&amp;D &lt;b&gt;x&lt;/b&gt;<br><a href="{link}">{link}</a>.</p>\n'
    )


@pytest.mark.parametrize("kind", ["send_email", "notify_employees", "notify_supervisor"])
def test_a_plain_mail_is_its_text_alone(kind: str) -> None:
    assert html_of(kind, text="Hello", plain=True) is None


def test_html_that_is_given_is_sent_as_it_is_written() -> None:
    assert html_of("send_email", text="Hello", html="<p>Hello</p>") == "<p>Hello</p>"
    assert html_of("send_email", html="<p>Hello</p>") == "<p>Hello</p>"


def test_the_html_is_in_the_language_of_the_pipeline() -> None:
    pipeline = PIPELINE.model_copy(update={"language": "de-AT"})
    made = rule("send_email", **LETTER, text="Hallo").email(context(pipeline)).html
    assert made.startswith('<!DOCTYPE html>\n<html lang="de-AT">')


def test_a_plain_mail_takes_no_html() -> None:
    made = rule("notify_employees", **LETTER, text="Hello", html="<p>Hello</p>", plain=True)
    assert made.problems(PIPELINE) == (
        ("plain", "a plain mail has no HTML; leave out html, or plain"),
    )


def test_mails_about_tasks_have_html_too() -> None:
    now = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)
    task = Task(
        document="d1", id="1.check", entry=1, rule="check", pipeline="contracts",
        pipeline_version=1, stage="sent", title="Check <this>", assignee=ANNA,
        assigned_in=1, created_at=now,
    )  # fmt: skip
    made = TaskMail(task=task, assigned_in=1).email(context())
    assert made.html is not None
    assert f"{P}Check &lt;this&gt;</p>\n{P}Document: Lease (1.234)<br>" in made.html


def test_daily_reports_have_html_too() -> None:
    now = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)
    failed = Run(
        document="a", entry=1, rule="hello", pipeline="contracts", pipeline_version=1,
        stage="sent", kind="send_email", lane="email", state="failed", planned_at=now,
        reason="the mailbox <x> is full",
    )  # fmt: skip
    made = notice(PIPELINE, [failed], {"a": None}, now)
    assert made.html is not None
    assert "<br>  the mailbox &lt;x&gt; is full<br>  countersign documents show a" in made.html
