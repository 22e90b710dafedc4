"""What rules of drafts would write, as the API has it."""

from __future__ import annotations

from typing import Any, Literal

from countersign.http.views.base import Body, Id, View
from countersign.http.views.message import Message
from countersign.http.views.pipelines import PipelineProblemView


class PreviewBody(Body):
    """The rule that is previewed, and the document that it is previewed on."""

    rule: Id
    document: Id
    content: dict[str, Any] | None = None
    """The pipeline as plain values, right or wrong; what the draft says unless given."""


class PieceView(View):
    """A part of a text that was filled in."""

    kind: Literal["plain", "value", "missing"]
    """``plain`` stands in the text itself, ``value`` was inserted, ``missing`` has no value."""
    text: str
    """As it reads; of a missing value, the template variable: ``document.number``."""


class WrittenMailView(View):
    """A mail that would be sent."""

    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    reply_to: tuple[str, ...]
    subject: tuple[PieceView, ...]
    text: tuple[PieceView, ...]
    """The plain text; of a mail that has none, what is shown of its HTML."""
    reason: Message | None
    """Why it would not be sent."""


class WrittenTextView(View):
    """The text of a setting, filled in."""

    setting: str
    text: tuple[PieceView, ...]
    reason: Message | None
    """Why it cannot be filled in."""


class RulePreviewView(View):
    """What a rule would write."""

    document: str
    stage: str
    rule: str
    problems: tuple[PipelineProblemView, ...]
    """What there is to fix, or to look at, in the rule; mails and texts are left out where its
    settings cannot be read."""
    attachments: tuple[str, ...]
    mails: tuple[WrittenMailView, ...]
    texts: tuple[WrittenTextView, ...]
    """Of a rule that sends no mail, each setting that has a text."""
