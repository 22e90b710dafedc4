"""Envelopes at imagined providers: signers act, and each act becomes a message as it is sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from countersign.examples import read_example
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers import provider
from countersign.providers.base import Request
from tests.builders import ANNA, KLARA
from tests.crash.acts import PIPELINE, SECOND

EVENTS = Path(__file__).parents[2] / "events"
KARL = "karl@kunde.example"
KIM = "kim@kunde.example"
"""Who takes over from somebody else."""
ENDED: tuple[EnvelopeStatus, ...] = ("completed", "declined", "voided", "expired")
FIELDS = ({"source": "amount", "field": "amount"},)
SECRET = "d2hhdC1pcy1zaWduZWQtaXMtdHJ1ZQ=="
TOKEN = "a-token-that-nobody-guesses"

MakeRequest = Callable[[datetime, int], Request]
"""Words the message for this moment and attempt, signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a provider, which it sends until it is answered."""

    name: str
    connection: str
    make: MakeRequest | None = None
    events: tuple[SigningEvent, ...] = ()
    """What it tells, where nothing is made to be read."""

    @property
    def address(self) -> str:
        return f"{self.connection}.{TOKEN}"


CONNECTED = {
    "docusign": ("docusign", PIPELINE),
    "standard_webhooks": ("standard_webhooks", PIPELINE),
    "direct": ("docusign", PIPELINE),
    SECOND: ("docusign", SECOND),
}
"""The connections of the simulated envelopes, with provider and pipeline; what the last two bring
is not read, but given."""


def connections(*, second: bool) -> list[tuple[Connection, ConnectionCredentials]]:
    """The connections of the simulation."""
    return [_connection(name, *of) for name, of in CONNECTED.items() if second or name != SECOND]


def _connection(
    name: str, sender: str, pipeline: str = PIPELINE
) -> tuple[Connection, ConnectionCredentials]:
    connection = Connection.model_validate(
        {"id": name, "provider": sender, "pipeline": pipeline, "fields": FIELDS}
    )
    secrets = ConnectionCredentials(
        connection=name, provider=sender, pipeline=pipeline, tokens=(TOKEN,), secrets=(SECRET,)
    )
    return connection, secrets


class SimulatedEnvelope:
    """What its provider knows of it, and the messages that tell of it."""

    def __init__(self, number: int, route: str, signers: int, document: str | None) -> None:
        """``document`` is the one that it names as its own."""
        self.route = route
        self._messages = 0
        self._told: Counter[str] = Counter()
        self._ended_at: datetime | None = None
        self._reopened_at: datetime | None = None
        self.ended_by = ""
        """The name of the message that tells its last end."""
        self.reopened: list[str] = []
        """The names of the messages that it was opened again."""
        self.handed_on: dict[str, str] = {}
        """Who has handed on, by id, and the name of the message that tells it."""
        people = ((ANNA, 1), (KLARA, 2), (KARL, 2))[:signers]
        self.state = Envelope(
            id=f"env-{number}",
            title=f"Contract {number}",
            sender=Sender(name="Anna", email=ANNA),
            signers=(
                *(
                    Signer(id=str(n), name=email.split("@")[0], email=email, order=order)
                    for n, (email, order) in enumerate(people, 1)
                ),
                Signer(id="9", name="Archive", email="archive@acme.example", action="copy"),
            ),
            custom_fields={"countersign_document": document} if document else {},
        )

    def pay(self, document: str, now: datetime) -> Message:
        """Somebody pays for the document; the payment is no envelope of its own."""
        self._messages += 1
        key = f"payment {self._messages} for {document}"
        event = SigningEvent(
            kind="payment.received",
            key=key,
            provider_event="payment",
            occurred_at=now,
            envelope=key,
            detail={"document": document, "amount": "100", "currency": "EUR"},
        )
        by = SECOND if self.route == SECOND else "direct"
        return Message(name=key, connection=by, events=(event,))

    def act(self, word: str, who: int, now: datetime) -> list[Message]:
        """Let it happen; the messages that tell of it. Nothing where it can't happen any more."""
        if word == "unheard-of":
            return [self._message("other", now, name="envelope-purged")]
        if word == "pdf":
            # DocuSign has no message of its own for it.
            silent = self.route == "docusign"
            return [] if silent else [self._message("document.artifact_ready", now)]
        if word == "reopened":
            return self._reopen(now)
        if self._reopened_at == now and word not in ("viewed", "amount"):
            return []  # nothing ends an envelope in the second in which it is opened again
        if self.state.status in ENDED or (word == "expired" and self.route == "docusign"):
            return []  # DocuSign tells it as a void
        told = []
        if self.state.status is None:
            self._become("sent", sent_at=now)
            told.append(self._message("document.sent", now))
        match word:
            case "viewed" | "signed" | "declined":
                told += self._signer_acts(word, who, now)
            case "voided":
                self._become("voided", reason="no longer needed")
                told.append(self._message("document.voided", now, reason="no longer needed"))
            case "expired":
                self._become("expired")
                told.append(self._message("document.expired", now))
            case "handed on":
                told += self._hand_on(who, now)
            case "amount":
                more = {"amount": ("12", "3", "5000")[who]}
                self._change(custom_fields={**self.state.custom_fields, **more})
                told.append(self._message("document.modified", now))
        if self.state.status in ENDED:
            self._ended_at, self.ended_by = now, told[-1].name
        return told

    @property
    def _tells_changes(self) -> bool:
        """Whether its messages tell what changed, and from whom to whom."""
        return self.route not in ("docusign", "standard_webhooks")

    def _reopen(self, now: datetime) -> list[Message]:
        """The provider opens it again; whoever had declined may act once more."""
        ended, at = self.state.status in ENDED[1:], self._ended_at
        if not self._tells_changes or not ended or at is None or now <= at:
            return []
        signers = tuple(
            one.model_copy(update={"status": "waiting", "declined_at": None, "reason": None})
            if one.status == "declined"
            else one
            for one in self.state.signers
        )
        self._change(status="sent", reason=None, signers=signers)
        self._reopened_at = now
        change = {"change": "reactivated"}
        told = self._message("document.modified", now, name="reopening", detail=change)
        self.reopened.append(told.name)
        return [told]

    def _hand_on(self, who: int, now: datetime) -> list[Message]:
        """A signer who has not acted hands on to somebody else."""
        open_ = [one for one in self.state.signers if one.must_act and one.status == "waiting"]
        if not self._tells_changes or self.handed_on or not open_:
            return []
        old = open_[who % len(open_)]
        new = old.model_copy(update={"id": "7", "name": "kim", "email": KIM})
        signers = tuple(new if one.id == old.id else one for one in self.state.signers)
        self._change(signers=signers)
        told = self._message("signer.reassigned", now, new, previous=old)
        self.handed_on[old.id] = told.name
        return [told]

    def _signer_acts(self, word: str, who: int, now: datetime) -> list[Message]:
        acting = [one for one in self.state.signers if one.must_act and one.status != "signed"]
        signer = acting[who % len(acting)]
        if word == "viewed" and signer.status != "waiting":
            return []
        reason = "too dear" if word == "declined" else None
        after = signer.model_copy(update={"status": word, f"{word}_at": now, "reason": reason})
        signers = tuple(after if one.id == signer.id else one for one in self.state.signers)
        self._change(signers=signers)
        kind = "document.viewed" if word == "viewed" else f"signer.{word}"
        told = [self._message(kind, now, after, reason=reason)]
        if word == "declined":
            self._become("declined", reason=reason)
            told.append(self._message("document.declined", now, after, reason=reason))
        elif all(one.status == "signed" for one in signers if one.must_act):
            self._become("completed", completed_at=now)
            told.append(self._message("document.completed", now))
        return told

    def _become(self, status: EnvelopeStatus, **more: Any) -> None:
        self._change(status=status, **more)

    def _change(self, **more: Any) -> None:
        self.state = self.state.model_copy(update=more)

    # --- what it tells

    def _message(
        self, kind: str, now: datetime, signer: Signer | None = None, *,
        reason: str | None = None, name: str | None = None,
        detail: dict[str, str] | None = None, previous: Signer | None = None,
    ) -> Message:  # fmt: skip
        self._messages += 1
        number = self._messages
        told = f"{name or kind} of {self.state.id}"
        if signer is not None:
            told = f"{told} by {signer.name}"
        self._told[told] += 1
        if self._told[told] > 1:  # another message, not the same one again
            told = f"{told}, {self._told[told]}."
        match self.route:
            case "docusign":
                make = self._docusign(name or DOCUSIGN[kind], signer, now, self.state)
                return Message(name=told, connection=self.route, make=make)
            case "standard_webhooks":
                make = self._standard(name or kind, signer, now, reason, number)
                return Message(name=told, connection=self.route, make=make)
        event = SigningEvent(
            kind=_kind(kind),
            key=f"{kind}:{self.state.id}:{number}",
            provider_event=name or kind,
            occurred_at=now,
            envelope=self.state.id,
            signer=_ref(signer),
            previous_signer=_ref(previous),
            reason=reason,
            detail=detail or {},
            state=None if previous else self.state,
        )
        return Message(name=told, connection=self.route, events=(event,))

    def _docusign(
        self, event: str, signer: Signer | None, made_at: datetime, then: Envelope
    ) -> MakeRequest:
        def make(now: datetime, attempt: int) -> Request:
            # A message that is worded anew for a retry carries a newer state and another order.
            state = then if attempt % 2 else self.state
            data: dict[str, Any] = {"envelopeId": state.id, "envelopeSummary": _summary(state)}
            if signer is not None and event.startswith("recipient"):
                data["recipientId"] = signer.id
            parts = {
                "event": event,
                "retryCount": attempt - 1,
                "generatedDateTime": made_at.isoformat(),
                "data": data,
            }
            body = json.dumps(parts if attempt % 2 else dict(reversed(parts.items()))).encode()
            return _signed("docusign", body, {}, now)

        return make

    def _standard(
        self, kind: str, signer: Signer | None, made_at: datetime, reason: str | None, number: int
    ) -> MakeRequest:
        data: dict[str, Any] = {"envelope_id": self.state.id, "title": self.state.title}
        if signer is not None:
            data["signer"] = {"id": signer.id, "email": signer.email, "name": signer.name}
        if reason is not None:
            data["reason"] = reason
        if self.state.custom_fields:
            data["metadata"] = self.state.custom_fields
        body = json.dumps({"type": kind, "timestamp": made_at.isoformat(), "data": data}).encode()
        delivery = {"webhook-id": f"msg_{self.state.id}_{number}"}
        return lambda now, attempt: _signed("standard_webhooks", body, delivery, now)


