"""The effects of the web lane: a call, an event, an SMS or a reminder, as the rule has it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from countersign.model.http import BusEvent, TextMessage
from countersign.ports import EventBus, SmsSender
from countersign.rules.base import RuleContext, RuleKind
from countersign.use_cases.effects.base import EffectResult, Prepared
from countersign.use_cases.effects.http_call import WebEffect
from countersign.use_cases.effects.reminders import Reminding, RemindsSigners


@runtime_checkable
class PublishesEvent(Protocol):
    """A rule kind whose effect is an event on the bus."""

    def event(self, context: RuleContext) -> BusEvent:
        """The event, complete; PermanentError where it can never be published."""
        ...


@runtime_checkable
class WritesSms(Protocol):
    """A rule kind whose effect is an SMS."""

    def text_message(self, context: RuleContext) -> TextMessage:
        """The SMS, ready to send; PermanentError where it can never be sent."""
        ...


class WebLane:
    """Has the effect that a rule of the web lane asks for."""

    def __init__(
        self, calls: WebEffect, bus: EventBus, phones: SmsSender, reminding: Reminding
    ) -> None:
        self._calls = calls
        self._bus = bus
        self._phones = phones
        self._reminding = reminding

    def prepare(self, kind: RuleKind, context: RuleContext) -> Prepared:
        """The effect with everything filled in; leaves the service's id of it."""
        if isinstance(kind, PublishesEvent):
            return self._publishing(kind.event(context))
        if isinstance(kind, WritesSms):
            return self._sending(kind.text_message(context))
        if isinstance(kind, RemindsSigners):
            return self._reminding.prepare(kind, context)
        return self._calls.prepare(kind, context)

    def _publishing(self, event: BusEvent) -> Prepared:
        def act() -> EffectResult:
            return EffectResult(result={"event_id": self._bus.publish(event)})

        return Prepared(act=act, repeatable=event.repeatable)

    def _sending(self, message: TextMessage) -> Prepared:
        def act() -> EffectResult:
            return EffectResult(result={"sms_id": self._phones.send(message), "to": message.to})

        return Prepared(act=act)
