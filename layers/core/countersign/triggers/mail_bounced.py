"""A mail came back, or was marked as unwanted."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.mail_event import MailTrigger


class MailBounced(MailTrigger):
    """Fires when a mail could not be delivered for good, or its recipient complained of it."""

    kind: Literal["mail_bounced"] = "mail_bounced"
    titles: ClassVar = {"en": "E-mail bounced", "de": "E-Mail unzustellbar"}
    descriptions: ClassVar = {
        "en": "A mail came back, or its recipient marked it as unwanted.",
        "de": "Eine E-Mail kam zurück, oder ihr Empfänger hat sie als unerwünscht markiert.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"mail.bounced", "mail.complained"})
