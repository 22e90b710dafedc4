"""Ask a registry: a kind of a test that calls an address, with methods named like others'."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.http import WebRequest
from countersign.rules.base import HttpRule, RuleContext, RuleGroup, Secret


class AskRegistry(HttpRule):
    """Calls the registry."""

    kind: Literal["ask_registry"] = "ask_registry"
    group: ClassVar[RuleGroup] = "automation"
    titles: ClassVar = {"en": "Ask the registry", "de": "Register fragen"}
    descriptions: ClassVar = {"en": "Calls the registry.", "de": "Ruft das Register auf."}

    def request(self, context: RuleContext, secret: Secret) -> WebRequest:
        return WebRequest(method="GET", url="https://registry.example/", repeatable=True)

    def event(self, context: RuleContext) -> str:
        """What happened; it is not an event for the bus."""
        return f"asked for {context.document.id}"

    def text_message(self, context: RuleContext) -> str:
        """A line for people; it is not an SMS."""
        return self.event(context)
