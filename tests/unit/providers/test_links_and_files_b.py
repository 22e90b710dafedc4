"""Links to sign and files of BoldSign, Scrive, PandaDoc, Dropbox Sign and Adobe Acrobat Sign: each
call as its documentation has it, and whose link an answer has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import Access
from countersign.model.signing_event import Signer
from countersign.providers import provider

KEY = "a-key"
ADDRESSES = {
    "adobe_sign": "https://api.eu1.adobesign.com",
    "boldsign": "https://api.boldsign.com",
    "dropbox_sign": "https://api.hellosign.com/v3",
    "pandadoc": "https://api.pandadoc.com",
    "scrive": "https://scrive.com",
}
BEARER = {"authorization": "Bearer a-key"}
BASIC = {"authorization": "Basic YS1rZXk6"}
PANDA = {"authorization": "API-Key a-key"}
OAUTH = {
    "authorization": 'oauth_signature_method="PLAINTEXT", oauth_consumer_key="client", '
    'oauth_token="token", oauth_signature="its-secret&token-secret"'
}
ANNA = Signer(id="11", name="Anna Berg", email="anna@acme.example", status="notified")
KLARA = Signer(id="22", name="Klara Voß", email="klara+k@kunde.example", status="notified")
SECRET = "Zx9-only-for-the-signer"
LINKED = ("adobe_sign", "boldsign", "pandadoc", "scrive")


def access(name: str) -> Access:
    token = "client:its-secret:token:token-secret" if name == "scrive" else KEY
    return Access(token=token, url=ADDRESSES[name])


def answered(value: Any) -> WebAnswer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return WebAnswer(status=200, body=body)


def link(name: str, answer: WebAnswer, signer: Signer) -> str:
    """The link that the answer has for the signer."""
    return provider(name).link_in(answer, signer, access(name))


def of_file(address: str, headers: dict[str, str]) -> WebRequest:
    return WebRequest(
        method="GET",
        url=address,
        headers={**headers, "accept": "application/pdf"},
        most=50_000_000,
        within=10,
        repeatable=True,
    )


@pytest.mark.parametrize(
    ("name", "address", "headers"),
    [
        (
            "adobe_sign",
            "https://api.eu1.adobesign.com/api/rest/v6/agreements/env%2F1/combinedDocument",
            BEARER,
        ),
        (
            "boldsign",
            "https://api.boldsign.com/v1/document/download?documentId=env%2F1",
            {"x-api-key": KEY},
        ),
        (
            "dropbox_sign",
            "https://api.hellosign.com/v3/signature_request/files/env%2F1?file_type=pdf",
            BASIC,
        ),
        ("pandadoc", "https://api.pandadoc.com/public/v1/documents/env%2F1/download", PANDA),
        ("scrive", "https://scrive.com/api/v2/documents/env%2F1/files/main", OAUTH),
    ],
)
def test_the_unsigned_document_is_fetched_as_the_provider_documents_it(
    name: str, address: str, headers: dict[str, str]
) -> None:
    asked = provider(name).unsigned_pdf("env/1", access(name))
    assert asked == of_file(address, headers)


@pytest.mark.parametrize(
    ("name", "address", "headers"),
    [
        (
            "adobe_sign",
            "https://api.eu1.adobesign.com/api/rest/v6/agreements/env%2F1/auditTrail",
            BEARER,
        ),
        (
            "boldsign",
            "https://api.boldsign.com/v1/document/downloadAuditLog?documentId=env%2F1",
            {"x-api-key": KEY},
        ),
    ],
)
def test_the_audit_trail_is_fetched_as_the_provider_documents_it(
    name: str, address: str, headers: dict[str, str]
) -> None:
    asked = provider(name).audit_trail("env/1", access(name))
    assert asked == of_file(address, headers)


@pytest.mark.parametrize("name", ["dropbox_sign", "pandadoc", "scrive"])
def test_an_audit_trail_that_is_no_pdf_of_its_own_is_not_offered(name: str) -> None:
    with pytest.raises(PermanentError, match="cannot be asked for the audit trail"):
        provider(name).audit_trail("1", access(name))


def test_dropbox_sign_s_links_of_frames_and_accounts_are_not_offered() -> None:
    with pytest.raises(PermanentError, match="cannot be asked for the link to sign"):
        provider("dropbox_sign").signing_link("1", ANNA, access("dropbox_sign"))


@pytest.mark.parametrize(
    ("name", "address", "headers", "most"),
    [
        (
            "adobe_sign",
            "https://api.eu1.adobesign.com/api/rest/v6/agreements/env%2F1/signingUrls",
            BEARER,
            262_144,
        ),
        (
            "boldsign",
            "https://api.boldsign.com/v1/document/getEmbeddedSignLink?documentId=env%2F1"
            "&signerEmail=klara%2Bk%40kunde.example",
            {"x-api-key": KEY},
            262_144,
        ),
        (
            "pandadoc",
            "https://api.pandadoc.com/public/v1/documents/env%2F1/details",
            PANDA,
            4_000_000,
        ),
        ("scrive", "https://scrive.com/api/v2/documents/env%2F1/get", OAUTH, 4_000_000),
    ],
)
def test_the_link_to_sign_is_fetched_as_the_provider_documents_it(
    name: str, address: str, headers: dict[str, str], most: int
) -> None:
    assert provider(name).signing_link("env/1", KLARA, access(name)) == WebRequest(
        method="GET",
        url=address,
        headers={**headers, "accept": "application/json"},
        most=most,
        repeatable=True,
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


def adobe(*links: tuple[str, str | None]) -> dict[str, Any]:
    return {
        "signingUrlSetInfos": [
            {"signingUrlSetName": "s", "signingUrls": [{"email": email, "esignUrl": link}]}
            for email, link in links
        ]
    }


def panda(*recipients: dict[str, Any]) -> dict[str, Any]:
    return {"id": "d", "recipients": list(recipients)}


def scrive(*parties: dict[str, Any]) -> dict[str, Any]:
    return {"id": "d", "status": "pending", "parties": list(parties)}


@pytest.mark.parametrize(
    ("name", "answer", "wanted"),
    [
        ("boldsign", {"signLink": f"https://b.example/{SECRET}"}, f"https://b.example/{SECRET}"),
        (
            "adobe_sign",
            adobe(
                ("anna@acme.example", "https://a.example/anna"),
                ("KLARA+K@KUNDE.EXAMPLE", f"https://a.example/{SECRET}*"),
            ),
            f"https://a.example/{SECRET}*",
        ),
        (
            "adobe_sign",
            {
                "signingUrlSetInfos": [
                    {
                        "signingUrls": [
                            {"email": "anna@acme.example", "esignUrl": "https://a.example/anna"},
                            {"email": "klara+k@kunde.example", "esignUrl": "https://a.example/k"},
                        ]
                    }
                ]
            },
            "https://a.example/k",
        ),
        (
            "pandadoc",
            panda(
                {"id": "11", "shared_link": "https://p.example/anna"},
                {"id": "22", "shared_link": f"https://p.example/{SECRET}"},
            ),
            f"https://p.example/{SECRET}",
        ),
        (
            "scrive",
            scrive(
                {"id": "11", "api_delivery_url": "/s/1/11/anna"},
                {"id": "22", "api_delivery_url": f"/s/1/22/{SECRET}"},
            ),
            f"https://scrive.com/s/1/22/{SECRET}",
        ),
    ],
)
def test_the_answer_s_link_is_the_signer_s_own(name: str, answer: Any, wanted: str) -> None:
    assert link(name, answered(answer), KLARA) == wanted


LONG = "https://p.example/" + "x" * 3_000


def test_a_long_link_is_not_cut() -> None:
    told = answered(panda({"id": "22", "shared_link": LONG}))
    assert link("pandadoc", told, KLARA) == LONG
    assert link("boldsign", answered({"signLink": LONG}), KLARA) == LONG


def test_members_of_other_shapes_do_not_hide_the_link() -> None:
    told = panda(
        {"id": ["11"], "shared_link": {"a": 1}},
        {"id": 22, "email": None, "first_name": 7, "shared_link": "https://p.example/k"},
        None,  # type: ignore[arg-type]
    )
    assert link("pandadoc", answered(told), KLARA) == "https://p.example/k"


WITHOUT = [
    ("boldsign", {"signLink": None}),
    ("boldsign", {"signLink": SECRET}),
    ("boldsign", {"signLink": f"javascript:{SECRET}"}),
    ("boldsign", {"signLink": f"https://b.example/\n{SECRET}"}),
    ("boldsign", {"signLink": [f"https://b.example/{SECRET}"]}),
    ("boldsign", {"link": f"https://b.example/{SECRET}"}),
    ("adobe_sign", adobe(("klara+k@kunde.example", None))),
    ("adobe_sign", adobe(("anna@acme.example", f"https://a.example/{SECRET}"))),
    ("adobe_sign", {"signingUrlSetInfos": []}),
    ("adobe_sign", {"signingUrlSetInfos": {"signingUrls": SECRET}}),
    ("pandadoc", panda({"id": "22", "shared_link": ""})),
    ("pandadoc", panda({"id": "22", "shared_link": None})),
    ("pandadoc", panda({"id": "11", "shared_link": f"https://p.example/{SECRET}"})),
    (
        "pandadoc",
        panda({"id": "22", "has_completed": True, "shared_link": f"https://p.example/{SECRET}"}),
    ),
    (
        "pandadoc",
        panda({"id": "22", "recipient_type": "CC", "shared_link": f"https://p.example/{SECRET}"}),
    ),
    ("scrive", scrive({"id": "22", "api_delivery_url": None})),
    ("scrive", scrive({"id": "11", "api_delivery_url": f"/s/{SECRET}"})),
    ("scrive", scrive({"id": "22", "api_delivery_url": f"//evil.example/{SECRET}"})),
    ("scrive", scrive({"id": "22", "api_delivery_url": f"/s/ {SECRET}"})),
    ("scrive", scrive({"id": "22", "api_delivery_url": SECRET})),
    ("scrive", {"parties": {"22": f"/s/{SECRET}"}}),
]


@pytest.mark.parametrize(("name", "answer"), WITHOUT)
def test_an_answer_without_the_signer_s_link_is_refused_and_not_quoted(
    name: str, answer: Any
) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, answered(answer), KLARA)
    said = str(refused.value)
    assert "has no link to sign for klara+k@kunde.example" in said
    assert SECRET not in said


def test_scrive_says_which_parties_have_links() -> None:
    with pytest.raises(PermanentError) as refused:
        link("scrive", answered(scrive({"id": "22"})), KLARA)
    assert str(refused.value) == (
        "Scrive has no link to sign for klara+k@kunde.example: it has one for parties whose "
        "delivery method is Link, shown to the author of a document that was started"
    )


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        f"<html><a href='https://a.example/{SECRET}'>Sign</a></html>".encode(),
        f'{{"signLink": "https://a.example/{SECRET}'.encode(),
        f'["https://a.example/{SECRET}"]'.encode(),
        f'"https://a.example/{SECRET}"'.encode(),
        b"[]",
        b"null",
        b"7",
        b"true",
        b"[" * 10_000,
        b"\xff\xfe\x00",
    ],
)
def test_an_answer_that_is_something_else_is_refused_and_not_quoted(name: str, body: bytes) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, answered(body), KLARA)
    assert "has no link to sign for klara+k@kunde.example" in str(refused.value)
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(refused.value.__cause__)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("signLink", "signingUrlSetInfos", "signingUrls", "email", "esignUrl"),
                    *("parties", "recipients", "id", "shared_link", "api_delivery_url"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=JSON)
def test_any_json_is_a_link_or_refused(value: Any) -> None:
    for name in LINKED:
        try:
            given_link = link(name, answered(value), KLARA)
        except PermanentError:
            continue
        assert given_link.startswith(("https://", "http://"))


SHARED = "office@kunde.example"
PAUL = Signer(id="31", name="Paul Kern", email=SHARED)
PIA = Signer(id="32", name="Pia Kern", email=SHARED)


def test_two_who_share_an_address_are_told_apart_by_id() -> None:
    both = [
        {"id": one.id, "email": SHARED, "shared_link": f"https://p.example/{one.id}"}
        for one in (PAUL, PIA)
    ]
    for told in (panda(*both), panda(*reversed(both))):
        links = [link("pandadoc", answered(told), one) for one in (PAUL, PIA)]
        assert links == ["https://p.example/31", "https://p.example/32"]
    parties = scrive(*({"id": one.id, "api_delivery_url": f"/s/{one.id}"} for one in (PAUL, PIA)))
    links = [link("scrive", answered(parties), one) for one in (PAUL, PIA)]
    assert links == ["https://scrive.com/s/31", "https://scrive.com/s/32"]


def _recipient(first: str, link: str, email: str = SHARED) -> dict[str, Any]:
    return {"first_name": first, "last_name": "Kern", "email": email, "shared_link": link}


def test_two_who_share_an_address_and_have_no_ids_are_told_apart_by_name() -> None:
    told = answered(
        panda(_recipient("Paul", "https://p.example/1"), _recipient("Pia", "https://p.example/2"))
    )
    for first, wanted in (("Paul", "https://p.example/1"), ("PIA", "https://p.example/2")):
        signer = Signer(id="made", has_own_id=False, name=f"{first}  Kern", email=SHARED)
        assert link("pandadoc", told, signer) == wanted


@pytest.mark.parametrize("name", ["Petra Kern", None])
def test_a_link_that_may_be_somebody_else_s_is_given_to_nobody(name: str | None) -> None:
    told = answered(
        panda(
            _recipient("Paul", f"https://p.example/{SECRET}"),
            _recipient("Pia", "https://p.example/2"),
        )
    )
    signer = Signer(id="made", has_own_id=False, name=name, email=SHARED)
    with pytest.raises(PermanentError) as refused:
        link("pandadoc", told, signer)
    assert SECRET not in str(refused.value)


def test_one_of_two_who_share_an_address_does_not_get_the_other_s_only_link() -> None:
    told = answered(panda(_recipient("Paul", f"https://p.example/{SECRET}")))
    signer = Signer(id="made", has_own_id=False, name="Pia Kern", email=SHARED)
    with pytest.raises(PermanentError, match="has no link to sign for office"):
        link("pandadoc", told, signer)


def test_adobe_s_two_links_of_one_address_are_given_to_nobody() -> None:
    told = answered(adobe((SHARED, f"https://a.example/{SECRET}"), (SHARED, "https://a.example/2")))
    with pytest.raises(PermanentError) as refused:
        link("adobe_sign", told, PAUL)
    assert str(refused.value) == (
        "Adobe Acrobat Sign has several links to sign for office@kunde.example, and nothing says "
        "which is this signer's; give each signer an address of their own"
    )


def test_the_link_of_one_who_was_replaced_is_not_the_old_one_s() -> None:
    told = answered(
        panda({"id": "22", "email": "new@kunde.example", "shared_link": f"https://p/{SECRET}"})
    )
    with pytest.raises(PermanentError, match="has another address for klara"):
        link("pandadoc", told, KLARA)


def test_a_party_without_an_id_has_no_link_of_scrive() -> None:
    told = answered(scrive({"id": None, "api_delivery_url": f"/s/{SECRET}"}))
    for signer in (Signer(name="Klara"), KLARA.model_copy(update={"has_own_id": False})):
        with pytest.raises(PermanentError) as refused:
            link("scrive", told, signer)
        assert SECRET not in str(refused.value)
