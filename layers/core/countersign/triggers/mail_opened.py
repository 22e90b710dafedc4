"""A mail was opened."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.mail_event import InteractionTrigger


class MailOpened(InteractionTrigger):
    """Fires when the pictures of an HTML mail are loaded: it was opened."""

    kind: Literal["mail_opened"] = "mail_opened"
    titles: ClassVar = {"en": "E-mail opened", "de": "E-Mail geöffnet"}
    descriptions: ClassVar = {
        "en": "A recipient has opened a mail of the pipeline.",
        "de": "Ein Empfänger hat eine E-Mail der Pipeline geöffnet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"mail.opened"})
