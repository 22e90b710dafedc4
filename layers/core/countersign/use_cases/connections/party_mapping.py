"""Which side a signer is on, as a connection says it: checked, and described in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from countersign.model.connection import PartyMapping
from countersign.model.free_mail import is_free_mail
from countersign.providers.base import Provider
from countersign.text.folding import DomainError, ascii_address, ascii_domain, fold, fold_address

OTHERS = {
    "company": "counts as company",
    "client": "counts as client",
    "unknown": "is unknown",
    None: "counts as client if known not to be on your side, and is unknown otherwise",
}


def problems(mapping: PartyMapping) -> Iterator[str]:
    """What is wrong with a mapping, each as a sentence."""
    for address in mapping.emails:
        try:
            ascii_address(address)
        except DomainError:
            text = f'"{address}" is not a valid e-mail address'
            yield f"{text}; expected one such as anna@acme.example"
    for domain in mapping.company_domains:
        yield from _domain_problems(domain)
    yield from _contradictions("address", mapping.emails.items(), fold_address)
    yield from _contradictions("role", mapping.roles.items(), fold)


def warnings(provider: Provider, mapping: PartyMapping) -> Iterator[str]:
    """What a mapping leaves open, each as a sentence."""
    parties = (*mapping.emails.values(), *mapping.roles.values(), *mapping.orders.values())
    known = bool(mapping.company_domains) or "company" in (*parties, mapping.others)
    if known or not provider.tells_signers:
        return
    nobody = "nobody can be recognized as a signer of your own company"
    options = "set --company-domain, --email or --role"
    if not provider.tells_sender:
        yield f"{provider.title} does not say who sent a document, so {nobody}; {options}"
    elif mapping.strict:
        yield f"with --strict the sender's domain does not count, so {nobody}; {options}"


def described(provider: Provider, mapping: PartyMapping) -> Iterator[tuple[str, str]]:
    """The whole mapping in words, who and which side each, in the order in which it is tried."""
    for address, party in mapping.emails.items():
        yield address, party
    for role, party in mapping.roles.items():
        yield f"role {role}", party
    for domain in mapping.company_domains:
        yield f"addresses at {domain}", "company"
    if mapping.strict:
        yield "addresses at the sender's domain", "not company by that alone (strict)"
    elif provider.tells_sender:
        yield "addresses at the sender's domain", "company, unless it is a free-mail domain"
    for order, party in sorted(mapping.orders.items()):
        yield f"number {order} in the signing order", party
    yield "anybody else", OTHERS[mapping.others]


def _domain_problems(domain: str) -> Iterator[str]:
    try:
        ascii_domain(domain)
    except DomainError:
        yield f'"{domain}" is not a valid domain; expected one such as acme.example'
        return
    if is_free_mail(domain):
        yield (
            f"anybody can get an address at {domain}, so it cannot stand for your company; "
            "name your colleagues' addresses with --email ADDRESS=company"
        )


def _contradictions(
    word: str, pairs: Iterable[tuple[str, str]], folded: Callable[[str], str]
) -> Iterator[str]:
    sides: dict[str, str] = {}
    for name, party in pairs:
        before = sides.setdefault(folded(name), party)
        if before != party:
            yield f'the {word} "{name}" is {before} and {party}; keep one of them'
