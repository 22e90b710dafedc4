"""Text from outside made harmless in chat messages: it pings nobody and hides no address.

Each service reads marks in a message's text. What a document brings may at most look bold; it may
not call a whole channel, nor show a link under another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Service = Literal["slack", "teams", "google_chat"]

WORD_JOINER = "\u2060"
"""Shows nothing, and parts what a service would read as one mark."""

_MARKS: Mapping[Service, Mapping[int, str]] = {
    # The three that Slack reads: https://docs.slack.dev/messaging/formatting-message-text
    "slack": str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"}),
    # <users/all> and <address|name>, and [name](address) where Chat reads Markdown; there is no
    # way to escape them, so quotation marks that look alike stand for < and >:
    # https://developers.google.com/workspace/chat/format-messages
    "google_chat": str.maketrans({"<": "\u2039", ">": "\u203a", "]": f"]{WORD_JOINER}"}),
    # [name](address); some of Teams' programs do not know Markdown's own escape for it:
    # https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
    "teams": str.maketrans({"]": f"]{WORD_JOINER}"}),
}


def harmless(text: str, service: Service) -> str:
    """The text with nothing in it that the service would act on."""
    return text.translate(_MARKS[service])
