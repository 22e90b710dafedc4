"""Links to sign, unsigned documents and audit trails of DocuSeal, SignWell, Yousign, Documenso."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import PermanentError, TransientError
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access
from countersign.model.signing_event import Signer
from countersign.providers import provider

TOKEN = "a-key"
ADDRESSES = {
    "docuseal": "https://api.docuseal.com",
    "documenso": "https://app.documenso.com",
    "signwell": "https://www.signwell.com",
    "yousign": "https://api.yousign.app/v3",
}
HEADERS = {
    "docuseal": {"x-auth-token": "a-key"},
    "documenso": {"authorization": "a-key"},
    "signwell": {"x-api-key": "a-key"},
    "yousign": {"authorization": "Bearer a-key"},
}
NAMES = sorted(ADDRESSES)
KLARA = Signer(id="22", name="Klara Voß", email="klara@kunde.example")
LINK = "https://sign.example/s/7Hk2-secret"
DOCUMENSO_LINK = "https://app.documenso.com/sign/7Hk2-secret"


def access(name: str) -> Access:
    """How the provider's own cloud is asked."""
    return Access(token=TOKEN, url=ADDRESSES[name])


def reply(content: Any, status: int = 200) -> WebAnswer:
    """An answer in JSON, or of these bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WebAnswer(status=status, body=body)


def link(name: str, content: Any, signer: Signer = KLARA) -> str:
    """The link that the answer has for the signer."""
    return provider(name).link_in(reply(content), signer, access(name))


def person(
    name: str, number: Any = 22, email: str | None = "klara@kunde.example", **more: Any
) -> dict[str, Any]:
    """An answer's signer with a link, as that provider writes one."""
    plain = {"id": number, "email": email, "name": "Klara Voß"}
    writings: dict[str, dict[str, Any]] = {
        "docuseal": {**plain, "slug": "7Hk2-secret", "embed_src": LINK},
        "documenso": {**plain, "role": "SIGNER", "token": "7Hk2-secret"},
        "signwell": {**plain, "id": str(number), "signing_url": LINK},
        "yousign": {
            "id": str(number),
            "info": {"first_name": "Klara", "last_name": "Voß", "email": email},
            "status": "notified",
            "signature_link": LINK,
        },
    }
    return {**writings[name], **more}


def answer_with(name: str, *people: Any) -> Any:
    """The whole answer: SignWell's is the document, the others' the one signer."""
    return {"id": "doc", "recipients": list(people)} if name == "signwell" else people[0]


LINK_MEMBERS = {
    "docuseal": "embed_src",
    "documenso": "token",
    "signwell": "signing_url",
    "yousign": "signature_link",
}


@pytest.mark.parametrize(
    ("name", "method", "url", "content"),
    [
        ("docuseal", "PUT", "https://api.docuseal.com/submitters/22", {}),
        ("documenso", "GET", "https://app.documenso.com/api/v2/envelope/recipient/22", None),
        ("signwell", "GET", "https://www.signwell.com/api/v1/documents/env%2F1", None),
        (
            "yousign",
            "GET",
            "https://api.yousign.app/v3/signature_requests/env%2F1/signers/22",
            None,
        ),
    ],
)
def test_the_link_to_sign_is_asked_for_as_the_provider_documents_it(
    name: str, method: str, url: str, content: Any
) -> None:
    request = provider(name).signing_link("env/1", KLARA, access(name))
    assert (request.method, request.url) == (method, url)
    json_type = "accept" if content is None else "content-type"
    assert request.headers == {**HEADERS[name], json_type: "application/json"}
    assert request.body == (b"" if content is None else b"{}")


