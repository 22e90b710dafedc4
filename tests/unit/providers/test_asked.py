"""What providers are asked: each call as its documentation has it, and nothing that is not."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.provider_api import MAX_FILE
from countersign.model.signing_event import Signer
from countersign.providers import PROVIDERS, provider

ANNA = Signer(id="11", name="Anna", email="anna@acme.example")
KLARA = Signer(id="22", name="Klara Voß", email="klara+k@kunde.example")
NOBODY = Signer(id="klara@kunde.example", name="Klara")
KEY = "a-key"
PARTS = "client:its-secret:token:token-secret"
EVERYTHING = (
    "reminders",
    "the signed PDF",
    "the unsigned document",
    "the audit trail",
    "the link to sign",
)
OFFERED: dict[str, tuple[str, ...]] = {
    "adobe_sign": EVERYTHING[1:],
    "boldsign": EVERYTHING,
    "documenso": EVERYTHING,
    "docuseal": EVERYTHING,
    "dropbox_sign": ("reminders", "the signed PDF", "the unsigned document"),
    "pandadoc": ("reminders", "the signed PDF", "the unsigned document", "the link to sign"),
    "scrive": ("reminders", "the signed PDF", "the unsigned document", "the link to sign"),
    "signwell": ("reminders", "the signed PDF", "the link to sign"),
    "yousign": EVERYTHING,
}


def secrets(name: str, **more: Any) -> ConnectionCredentials:
    """A connection's secrets, with an API token."""
    given = {"connection": "c1", "provider": name, "pipeline": "contracts", "tokens": ("t",)}
    key = PARTS if name == "scrive" else KEY
    return ConnectionCredentials.model_validate({**given, "api_token": key, **more})


def reminders(
    name: str, *signers: Signer, envelope: str = "env/1"
) -> list[tuple[str, str, dict[str, str], Any, tuple[str, ...]]]:
    """Method, address, headers, content and signers of each call."""
    one = provider(name)
    made = one.reminders(envelope, signers, one.access(secrets(name)))
    return [(*_shown(each.request), each.signers) for each in made]


def _shown(request: WebRequest) -> tuple[str, str, dict[str, str], Any]:
    content = json.loads(request.body) if request.body else None
    return request.method, request.url, request.headers, content


JSON = {"content-type": "application/json"}
BASIC = {"authorization": f"Basic {base64.b64encode(b'a-key:').decode()}"}
OAUTH = {
    "authorization": 'oauth_signature_method="PLAINTEXT", oauth_consumer_key="client", '
    'oauth_token="token", oauth_signature="its-secret&token-secret"'
}
PANDA = {"authorization": "API-Key a-key"}
BEARER = {"authorization": "Bearer a-key"}


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        (
            "boldsign",
            [
                (
                    "POST",
                    "https://api.boldsign.com/v1/document/remind?documentId=env%2F1"
                    "&receiverEmails=anna%40acme.example&receiverEmails=klara%2Bk%40kunde.example",
                    {"x-api-key": KEY, **JSON},
                    {},
                    ("11", "22"),
                )
            ],
        ),
        (
            "documenso",
            [
                (
                    "POST",
                    "https://app.documenso.com/api/v2/envelope/redistribute",
                    {"authorization": KEY, **JSON},
                    {"envelopeId": "env/1", "recipients": [11, 22]},
                    ("11", "22"),
                )
            ],
        ),
        (
            "docuseal",
            [
                (
                    "PUT",
                    f"https://api.docuseal.com/submitters/{number}",
                    {"x-auth-token": KEY, **JSON},
                    {"send_email": True},
                    (number,),
                )
                for number in ("11", "22")
            ],
        ),
        (
            "dropbox_sign",
            [
                (
                    "POST",
                    "https://api.hellosign.com/v3/signature_request/remind/env%2F1",
                    {**BASIC, **JSON},
                    {"email_address": one.email, "name": one.name},
                    (one.id,),
                )
                for one in (ANNA, KLARA)
            ],
        ),
        (
            "pandadoc",
            [
                (
                    "POST",
                    "https://api.pandadoc.com/public/v1/documents/env%2F1/send-reminder",
                    {**PANDA, **JSON},
                    {
                        "reminders": [
                            {"recipient_id": one, "delivery_methods": {"email": True}}
                            for one in ("11", "22")
                        ]
                    },
                    ("11", "22"),
                )
            ],
        ),
        (
            "scrive",
            [
                (
                    "POST",
                    "https://scrive.com/api/v2/documents/env%2F1/remind",
                    OAUTH,
                    None,
                    ("11", "22"),
                )
            ],
        ),
        (
            "signwell",
            [
                (
                    "POST",
                    "https://www.signwell.com/api/v1/documents/env%2F1/remind",
                    {"x-api-key": KEY, **JSON},
                    {
                        "recipients": [
                            {"email": one.email, "name": one.name} for one in (ANNA, KLARA)
                        ]
                    },
                    ("11", "22"),
                )
            ],
        ),
        (
            "yousign",
            [
                (
                    "POST",
                    "https://api.yousign.app/v3/signature_requests/env%2F1/signers/"
                    f"{number}/send_reminder",
                    BEARER,
                    None,
                    (number,),
                )
                for number in ("11", "22")
            ],
        ),
    ],
)
def test_signers_are_reminded_as_the_provider_documents_it(name: str, calls: list[Any]) -> None:
    assert reminders(name, ANNA, KLARA) == calls


