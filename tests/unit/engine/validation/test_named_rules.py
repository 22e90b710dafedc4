"""Triggers that wait for what a rule has done: the rule must be there, and do that."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.engine.validation.pipeline import check
from tests.builders import mail, stage, to_stage, trigger

TODAY = date(2026, 3, 2)
CHECK = {"id": "check", "kind": "create_task", "settings": {"title": "Check"}}


def tracked(rule_id: str, **more: Any) -> dict[str, Any]:
    """A rule that mails the client in HTML, and tracks it."""
    rule = mail(rule_id)
    rule["settings"] |= {"html": "<p>Hello</p>", "track": True, **more}
    return rule


def problems(
    kind: str, first: dict[str, Any] | None = None, /, **settings: Any
) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a pipeline that has such a trigger in its second stage."""
    raw = {
        "pipeline": "contracts",
        "senders": ["contracts@acme.example"],
        "stages": [
            stage("sent", first or tracked("hello"), CHECK, to_stage("go", "next")),
            stage("next", triggers=[trigger(kind, settings=settings)]),
        ],
    }
    _, found = check(raw, today=TODAY)
    return [(one.place, one.text) for one in found]


@pytest.mark.parametrize("kind", ["mail_opened", "link_clicked", "mail_bounced"])
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (None, None),
        ("hello", None),
        ("helo", 'the pipeline has no rule "helo" that sends mail; did you mean hello?'),
        ("go", 'the pipeline has no rule "go" that sends mail; expected hello'),
    ],
)
def test_the_rule_must_be_there_and_send_mail(
    kind: str, rule: str | None, reason: str | None
) -> None:
    place = ("stages", 1, "triggers", 0, "settings", "rule")
    settings = {} if rule is None else {"rule": rule}
    assert problems(kind, **settings) == ([(place, reason)] if reason else [])


@pytest.mark.parametrize("kind", ["mail_opened", "link_clicked"])
def test_opens_and_clicks_are_waited_for_only_where_a_mail_is_tracked(kind: str) -> None:
    place = ("stages", 1, "triggers", 0, "settings", "rule")
    told = "no mail that it waits for is tracked; set track: true in "
    assert problems(kind, mail("hello")) == [(place, f"{told}a rule that sends the mail")]
    assert problems(kind, mail("hello"), rule="hello") == [(place, f'{told}the rule "hello"')]


def test_only_html_can_be_tracked() -> None:
    ((place, told),) = problems("mail_opened", tracked("hello", html=None, plain=True))
    assert place == ("stages", 0, "rules", 0, "settings", "track")
    assert told == "only an HTML mail can be tracked; leave out plain, or track"


def test_a_mail_written_as_text_can_be_tracked() -> None:
    assert problems("mail_opened", tracked("hello", html=None)) == []


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (None, None),
        ("check", None),
        ("chek", 'the pipeline has no rule "chek" that creates a task; did you mean check?'),
        ("hello", 'the pipeline has no rule "hello" that creates a task; expected check'),
    ],
)
def test_the_rule_whose_task_is_waited_for_must_create_one(
    task: str | None, reason: str | None
) -> None:
    place = ("stages", 1, "triggers", 0, "settings", "task")
    settings = {} if task is None else {"task": task}
    assert problems("task_completed", **settings) == ([(place, reason)] if reason else [])


@pytest.mark.parametrize("prefix", ["acme.example", "javascript:x", "https://a b"])
def test_a_link_begins_with_the_address_of_a_page(prefix: str) -> None:
    ((place, _),) = problems("link_clicked", url_prefix=prefix)
    assert place == ("stages", 1, "triggers", 0, "settings", "url_prefix")


@pytest.mark.parametrize("kind", ["mail_opened", "link_clicked"])
def test_where_no_rule_sends_mail_none_can_be_opened(kind: str) -> None:
    place = ("stages", 1, "triggers", 0, "settings", "rule")
    told = "no mail that it waits for is tracked; set track: true in a rule that sends the mail"
    assert problems(kind, {**CHECK, "id": "other"}) == [(place, told)]


def test_a_rule_of_an_unknown_kind_is_told_where_it_stands() -> None:
    ((place, _),) = problems("task_completed", {"id": "odd", "kind": "make_task"}, task="odd")
    assert place == ("stages", 0, "rules", 0, "kind")


def test_that_another_mail_is_tracked_does_not_help_one_that_is_not() -> None:
    raw = {
        "pipeline": "contracts",
        "senders": ["contracts@acme.example"],
        "stages": [
            stage("sent", mail("hello"), tracked("other")),
            stage("next", triggers=[trigger("mail_opened", settings={"rule": "hello"})]),
        ],
    }
    _, found = check(raw, today=TODAY)
    assert [one.text for one in found] == [
        'no mail that it waits for is tracked; set track: true in the rule "hello"'
    ]
