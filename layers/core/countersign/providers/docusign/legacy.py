"""DocuSign's legacy messages (XML, and JSON without an event): the newest fact they show.

They name no event and carry the state at the time of sending, so states in between may be
missing; the engine reads those off the state.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.parsers import expat

from countersign.model.signing_event import Envelope, EventKind, Signer, SigningEvent
from countersign.providers._toolkit.events import event_key
from countersign.providers._toolkit.reading import note_left_out, read_payload
from countersign.providers._toolkit.redaction import REDACTED
from countersign.providers._toolkit.signers import reference
from countersign.providers.base import MalformedError
from countersign.providers.docusign.state import Summary, read_envelope
from countersign.text.folding import fold

DEPTH = 40
MAX_PARTS = 150_000
"""Elements and attributes of a message, about a quarter of a second to read; 200 signers with 30
tabs each make half as many."""
_NEVER_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LISTS = frozenset({"RecipientStatus", "CustomField"})
SKIPPED = frozenset({"TabStatuses", "FormData", "DocumentStatuses", "DocumentPDFs", "Attachments"})

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


def xml_events(body: bytes, received_at: datetime) -> tuple[SigningEvent, ...]:
    """The events of an XML message. Its times have no zone of their own: ``TimeZoneOffset``
    gives hours from UTC where the configuration includes it; without it they count as UTC.
    """
    root = _read_xml(_readable(body))[0].get("DocuSignEnvelopeInformation")
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
        return _event(summary, state, name, kind, times.get(state.status) or at, timed=False)
    facts: list[tuple[datetime, int, str, EventKind, Signer | None]] = []
    kinds: dict[str, EventKind] = {
        "created": "document.created",
        "sent": "document.sent",
        "delivered": "document.delivered",
    }
    for word, kind in kinds.items():
        moment = times[word]
        if moment:
            facts.append((moment, 1, f"envelope-{word}", kind, None))
    for signer in state.signers:
        if signer.viewed_at:
            facts.append((signer.viewed_at, 0, "recipient-delivered", "document.viewed", signer))
        if signer.status == "signed" or (signer.signed_at and signer.action != "copy"):
            moment = signer.signed_at or at
            facts.append((moment, 2, "recipient-completed", "signer.signed", signer))
    if not facts and state.status in kinds:
        facts.append((at, 1, f"envelope-{state.status}", kinds[state.status], None))
    if not facts:
        return _event(summary, state, "envelope-state", "other", at)
    moment, _, name, kind, who = max(facts, key=lambda fact: fact[:2])
    timed = name not in ("envelope-created", "recipient-completed")
    return _event(summary, state, name, kind, moment, who, timed=timed)


def _failures(summary: Summary, state: Envelope, at: datetime) -> Iterator[SigningEvent]:
    for recipient, signer in summary.recipients.each() if summary.recipients else ():
        failure = FAILURES.get(fold(recipient.status or ""))
        if failure:
            name, kind = failure
            yield _event(summary, state, name, kind, at, signer, timed=False)


def _event(
    summary: Summary,
    state: Envelope,
    name: str,
    kind: EventKind,
    at: datetime,
    signer: Signer | None = None,
    *,
    timed: bool = True,
) -> SigningEvent:
    recipient = (signer.id or signer.label) if signer else None
    ended = kind in ("document.declined", "document.voided", "document.expired")
    return SigningEvent(
        kind=kind,
        key=event_key(name, state.id, recipient, at.isoformat() if timed else None),
        provider_event=summary.status or "unknown",
        occurred_at=at,
        envelope=state.id,
        signer=reference(signer),
        reason=state.reason if ended else None,
        state=state,
    )


def _summary(status: dict[str, Any], zone: timedelta) -> dict[str, Any]:
    """The XML's ``EnvelopeStatus`` in the shape of the JSON's ``envelopeSummary``."""
    recipients: dict[str, list[dict[str, Any]]] = {}
    for one in _children(status, "RecipientStatuses", "RecipientStatus"):
        group = GROUPS.get(fold(str(one.get("Type"))), "signers")
        recipients.setdefault(group, []).append(
            {
                "recipientId": one.get("RecipientId"),
                "name": one.get("UserName"),
                "email": one.get("Email"),
                "roleName": one.get("RoleName"),
                "routingOrder": one.get("RoutingOrder"),
                "status": one.get("Status"),
                "sentDateTime": _zoned(one.get("Sent"), zone),
                "deliveredDateTime": _zoned(one.get("Delivered"), zone),
                "signedDateTime": _zoned(one.get("Signed"), zone),
                "declinedDateTime": _zoned(one.get("Declined"), zone),
                "declinedReason": one.get("DeclineReason"),
                # Of one who signs in person, Email and UserName are the host's.
                "hostName": one.get("HostName") or one.get("UserName"),
                "hostEmail": one.get("HostEmail") or one.get("Email"),
                "signerName": one.get("SignerName"),
                "signerEmail": one.get("SignerEmail"),
            }
        )
    words = ("Created", "Sent", "Delivered", "Completed", "Declined", "Voided", "Deleted")
    times = {f"{word.lower()}DateTime": _zoned(status.get(word), zone) for word in words}
    fields = [
        {"name": one.get("Name"), "value": one.get("Value")}
        for one in _children(status, "CustomFields", "CustomField")
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
    for one in inner.get(name, ()) if isinstance(inner, dict) else ():
        if isinstance(one, dict):
            yield one


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


def _readable(body: bytes) -> bytes:
    """The XML as UTF-8 without what no XML may hold: bytes that are not UTF-8 become U+FFFD."""
    utf_16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = body.decode("utf-16" if utf_16 else "utf-8", "replace")
    return _NEVER_IN_XML.sub("", text).encode()


def _read_xml(
    body: bytes, secret: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """The elements as nested dictionaries, and where the contents of secret elements stand.

    No document type is accepted, so there are no entities to expand and nothing to fetch; the
    text is UTF-8 whatever it says of itself.
    """
    reader = _Reader(secret)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise MalformedError("the XML brings a document type, which DocuSign never sends")

    parser.StartDoctypeDeclHandler = refuse
    parser.ordered_attributes = True
    parser.StartElementHandler = lambda name, attributes: reader.start(
        name, len(attributes) // 2, parser.CurrentByteIndex, body
    )
    parser.EndElementHandler = lambda name: reader.end(name, parser.CurrentByteIndex)
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:
        raise MalformedError(f"the body is no XML: {error}") from error
    return reader.root, reader.cuts


class _Reader:
    """Collects what the parser tells."""

    def __init__(self, secret: frozenset[str]) -> None:
        self.root: dict[str, Any] = {}
        self.cuts: list[tuple[int, int]] = []
        self._secret = secret
        self._open: list[tuple[dict[str, Any], list[str]]] = [(self.root, [])]
        self._skipping = 0
        self._cutting = 0
        self._cut_from = 0
        self._parts = 0

    def start(self, name: str, attributes: int, at: int, body: bytes) -> None:
        self._parts += 1 + attributes
        if self._parts > MAX_PARTS:
            msg = f"the XML has more than {MAX_PARTS:,} elements and attributes"
            raise MalformedError(msg)
        if len(self._open) > DEPTH:
            raise MalformedError(f"the XML is nested deeper than {DEPTH} elements")
        self._open.append(({}, []))
        self._skipping += name in SKIPPED
        if name.lower() in self._secret:
            self._cut_from = self._cut_from if self._cutting else body.index(b">", at) + 1
            self._cutting += 1

    def text(self, data: str) -> None:
        if not self._skipping:
            self._open[-1][1].append(data)

    def end(self, name: str, at: int) -> None:
        inner, texts = self._open.pop()
        self._skipping -= name in SKIPPED
        if name.lower() in self._secret:
            self._cutting -= 1
            # An empty element that closes itself ends where it began.
            if not self._cutting and at > self._cut_from:
                self.cuts.append((self._cut_from, at))
        parent = self._open[-1][0]
        value: Any = inner or ("".join(texts).strip() or None)
        if name in LISTS:
            parent.setdefault(name, []).append(value)
        else:
            parent.setdefault(name, value)


def redacted_xml(body: bytes, names: Iterable[str]) -> str:
    """The XML text with the contents of elements of these names (lower case) cut out."""
    body = _readable(body)
    _, cuts = _read_xml(body, frozenset(names))
    kept, last = [], 0
    for start, end in cuts:
        kept.append(body[last:start])
        last = end
    return REDACTED.join(part.decode("utf-8", "replace") for part in [*kept, body[last:]])
