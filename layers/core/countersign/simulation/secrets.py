"""Secrets of a simulation: every name has one, made up, and none is shown."""

from __future__ import annotations

import base64
import hashlib

from countersign.adapters.memory.parameters.rule_secrets import MemoryRuleSecrets


class PlaceholderCredentials(MemoryRuleSecrets):
    """Knows a secret for every name, which can also be signed with.

    A pipeline is played where its secrets are not, and must not fail for that.
    """

    def get(self, name: str) -> str:
        secret = super().get(name)
        if secret is None:
            key = base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()
            secret = f"whsec_{key}"
            self.put(name, secret)
        return secret

    def hidden(self, text: str) -> str:
        """The text with each secret as ``secret:<name>``."""
        for name in self.list():
            text = text.replace(self.get(name), f"secret:{name}")
        return text
