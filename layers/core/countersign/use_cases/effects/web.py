"""The effects of the web lane: a call, an event, an SMS or a reminder, as the rule has it."""

from __future__ import annotations

from countersign.model.http import BusEvent, TextMessage
from countersign.ports import EventBus, SmsSender
from countersign.rules._shared.keep_file import KeepFile
from countersign.rules.base import EventRule, ReminderRule, RuleContext, RuleKind, SmsRule
from countersign.use_cases.effects.base import EffectResult, PreparedEffect
from countersign.use_cases.effects.http_call import WebEffect
from countersign.use_cases.effects.provider_files import ProviderFiles
from countersign.use_cases.effects.reminders import ReminderEffect


class WebLane:
    """Has the effect that a rule of the web lane asks for."""

    def __init__(
        self,
        calls: WebEffect,
        bus: EventBus,
        phones: SmsSender,
        reminding: ReminderEffect,
        keeping: ProviderFiles,
    ) -> None:
        self._calls = calls
        self._bus = bus
        self._phones = phones
        self._reminding = reminding
        self._keeping = keeping

    def prepare(self, kind: RuleKind, context: RuleContext) -> PreparedEffect:
        """The effect with everything filled in; leaves the service's id of it."""
        if isinstance(kind, EventRule):
            return self._publishing(kind.event(context))
        if isinstance(kind, SmsRule):
            return self._sending(kind.text_message(context))
        if isinstance(kind, ReminderRule):
            return self._reminding.prepare(kind, context)
        if isinstance(kind, KeepFile):
            return self._keeping.prepare(kind, context)
        return self._calls.prepare(kind, context)

    def _publishing(self, event: BusEvent) -> PreparedEffect:
        def execute() -> EffectResult:
            return EffectResult(result={"event_id": self._bus.publish(event)})

        return PreparedEffect(execute=execute, repeatable=event.repeatable)

    def _sending(self, message: TextMessage) -> PreparedEffect:
        def execute() -> EffectResult:
            return EffectResult(result={"sms_id": self._phones.send(message), "to": message.to})

        return PreparedEffect(execute=execute)
