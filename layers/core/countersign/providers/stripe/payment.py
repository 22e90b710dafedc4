"""Reads what was paid out of Stripe's objects: how much, of what currency, for which document.

Facts: the objects Checkout Session, PaymentIntent, Charge and Invoice of docs.stripe.com/api.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import MaybeId, MaybeText, Payload
from countersign.providers._toolkit.reading import note_left_out
from countersign.standards.stripe_amounts import DOCUMENT_FIELD, major_units

ENVELOPE_FIELD = "envelope"
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def _id_of(value: Any) -> Any:
    """An object stands where its id stood when the sender asked for that."""
    return value.get("id") if isinstance(value, dict) else value


Minor = Annotated[int | None, Field(ge=0, le=10**15)]
"""An amount in the smallest unit of its currency."""
Reference = Annotated[MaybeId, BeforeValidator(_id_of)]


class StripeObject(Payload):
    """The object an event is about, of any of the sorts that tell of money."""

    id: MaybeId = None
    currency: MaybeText = None
    amount: Minor = None
    amount_captured: Minor = None
    amount_paid: Minor = None
    amount_received: Minor = None
    amount_refunded: Minor = None
    amount_total: Minor = None
    payment_intent: Reference = None
    invoice: Reference = None
    payment_status: MaybeText = None
    captured: bool | None = None
    metadata: dict[str, str] = {}

    @field_validator("metadata", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> dict[str, str]:
        return custom_fields(value)

    @property
    def envelope(self) -> str | None:
        """The envelope that the metadata name; the document where they name that alone."""
        return self._named(ENVELOPE_FIELD) or self.document

    @property
    def document(self) -> str | None:
        """The document that the metadata name."""
        return self._named(DOCUMENT_FIELD)

    @property
    def payment(self) -> str:
        """One id for a payment, whichever of Stripe's objects tells of it."""
        return self.payment_intent or self.invoice or self.id or ""

    def money(self, member: str) -> tuple[int | None, dict[str, str]]:
        """The amount that the member holds, as it is and as a detail in major units.

        None, and no amount in the detail, where it or its currency cannot be read.
        """
        minor: int | None = getattr(self, member)
        currency = (self.currency or "").upper()
        if minor is None or not re.fullmatch(r"[A-Z]{3}", currency):
            note_left_out(f"data.object.{member}", "expected an amount, and a currency")
            return None, {"payment": self.payment}
        return minor, {
            "amount": major_units(minor, currency),
            "currency": currency,
            "payment": self.payment,
        }

    def _named(self, name: str) -> str | None:
        # Metadata are the sender's own: what could not be an id is somebody else's.
        value = self.metadata.get(name, "").strip()
        return value if NAME.fullmatch(value) else None
