"""A message goes to a chat in the service's own form, and what is inserted stays data in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.rules.base import Reply
from countersign.rules.post_message import PostMessage
from countersign.templates.chat import WORD_JOINER
from tests.unit.rules.scene import PIPELINE, context, rule

ADDRESS = "https://hooks.chat.example/T1/B2/x"


def message(**settings: Any) -> PostMessage:
    """Such a rule."""
    given = {"service": "slack", "to": "secret:team", "text": "Hello", **settings}
    made: PostMessage = rule("post_message", **given)
    return made


def posted(changes: dict[str, Any] | None = None, **settings: Any) -> WebRequest:
    """The call that such a rule makes for the document, with these changes of it."""
    secrets = {"team": ADDRESS}
    return message(**settings).request(context(**(changes or {})), secrets.__getitem__)


def body(changes: dict[str, Any] | None = None, **settings: Any) -> Any:
    """What it posts."""
    return json.loads(posted(changes, **settings).body)


def card(*blocks: dict[str, Any]) -> dict[str, Any]:
    """A message of Teams with one card of these blocks."""
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "wrap": True, **block} for block in blocks],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [attachment]}


def test_a_message_is_one_call_of_the_secret_address_which_nobody_may_repeat() -> None:
    made = posted(text="{{ document.title }} for {{ client.name }}: ä")
    assert made == WebRequest(
        method="POST",
        url=ADDRESS,
        headers={
            "content-type": "application/json; charset=utf-8",
            "idempotency-key": "d1.1.it",
            "webhook-id": "d1.1.it",
        },
        body='{"text": "Lease for Klara: ä"}'.encode(),
    )
    assert message().secrets == {"team"}
    assert message().reply(WebAnswer(status=200, body=b"ok"), context()) == Reply()


@pytest.mark.parametrize("service", ["slack", "google_chat"])
def test_a_title_is_a_bold_line_above_the_text(service: str) -> None:
    made = body(service=service, title="{{ document.title }}\n", text="\n*Signed*\nby all\n")
    assert made == {"text": "*Lease*\n*Signed*\nby all"}


def test_each_line_is_a_block_of_its_own_in_teams() -> None:
    made = body(service="teams", title="{{ document.title }}", text="Signed\n- by all\n\n\nPaid\n")
    assert made == card(
        {"text": "Lease", "weight": "bolder", "size": "medium"},
        {"text": "Signed", "spacing": "default"},
        {"text": "- by all", "spacing": "none"},
        {"text": "Paid", "spacing": "default"},
    )


@pytest.mark.parametrize(
    ("service", "title", "shown"),
    [
        ("slack", "<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("slack", "<https://evil.example|Bank>", "&lt;https://evil.example|Bank&gt;"),
        ("google_chat", "<users/all>", "\u2039users/all\u203a"),
        ("google_chat", "<https://evil.example|Bank>", "\u2039https://evil.example|Bank\u203a"),
        ("google_chat", "[Bank](https://evil.example)",
         f"[Bank]{WORD_JOINER}(https://evil.example)"),
    ],
)  # fmt: skip
def test_what_is_inserted_pings_nobody_and_hides_no_address(
    service: str, title: str, shown: str
) -> None:
    made = body(
        {"title": title}, service=service, title="{{ document.title }}", text="{{ document.title }}"
    )
    assert made == {"text": f"*{shown}*\n{shown}"}


def test_what_is_inserted_makes_no_link_in_teams() -> None:
    made = body(
        {"title": "[Bank](https://evil.example)"},
        service="teams",
        text="[{{ document.title }}](https://acme.example)",
    )
    text = f"[[Bank]{WORD_JOINER}(https://evil.example)](https://acme.example)"
    assert made == card({"text": text, "spacing": "default"})


@pytest.mark.parametrize("service", ["slack", "google_chat"])
def test_marks_that_the_rule_itself_has_are_the_service_s(service: str) -> None:
    text = "<https://acme.example/{{ document.id }}|Open> *now* & <!here>"
    made = body(service=service, text=text)
    assert made == {"text": "<https://acme.example/d1|Open> *now* & <!here>"}


def test_a_title_stays_one_line_whatever_is_inserted() -> None:
    made = body({"title": "Lease\nof the\tshop"}, title="{{ document.title }}", text="Hi")
    assert made == {"text": "*Lease of the shop*\nHi"}


@pytest.mark.parametrize(
    ("service", "most", "unit", "around"),
    [
        ("slack", 40_000, "characters", 0),
        ("teams", 28_672, "bytes", len(json.dumps(card({"text": "", "spacing": "default"})))),
        ("google_chat", 32_000, "bytes", len('{"text": ""}')),
    ],
)
def test_a_message_that_the_service_would_cut_or_refuse_is_not_posted(
    service: str, most: int, unit: str, around: int
) -> None:
    room = most - around
    assert posted({"title": "x" * room}, service=service, text="{{ document.title }}").body
    with pytest.raises(PermanentError) as caught:
        posted({"title": "x" * (room + 1)}, service=service, text="{{ document.title }}")
    assert str(caught.value) == (
        f"text: the message has {most + 1:,} {unit}; {service} takes {most:,}: make it shorter"
    )


def test_a_message_that_says_nothing_once_filled_in_is_not_posted() -> None:
    with pytest.raises(PermanentError, match="says nothing once its inserts are filled in"):
        posted({"title": None}, text="{{ document.title }}")


@pytest.mark.parametrize(
    "to", [ADDRESS, "secret:two words", "secret:Team", "https://x.example/secret:t"]
)
def test_an_address_that_stands_in_the_pipeline_is_refused_and_not_repeated(to: str) -> None:
    with pytest.raises(ValidationError) as caught:
        message(to=to)
    (found,) = caught.value.errors(include_input=False, include_url=False)
    assert found["loc"] == ("to",)
    assert "store it with countersign secrets set NAME, and write secret:NAME" in found["msg"]
    assert to not in found["msg"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"text": " \n"}, "the message says nothing"),
        ({"service": "irc"}, "'slack', 'teams' or 'google_chat'"),
    ],
)
def test_settings_that_can_never_work_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        message(**settings)


def test_publishing_tells_unknown_inserts_and_titles_of_several_lines() -> None:
    wrong = message(service="teams", title="One\nTwo", text="{{ document.titel }}")
    assert wrong.problems(PIPELINE) == (
        ("text", 'line 1: unknown insert "document.titel"; did you mean document.title?'),
        ("title", "the title has a line break; write it on one line"),
    )
    assert (
        message(title="{{ document.title }}\n", text="{{ client.name }}").problems(PIPELINE) == ()
    )
