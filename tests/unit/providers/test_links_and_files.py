"""Calls for links to sign, unsigned documents and audit trails, as the providers document them."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.errors import PermanentError, TransientError
from countersign.model.http import WebRequest
from countersign.model.signing_event import Signer
from countersign.providers import provider
from tests.unit.providers.asked import HEADERS, KLARA, access, answered


def pdf(name: str, url: str, *, headers: dict[str, str] | None = None) -> WebRequest:
    """A call that fetches a PDF."""
    given = HEADERS[name] if headers is None else headers
    return WebRequest(
        method="GET",
        url=url,
        headers={**given, "accept": "application/pdf"},
        most=50_000_000,
        within=10,
        repeatable=True,
    )


@pytest.mark.parametrize(
    ("name", "url"),
    [
        (
            "adobe_sign",
            "https://api.eu1.adobesign.com/api/rest/v6/agreements/env%2F1/combinedDocument",
        ),
        ("boldsign", "https://api.boldsign.com/v1/document/download?documentId=env%2F1"),
        (
            "dropbox_sign",
            "https://api.hellosign.com/v3/signature_request/files/env%2F1?file_type=pdf",
        ),
        ("pandadoc", "https://api.pandadoc.com/public/v1/documents/env%2F1/download"),
        ("scrive", "https://scrive.com/api/v2/documents/env%2F1/files/main"),
        (
            "yousign",
            "https://api.yousign.app/v3/signature_requests/env%2F1/documents/download"
            "?version=current",
        ),
    ],
)
def test_the_unsigned_document_is_fetched_as_the_provider_documents_it(name: str, url: str) -> None:
    assert provider(name).unsigned_pdf("env/1", access(name)) == pdf(name, url)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("adobe_sign", "https://api.eu1.adobesign.com/api/rest/v6/agreements/env%2F1/auditTrail"),
        ("boldsign", "https://api.boldsign.com/v1/document/downloadAuditLog?documentId=env%2F1"),
        (
            "documenso",
            "https://app.documenso.com/api/v2/envelope/env%2F1/audit-log/download",
        ),
        (
            "yousign",
            "https://api.yousign.app/v3/signature_requests/env%2F1/audit_trails/download?merge=true",
        ),
    ],
)
def test_the_audit_trail_is_fetched_as_the_provider_documents_it(name: str, url: str) -> None:
    assert provider(name).audit_trail("env/1", access(name)) == pdf(name, url)


@pytest.mark.parametrize("name", ["dropbox_sign", "pandadoc", "scrive", "signwell"])
def test_an_audit_trail_that_is_no_pdf_of_its_own_is_not_offered(name: str) -> None:
    title = provider(name).title
    with pytest.raises(PermanentError, match=f"{title} cannot be asked for the audit trail from"):
        provider(name).audit_trail("1", access(name))


def test_signwell_gives_no_file_before_all_have_signed() -> None:
    with pytest.raises(
        PermanentError, match="SignWell cannot be asked for the unsigned document from here"
    ):
        provider("signwell").unsigned_pdf("e", access("signwell"))


def test_dropbox_sign_s_links_of_frames_and_accounts_are_not_offered() -> None:
    with pytest.raises(PermanentError, match="cannot be asked for the link to sign"):
        provider("dropbox_sign").signing_link("1", KLARA, access("dropbox_sign"))


@pytest.mark.parametrize("name", ["skribble", "opensign", "oneflow", "getaccept", "xodo_sign"])
def test_a_provider_without_a_lasting_key_for_a_known_signer_is_asked_for_nothing(
    name: str,
) -> None:
    assert provider(name).offers() == ()


@pytest.mark.parametrize(
    ("name", "url", "most"),
    [
        (
            "adobe_sign",
            "https://api.eu1.adobesign.com/api/rest/v6/agreements/env%2F1/signingUrls",
            262_144,
        ),
        (
            "boldsign",
            "https://api.boldsign.com/v1/document/getEmbeddedSignLink?documentId=env%2F1"
            "&signerEmail=klara%2Bk%40kunde.example",
            262_144,
        ),
        ("documenso", "https://app.documenso.com/api/v2/envelope/recipient/22", 262_144),
        ("pandadoc", "https://api.pandadoc.com/public/v1/documents/env%2F1/details", 4_000_000),
        ("scrive", "https://scrive.com/api/v2/documents/env%2F1/get", 4_000_000),
        ("signwell", "https://www.signwell.com/api/v1/documents/env%2F1", 2_000_000),
        (
            "yousign",
            "https://api.yousign.app/v3/signature_requests/env%2F1/signers/22",
            262_144,
        ),
    ],
)
def test_the_link_to_sign_is_asked_for_as_the_provider_documents_it(
    name: str, url: str, most: int
) -> None:
    assert provider(name).signing_link("env/1", KLARA, access(name)) == WebRequest(
        method="GET",
        url=url,
        headers={**HEADERS[name], "accept": "application/json"},
        most=most,
        repeatable=True,
    )


def test_docuseal_gives_the_link_of_a_submitter_that_is_left_as_it_is() -> None:
    assert provider("docuseal").signing_link("env/1", KLARA, access("docuseal")) == WebRequest(
        method="PUT",
        url="https://api.docuseal.com/submitters/22",
        headers={**HEADERS["docuseal"], "content-type": "application/json"},
        body=b"{}",
    )


def test_yousign_is_asked_for_an_approver_as_one() -> None:
    approver = KLARA.model_copy(update={"action": "approve"})
    request = provider("yousign").signing_link("env/1", approver, access("yousign"))
    assert request.url == "https://api.yousign.app/v3/signature_requests/env%2F1/approvers/22"


def test_documenso_s_older_documents_are_asked_about_by_number() -> None:
    request = provider("documenso").signing_link("42", KLARA, access("documenso"))
    assert request.url == "https://app.documenso.com/api/v2/document/recipient/22"


@pytest.mark.parametrize("name", ["docuseal", "documenso", "yousign"])
@pytest.mark.parametrize(
    "signer",
    [KLARA.model_copy(update={"id": ""}), KLARA.model_copy(update={"has_own_id": False})],
)
def test_a_link_by_id_needs_the_provider_s_id(name: str, signer: Signer) -> None:
    with pytest.raises(PermanentError) as refused:
        provider(name).signing_link("e", signer, access(name))
    assert str(refused.value) == (
        f"{provider(name).title} gives a link to sign by the signer's id, and its messages have "
        "none of the signer klara+k@kunde.example"
    )


def test_boldsign_knows_a_signer_without_an_address_by_number() -> None:
    signer = Signer(id="3", name="Noor", phone="+91 63812-61236")
    asked = provider("boldsign").signing_link("1", signer, access("boldsign"))
    assert asked.url == (
        "https://api.boldsign.com/v1/document/getEmbeddedSignLink?documentId=1"
        "&countryCode=%2B91&phoneNumber=63812-61236"
    )


@pytest.mark.parametrize("phone", [None, "63812", "+9163812", "91 63812"])
def test_boldsign_is_not_asked_with_a_number_that_lacks_its_country(phone: str | None) -> None:
    signer = Signer(id="3", name="Noor", phone=phone)
    with pytest.raises(PermanentError, match="by e-mail address"):
        provider("boldsign").signing_link("1", signer, access("boldsign"))


def test_adobe_is_not_asked_for_a_signer_without_an_address() -> None:
    group = Signer(id="3", name="Sales", members=("a@acme.example", "b@acme.example"))
    with pytest.raises(PermanentError) as refused:
        provider("adobe_sign").signing_link("1", group, access("adobe_sign"))
    assert str(refused.value) == (
        "Adobe Acrobat Sign gives links to sign by e-mail address, and its messages have none of "
        "the signer Sales"
    )


def test_docuseal_gives_the_unsigned_document_where_it_gives_the_signed_one() -> None:
    one, how = provider("docuseal"), access("docuseal")
    asked = one.unsigned_pdf("7/1", how)
    assert (asked.method, asked.url, asked.headers) == (
        "GET",
        "https://api.docuseal.com/submissions/7%2F1/documents?merge=true",
        {"x-auth-token": "a-key"},
    )
    there = "https://docuseal.com/blobs/proxy/x/lease.pdf"
    answer = answered({"id": 7, "documents": [{"name": "lease", "url": there}]})
    assert one.located(answer, "the unsigned document", how) == pdf("docuseal", there, headers={})


def test_docuseal_says_where_its_audit_log_lies_and_gets_no_key_there() -> None:
    one, how = provider("docuseal"), access("docuseal")
    asked = one.audit_trail("7", how)
    assert (asked.method, asked.url, asked.headers) == (
        "GET",
        "https://api.docuseal.com/submissions/7",
        {"x-auth-token": "a-key"},
    )
    there = "https://docuseal.com/blobs/proxy/x/audit-log.pdf"
    documents = [{"name": "lease", "url": "https://docuseal.com/blobs/proxy/x/lease.pdf"}]
    answer = answered({"id": 7, "audit_log_url": there, "documents": documents})
    assert one.located(answer, "the audit trail", how) == pdf("docuseal", there, headers={})


@pytest.mark.parametrize("given", [None, ""])
def test_docuseal_s_audit_log_may_come_later(given: str | None) -> None:
    answer = answered({"id": 7, "audit_log_url": given})
    with pytest.raises(TransientError, match="DocuSeal is still making the audit trail"):
        provider("docuseal").located(answer, "the audit trail", access("docuseal"))


@pytest.mark.parametrize("content", [b"", b"<p>", [], None, 3, {}, {"audit_log_url": ["x"]}])
def test_an_answer_without_an_audit_log_leads_nowhere(content: Any) -> None:
    one = provider("docuseal")
    assert one.located(answered(content), "the audit trail", access("docuseal")) is None


@pytest.mark.parametrize(
    ("wanted", "version"), [("the signed PDF", "signed"), ("the unsigned document", "original")]
)
def test_documenso_s_file_is_found_by_its_envelope(wanted: Any, version: str) -> None:
    one, how = provider("documenso"), access("documenso")
    calls = {"the signed PDF": one.signed_pdf, "the unsigned document": one.unsigned_pdf}
    asked = calls[wanted]("envelope_b/1", how)
    assert (asked.method, asked.url, asked.headers) == (
        "GET",
        "https://app.documenso.com/api/v2/envelope/envelope_b%2F1",
        {"authorization": "a-key"},
    )
    items = [{"id": "envelope_item_c/2", "order": 1}]
    answer = answered({"id": "envelope_b", "envelopeItems": items})
    assert one.located(answer, wanted, how) == pdf(
        "documenso",
        "https://app.documenso.com/api/v2/envelope/item/envelope_item_c%2F2/download"
        f"?version={version}",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"<p>",
        [],
        None,
        {},
        {"envelopeItems": []},
        {"envelopeItems": [{"id": "a"}, {"id": "b"}]},
        {"envelopeItems": [{"title": "a"}]},
        {"envelopeItems": {"id": "a"}},
    ],
)
def test_an_envelope_of_no_one_file_leads_nowhere(content: Any) -> None:
    one, how = provider("documenso"), access("documenso")
    assert one.located(answered(content), "the unsigned document", how) is None


def test_documenso_s_audit_log_is_the_answer_itself() -> None:
    one, how = provider("documenso"), access("documenso")
    assert one.located(answered(b"%PDF-1.7"), "the audit trail", how) is None


def test_documenso_s_older_versions_give_no_files() -> None:
    one, how = provider("documenso"), access("documenso")
    for ask in (one.signed_pdf, one.unsigned_pdf, one.audit_trail):
        with pytest.raises(PermanentError) as refused:
            ask("42", how)
        assert str(refused.value) == (
            "Documenso gives files by the envelope's own id, and its messages have only the number "
            "42, as in older versions; update Documenso"
        )
