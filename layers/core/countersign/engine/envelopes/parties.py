"""Who is who: which side each signer is on, by the connection's mapping, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from countersign.model.connection import PartyMapping
from countersign.model.free_mail import is_free_mail
from countersign.model.signing_event import Party, Sender, Signer
from countersign.text.folding import domain_of, fold, fold_address, fold_domain, same_address


@dataclass(frozen=True, slots=True)
class PartyVerdict:
    """A signer's party, and what determined it, as a sentence."""

    party: Party
    reason: str


def party_of(signer: Signer, sender: Sender | None, mapping: PartyMapping) -> Party:
    """The signer's side: by address, role, domain, signing order; the sender's domain is ours."""
    return party_verdict(signer, sender, mapping).party


def party_verdict(signer: Signer, sender: Sender | None, mapping: PartyMapping) -> PartyVerdict:
    """The signer's side and why. Members of a signing group are looked at like the signer.

    A signer that no line of the mapping names is a client only where the mapping or the sender
    says enough to know one of ours by; otherwise the side is ``unknown``.
    """
    named = next(_named(signer, sender, mapping), None)
    if named is not None:
        return named
    if mapping.others is not None and not _awaits_a_name(signer, mapping):
        return PartyVerdict(mapping.others, f"everybody else counts as {mapping.others}")
    known_by = _known_by(signer, sender, mapping)
    if known_by is not None:
        return PartyVerdict("client", f"{known_by} is not one of the company's")
    return PartyVerdict(
        "unknown",
        "nothing tells which party the signer belongs to; map a company domain, an address, a "
        "role or a place in the signing order on the connection",
    )


def _awaits_a_name(signer: Signer, mapping: PartyMapping) -> bool:
    """Whether only an id is known of the signer, whom the mapping's lines may name once more is."""
    traits = (signer.name, signer.role, signer.phone, *_addresses(signer))
    lines = (mapping.emails, mapping.roles, mapping.orders, mapping.company_domains)
    return signer.order is None and not any(traits) and any(lines)


def _named(signer: Signer, sender: Sender | None, mapping: PartyMapping) -> Iterator[PartyVerdict]:
    """What the mapping's lines say, the strongest first."""
    addresses = _addresses(signer)
    emails = {fold_address(address): party for address, party in mapping.emails.items()}
    for address in addresses:
        if party := emails.get(fold_address(address)):
            yield PartyVerdict(party, f"the address {address} is mapped to {party}")
    if party := _by_role(signer.role, mapping.roles):
        yield PartyVerdict(party, f'the role "{signer.role}" is mapped to {party}')
    ours = {fold_domain(domain) for domain in mapping.company_domains}
    own = _sender_address(sender, mapping)
    for address in addresses:
        domain = domain_of(address)
        if domain is not None and domain in ours:
            yield PartyVerdict("company", f"{domain} is a domain of the company")
        if own is not None and same_address(address, own):
            yield PartyVerdict("company", "the envelope's sender signs")
        if own is not None and domain == domain_of(own) and not is_free_mail(domain or ""):
            yield PartyVerdict("company", f"{domain} is the domain of the envelope's sender")
    if signer.order is not None and (party := mapping.orders.get(signer.order)):
        yield PartyVerdict(party, f"number {signer.order} in the signing order is {party}")


def _known_by(signer: Signer, sender: Sender | None, mapping: PartyMapping) -> str | None:
    """What the signer would be known by if it were one of ours; None where nothing would do."""
    our_addresses = (
        bool(mapping.company_domains)
        or "company" in mapping.emails.values()
        or _sender_address(sender, mapping) is not None
    )
    if our_addresses and (addresses := _addresses(signer)):
        return addresses[0]
    if signer.role and "company" in mapping.roles.values():
        return f'the role "{signer.role}"'
    if signer.order is not None and "company" in mapping.orders.values():
        return f"number {signer.order} in the signing order"
    return None


def _addresses(signer: Signer) -> tuple[str, ...]:
    return tuple(address for address in (signer.email, *signer.members) if address)


def _by_role(role: str | None, roles: Mapping[str, Party]) -> Party | None:
    if not role or not roles:
        return None
    wanted = fold(role)
    return next((party for name, party in roles.items() if fold(name) == wanted), None)


def _sender_address(sender: Sender | None, mapping: PartyMapping) -> str | None:
    if mapping.strict or sender is None or domain_of(sender.email) is None:
        return None
    return sender.email
