"""Post a message: colleagues read of the document in Slack, Teams or Google Chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator

from countersign.errors import PermanentError
from countersign.model.http import WebRequest
from countersign.model.pipeline import Pipeline
from countersign.rules._shared import http, rendering
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import HttpRule, RuleContext, RuleGroup, Secret
from countersign.templates.chat import Service
from countersign.text.addresses import is_one_line

SLACK_TEXT = 40_000
"""Characters; Slack cuts off what is longer:
https://api.slack.com/changelog/2018-04-truncating-really-long-messages"""
TEAMS_MESSAGE = 28 * 1024
"""Bytes of the whole message:
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
"""
GOOGLE_CHAT_MESSAGE = 32_000
"""Bytes of the whole message: https://developers.google.com/workspace/chat/create-messages"""


def _kept_secret(text: str) -> str:
    names = http.secret_names(text)
    if not names or text != f"secret:{names[0]}":
        # What is written is not repeated: it may be the address.
        msg = (
            "anyone who knows the address of an incoming webhook can post there, so it does not "
            "belong in a pipeline; store it with countersign secrets set NAME, and write "
            "secret:NAME here"
        )
        raise ValueError(msg)
    return text


def _written(text: str) -> str:
    if not text.strip():
        msg = "the message says nothing; give it a text"
        raise ValueError(msg)
    return text


class PostMessage(HttpRule):
    """Posts one message through an incoming webhook of the service.

    What is inserted is data: it pings nobody and hides no address behind another name. The text
    itself may use the service's own marks. A message that nobody answered is in doubt: none of
    the services knows a repeated one.
    """

    kind: Literal["post_message"] = "post_message"
    group: ClassVar[RuleGroup] = "employee_alerts"
    titles: ClassVar = {"en": "Post a message", "de": "Nachricht posten"}
    descriptions: ClassVar = {
        "en": "Posts a message to a channel of Slack, Teams or Google Chat.",
        "de": "Schreibt eine Nachricht in einen Kanal von Slack, Teams oder Google Chat.",
    }
    service: Service
    """Whose channel it is."""
    to: Annotated[str, AfterValidator(_kept_secret)]
    """``secret:<name>``: the address of an incoming webhook."""
    title: str | None = None
    """A line above the text, in bold."""
    text: Annotated[str, AfterValidator(_written)]
    """The message, with template variables; it may use the service's own marks."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        texts = self._texts()
        problems = list(
            rendering.problems(texts, pipeline, forms=dict.fromkeys(texts, self.service))
        )
        if not is_one_line(texts.get("title", "")):
            problems.append(("title", "the title has a line break; write it on one line"))
        return tuple(problems)

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the secrets it needs."""
        return frozenset(http.secret_names(self.to))

    def request(self, context: RuleContext, secret: Secret) -> WebRequest:
        """The call that posts the message; PermanentError where it can never be posted."""
        inserted = values(context, first(context.document, "client"), self.titles["en"])
        texts = {
            name: rendering.filled(name, text, inserted, self.service)
            for name, text in self._texts().items()
        }
        text, title = texts["text"].strip(), " ".join(texts.get("title", "").split())
        if not text:
            msg = "text: the message says nothing once its inserts are filled in; correct its text"
            raise PermanentError(msg)
        body = http.as_json(_message(self.service, title, text))
        _check_size(self.service, f"{title}{text}", body)
        request = WebRequest(method="POST", url=http.with_secrets(self.to, secret), body=body)
        return http.complete(context, request, content_type="application/json; charset=utf-8")

    def _texts(self) -> dict[str, str]:
        # A title written as a block of YAML ends with a line break of its own.
        return {**({"title": self.title.strip()} if self.title else {}), "text": self.text}


def _message(service: Service, title: str, text: str) -> Mapping[str, Any]:
    """The message as the service reads it.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    https://developers.google.com/workspace/chat/quickstart/webhooks
    """
    if service == "teams":
        return _card(title, text)
    return {"text": f"*{title}*\n{text}" if title else text}


def _card(title: str, text: str) -> Mapping[str, Any]:
    """An Adaptive Card in a message, the only thing that Teams' Workflows take.

    Each line is a block of its own: Markdown there would join lines that follow each other.
    https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    """
    blocks: list[dict[str, Any]] = []
    if title:
        blocks.append(_block(title, weight="bolder", size="medium"))
    apart = True
    for line in text.splitlines():
        if line.strip():
            blocks.append(_block(line, spacing="default" if apart else "none"))
        apart = not line.strip()
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _block(text: str, **looks: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}


def _check_size(service: Service, text: str, body: bytes) -> None:
    size, most, unit = {
        "slack": (len(text), SLACK_TEXT, "characters"),
        "teams": (len(body), TEAMS_MESSAGE, "bytes"),
        "google_chat": (len(body), GOOGLE_CHAT_MESSAGE, "bytes"),
    }[service]
    if size > most:
        msg = f"text: the message has {size:,} {unit}; {service} takes {most:,}: make it shorter"
        raise PermanentError(msg)
