"""Providers are asked for links to sign and files over a real connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from countersign.adapters.http.client import EgressPolicy, UrllibHttpClient
from countersign.adapters.memory.parameters.credentials import (
    MemoryApiTokens,
    MemoryCredentialStore,
)
from countersign.errors import PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.use_cases.effects.provider_api import Accounts
from tests.web_place import Place, answer

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
KLARA = Signer(id="22", name="Klara Voß", email="klara@kunde.example", status="notified")
LINK = "https://sign.example/s/7Hk2-secret"
PDF = b"%PDF-1.7\nlease"


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def base(place: Place) -> str:
    """The address of the server on this machine."""
    return f"http://127.0.0.1:{place.server_port}"


def accounts(place: Place, name: str) -> Accounts:
    """The account of one connection, whose API is on this machine."""
    store = MemoryCredentialStore()
    store.put(
        ConnectionCredentials(
            connection="c1",
            provider=name,
            pipeline="contracts",
            tokens=("t",),
            api_token="client:secret:key-1:key-1" if name == "scrive" else "key-1",
            api_url=base(place),
        )
    )
    web = UrllibHttpClient(EgressPolicy(private=True, loopback=True))
    return Accounts(web, MemoryApiTokens(store))


def document(status: Any = "sent") -> Document:
    """A document whose envelope has an older number and an id of its own."""
    return Document(
        id="d1",
        pipeline="contracts",
        stage="s",
        since=AT,
        created_at=AT,
        connection="c1",
        envelope="77",
        envelope_aliases=("envelope_b",),
        status=status,
    )


def answers(place: Place, *bodies: bytes, status: int = 200) -> None:
    """The server gives these, one after the other."""
    left = iter(bodies)

    def then(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, status, next(left))

    place.then = then


PERSON = {"id": 22, "name": "Klara Voß", "email": "klara@kunde.example"}
FULL = "x" * 300_000
"""More than is read of an answer unless the call asks for more."""
CASES: dict[str, tuple[str, str, Any]] = {
    "adobe_sign": (
        "GET",
        "/api/rest/v6/agreements/77/signingUrls",
        {
            "signingUrlSetInfos": [
                {"signingUrls": [{"email": "KLARA@kunde.example", "esignUrl": LINK}]}
            ]
        },
    ),
    "boldsign": (
        "GET",
        "/v1/document/getEmbeddedSignLink?documentId=77&signerEmail=klara%40kunde.example",
        {"signLink": LINK},
    ),
    "docuseal": ("PUT", "/submitters/22", {**PERSON, "embed_src": LINK}),
    "documenso": ("GET", "/api/v2/envelope/recipient/22", {**PERSON, "token": "7Hk2-secret"}),
    "pandadoc": (
        "GET",
        "/public/v1/documents/77/details",
        {"fields": [{"value": FULL}], "recipients": [{"id": "22", "shared_link": LINK}]},
    ),
    "scrive": (
        "GET",
        "/api/v2/documents/77/get",
        {"title": FULL, "parties": [{"id": "22", "api_delivery_url": "/s/1/7Hk2-secret"}]},
    ),
    "signwell": (
        "GET",
        "/api/v1/documents/77",
        {"fields": [FULL], "recipients": [{**PERSON, "id": "22", "signing_url": LINK}]},
    ),
    "yousign": (
        "GET",
        "/signature_requests/77/signers/22",
        {"id": "22", "info": {"email": "klara@kunde.example"}, "signature_link": LINK},
    ),
}
OWN_HOST = {"documenso": "/sign/7Hk2-secret", "scrive": "/s/1/7Hk2-secret"}
"""Links of the API's own host, by their paths."""


@pytest.mark.parametrize("name", CASES)
def test_the_link_comes_from_the_provider_by_one_call(place: Place, name: str) -> None:
    method, path, content = CASES[name]
    answers(place, json.dumps(content).encode())
    wanted = f"{base(place)}{OWN_HOST[name]}" if name in OWN_HOST else LINK
    assert accounts(place, name).signing_link(document(), KLARA) == wanted
    assert [(how, where) for how, where, _, _ in place.came] == [(method, path)]


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("adobe_sign", "authorization", "Bearer key-1"),
        ("boldsign", "x-api-key", "key-1"),
        ("docuseal", "x-auth-token", "key-1"),
        ("documenso", "authorization", "key-1"),
        ("pandadoc", "authorization", "API-Key key-1"),
        (
            "scrive",
            "authorization",
            'oauth_signature_method="PLAINTEXT", oauth_consumer_key="client", '
            'oauth_token="key-1", oauth_signature="secret&key-1"',
        ),
        ("signwell", "x-api-key", "key-1"),
        ("yousign", "authorization", "Bearer key-1"),
    ],
)
def test_the_provider_is_given_the_account_s_key(
    place: Place, name: str, header: str, value: str
) -> None:
    answers(place, json.dumps(CASES[name][2]).encode())
    accounts(place, name).signing_link(document(), KLARA)
    assert [headers[header] for _, _, headers, _ in place.came] == [value]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, f"<html><a href='{LINK}'>Sign</a></html>"),
        (404, f"<html><a href='{LINK}'>Sign</a></html>"),
        (200, f'["{LINK}"]'),
        (422, f'{{"error": "{LINK}"}}'),
    ],
)
def test_no_error_quotes_what_a_provider_answered(
    place: Place, name: str, status: int, body: str
) -> None:
    answers(place, body.encode(), status=status)
    with pytest.raises(PermanentError) as refused:
        accounts(place, name).signing_link(document(), KLARA)
    assert "secret" not in str(refused.value)
    assert "key-1" not in str(refused.value)


def test_documenso_s_file_is_fetched_by_the_same_token(place: Place) -> None:
    envelope = {"id": "envelope_b", "envelopeItems": [{"id": "envelope_item_c"}]}
    answers(place, json.dumps(envelope).encode(), PDF)
    assert accounts(place, "documenso").file(document(), "the unsigned document") == PDF
    assert [(path, headers["authorization"]) for _, path, headers, _ in place.came] == [
        ("/api/v2/envelope/envelope_b", "key-1"),
        ("/api/v2/envelope/item/envelope_item_c/download?version=original", "key-1"),
    ]


@pytest.mark.parametrize(
    ("wanted", "path", "content"),
    [
        (
            "the unsigned document",
            "/submissions/77/documents?merge=true",
            {"id": 77, "documents": [{"name": "lease", "url": "{base}/file/lease.pdf"}]},
        ),
        (
            "the audit trail",
            "/submissions/77",
            {"id": 77, "audit_log_url": "{base}/file/lease.pdf"},
        ),
    ],
)
def test_docuseal_gets_no_key_where_the_file_lies(
    place: Place, wanted: Any, path: str, content: Any
) -> None:
    answers(place, json.dumps(content).replace("{base}", base(place)).encode(), PDF)
    status = "completed" if wanted == "the audit trail" else "sent"
    assert accounts(place, "docuseal").file(document(status), wanted) == PDF
    first, second = place.came
    assert (first[1], first[2]["x-auth-token"]) == (path, "key-1")
    assert (second[1], "x-auth-token" in second[2]) == ("/file/lease.pdf", False)


def test_yousign_s_files_are_one_call_each(place: Place) -> None:
    answers(place, PDF, PDF)
    asked = accounts(place, "yousign")
    assert asked.file(document(), "the unsigned document") == PDF
    assert asked.file(document("completed"), "the audit trail") == PDF
    assert [path for _, path, _, _ in place.came] == [
        "/signature_requests/77/documents/download?version=current",
        "/signature_requests/77/audit_trails/download?merge=true",
    ]
