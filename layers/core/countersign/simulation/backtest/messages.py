"""What providers and the mail service reported of a document: from raw messages where kept,
otherwise from the timeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from countersign.errors import CountersignError
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.mail_event import MAIL_SERVICE, FeedbackKind
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.signing_event import (
    Authenticity,
    Envelope,
    EnvelopeStatus,
    EventKind,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)
from countersign.model.transaction import ProcessedEvent
from countersign.providers import provider
from countersign.simulation.backtest.inputs import (
    History,
    Input,
    Notes,
    Received,
    Reported,
    code_of,
)

NOT_KEPT = "a message is not kept any more, or cannot be read; the timeline says what it reported"
_UNTIL_TIME = re.compile(r"(?P<who>.*?):\d{4}-\d\d-\d\dT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a document's messages came from."""

    connection: Connection
    options: Mapping[str, str]
    """The connection's options, for providers whose messages need a mapping."""


def by_messages(
    history: History, sources: Mapping[str, Source], published: Pipeline, notes: Notes
) -> Iterator[Input]:
    """What was reported of the document."""
    reader = _Reader(history, published, notes)
    for message in _messages(history.events):
        if message[0].connection in sources:
            yield from reader.received(message, sources[message[0].connection])
    yield from _reports(history, reader.entries)


def _messages(events: Iterable[ProcessedEvent]) -> Iterator[tuple[ProcessedEvent, ...]]:
    """The events by message: as it came it is kept with the first of them. Of what is not kept any
    more, each event is one."""
    message: list[ProcessedEvent] = []
    for event in events:
        if event.connection == MAIL_SERVICE:
            continue
        first = message[0] if message else None
        same = first is not None and (first.connection, first.at) == (event.connection, event.at)
        if first is not None and not (same and first.raw is not None and event.raw is None):
            yield tuple(message)
            message = []
        message.append(event)
    if message:
        yield tuple(message)


class _Reader:
    """Reads the messages of one document."""

    def __init__(self, history: History, published: Pipeline, notes: Notes) -> None:
        self._history, self._published, self._notes = history, published, notes
        self._places = {
            entry.key: place
            for place, entry in enumerate(history.timeline)
            if entry.key is not None and entry.kind == "event"
        }
        """The last line that each event made."""
        self.entries = {
            entry.key: entry
            for entry in reversed(history.timeline)
            if entry.key is not None and entry.kind == "event" and entry.applied != "derived"
        }
        """The line of each event's own fact."""

    def received(self, message: tuple[ProcessedEvent, ...], source: Source) -> Iterator[Received]:
        """What a message reported; from the timeline where it cannot be read any more."""
        first = message[0]
        if first.kind == "call.received":
            events = [call for event in message if (call := self._call(event)) is not None]
            if len(events) < len(message):
                self._notes.add("a call came with a code that fired nothing; it is not kept")
        else:
            read = read_again(first.raw, source, first.at) if first.raw is not None else ()
            events = [event for event in read if self._is_mine(event)]
            if not events:
                self._notes.add(NOT_KEPT)
                events = [self._reported_event(event, source) for event in message]
        if events:
            yield Received(
                at=first.at,
                connection=first.connection,
                events=tuple(events),
                authenticity=_authenticity(first),
            )

    def _is_mine(self, event: SigningEvent) -> bool:
        document = self._history.document
        names = {document.envelope, *document.envelope_aliases}
        direct = event.detail.get("document") == document.id
        return direct or not names.isdisjoint((event.envelope, *event.aliases))

    def _call(self, event: ProcessedEvent) -> SigningEvent | None:
        entry, document = self.entries.get(event.key), self._history.document.id
        code = code_of(entry, self._published)
        if entry is None or code is None:
            return None
        return SigningEvent(
            kind="call.received",
            key=event.key,
            provider_event=event.provider_event,
            occurred_at=entry.occurred_at or event.at,
            envelope=document,
            detail={"document": document, "code": code},
        )

    def _reported_event(self, event: ProcessedEvent, source: Source) -> SigningEvent:
        """The event as the timeline has it, with the envelope's state as far as the document
        knows it today and it had come about by then."""
        document, entry = self._history.document, self.entries.get(event.key)
        at = (entry.occurred_at if entry else None) or event.at
        direct = event.kind == "payment.received"
        return SigningEvent(
            kind=_kind(event),
            key=event.key,
            provider_event=event.provider_event,
            occurred_at=at,
            envelope=document.envelope or document.id,
            signer=_reference(document, entry.signer if entry else None),
            reason=entry.reason if entry else None,
            state=None if direct else self._state(event, at, source),
            detail={"document": document.id} if direct else {},
        )

    def _state(self, event: ProcessedEvent, at: datetime, source: Source) -> Envelope:
        document = self._history.document
        place = self._places.get(event.key, -1)
        later = {(entry.event, entry.signer) for entry in self._history.timeline[place + 1 :]}
        title = document.envelope_title
        if title is None and "title" not in document.edited:
            title = document.title
        return Envelope(
            id=document.envelope or document.id,
            title=title,
            title_of_template=document.title_of_template,
            status=_status(document, event, at, later),
            signers=tuple(_signer_at(signer, at, later) for signer in document.signers),
            all_signers=document.signers_complete,
            sender=document.sender,
            sent_at=_by(document.sent_at, at),
            completed_at=_by(document.completed_at, at) if _COMPLETED not in later else None,
            expires_at=document.expires_at,
            custom_fields=self._custom_fields(place, source),
        )

    def _custom_fields(self, place: int, source: Source) -> dict[str, str]:
        """The envelope's mapped fields that were reported by then."""
        field_names = {
            change.field
            for entry in self._history.timeline[: place + 1]
            if entry.kind == "edited" and entry.by.startswith("provider:")
            for change in entry.changes
        }
        known = self._history.document.envelope_fields
        return {
            mapping.source: known[mapping.source]
            for mapping in source.connection.fields
            if mapping.field in field_names and mapping.source in known
        }