def test_yousign_reminds_an_approver_as_one() -> None:
    ((_, url, *_),) = reminders("yousign", ANNA.model_copy(update={"action": "approve"}))
    assert url == (
        "https://api.yousign.app/v3/signature_requests/env%2F1/approvers/11/send_reminder"
    )


def test_no_reminder_is_made_again_by_itself() -> None:
    for name in sorted(OFFERED.keys() - {"adobe_sign"}):
        one = provider(name)
        made = one.reminders("1", [ANNA], one.access(secrets(name)))
        assert [each.request.repeatable for each in made] == [False], name


def test_documenso_s_older_envelopes_are_numbers() -> None:
    ((_, url, _, content, _),) = reminders("documenso", ANNA, envelope="42")
    assert (url, content) == (
        "https://app.documenso.com/api/v2/document/redistribute",
        {"documentId": 42, "recipients": [11]},
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
        (
            "pandadoc",
            "https://api.pandadoc.com/public/v1/documents/env%2F1/download-protected",
            PANDA,
        ),
        ("scrive", "https://scrive.com/api/v2/documents/env%2F1/files/main", OAUTH),
        (
            "signwell",
            "https://www.signwell.com/api/v1/documents/env%2F1/completed_pdf"
            "?url_only=false&file_format=pdf",
            {"x-api-key": KEY},
        ),
        (
            "yousign",
            "https://api.yousign.app/v3/signature_requests/env%2F1/documents/download"
            "?version=completed",
            BEARER,
        ),
    ],
)
def test_the_signed_pdf_is_fetched_as_the_provider_documents_it(
    name: str, address: str, headers: dict[str, str]
) -> None:
    more = {"api_url": "https://api.eu1.adobesign.com/"} if name == "adobe_sign" else {}
    one = provider(name)
    assert one.signed_pdf("env/1", one.access(secrets(name, **more))) == WebRequest(
        method="GET",
        url=address,
        headers={**headers, "accept": "application/pdf"},
        most=MAX_FILE,
        within=10,
        repeatable=True,
    )


def test_docuseal_says_where_its_file_lies_and_is_not_told_the_key_there() -> None:
    one = provider("docuseal")
    access = one.access(secrets("docuseal"))
    asked = one.signed_pdf("7", access)
    assert (asked.method, asked.url) == (
        "GET",
        "https://api.docuseal.com/submissions/7/documents?merge=true",
    )
    there = "https://docuseal.com/file/x/lease.pdf"
    told = json.dumps({"id": 7, "documents": [{"name": "lease", "url": there}]}).encode()
    assert one.located(WebAnswer(status=200, body=told), "the signed PDF", access) == WebRequest(
        method="GET",
        url=there,
        headers={"accept": "application/pdf"},
        most=MAX_FILE,
        within=10,
        repeatable=True,
    )


@pytest.mark.parametrize("body", [b"", b"[]", b'{"documents": []}', b'{"documents": [{}, {}]}'])
def test_an_answer_that_names_no_one_file_leads_nowhere(body: bytes) -> None:
    one = provider("docuseal")
    answer = WebAnswer(status=200, body=body)
    assert one.located(answer, "the signed PDF", one.access(secrets("docuseal"))) is None


