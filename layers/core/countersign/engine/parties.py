"""Who is who: which side each signer is on, by the connection's mapping."""

from __future__ import annotations

from countersign.model.connection import PartyMapping
from countersign.model.signing_event import Party, Sender, Signer


def domain(email: str | None) -> str | None:
    """The domain of a mail address in lower case, or None."""
    if not email or "@" not in email:
        return None
    return email.rpartition("@")[2].strip().lower() or None


def party_of(signer: Signer, sender: Sender | None, mapping: PartyMapping) -> Party | None:
    """The signer's side: by address, role, domain, signing order; the sender's domain is ours."""
    email = (signer.email or "").lower()
    for address, party in mapping.emails.items():
        if email and address.lower() == email:
            return party
    for role, party in mapping.roles.items():
        if signer.role and role.lower() == signer.role.lower():
            return party
    ours = {name.lower() for name in mapping.company_domains}
    if not mapping.strict and sender is not None and (own := domain(sender.email)):
        ours.add(own)
    if email and domain(email) in ours:
        return "company"
    if signer.order is not None and signer.order in mapping.orders:
        return mapping.orders[signer.order]
    return mapping.others