DOCUSIGN = {
    "document.sent": "envelope-sent",
    "document.viewed": "recipient-delivered",
    "document.completed": "envelope-completed",
    "document.declined": "envelope-declined",
    "document.voided": "envelope-voided",
    "document.modified": "envelope-corrected",
    "signer.signed": "recipient-completed",
    "signer.declined": "recipient-declined",
}
_DOCUSIGN_SIGNER = {"waiting": "sent", "viewed": "delivered", "signed": "completed"}


def _kind(word: str) -> EventKind:
    return cast(EventKind, word)  # put together from a prefix and a status


def _ref(signer: Signer | None) -> SignerRef | None:
    return None if signer is None else SignerRef(id=signer.id, email=signer.email, name=signer.name)


def _signed(sender: str, body: bytes, headers: dict[str, str], now: datetime) -> Request:
    request = Request(
        headers={"content-type": "application/json", **headers}, body=body, received_at=now
    )
    return provider(sender).sign(request, SECRET, now)


def _summary(state: Envelope) -> dict[str, Any]:
    """The state as DocuSign words it."""
    recipients = [
        {
            "recipientId": one.id,
            "name": one.name,
            "email": one.email,
            "routingOrder": str(one.order or 9),
            "status": _DOCUSIGN_SIGNER.get(one.status, one.status),
            "deliveredDateTime": _iso(one.viewed_at),
            "signedDateTime": _iso(one.signed_at),
            "declinedDateTime": _iso(one.declined_at),
            "declinedReason": one.reason,
        }
        for one in state.signers
    ]
    custom = [{"name": name, "value": value} for name, value in state.custom_fields.items()]
    return {
        "envelopeId": state.id,
        "status": state.status,
        "emailSubject": state.title,
        "sender": {"userName": "Anna", "email": ANNA},
        "sentDateTime": _iso(state.sent_at),
        "completedDateTime": _iso(state.completed_at),
        "voidedReason": state.reason,
        "customFields": {"textCustomFields": custom},
        "recipients": {"signers": recipients[:-1], "carbonCopies": recipients[-1:]},
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# --- real examples

EXAMPLE_SENDERS = ("documenso", "docusign", "dropbox_sign", "pandadoc", "yousign")
"""Providers whose example messages are sent too, signed as they sign."""


@cache
def examples() -> tuple[tuple[str, Path], ...]:
    """Their example messages."""
    return tuple(
        (sender, path)
        for sender in EXAMPLE_SENDERS
        for path in sorted((EVENTS / sender).glob("*.json"))
    )


def example_message(sender: str, path: Path) -> Message:
    """An example as its provider sends it."""
    text = path.read_bytes()
    signed: list[Request] = []

    def make(now: datetime, attempt: int) -> Request:
        if not signed:
            signed.append(provider(sender).sign(read_example(text, now), SECRET, now))
        return signed[0].model_copy(update={"received_at": now})

    return Message(name=f"{sender} {path.stem}", connection=f"example_{sender}", make=make)


def example_connection(sender: str) -> tuple[Connection, ConnectionCredentials]:
    """The connection that the examples of a provider come by, however old they are."""
    connection, secrets = _connection(f"example_{sender}", sender)
    options = {"max_age_hours": "0"} if sender == "dropbox_sign" else {}
    return connection, secrets.model_copy(update={"options": options})
