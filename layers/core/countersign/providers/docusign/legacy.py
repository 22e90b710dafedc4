"""DocuSign's legacy messages (XML, and JSON without an event): the newest fact they show.

They name no event and carry the state at the time of sending, so states in between may be
missing; the engine reads those off the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from countersign.model.signing_event import Envelope, EventKind, Signer, SigningEvent
from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.reading import note_left_out, read_payload
from countersign.providers._toolkit.signers import reference
from countersign.providers.base import MalformedError
from countersign.providers.docusign.legacy_xml import read_xml
from countersign.providers.docusign.state import Summary, read_envelope
from countersign.text.folding import fold

GROUPS = {
    "signer": "signers",
    "inpersonsigner": "inPersonSigners",
    "notary": "notaries",
    "witness": "witnesses",
    "seal": "seals",
    "agent": "agents",
    "editor": "editors",
    "intermediary": "intermediaries",
    "certifieddelivery": "certifiedDeliveries",
    "carboncopy": "carbonCopies",
}
ENDED: dict[str, tuple[str, EventKind]] = {
    "completed": ("envelope-completed", "document.completed"),
    "declined": ("envelope-declined", "document.declined"),
    "voided": ("envelope-voided", "document.voided"),
    "expired": ("envelope-voided", "document.expired"),
    "deleted": ("envelope-deleted", "document.deleted"),
}
FAILURES: dict[str, tuple[str, EventKind]] = {
    "autoresponded": ("recipient-autoresponded", "signer.delivery_failed"),
    "authenticationfailed": ("recipient-authenticationfailed", "signer.authentication_failed"),
}


class _Fact(NamedTuple):
    """Something that a message shows to have happened."""

    name: str
    """The event that DocuSign's newer messages have for it."""
    kind: EventKind
    at: datetime
    signer: Signer | None = None
    """Who acted, or whom it happened to."""


def xml_events(body: bytes, received_at: datetime) -> tuple[SigningEvent, ...]:
    """The events of an XML message. Its times have no zone of their own: ``TimeZoneOffset``
    gives hours from UTC where the configuration includes it; without it they count as UTC.
    """
    root = read_xml(body).get("DocuSignEnvelopeInformation")
    status = root.get("EnvelopeStatus") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(status, dict):
        raise MalformedError("expected DocuSignEnvelopeInformation with an EnvelopeStatus")
    zone = _offset(root.get("TimeZoneOffset"))
    summary = read_payload(Summary, _summary(status, zone))
    made = read_payload(
        Summary, {"statusChangedDateTime": _zoned(status.get("TimeGenerated"), zone)}
    )
    return _events(summary, made.status_changed_date_time or received_at)


def json_events(value: dict[str, Any], received_at: datetime) -> tuple[SigningEvent, ...]:
    """The events of a legacy JSON message."""
    summary = read_payload(Summary, value)
    return _events(summary, summary.status_changed_date_time or received_at)


def _events(summary: Summary, at: datetime) -> tuple[SigningEvent, ...]:
    if summary.envelope_id is None:
        raise MalformedError("the message names no envelope")
    state = read_envelope(summary.envelope_id, summary)
    failures = tuple(_failures(summary, state, at))
    return (*failures, _newest(summary, state, at))


def _newest(summary: Summary, state: Envelope, at: datetime) -> SigningEvent:
    """What ended the envelope, else the newest fact with a time of its own."""
    times = summary.times()
    if state.status in ENDED:
        name, kind = ENDED[state.status]
        return _event(summary, state, _Fact(name, kind, times.get(state.status) or at), timed=False)
    facts: list[tuple[int, _Fact]] = []
    kinds: dict[str, EventKind] = {
        "created": "document.created",
        "sent": "document.sent",
        "delivered": "document.delivered",
    }
    for word, kind in kinds.items():
        moment = times[word]
        if moment:
            facts.append((1, _Fact(f"envelope-{word}", kind, moment)))
    for signer in state.signers:
        if signer.viewed_at:
            viewed = _Fact("recipient-delivered", "document.viewed", signer.viewed_at, signer)
            facts.append((0, viewed))
        if signer.status == "signed" or (signer.signed_at and signer.action != "copy"):
            signed = _Fact("recipient-completed", "signer.signed", signer.signed_at or at, signer)
            facts.append((2, signed))
    if not facts and state.status in kinds:
        facts.append((1, _Fact(f"envelope-{state.status}", kinds[state.status], at)))
    if not facts:
        return _event(summary, state, _Fact("envelope-state", "other", at), timed=True)
    _, newest = max(facts, key=lambda ranked: (ranked[1].at, ranked[0]))
    timed = newest.name not in ("envelope-created", "recipient-completed")
    return _event(summary, state, newest, timed=timed)


