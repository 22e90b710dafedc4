"""Laws of who signs for whom: a table of people, written down apart from the engine."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.model.transaction import Transaction
from tests.crash.acts import SECOND

SIDES = {
    "anna@acme.example": "company",
    "archive@acme.example": "company",
    "klara@kunde.example": "client",
    "karl@kunde.example": "client",
    "kim@kunde.example": "client",
}
"""Who is on which side of the simulated envelopes, by their sender's domain."""
SAYS_WHO_SENDS = {"docusign": True, "direct": True, "standard_webhooks": False, SECOND: True}
"""Whether the messages of a simulated connection tell the envelope's sender."""


def party_faults(change: Transaction) -> Iterator[str]:
    """Signers on a side that nothing tells, and triggers of a side that another one's act fired."""
    document = change.document
    if document is None or document.connection not in SAYS_WHO_SENDS:
        return
    told = SAYS_WHO_SENDS[document.connection]
    # A hand-over may be heard of before any list; it says nothing of who sent the envelope.
    told = told and (document.signers_complete or document.sender is not None)
    for signer in document.signers:
        wanted = SIDES.get(signer.email or "", "unknown") if told else "unknown"
        if signer.party != wanted:
            yield f"{signer.email} of {document.id} is {signer.party}; expected {wanted}"
    for line in change.log:
        kind = line.fired.kind if line.fired else ""
        if not kind.startswith(("signed_by_company", "signed_by_client")):
            continue
        side = SIDES.get(line.signer or "") if told else None
        if side is None or not kind.endswith(side):
            yield f"{kind} fired for {line.signer} of {document.id}, who is {side or 'unknown'}"
