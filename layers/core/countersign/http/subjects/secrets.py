"""Secrets that rules use by name: set and removed, and never shown."""

from __future__ import annotations

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.connections import SecretBody, SecretRow
from countersign.http.views.page import PageOf
from countersign.use_cases.queries.operations.secrets import secret_names
from countersign.use_cases.rule_secrets import remove_secret, set_secret

routes = Routes("secrets")


@routes.get("/secrets", role="administrator")
def list_secrets() -> PageOf[SecretRow]:
    """List the names of the secrets that rules use."""
    names = secret_names(current().services.cloud.named_secrets)
    return PageOf[SecretRow](items=tuple(SecretRow(name=name) for name in names))


@routes.put("/secrets/<name>", role="administrator", confirmed=True)
def set_rule_secret(name: str, body: SecretBody) -> SecretRow:
    """Make or replace a secret."""
    call = current()
    set_secret(call.services.secret_keeper(call.auditor), name, body.value)
    return SecretRow(name=name)


@routes.delete("/secrets/<name>", role="administrator", status=204, confirmed=True)
def remove_rule_secret(name: str) -> None:
    """Forget a secret, so that rules that use it fail."""
    call = current()
    remove_secret(call.services.secret_keeper(call.auditor), name)
