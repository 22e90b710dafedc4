"""Request a payment: a link at Stripe for one payment, written into a field of the document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import Field

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.pipeline import Pipeline, Slug
from countersign.model.values import two_readings
from countersign.rules._shared import http, rendering
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import HttpRule, Reply, RuleContext, RuleGroup, Secret
from countersign.standards.stripe_amounts import DOCUMENT_FIELD, minor_units

ADDRESS = "https://api.stripe.com/v1/payment_links"
VERSION = "2025-07-30.basil"
"""The first in which a link takes an amount of its own instead of a price made before:
docs.stripe.com/changelog/basil/2025-07-30/ad-hoc-prices-for-payment-links"""
LONGEST = 250
"""Characters of what is paid for, as the page of the payment shows it."""


class RequestPayment(HttpRule):
    """Makes a payment link and writes it into ``field``; a mail further down can hold it.

    The link takes one payment. The payment names the document, so that a connection of Stripe
    tells it to the trigger payment_received. Each stage entry makes a new link, and those of
    before stay good: run it once per document where that is not wanted.

    Stripe answers a known idempotency key with what it answered before, a fault included, and
    forgets keys after a day (docs.stripe.com/api/idempotent_requests), so each try has a key of
    its own. It may be made again all the same: a link whose answer was lost is known to nobody,
    and cannot be paid.
    """

    kind: Literal["request_payment"] = "request_payment"
    group: ClassVar[RuleGroup] = "payment"
    titles: ClassVar = {"en": "Request a payment", "de": "Zahlung anfordern"}
    descriptions: ClassVar = {
        "en": "Makes a payment link at Stripe and writes it into a field.",
        "de": "Erstellt einen Zahlungslink bei Stripe und schreibt ihn in ein Feld.",
    }
    secret: Slug
    """Name of the secret that holds Stripe's API key; a restricted one that may write payment
    links, prices and products is enough."""
    field: str
    """Id of the text field that gets the link."""
    amount: Decimal | str | None = None
    """A number, or a text with inserts that comes out as one; left out, the document's."""
    currency: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$")] = None
    """ISO 4217 in capitals; left out, the document's."""
    description: Annotated[str, Field(min_length=1)] = "{{ document.title }}"
    """What is paid for, with inserts."""

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the secrets it needs."""
        return frozenset({self.secret})

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        problems = list(http.problems_of_texts(self._texts(), pipeline))
        spec = pipeline.fields.get(self.field)
        if spec is None or spec.type != "text":
            texts = [name for name, field in pipeline.fields.items() if field.type == "text"]
            there = f"there are {', '.join(texts)}" if texts else "add one to the pipeline"
            problems.append(
                ("field", f'there is no text field "{self.field}" for the link; {there}')
            )
        if self.amount is not None and not rendering.has_inserts(str(self.amount)):
            try:
                amount = _number(str(self.amount))
                if self.currency:
                    minor_units(amount, self.currency)
                elif not (amount.is_finite() and amount > 0):
                    problems.append(
                        ("amount", f"{amount} cannot be paid; expected an amount over 0")
                    )
            except (PermanentError, ValueError) as error:
                problems.append(("amount", str(error).removeprefix("amount: ")))
        return tuple(problems)

    def request(self, context: RuleContext, secret: Secret) -> WebRequest:
        """The call that makes the link; PermanentError where it can never be made."""
        document, run = context.document, context.run
        inserted = values(context, first(document, "client"), self.titles["en"])
        currency = self.currency or (document.currency or "").upper()
        if not re.fullmatch(r"[A-Z]{3}", currency):
            msg = "the document has no currency; set it, or give the rule a currency"
            raise PermanentError(msg)
        try:
            minor = minor_units(self._amount(context, inserted), currency)
        except ValueError as error:
            raise PermanentError(f"amount: {error}") from None
        item = "line_items[0][price_data]"
        form = {
            f"{item}[currency]": currency.lower(),
            f"{item}[unit_amount]": str(minor),
            f"{item}[product_data][name]": self._name(inserted),
            "line_items[0][quantity]": "1",
            "restrictions[completed_sessions][limit]": "1",
            # The link's own go to the checkout, the others to the payment: events tell of both.
            f"metadata[{DOCUMENT_FIELD}]": document.id,
            f"payment_intent_data[metadata][{DOCUMENT_FIELD}]": document.id,
        }
        headers = {
            "authorization": f"Bearer {secret(self.secret)}",
            "content-type": "application/x-www-form-urlencoded",
            "idempotency-key": f"{run.key}.{run.generation}",
            "stripe-version": VERSION,
        }
        http.check_headers(headers)
        return WebRequest(
            method="POST",
            url=ADDRESS,
            headers=headers,
            body=urlencode(form).encode(),
            repeatable=True,
        )

    def reply(self, answer: WebAnswer, context: RuleContext) -> Reply:
        """The link, for the field."""
        if answer.unread is not None:
            return Reply(warnings=(f"{self.field} was not filled: {answer.unread}",))
        try:
            content: Any = json.loads(answer.body)
        except (ValueError, RecursionError):
            content = None
        url = content.get("url") if isinstance(content, Mapping) else None
        if not isinstance(url, str) or not url.startswith("https://"):
            return Reply(warnings=(f"{self.field} was not filled: Stripe's answer has no link",))
        return Reply(values={self.field: url})

    def _amount(self, context: RuleContext, inserted: Mapping[str, object]) -> Decimal:
        if self.amount is None:
            if context.document.amount is None:
                msg = "the document has no amount; set it, or give the rule an amount"
                raise PermanentError(msg)
            return context.document.amount
        if isinstance(self.amount, Decimal):
            return self.amount
        return _number(rendering.filled("amount", self.amount, inserted, "exact").strip())

    def _name(self, inserted: Mapping[str, object]) -> str:
        text = " ".join(
            rendering.filled("description", self.description, inserted, "exact").split()
        )
        if not text:
            msg = "description: it is empty once its inserts are filled in; expected what is paid"
            raise PermanentError(msg)
        return text[:LONGEST]

    def _texts(self) -> dict[str, str]:
        own = {"amount": self.amount} if isinstance(self.amount, str) else {}
        return {**own, "description": self.description}


def _number(text: str) -> Decimal:
    if ambiguous := two_readings(text):
        raise PermanentError(f"amount: {ambiguous}")
    try:
        return Decimal(text)
    except InvalidOperation:
        msg = (
            f'amount: "{text[:80]}" is not a valid number; expected digits with a point, as 5000.50'
        )
        raise PermanentError(msg) from None
