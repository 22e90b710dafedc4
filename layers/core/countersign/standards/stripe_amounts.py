"""What Stripe and we both write: amounts in minor units, and which document a payment is for.

Facts: docs.stripe.com/currencies (zero-decimal, three-decimal, special cases).
"""

from __future__ import annotations

from decimal import Decimal

ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF"}
    | {"XOF", "XPF"}
)
"""ISK and UGX have no smaller unit either, but Stripe goes on writing them with two decimals."""
THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""Stripe takes them in whole tens of the smallest unit."""

MAX_DIGITS = 12
"""Before and behind the point: more than Stripe takes, and few enough to be written out."""

DOCUMENT_FIELD = "countersign_document"
"""The metadata by which a payment names its document."""


def major_units(minor: int, currency: str) -> str:
    """The amount as decimal text: 123450 EUR is ``1234.50``, 5000 JPY is ``5000``."""
    return f"{Decimal(minor).scaleb(-_places(currency)):f}"


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount as Stripe takes it: 1234.5 EUR is 123450.

    ValueError, with what was expected, for one that Stripe cannot take exactly.
    """
    if not amount.is_finite() or not -MAX_DIGITS < amount.adjusted() < MAX_DIGITS:
        msg = f"it cannot be paid; expected an amount of at most {MAX_DIGITS} digits"
        raise ValueError(msg)
    minor = amount.scaleb(_places(currency))
    if minor <= 0:
        msg = f"{amount:f} {currency} cannot be paid; expected an amount over 0"
        raise ValueError(msg)
    step = 10 if currency in THREE_DECIMAL else 1
    if minor % step:
        msg = (
            f"{amount:f} {currency} has too many decimals; expected whole steps of "
            f"{major_units(step, currency)}: round it"
        )
        raise ValueError(msg)
    return int(minor)


def _places(currency: str) -> int:
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