def _failures(summary: Summary, state: Envelope, at: datetime) -> Iterator[SigningEvent]:
    for recipient, signer in summary.recipients.each() if summary.recipients else ():
        failure = FAILURES.get(fold(recipient.status or ""))
        if failure:
            name, kind = failure
            yield _event(summary, state, _Fact(name, kind, at, signer), timed=False)


def _event(summary: Summary, state: Envelope, fact: _Fact, *, timed: bool) -> SigningEvent:
    """``timed``: whether the same fact at another time is another event."""
    signer = fact.signer
    recipient = (signer.id or signer.label) if signer else None
    ended = fact.kind in ("document.declined", "document.voided", "document.expired")
    return SigningEvent(
        kind=fact.kind,
        key=event_key(fact.name, state.id, recipient, fact.at.isoformat() if timed else None),
        provider_event=summary.status or "unknown",
        occurred_at=fact.at,
        envelope=state.id,
        signer=reference(signer),
        reason=state.reason if ended else None,
        state=state,
    )


def _summary(status: dict[str, Any], zone: timedelta) -> dict[str, Any]:
    """The XML's ``EnvelopeStatus`` in the shape of the JSON's ``envelopeSummary``."""
    recipients: dict[str, list[dict[str, Any]]] = {}
    for recipient in _children(status, "RecipientStatuses", "RecipientStatus"):
        group = GROUPS.get(fold(str(recipient.get("Type"))), "signers")
        recipients.setdefault(group, []).append(
            {
                "recipientId": recipient.get("RecipientId"),
                "name": recipient.get("UserName"),
                "email": recipient.get("Email"),
                "roleName": recipient.get("RoleName"),
                "routingOrder": recipient.get("RoutingOrder"),
                "status": recipient.get("Status"),
                "sentDateTime": _zoned(recipient.get("Sent"), zone),
                "deliveredDateTime": _zoned(recipient.get("Delivered"), zone),
                "signedDateTime": _zoned(recipient.get("Signed"), zone),
                "declinedDateTime": _zoned(recipient.get("Declined"), zone),
                "declinedReason": recipient.get("DeclineReason"),
                # Of one who signs in person, Email and UserName are the host's.
                "hostName": recipient.get("HostName") or recipient.get("UserName"),
                "hostEmail": recipient.get("HostEmail") or recipient.get("Email"),
                "signerName": recipient.get("SignerName"),
                "signerEmail": recipient.get("SignerEmail"),
            }
        )
    words = ("Created", "Sent", "Delivered", "Completed", "Declined", "Voided", "Deleted")
    times = {f"{word.lower()}DateTime": _zoned(status.get(word), zone) for word in words}
    fields = [
        {"name": field.get("Name"), "value": field.get("Value")}
        for field in _children(status, "CustomFields", "CustomField")
    ]
    return {
        **times,
        "envelopeId": status.get("EnvelopeID"),
        "status": status.get("Status"),
        "emailSubject": status.get("Subject"),
        "sender": {"userName": status.get("UserName"), "email": status.get("Email")},
        "voidedReason": status.get("VoidReason"),
        "recipients": recipients,
        "customFields": {"textCustomFields": fields},
    }


def _children(node: dict[str, Any], group: str, name: str) -> Iterator[dict[str, Any]]:
    inner = node.get(group)
    for child in inner.get(name, ()) if isinstance(inner, dict) else ():
        if isinstance(child, dict):
            yield child


def _offset(hours: Any) -> timedelta:
    if not hours:
        return timedelta()
    try:
        return timedelta(hours=max(-24.0, min(24.0, float(str(hours)))))
    except ValueError:
        note_left_out("TimeZoneOffset", "expected hours from UTC")
        return timedelta()


def _zoned(text: Any, offset: timedelta) -> str | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = (moment - offset).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        note_left_out("a time", "expected a time in ISO 8601")
        return None
    return moment.isoformat()
