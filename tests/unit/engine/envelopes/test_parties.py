"""Which party a signer belongs to: what tells it, and that nobody's side is guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.engine.envelopes.parties import PartyVerdict, party_of, party_verdict
from countersign.engine.envelopes.signers import with_party
from countersign.model.connection import PartyMapping
from countersign.model.free_mail import is_free_mail
from countersign.model.signing_event import Party, Sender, Signer
from tests.builders import ANNA, KLARA, connection, envelope, event, pipeline, stage, trigger, world

SENDER = Sender(name="Petra", email="petra@hausbau.example")


def side(signer: dict[str, Any], sender: Sender | None = SENDER, **mapping: Any) -> str:
    return party_of(Signer.model_validate(signer), sender, PartyMapping.model_validate(mapping))


@pytest.mark.parametrize(
    ("signer", "mapping", "party"),
    [
        ({"email": "otto@hausbau.example"}, {}, "company"),
        ({"email": "OTTO@Hausbau.Example"}, {}, "company"),
        ({"email": "otto@anders.example"}, {}, "client"),
        (
            {"email": "otto@anders.example"},
            {"company_domains": ["Anders.Example"]},
            "company",
        ),
        (
            {"email": "otto@xn--mller-kva.example"},
            {"company_domains": ["MÜLLER.example"]},
            "company",
        ),
        (
            {"email": "otto@anders.example"},
            {"emails": {"Otto@ANDERS.example": "company"}},
            "company",
        ),
        (
            {"email": "otto@hausbau.example"},
            {"emails": {"otto@hausbau.example": "client"}},
            "client",
        ),
        (
            {"email": "x@y.example", "role": "Prokurist "},
            {"roles": {"PROKURIST": "company"}},
            "company",
        ),
        (
            {"email": "x@y.example", "role": "Bu\u0308rge"},
            {"roles": {"B\u00fcrge": "company"}},
            "company",
        ),
        (
            {"email": "x@y.example", "role": "Leiter\u00a0Einkauf"},
            {"roles": {"leiter einkauf": "company"}},
            "company",
        ),
        ({"role": "Pächter"}, {"roles": {"Verpächter": "company"}}, "client"),
        ({"email": "x@xn--grn-ioa.example"}, {"company_domains": ("grün.example",)}, "company"),
        ({"email": "x@GRÜN.example"}, {"company_domains": ("xn--grn-ioa.example",)}, "company"),
        (
            {"email": "x@y.example", "order": 2},
            {"orders": {2: "company"}, "strict": True},
            "company",
        ),
        (
            {"email": "x@y.example", "order": 3},
            {"orders": {2: "company"}, "strict": True},
            "client",
        ),
        ({"email": "otto@hausbau.example"}, {"strict": True}, "unknown"),
        ({"email": "otto@hausbau.example"}, {"strict": True, "others": "client"}, "client"),
        ({"id": "7"}, {"others": "client"}, "client"),
        ({"id": "7"}, {"others": "unknown", "company_domains": ("hausbau.example",)}, "unknown"),
        ({"members": ("x@y.example", "otto@hausbau.example")}, {}, "company"),
        ({"members": ("x@y.example",)}, {}, "client"),
    ],
)
def test_the_first_line_of_the_mapping_that_says_something_tells_the_party(
    signer: dict[str, Any], mapping: dict[str, Any], party: str
) -> None:
    assert side(signer, **mapping) == party


@pytest.mark.parametrize(
    ("signer", "sender", "mapping"),
    [
        ({"email": "otto@anders.example"}, None, {}),
        ({"email": "otto@anders.example"}, Sender(name="Petra"), {}),
        ({"id": "7"}, SENDER, {}),
        ({"name": "Otto", "phone": "+49 151 000000"}, SENDER, {}),
        ({"id": "7"}, SENDER, {"emails": {ANNA: "company"}}),
        ({"id": "7"}, SENDER, {"roles": {"Vermieter": "company"}}),
        ({"role": "Mieter"}, None, {"roles": {"Vermieter": "client"}}),
        ({"order": 1}, SENDER, {"orders": {2: "client"}}),
    ],
)
def test_a_signer_whom_nothing_could_tell_from_ours_is_unknown(
    signer: dict[str, Any], sender: Sender | None, mapping: dict[str, Any]
) -> None:
    assert side(signer, sender, **mapping) == "unknown"


@pytest.mark.parametrize(
    "domain", ["gmail.com", "web.de", "GMX.net", "t-online.de", "outlook.com", "yahoo.co.uk"]
)
def test_a_domain_where_anybody_has_an_address_makes_nobody_a_colleague(domain: str) -> None:
    assert is_free_mail(domain)
    sender = Sender(email=f"dachdecker.maier@{domain}")
    assert side({"email": f"fremd@{domain}"}, sender) == "client"
    assert side({"email": f"DACHDECKER.maier@{domain}"}, sender) == "company"


@pytest.mark.parametrize("domain", ["hausbau.example", "de", "notgmail.com", "gmail.com.example"])
def test_a_company_s_own_domain_is_not_free_mail(domain: str) -> None:
    assert not is_free_mail(domain)


@given(st.sampled_from(["email", "role", "members"]), st.sampled_from(["lower", "upper", "title"]))
def test_case_never_tells_the_party(member: str, how: str) -> None:
    mapping = {"emails": {"eva@öl-ag.example": "company"}, "roles": {"Geschäftsführung": "company"}}
    text = "Geschäftsführung" if member == "role" else "eva@öl-ag.example"
    written = getattr(text, how)()
    value: Any = (written,) if member == "members" else written
    assert side({member: value}, None, **mapping) == "company"


def test_the_verdict_says_what_told_it_and_how_to_make_an_unknown_one_known() -> None:
    known = party_verdict(Signer(email="x@hausbau.example"), SENDER, PartyMapping())
    assert known.reason == "hausbau.example is the domain of the envelope's sender"
    unknown = party_verdict(Signer(id="4"), None, PartyMapping())
    assert "map a company domain, an address, a role or a place" in unknown.reason


NOBODY = (
    "nothing tells which party the signer belongs to; map a company domain, an address, a role or "
    "a place in the signing order on the connection"
)


@pytest.mark.parametrize(
    ("signer", "sender", "mapping", "party", "reason"),
    [
        ({"email": "Otto@a.example"}, None, {"emails": {"otto@A.example": "client"}}, "client",
         "the address Otto@a.example is mapped to client"),
        ({"role": "Tenant"}, None, {"roles": {"tenant": "client"}}, "client",
         'the role "Tenant" is mapped to client'),
        ({"email": "otto@a.example"}, None, {"company_domains": ["a.example"]}, "company",
         "a.example is a domain of the company"),
        ({"email": "petra@gmail.com"}, Sender(email="Petra@gmail.com"), {}, "company",
         "the envelope's sender signs"),
        ({"order": 2}, None, {"orders": {2: "client"}}, "client",
         "number 2 in the signing order is client"),
        ({"email": "otto@a.example"}, None, {"others": "client"}, "client",
         "everybody else counts as client"),
        # Whoever none of ours is known by, where ours are known at all.
        ({"email": "otto@b.example"}, None, {"company_domains": ["a.example"]}, "client",
         "otto@b.example is not one of the company's"),
        ({"email": "otto@b.example"}, None, {"emails": {"eva@b.example": "company"}}, "client",
         "otto@b.example is not one of the company's"),
        ({"email": "otto@b.example"}, None, {"emails": {"eva@b.example": "client"}}, "unknown",
         NOBODY),
        ({"email": "otto@b.example"}, SENDER, {}, "client",
         "otto@b.example is not one of the company's"),
        ({"email": "otto@b.example"}, SENDER, {"strict": True}, "unknown", NOBODY),
        ({"email": "otto@b.example"}, Sender(email="Petra"), {}, "unknown", NOBODY),
        ({"members": ("x@b.example", "y@b.example")}, SENDER, {}, "client",
         "x@b.example is not one of the company's"),
        ({"role": "Tenant", "name": "Otto"}, SENDER, {"roles": {"Landlord": "company"}}, "client",
         'the role "Tenant" is not one of the company\'s'),
        ({"order": 2, "name": "Otto"}, SENDER, {"orders": {1: "company"}}, "client",
         "number 2 in the signing order is not one of the company's"),
        ({"name": "Otto"}, SENDER, {"orders": {1: "company"}, "roles": {"x": "company"}},
         "unknown", NOBODY),
        ({"order": 2, "name": "Otto"}, SENDER, {"orders": {1: "client"}}, "unknown", NOBODY),
        ({"name": "Otto"}, SENDER, {"orders": {1: "company"}}, "unknown", NOBODY),
    ],
)  # fmt: skip
def test_what_told_the_party_is_said(
    signer: dict[str, Any],
    sender: Sender | None,
    mapping: dict[str, Any],
    party: Party,
    reason: str,
) -> None:
    one, lines = Signer.model_validate(signer), PartyMapping.model_validate(mapping)
    assert party_verdict(one, sender, lines) == PartyVerdict(party, reason)


LINES: tuple[dict[str, Any], ...] = (
    {"emails": {"a@b.example": "company"}},
    {"roles": {"Landlord": "company"}},
    {"orders": {9: "company"}},
    {"company_domains": ["b.example"]},
)


@pytest.mark.parametrize("lines", LINES)
@pytest.mark.parametrize(
    ("signer", "party"),
    [
        ({"id": "7"}, "unknown"),
        ({"id": "7", "name": "Otto"}, "client"),
        ({"id": "7", "role": "Tenant"}, "client"),
        ({"id": "7", "phone": "+49 89 1"}, "client"),
        ({"id": "7", "order": 0}, "client"),
        ({"id": "7", "email": "otto@c.example"}, "client"),
        ({"id": "7", "members": ("otto@c.example",)}, "client"),
    ],
)
def test_a_signer_of_whom_an_id_alone_is_known_is_not_yet_one_of_the_others(
    lines: dict[str, Any], signer: dict[str, Any], party: str
) -> None:
    assert side(signer, None, **lines, others="client") == party
    assert side(signer, None, others="client") == "client"


def test_a_signature_of_an_unknown_signer_fires_neither_party_and_says_why() -> None:
    here = world(
        pipeline(
            stage("draft"),
            stage("ours", triggers=[trigger("signed_by_company")]),
            stage("theirs", triggers=[trigger("signed_by_client")]),
        )
    )
    state = envelope("sent", sender=None)
    after = here.tell("docusign", [event("signer.signed", KLARA, state=state)])
    assert after.stage == "draft"
    assert [signer.party for signer in after.signers] == ["unknown", "unknown"]
    passed = here.documents.timeline(after.id)[-1].passed
    assert [one.trigger for one in passed] == ["signed-by-company", "signed-by-client"]
    for one in passed:
        assert one.reason.startswith(f"nothing tells which party {KLARA} belongs to; map")


def test_an_approval_is_no_signature_of_a_client() -> None:
    here = world(
        pipeline(
            stage("draft"),
            stage("theirs", triggers=[trigger("signed_by_client")]),
            stage("one", triggers=[trigger("signed_by_count", settings={"count": 1})]),
        )
    )
    approver = {"id": "3", "name": "Ute", "email": "ute@kunde.example", "action": "approve"}
    state = envelope(signers=[*envelope().model_dump()["signers"], approver])
    here.tell("docusign", [event("document.sent", state=state)])
    after = here.tell("docusign", [event("signer.signed", "ute@kunde.example", minute=1)])
    assert after.stage == "draft"
    assert "approve" in here.documents.timeline(after.id)[-1].passed[0].reason
    assert here.tell("docusign", [event("signer.signed", KLARA, minute=2)]).stage == "theirs"


def test_a_connection_keeps_its_whole_mapping() -> None:
    kept = connection(parties={"others": "unknown", "orders": {1: "company"}})
    assert kept.parties == PartyMapping(others="unknown", orders={1: "company"})


GONE = "erased-0123456789ab@erased.invalid"


@pytest.mark.parametrize(
    ("email", "sender", "known", "party"),
    [
        ("otto@hausbau.example", "petra@hausbau.example", "unknown", "company"),
        ("otto@hausbau.example", "petra@hausbau.example", "client", "company"),
        ("otto@anders.example", "petra@hausbau.example", "company", "client"),
        ("otto@anders.example", None, "company", "unknown"),
        (GONE, "petra@hausbau.example", "company", "company"),
        (GONE, "petra@hausbau.example", "client", "client"),
        (GONE, None, "company", "company"),
        ("otto@hausbau.example", GONE, "company", "company"),
        ("otto@hausbau.example", GONE, "unknown", "client"),
        (GONE, "petra@hausbau.example", "unknown", "client"),
    ],
)
def test_a_side_follows_the_mapping_unless_an_address_that_told_it_was_erased(
    email: str, sender: str | None, known: Party, party: Party
) -> None:
    signer = Signer(id="1", email=email, party=known)
    by = None if sender is None else Sender(email=sender)
    assert with_party(signer, by, connection()).party == party


def test_a_signer_whose_side_stays_is_the_same_value() -> None:
    signer = Signer(id="1", email="otto@hausbau.example", party="company")
    assert with_party(signer, SENDER, connection()) is signer
