"""A payment has been received."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace
from countersign.triggers.base import TriggerGroup, TriggerKind


class PaymentReceived(TriggerKind):
    """Fires when a payment for the document came in, in the currency and of at least so much."""

    kind: Literal["payment_received"] = "payment_received"
    group: ClassVar[TriggerGroup] = "payment"
    titles: ClassVar = {"en": "Payment received", "de": "Zahlung eingegangen"}
    descriptions: ClassVar = {
        "en": "A payment for the document has come in.",
        "de": "Eine Zahlung für das Dokument ist eingegangen.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"payment.received"})
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    """Only payments in this currency (ISO 4217)."""
    at_least: Annotated[Decimal, Field(gt=0)] | None = None
    """Only payments of at least so much; needs the currency."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        amount, currency = happening.detail.get("amount", ""), happening.detail.get("currency", "")
        if self.currency is not None and currency != self.currency:
            return f"the payment is in {currency or 'an unknown currency'}, not in {self.currency}"
        if self.at_least is None:
            return None
        try:
            enough = Decimal(amount) >= self.at_least
        except InvalidOperation:
            return "the payment does not tell its amount"
        return None if enough else f"the payment of {amount} is less than {self.at_least}"

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        if self.at_least is not None and self.currency is None:
            return (((), "at_least needs the currency it is counted in"),)
        return ()
