"""Links to sign of BoldSign, PandaDoc, Scrive and Adobe Acrobat Sign, over a real connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from countersign.simulation.world import START
from countersign.use_cases.effects.provider_api import Accounts
from tests.web_place import Place, answer

LEA = Signer(id="7", name="Lea Brandt", email="lea@kunde.example", status="notified")
LINK = "https://sign.example/lea-7"
FULL = "x" * 300_000
"""More than is read of an answer unless the call asks for more."""
CASES: list[tuple[str, str, str, Any, str]] = [
    (
        "adobe_sign",
        "key-1",
        "/api/rest/v6/agreements/env-1/signingUrls",
        {
            "signingUrlSetInfos": [
                {"signingUrls": [{"email": "LEA@kunde.example", "esignUrl": LINK}]}
            ]
        },
        LINK,
    ),
    (
        "boldsign",
        "key-1",
        "/v1/document/getEmbeddedSignLink?documentId=env-1&signerEmail=lea%40kunde.example",
        {"signLink": LINK},
        LINK,
    ),
    (
        "pandadoc",
        "key-1",
        "/public/v1/documents/env-1/details",
        {"fields": [{"value": FULL}], "recipients": [{"id": "7", "shared_link": LINK}]},
        LINK,
    ),
    (
        "scrive",
        "client:secret:token:secret",
        "/api/v2/documents/env-1/get",
        {"title": FULL, "parties": [{"id": "7", "api_delivery_url": "/s/1/7/t"}]},
        "{place}/s/1/7/t",
    ),
]


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def asked(place: Place, name: str, token: str) -> str:
    """The signer's link, of an account whose API is on this machine."""
    store = MemoryCredentialStore()
    store.put(
        ConnectionCredentials(
            connection="c1",
            provider=name,
            pipeline="contracts",
            tokens=("t",),
            api_token=token,
            api_url=f"http://127.0.0.1:{place.server_port}",
        )
    )
    document = Document(
        id="d1",
        pipeline="contracts",
        stage="sent",
        since=START,
        created_at=START,
        connection="c1",
        envelope="env-1",
        status="sent",
    )
    web = UrllibHttpClient(EgressPolicy(private=True, loopback=True))
    return Accounts(web, MemoryApiTokens(store)).signing_link(document, LEA)


@pytest.mark.parametrize(("name", "token", "path", "told", "link"), CASES)
def test_the_link_comes_from_the_provider_by_one_call(
    place: Place, name: str, token: str, path: str, told: Any, link: str
) -> None:
    place.then = lambda handler: answer(handler, 200, json.dumps(told).encode())
    assert asked(place, name, token) == link.format(place=f"http://127.0.0.1:{place.server_port}")
    assert [(method, target) for method, target, _, _ in place.came] == [("GET", path)]


@pytest.mark.parametrize(("name", "token", "path", "told", "link"), CASES)
@pytest.mark.parametrize("status", [200, 404])
def test_a_page_instead_of_an_answer_is_refused_and_not_quoted(
    place: Place, name: str, token: str, path: str, told: Any, link: str, status: int
) -> None:
    page = f"<html><a href='{LINK}'>Sign</a></html>".encode()
    place.then = lambda handler: answer(handler, status, page, content_type="text/html")
    with pytest.raises(PermanentError) as refused:
        asked(place, name, token)
    assert LINK not in str(refused.value)