def test_yousign_is_asked_for_an_approver_as_one() -> None:
    approver = KLARA.model_copy(update={"action": "approve"})
    request = provider("yousign").signing_link("env/1", approver, access("yousign"))
    assert request.url == ("https://api.yousign.app/v3/signature_requests/env%2F1/approvers/22")
    links = {"signature_link": None, "approval_link": LINK}
    assert link("yousign", person("yousign", **links), approver) == LINK
    with pytest.raises(PermanentError, match="has no link to sign"):
        link("yousign", person("yousign", **links))


def test_documenso_s_older_documents_are_asked_about_by_number() -> None:
    request = provider("documenso").signing_link("42", KLARA, access("documenso"))
    assert request.url == "https://app.documenso.com/api/v2/document/recipient/22"


def test_signwell_s_whole_document_may_be_long() -> None:
    assert provider("signwell").signing_link("e", KLARA, access("signwell")).most == 2_000_000


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
        "none of the signer klara@kunde.example"
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_signer_s_own_link_is_found(name: str) -> None:
    wanted = DOCUMENSO_LINK if name == "documenso" else LINK
    assert link(name, answer_with(name, person(name))) == wanted


def test_documenso_s_link_is_on_the_host_of_its_api() -> None:
    own = Access(token=TOKEN, url="https://sign.acme.example")
    answer = reply(person("documenso", token="t/../x"))
    assert provider("documenso").link_in(answer, KLARA, own) == (
        "https://sign.acme.example/sign/t%2F..%2Fx"
    )


@pytest.mark.parametrize("status", ["SIGNED", "REJECTED"])
def test_documenso_has_no_link_for_a_recipient_who_has_acted(status: str) -> None:
    with pytest.raises(PermanentError, match="has no link to sign"):
        link("documenso", person("documenso", signingStatus=status))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("given", [None, "", " ", 7, ["x"], {"a": LINK}, False])
def test_a_signer_without_a_link_gets_a_sentence(name: str, given: Any) -> None:
    if name == "documenso" and given == 7:
        return  # a number is a text there
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, person(name, **{LINK_MEMBERS[name]: given})))
    assert str(refused.value) == (
        f"{provider(name).title} has no link to sign for klara@kunde.example: it has none for "
        "whoever has signed, and for whoever has yet to wait"
    )


@pytest.mark.parametrize("name", ["docuseal", "signwell", "yousign"])
@pytest.mark.parametrize(
    "given",
    [
        "javascript:alert(1)",
        "ftp://sign.example/s/1",
        "sign.example/s/1",
        "https:///s/1",
        "https://[half/s/1",
        "https://sign.example/a\nb",
        "https://sign.example/a b",
    ],
)
def test_what_is_not_a_web_address_is_not_a_link_and_is_not_quoted(name: str, given: str) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, person(name, **{LINK_MEMBERS[name]: given})))
    assert given not in str(refused.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [23, "2", "22 ", None, [22], {"id": 22}, True])
