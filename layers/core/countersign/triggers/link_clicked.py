"""A link in a mail was clicked."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.triggers._shared.mail_event import InteractionTrigger


class LinkClicked(InteractionTrigger):
    """Fires when a link of an HTML mail is followed."""

    kind: Literal["link_clicked"] = "link_clicked"
    titles: ClassVar = {"en": "Link in an e-mail clicked", "de": "Link in E-Mail angeklickt"}
    descriptions: ClassVar = {
        "en": "A recipient has followed a link in a mail of the pipeline.",
        "de": "Ein Empfänger ist einem Link in einer E-Mail der Pipeline gefolgt.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"mail.clicked"})
    url_prefix: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """What the link's address begins with; any link for none. Of links to files and to sign, and
    other links with a key, what follows the key is not known."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        link = happening.detail.get("link", "")
        if self.url_prefix is not None and not link.startswith(self.url_prefix):
            return f"the link was {link[:200]}, not one that begins with {self.url_prefix}"
        return super().misses(happening, document)