def read_again(raw: str, source: Source, at: datetime) -> tuple[SigningEvent, ...]:
    """The signing events of a raw message as it is kept; none where it cannot be read again."""
    sender = provider(source.connection.provider)
    try:
        return sender.read(sender.restored(raw, at), source.options)
    except (CountersignError, ValueError, TypeError, AttributeError):  # cut, or of another version
        return ()


# --- what the timeline tells of a message that is not kept


def _authenticity(event: ProcessedEvent) -> Authenticity:
    known = get_args(Authenticity)
    return event.authenticity if event.authenticity in known else "none"  # type: ignore[return-value]


def _kind(event: ProcessedEvent) -> EventKind:
    return event.kind if event.kind in get_args(EventKind) else "other"  # type: ignore[return-value]


_Facts = set[tuple[str | None, str | None]]
"""Kinds of events, each with the signer that it is about."""
_COMPLETED = ("document.completed", None)


def _status(
    document: Document, event: ProcessedEvent, at: datetime, later: _Facts
) -> EnvelopeStatus | None:
    word = event.kind.removeprefix("document.")
    if word in get_args(EnvelopeStatus):
        return word  # type: ignore[return-value]
    status = document.status
    is_later = (f"document.{status}", None) in later
    if status is not None and _by(document.status_at, at) and not is_later:
        return status
    return "sent" if _by(document.sent_at, at) else None


_DATES: tuple[tuple[SignerStatus, str, EventKind], ...] = (
    ("notified", "notified_at", "signer.notified"),
    ("viewed", "viewed_at", "document.viewed"),
    ("signed", "signed_at", "signer.signed"),
    ("declined", "declined_at", "signer.declined"),
)


def _signer_at(signer: Signer, at: datetime, later: _Facts) -> Signer:
    """The signer as a message of then would have named him."""
    status: SignerStatus = "waiting"
    dates: dict[str, datetime | None] = {}
    for word, name, kind in _DATES:
        is_later = (kind, signer.label) in later
        dates[name] = None if is_later else _by(getattr(signer, name), at)
        status = status if dates[name] is None else word
    update = {
        **dates,
        "id": signer.id if signer.has_own_id else "",
        "has_own_id": True,
        "party": "unknown",
        "status": status,
        "reason": signer.reason if status == "declined" else None,
    }
    return signer.model_copy(update=update)


def _reference(document: Document, label: str | None) -> SignerRef | None:
    """The signer of this label, as a message names one."""
    if label is None:
        return None
    for signer in document.signers:
        if signer.label == label:
            values = signer.model_dump(include={"email", "name", "role", "order", "phone"})
            return SignerRef(id=signer.id if signer.has_own_id else None, **values)
    return SignerRef(email=label) if "@" in label else SignerRef(name=label)


def _by(moment: datetime | None, at: datetime) -> datetime | None:
    """The moment, if it had come by then."""
    return moment if moment is not None and moment <= at else None


# --- what the mail service reported


def _reports(history: History, entries: Mapping[str, LogEntry]) -> Iterator[Reported]:
    mails = {message_id: run for run in history.runs for message_id in _message_ids(run)}
    for event in history.events:
        if event.connection != MAIL_SERVICE or event.provider_event not in get_args(FeedbackKind):
            continue
        for message_id, run in mails.items():
            prefix = f"{message_id}:{event.provider_event}:"
            if event.key.startswith(prefix):
                rest = _UNTIL_TIME.match(event.key.removeprefix(prefix))
                who = rest["who"] if rest else ""
                entry = entries.get(event.key)
                yield Reported(
                    at=event.at,
                    rule=run.rule,
                    kind=event.provider_event,  # type: ignore[arg-type]  # one of FeedbackKind
                    recipients=tuple(address for address in who.split(",") if address),
                    link=_link(entry) if event.provider_event == "clicked" else None,
                    automated=event.key.endswith(":automated"),
                )
                break


def _message_ids(run: Run) -> Iterator[str]:
    if "message_id" in run.result:
        yield run.result["message_id"]
    yield from (mail.message_id for mail in run.mails if mail.message_id is not None)


def _link(entry: LogEntry | None) -> str | None:
    """The link that was clicked, which only the sentence has."""
    if entry is None:
        return None
    return re.split(r" was clicked(?: by a machine)?: ", entry.text, maxsplit=1)[-1]
