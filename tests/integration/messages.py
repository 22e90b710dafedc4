"""The providers' example messages, signed and made to tell of any envelope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from countersign.examples import read_example
from countersign.providers import provider
from countersign.providers.base import Request

EVENTS = Path(__file__).parents[2] / "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A provider, and which of its examples tell the main job's story."""

    provider: str
    envelope: str
    """The envelope's id in the examples."""
    sent: str
    director_signs: str
    client_signs: str
    completed: str
    title: str
    parties: dict[str, list[str]] = field(default_factory=dict)
    """Who is on our side, where the messages do not name the sender."""
    fields: tuple[tuple[str, str], ...] = ()
    """The envelope's custom fields, and where they belong in the document."""
    replacing: dict[str, str] = field(default_factory=dict)
    """Texts of the examples that make a large contract of it."""

    def message(
        self, name: str, secret: str, now: datetime, replacing: dict[str, str] | None = None
    ) -> Request:
        """An example, signed with the secret; ``replacing`` exchanges texts in it first."""
        path = EVENTS / self.provider / f"{name}.json"
        request = read_example(path.read_bytes(), now, {**self.replacing, **(replacing or {})})
        return provider(self.provider).sign(request, secret, now)


DOCUSIGN = Sender(
    provider="docusign",
    envelope="3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6",
    sent="envelope-sent",
    director_signs="recipient-completed-director",
    client_signs="recipient-completed-client",
    completed="envelope-completed",
    title="Framework agreement ACME and Kunde",
    fields=(("amount", "amount"), ("currency", "currency"), ("contract_number", "number")),
)
DROPBOX_SIGN = Sender(
    provider="dropbox_sign",
    envelope="8e1f4b7a2c9d05e36f8a1b4c7d0e3f6a9b2c5d81",
    sent="signature_request_sent",
    director_signs="signature_request_signed_director",
    client_signs="signature_request_signed_client",
    completed="signature_request_all_signed",
    title="Service agreement ACME and Kunde",
    fields=(("amount", "amount"), ("currency", "currency"), ("contract_number", "number")),
    replacing={"4800.00": "9800.00"},
)
DOCUMENSO = Sender(
    provider="documenso",
    envelope="4711",
    sent="DOCUMENT_SENT",
    director_signs="DOCUMENT_SIGNED_director",
    client_signs="DOCUMENT_SIGNED_client",
    completed="DOCUMENT_COMPLETED",
    title="Maintenance contract ACME and Kunde",
    parties={"company_domains": ["acme.example"]},
)
SENDERS = (DOCUSIGN, DROPBOX_SIGN, DOCUMENSO)