def test_another_signer_s_link_is_given_to_nobody(name: str, number: Any) -> None:
    other = person(name, email="anna@acme.example")
    if name == "yousign":
        other["info"] = {"email": "anna@acme.example"}
    other["id"] = number
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, {**other, "name": "Anna"}))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_signer_who_has_another_address_by_now_is_not_sent_the_link(name: str) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, person(name, email="new@kunde.example")))
    assert str(refused.value) == (
        f"{provider(name).title} has another address for klara@kunde.example by now, so there is "
        "no link to sign for this one"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("email", ["KLARA@Kunde.Example", None])
def test_an_address_in_other_letters_or_none_is_the_signer_s(name: str, email: str | None) -> None:
    wanted = DOCUMENSO_LINK if name == "documenso" else LINK
    assert link(name, answer_with(name, person(name, email=email))) == wanted


PAIR = [
    {
        "id": "1",
        "name": "Jo Voß",
        "email": "büro@kunde.example",
        "signing_url": "https://s.example/1",
    },
    {
        "id": "2",
        "name": "Mia Voß",
        "email": "büro@kunde.example",
        "signing_url": "https://s.example/2",
    },
]


@pytest.mark.parametrize(
    ("signer", "wanted"),
    [
        (Signer(id="2", name="Mia Voß", email="büro@kunde.example"), "https://s.example/2"),
        (Signer(id="1", name="Mia Voß", email="büro@kunde.example"), "https://s.example/1"),
        (Signer(id="2", email="BÜRO@kunde.example"), "https://s.example/2"),
        (
            Signer(id="x", has_own_id=False, name="mia  voß", email="büro@kunde.example"),
            "https://s.example/2",
        ),
        (Signer(name="Jo Voß", email="büro@kunde.example"), "https://s.example/1"),
    ],
)
def test_of_two_who_share_an_address_the_id_tells_and_then_the_name(
    signer: Signer, wanted: str
) -> None:
    assert link("signwell", {"recipients": PAIR}, signer) == wanted


@pytest.mark.parametrize(
    "signer",
    [
        Signer(id="3", name="Mia Voß", email="büro@kunde.example"),
        Signer(id="1", has_own_id=False, name="Ida", email="büro@kunde.example"),
    ],
)
def test_who_of_two_is_meant_is_not_guessed(signer: Signer) -> None:
    with pytest.raises(PermanentError, match="has no link to sign for büro@"):
        link("signwell", {"recipients": PAIR}, signer)


def test_several_links_for_one_address_are_given_to_nobody() -> None:
    signer = Signer(id="2", has_own_id=False, email="büro@kunde.example")
    with pytest.raises(PermanentError) as refused:
        link("signwell", {"recipients": PAIR}, signer)
    assert str(refused.value) == (
        "SignWell has several links to sign for büro@kunde.example, and nothing says which is "
        "this signer's; give each signer an address of their own"
    )


def test_recipients_without_ids_are_told_apart_by_name() -> None:
    nameless = [{**one, "id": None} for one in PAIR]
    signer = Signer(id="2", name="Mia Voß", email="büro@kunde.example")
    assert link("signwell", {"recipients": nameless}, signer) == "https://s.example/2"


def test_recipients_who_share_an_id_are_told_apart_by_name() -> None:
    twins = [{**one, "id": "1"} for one in PAIR]
    signer = Signer(id="1", name="Mia Voß", email="büro@kunde.example")
    assert link("signwell", {"recipients": twins}, signer) == "https://s.example/2"


def test_a_link_for_an_embedding_frame_is_not_a_link_to_sign() -> None:
    framed = person("signwell", signing_url=None, embedded_signing_url=LINK)
    with pytest.raises(PermanentError, match="has no link to sign") as refused:
        link("signwell", {"recipients": [framed]})
    assert LINK not in str(refused.value)


def test_one_recipient_that_cannot_be_read_hides_nobody_else_s_link() -> None:
    broken = [7, None, {"id": ["1"]}, {"id": "9", "email": {"a": 1}, "signing_url": 5}]
    assert link("signwell", {"recipients": [*broken, person("signwell")]}) == LINK


SHAPES: list[Any] = [
    b"",
    b"<!doctype html><title>Sign in</title> https://sign.example/s/7Hk2-secret",
    b'{"embed_src": "https://sign.example/s/7Hk2-secret',
    b"\xff\xfe\x00secret",
    b"[" * 100_000,
    [],
    [{"id": 22, "embed_src": LINK, "signature_link": LINK, "token": "7Hk2-secret"}],
    {},
    {"recipients": None},
    {"recipients": 5},
    {"recipients": {"22": {"signing_url": LINK}}},
    {"recipients": "https://sign.example/s/7Hk2-secret"},
    {"data": {"id": 22, "embed_src": LINK}},
    None,
    0,
    -1.5,
    True,
    LINK,
    {"embed_src": LINK, "signature_link": LINK, "token": "7Hk2-secret", "signing_url": LINK},
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", SHAPES)
def test_an_answer_of_another_shape_has_no_link_and_is_not_quoted(name: str, content: Any) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, content)
    assert str(refused.value) == (
        f"{provider(name).title} has no link to sign for klara@kunde.example: it has none for "
        "whoever has signed, and for whoever has yet to wait"
    )
    assert refused.value.__cause__ is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(LINK),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "email", "name", "recipients", *LINK_MEMBERS.values()]), inner
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", NAMES)
@given(content=VALUES)
def test_whatever_json_comes_nobody_else_is_given_a_link(name: str, content: Any) -> None:
    stranger = Signer(id="no-such-id", name="Nobody", email="nobody@kunde.example")
    with pytest.raises(PermanentError) as refused:
        link(name, content, stranger)
    assert LINK not in str(refused.value)


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


