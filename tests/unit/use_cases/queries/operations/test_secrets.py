"""Secrets are listed by name, without their values."""

from __future__ import annotations

from countersign.use_cases.queries.operations.secrets import secret_names
from tests.unit.use_cases.queries.scene import LastFirstRuleSecrets


def test_secrets_stand_in_alphabetical_order() -> None:
    store = LastFirstRuleSecrets()
    assert secret_names(store) == ()
    for name in ("crm", "webhook-key", "archive"):
        store.put(name, f"value of {name}")
    assert secret_names(store) == ("archive", "crm", "webhook-key")
