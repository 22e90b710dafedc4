"""An envelope at an imagined provider: its signers act, its messages carry its whole state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    EventKind,
    Sender,
    Signer,
    SignerRef,
    SignerStatus,
    SigningEvent,
)
from countersign.simulation.script import Event, ScriptEnvelope, Word

KINDS: Mapping[Word, EventKind] = {
    "created": "document.created",
    "sent": "document.sent",
    "delivered": "document.delivered",
    "signers_turn": "signer.notified",
    "viewed": "document.viewed",
    "signed": "signer.signed",
    "declined": "signer.declined",
    "completed": "document.completed",
    "voided": "document.voided",
    "expired": "document.expired",
    "deleted": "document.deleted",
    "reassigned": "signer.reassigned",
    "delivery_failed": "signer.delivery_failed",
    "authentication_failed": "signer.authentication_failed",
    "signed_pdf_ready": "document.artifact_ready",
}
_STATUS: Mapping[Word, EnvelopeStatus] = {
    "created": "created",
    "sent": "sent",
    "delivered": "delivered",
    "completed": "completed",
    "voided": "voided",
    "expired": "expired",
    "deleted": "deleted",
}
_OF_SIGNER: Mapping[Word, tuple[SignerStatus, str]] = {
    "signers_turn": ("notified", "notified_at"),
    "viewed": ("viewed", "viewed_at"),
    "signed": ("signed", "signed_at"),
    "declined": ("declined", "declined_at"),
}
_ORDER: tuple[SignerStatus, ...] = ("waiting", "notified", "viewed", "started", "signed")
_OUT: tuple[EnvelopeStatus, ...] = ("sent", "delivered")
_ENDED: tuple[EnvelopeStatus, ...] = ("completed", "declined", "voided", "expired", "deleted")


class ScriptedEnvelope:
    """Keeps the state that a provider would keep, and words the messages it would send."""

    def __init__(
        self, written: ScriptEnvelope, *, expires_at: datetime | None, number: int = 1
    ) -> None:
        self._messages = 0
        self._people = list(written.signers)
        self._gives_ids = written.signer_ids
        self.state = Envelope(
            id=f"env-{number}",
            title=written.title,
            sender=Sender(name=written.sender.name, email=written.sender.email),
            signers=tuple(
                Signer(id=str(place), **signer.model_dump(exclude={"party"}))
                for place, signer in enumerate(written.signers, 1)
            ),
            expires_at=expires_at,
            custom_fields=written.custom_fields,
        )

    def expires_by(self, until: datetime) -> datetime | None:
        """When the provider lets it expire, if that is up to then; None unless it is out."""
        at = self.state.expires_at
        is_out = self.state.status in _OUT
        return at if is_out and at is not None and at <= until else None

    def take(self, event: Event, at: datetime) -> tuple[SigningEvent, ...]:
        """Let it happen; the messages that tell of it, each of which comes by itself.

        After the last signature, or when one declines, another tells of the envelope's end;
        otherwise one more for each signer whose turn has come. LookupError where ``by`` is none
        of the signers.
        """
        was_over = self._has_ended()
        if event.by is None:
            self._become(_STATUS.get(event.event), event.reason, at)
            messages = [self._own(event, at)]
        else:
            if self.state.status in (None, "created"):
                self._become("sent", None, at)  # Nobody can act before it is sent.
            before = self._signer(event.by)
            self._act(before, event, at)
            messages = [self._own(event, at, before, ends=not was_over and bool(self._end()))]
        end = self._end()
        if end is not None and not self._has_ended():
            self._become(end, event.reason, at)
            messages.append(self._message(f"document.{end}", end, at, reason=event.reason))
        elif self.state.status in _OUT:
            messages += [
                self._message("signer.notified", "signers_turn", at, signer=_named(signer))
                for signer in self._ask_next(at)
            ]
        return tuple(messages)

    # --- what it means for the state

    def _become(self, status: EnvelopeStatus | None, reason: str | None, at: datetime) -> None:
        if status is None or self._has_ended():
            return
        update: dict[str, object] = {"status": status, "reason": reason}
        if status == "created":
            update["created_at"] = at
        elif self.state.sent_at is None:
            update["sent_at"] = at
        if status == "completed":
            update["completed_at"] = at
            update["signers"] = tuple(
                self._moved(signer, "signed", at) if signer.must_act else signer
                for signer in self.state.signers
            )
        self.state = self.state.model_copy(update=update)

    def _act(self, signer: Signer, event: Event, at: datetime) -> None:
        if event.to is not None:
            update = {"name": event.to.name, "email": event.to.email}
            place = int(signer.id) - 1
            self._people[place] = self._people[place].model_copy(update=update)
            after = signer.model_copy(update=update)
        elif event.event in _OF_SIGNER:
            after = self._moved(signer, _OF_SIGNER[event.event][0], at, event.reason)
        else:
            return
        self._put(after)

    def _ask_next(self, at: datetime) -> Iterator[Signer]:
        """Ask those with the lowest place in the signing order, one after the other."""
        acting = [
            signer for signer in self.state.signers if signer.must_act and signer.status != "signed"
        ]
        first = min((signer.order or 0 for signer in acting), default=0)
        asked = [
            self._moved(signer, "notified", at)
            for signer in acting
            if (signer.order or 0) == first and signer.status == "waiting"
        ]
        for signer in asked:
            self._put(signer)
            yield signer

    def _moved(
        self, signer: Signer, status: SignerStatus, at: datetime, reason: str | None = None
    ) -> Signer:
        if signer.status in ("signed", "declined"):
            return signer
        if status in _ORDER and _ORDER.index(status) <= _ORDER.index(signer.status):
            return signer
        name = next(name for reached, name in _OF_SIGNER.values() if reached == status)
        return signer.model_copy(update={"status": status, name: at, "reason": reason})

    def _end(self) -> EnvelopeStatus | None:
        """How what the signers did ends it, or None."""
        states = [signer.status for signer in self.state.signers if signer.must_act]
        if "declined" in states:
            return "declined"
        return "completed" if all(state == "signed" for state in states) else None

    def _has_ended(self) -> bool:
        return self.state.status in _ENDED

    def _signer(self, by: str) -> Signer:
        places = [place for place, signer in enumerate(self._people) if signer.is_named(by)]
        if len(places) != 1:
            raise LookupError(f"{by} names {len(places)} of the signers; expected one")
        return self.state.signers[places[0]]

    def _put(self, signer: Signer) -> None:
        signers = tuple(signer if other.id == signer.id else other for other in self.state.signers)
        self.state = self.state.model_copy(update={"signers": signers})

    # --- what it tells

    def _own(
        self, event: Event, at: datetime, before: Signer | None = None, *, ends: bool = False
    ) -> SigningEvent:
        """The event's own message. One that brings the end leaves the state to the end's."""
        acting = None
        if before is not None:
            acting = next(signer for signer in self.state.signers if signer.id == before.id)
        return self._message(
            KINDS[event.event],
            event.event,
            at,
            signer=None if acting is None else _named(acting),
            previous_signer=_named(before) if before is not None and event.to else None,
            reason=event.reason,
            state=None if ends else self.state,
        )

    def _message(self, kind: str, word: str, at: datetime, **more: object) -> SigningEvent:
        self._messages += 1
        values = {
            name: self._without_id(value) if isinstance(value, SignerRef) else value
            for name, value in more.items()
        }
        state = values.pop("state", self.state)
        given = {
            "kind": kind,
            "key": f"message {self._messages}",
            "provider_event": word,
            "occurred_at": at,
            "envelope": self.state.id,
            "state": self._as_sent(state) if isinstance(state, Envelope) else None,
        }
        return SigningEvent.model_validate({**given, **values})

    def _without_id(self, ref: SignerRef) -> SignerRef:
        return ref if self._gives_ids else ref.model_copy(update={"id": None})

    def _as_sent(self, state: Envelope) -> Envelope:
        if self._gives_ids:
            return state
        signers = tuple(signer.model_copy(update={"id": ""}) for signer in state.signers)
        return state.model_copy(update={"signers": signers})


def _named(signer: Signer) -> SignerRef:
    values = signer.model_dump(include={"id", "email", "name", "role", "order", "phone"})
    return SignerRef.model_validate(values)