def test_yousign_s_files_are_fetched_as_it_documents_them() -> None:
    one, how = provider("yousign"), access("yousign")
    request = "https://api.yousign.app/v3/signature_requests/env%2F1"
    assert one.unsigned_pdf("env/1", how) == pdf(
        "yousign", f"{request}/documents/download?version=current"
    )
    assert one.audit_trail("env/1", how) == pdf(
        "yousign", f"{request}/audit_trails/download?merge=true"
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
    answer = reply({"id": 7, "documents": [{"name": "lease", "url": there}]})
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
    answer = reply({"id": 7, "audit_log_url": there, "documents": documents})
    assert one.located(answer, "the audit trail", how) == pdf("docuseal", there, headers={})


@pytest.mark.parametrize("given", [None, ""])
def test_docuseal_s_audit_log_may_come_later(given: str | None) -> None:
    answer = reply({"id": 7, "audit_log_url": given})
    with pytest.raises(TransientError, match="DocuSeal is still making the audit trail"):
        provider("docuseal").located(answer, "the audit trail", access("docuseal"))


@pytest.mark.parametrize("content", [b"", b"<p>", [], None, 3, {}, {"audit_log_url": ["x"]}])
def test_an_answer_without_an_audit_log_leads_nowhere(content: Any) -> None:
    found = provider("docuseal").located(reply(content), "the audit trail", access("docuseal"))
    assert found is None


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
    answer = reply({"id": "envelope_b", "envelopeItems": [{"id": "envelope_item_c/2", "order": 1}]})
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
    found = provider("documenso").located(
        reply(content), "the unsigned document", access("documenso")
    )
    assert found is None


def test_documenso_s_audit_log_is_fetched_as_it_documents_it() -> None:
    one, how = provider("documenso"), access("documenso")
    url = "https://app.documenso.com/api/v2/envelope/envelope_b/audit-log/download"
    assert one.audit_trail("envelope_b", how) == pdf("documenso", url)
    assert one.located(reply(b"%PDF-1.7"), "the audit trail", how) is None


def test_documenso_s_older_versions_give_no_files() -> None:
    one, how = provider("documenso"), access("documenso")
    for ask in (one.signed_pdf, one.unsigned_pdf, one.audit_trail):
        with pytest.raises(PermanentError) as refused:
            ask("42", how)
        assert str(refused.value) == (
            "Documenso gives files by the envelope's own id, and its messages have only the number "
            "42, as in older versions; update Documenso"
        )


def test_signwell_has_the_audit_trail_in_the_signed_pdf_and_nothing_before_it() -> None:
    one, how = provider("signwell"), access("signwell")
    for ask, what in (
        (one.unsigned_pdf, "the unsigned document"),
        (one.audit_trail, "the audit trail"),
    ):
        with pytest.raises(PermanentError, match=f"SignWell cannot be asked for {what} from here"):
            ask("e", how)


@pytest.mark.parametrize("name", ["skribble", "opensign", "oneflow"])
def test_a_provider_without_a_lasting_key_for_a_known_signer_is_asked_for_nothing(
    name: str,
) -> None:
    assert provider(name).offers() == ()