def test_pandadoc_s_success_says_whom_it_did_not_remind() -> None:
    body = {
        "result": [
            {"recipient_id": "11", "email": {"status": "sent", "detail": None}},
            {"recipient_id": "22", "email": {"status": "error", "detail": "It is not their turn"}},
        ]
    }
    told = WebAnswer(status=200, body=json.dumps(body).encode())
    assert provider("pandadoc").not_reminded(told) == {"22": "It is not their turn"}
    assert provider("pandadoc").not_reminded(WebAnswer(status=200, body=b"no JSON")) == {}


@pytest.mark.parametrize("name", ["documenso", "pandadoc"])
def test_a_signer_whom_the_provider_gave_no_id_cannot_be_named(name: str) -> None:
    with pytest.raises(PermanentError, match="did not send one for the signer Klara"):
        reminders(name, NOBODY)


@pytest.mark.parametrize("name", ["boldsign", "dropbox_sign", "signwell"])
def test_a_signer_without_an_address_cannot_be_reminded_by_it(name: str) -> None:
    with pytest.raises(PermanentError, match="did not send one for the signer Klara"):
        reminders(name, Signer(id="1", name="Klara"))


def test_what_a_provider_offers_is_what_it_answers() -> None:
    wanted = {name: OFFERED.get(name, ()) for name in PROVIDERS.kinds}
    assert {name: provider(name).offers() for name in PROVIDERS.kinds} == wanted


def test_what_is_not_offered_is_a_sentence() -> None:
    one = provider("docusign")
    access = one.access(secrets("docusign", api_url="https://api.example"))
    said = (
        "DocuSign cannot be asked for {} from here; give the rule a condition that leaves its "
        "documents out, or take the rule out"
    )
    with pytest.raises(PermanentError) as reminded:
        one.reminders("e", [ANNA], access)
    with pytest.raises(PermanentError) as fetched:
        one.signed_pdf("e", access)
    assert (str(reminded.value), str(fetched.value)) == (
        said.format("reminders"),
        said.format("the signed PDF"),
    )


def test_without_a_token_nobody_is_asked() -> None:
    with pytest.raises(PermanentError) as refused:
        provider("boldsign").access(secrets("boldsign", api_token=None))
    assert str(refused.value) == (
        "the connection c1 has no API token, by which BoldSign is asked; give it: countersign "
        "connections update c1 --api-token"
    )


@pytest.mark.parametrize(
    ("name", "more", "says"),
    [
        ("boldsign", {}, ""),
        ("boldsign", {"api_url": "https://api-eu.boldsign.com"}, ""),
        ("boldsign", {"api_token": None}, ""),
        ("adobe_sign", {}, "has an API address of its own"),
        ("docusign", {}, "DocuSign is asked for nothing"),
        ("boldsign", {"api_token": "two words"}, "the API token is none"),
        ("boldsign", {"api_token": "ключ"}, "the API token is none"),
        ("boldsign", {"api_token": None, "api_url": "https://api.example"}, "give that as well"),
        ("boldsign", {"api_url": "api.example"}, "is not a valid address of an API"),
        ("boldsign", {"api_url": "https://[half"}, "is not a valid address of an API"),
        ("boldsign", {"api_url": "ftp://api.example"}, "is not a valid address of an API"),
        ("boldsign", {"api_url": "https:///path"}, "is not a valid address of an API"),
        ("boldsign", {"api_url": "https://api.exämple"}, "is not a valid address of an API"),
        ("boldsign", {"api_url": "https://api.example/a b"}, "is not a valid address of an API"),
        ("boldsign", {"api_url": "https://api.example/a\tb"}, "is not a valid address of an API"),
        ("boldsign", {"api_url": "http://127.0.0.1:8080/v1"}, ""),
        ("boldsign", {"api_url": "https://api.example/#a"}, "ends with its path"),
        ("boldsign", {"api_token": "two\nlines"}, "the API token is none"),
        ("adobe_sign", {"api_url": "https://api.na1.adobesign.com"}, ""),
        ("boldsign", {"api_url": "https://api.example/?a=b"}, "ends with its path"),
        ("boldsign", {"api_url": "https://me:pw@api.example"}, "ends with its path"),
        ("scrive", {}, ""),
        ("scrive", {"api_token": "a:b:c"}, "four parts were expected"),
        ("scrive", {"api_token": 'a:b:c:d"e'}, "four parts were expected"),
    ],
)
def test_a_token_that_cannot_be_used_is_refused_when_it_is_given(
    name: str, more: dict[str, Any], says: str
) -> None:
    found = provider(name).api_problems(secrets(name, **more))
    assert says in "; ".join(found)
    assert bool(found) == bool(says)
