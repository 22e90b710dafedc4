"""The trigger's own address was called, with its code."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.call import CallTrigger


class IncomingCall(CallTrigger):
    """Fires when the address of an ``incoming_call`` connection is called with the code."""

    kind: Literal["incoming_call"] = "incoming_call"
    titles: ClassVar = {"en": "Incoming call", "de": "Eingehender Aufruf"}
    descriptions: ClassVar = {
        "en": "The address of an incoming-call connection was called with the trigger's code.",
        "de": "Die Adresse einer Verbindung für eingehende Aufrufe wurde mit dem Code des "
        "Triggers aufgerufen.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"call.received"})
