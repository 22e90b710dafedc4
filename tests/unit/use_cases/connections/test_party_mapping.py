"""What a connection's party mapping says, leaves open and contradicts, in words."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.model.connection import PartyMapping
from countersign.providers import provider
from countersign.use_cases.connections.party_mapping import described, problems, warnings


def mapping(**more: Any) -> PartyMapping:
    return PartyMapping.model_validate(more)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, []),
        ({"emails": {"anna@acme.example": "company"}, "company_domains": ["acme.example"]}, []),
        ({"emails": {"anna@no domain": "client"}},
         ['"anna@no domain" is not a valid e-mail address; expected one such as '
          "anna@acme.example"]),
        ({"company_domains": ["no domain"]},
         ['"no domain" is not a valid domain; expected one such as acme.example']),
        ({"company_domains": ["gmail.com", "acme.example"]},
         ["anybody can get an address at gmail.com, so it cannot stand for your company; name your "
          "colleagues' addresses with --email ADDRESS=company"]),
        ({"emails": {"Anna@acme.example": "company", "anna@ACME.example": "client"}},
         ['the address "anna@ACME.example" is company and client; keep one of them']),
        ({"emails": {"Anna@acme.example": "client", "anna@ACME.example": "client"}}, []),
        ({"roles": {"Tenant": "client", "tenant": "company", "Landlord": "company"}},
         ['the role "tenant" is client and company; keep one of them']),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mapping_is_told(given: dict[str, Any], told: list[str]) -> None:
    assert list(problems(mapping(**given))) == told


NOBODY = "nobody can be recognized as a signer of your own company"
OPTIONS = "set --company-domain, --email or --role"
STRICT = f"with --strict the sender's domain does not count, so {NOBODY}; {OPTIONS}"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, []),
        ({"strict": True}, [STRICT]),
        ({"strict": True, "company_domains": ["acme.example"]}, []),
        ({"strict": True, "emails": {"a@acme.example": "company"}}, []),
        ({"strict": True, "emails": {"a@acme.example": "client"}}, [STRICT]),
        ({"strict": True, "roles": {"Landlord": "company"}}, []),
        ({"strict": True, "orders": {1: "company"}}, []),
        ({"strict": True, "others": "company"}, []),
        ({"strict": True, "others": "client"}, [STRICT]),
    ],
)
def test_a_mapping_by_which_nobody_is_ours_is_told(given: dict[str, Any], told: list[str]) -> None:
    assert list(warnings(provider("docusign"), mapping(**given))) == told


@pytest.mark.parametrize("strict", [False, True])
def test_where_the_provider_names_no_sender_that_is_why(strict: bool) -> None:
    silent = next(
        one
        for one in map(provider, ("signnow", "zoho_sign", "xodo_sign", "opensign", "oneflow"))
        if one.tells_signers and not one.tells_sender
    )
    assert list(warnings(silent, mapping(strict=strict))) == [
        f"{silent.title} does not say who sent a document, so {NOBODY}; {OPTIONS}"
    ]
    assert list(warnings(silent, mapping(company_domains=["acme.example"]))) == []
    assert "addresses at the sender's domain" not in dict(described(silent, mapping()))


def test_a_provider_that_tells_no_signers_needs_no_mapping() -> None:
    assert list(warnings(provider("stripe"), mapping(strict=True))) == []


def test_the_whole_mapping_is_told_in_the_order_in_which_it_is_tried() -> None:
    whole = {
        "emails": {"eva@other.example": "company"},
        "roles": {"Tenant": "client"},
        "company_domains": ["acme.example"],
        "orders": {2: "client", 1: "company"},
    }
    first = [
        ("eva@other.example", "company"),
        ("role Tenant", "client"),
        ("addresses at acme.example", "company"),
    ]
    orders = [
        ("number 1 in the signing order", "company"),
        ("number 2 in the signing order", "client"),
    ]
    docusign = provider("docusign")
    assert list(described(docusign, mapping(**whole))) == [
        *first,
        ("addresses at the sender's domain", "company, unless it is a free-mail domain"),
        *orders,
        ("anybody else",
         "counts as client if known not to be on your side, and is unknown otherwise"),
    ]  # fmt: skip
    assert list(described(docusign, mapping(**whole, strict=True, others="unknown"))) == [
        *first,
        ("addresses at the sender's domain", "not company by that alone (strict)"),
        *orders,
        ("anybody else", "is unknown"),
    ]
    assert dict(described(docusign, mapping(others="client")))["anybody else"] == (
        "counts as client"
    )
