"""The invitation did not reach a recipient."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class DeliveryFailed(SignerTrigger):
    """Fires when a recipient could not be reached: the mail bounced or the message failed."""

    kind: Literal["delivery_failed"] = "delivery_failed"
    titles: ClassVar = {"en": "Delivery failed", "de": "Zustellung fehlgeschlagen"}
    descriptions: ClassVar = {
        "en": "The invitation did not reach a recipient.",
        "de": "Die Einladung hat einen Empfänger nicht erreicht.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.delivery_failed"})
