"""What becomes of an answer that was to have a link to sign: a link, a later try, or a refusal
that does not quote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.adapters.memory.parameters.credentials import (
    MemoryApiTokens,
    MemoryCredentialStore,
)
from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.connection import ConnectionCredentials
from countersign.model.document import Document
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.signing_event import Signer
from countersign.simulation.world import START
from countersign.use_cases.effects.provider_api import Accounts

SECRET = "Qw7-key-of-the-signer"
NOOR = Signer(id="5", name="Noor Haas", email="noor@kunde.example", status="notified")
PARTS = "client:its-secret:token:token-secret"


def link(
    name: str, answer: WebAnswer | Exception, signer: Signer = NOOR, url: str | None = None
) -> str:
    """The link that the signer of a sent document gets, with the provider answering so."""

    def call(_: WebRequest) -> WebAnswer:
        if isinstance(answer, Exception):
            raise answer
        return answer

    store = MemoryCredentialStore()
    store.put(
        ConnectionCredentials(
            connection="c1",
            provider=name,
            pipeline="contracts",
            tokens=("token",),
            api_token=PARTS if name == "scrive" else "a-key-of-the-account",
            api_url=url,
        )
    )
    document = Document(
        id="d1",
        pipeline="contracts",
        stage="s",
        since=START,
        created_at=START,
        connection="c1",
        envelope="e1",
        status="sent",
    )
    accounts = Accounts(MemoryHttpClient(call), MemoryApiTokens(store))
    return accounts.signing_link(document, signer)


def answered(value: Any, **more: Any) -> WebAnswer:
    return WebAnswer(**{"status": 200, "body": json.dumps(value).encode(), **more})


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (None, f"https://scrive.com/s/1/5/{SECRET}"),
        ("https://api-testbed.scrive.com/", f"https://api-testbed.scrive.com/s/1/5/{SECRET}"),
        ("https://sign.example/scrive", f"https://sign.example/s/1/5/{SECRET}"),
    ],
)
def test_a_link_that_is_a_path_is_of_the_account_s_host(url: str | None, wanted: str) -> None:
    told = answered({"parties": [{"id": "5", "api_delivery_url": f"/s/1/5/{SECRET}"}]})
    assert link("scrive", told, url=url) == wanted


@pytest.mark.parametrize("given", ["https://b.example/a/../b?c=#", "http://b.example/x;y?z=%20"])
def test_a_whole_link_is_given_as_it_came(given: str) -> None:
    assert link("boldsign", answered({"signLink": given})) == given


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            WebAnswer(status=200, unread="it could not be unpacked"),
            "BoldSign did not give the link to sign: it could not be unpacked",
        ),
        (
            WebAnswer(status=200, body=f'{{"signLink": "https://b/{SECRET}'.encode(), cut=True),
            "BoldSign did not give the whole answer with the link to sign in time",
        ),
        (InDoubtError("nothing came back"), "nothing came back"),
    ],
)
def test_half_an_answer_is_asked_for_again(answer: WebAnswer | Exception, says: str) -> None:
    with pytest.raises(TransientError) as later:
        link("boldsign", answer)
    assert str(later.value) == says


def test_an_answer_that_is_too_large_is_refused() -> None:
    body = f'{{"signLink": "https://b.example/{SECRET}"'.encode().ljust(262_144)
    with pytest.raises(PermanentError) as refused:
        link("boldsign", WebAnswer(status=200, body=body, cut=True))
    assert str(refused.value) == (
        "BoldSign's answer with the link to sign has more than 262,144 bytes"
    )


@pytest.mark.parametrize(
    "name",
    [
        *("adobe_sign", "boldsign", "docuseal", "documenso"),
        *("pandadoc", "scrive", "signwell", "yousign"),
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_an_error_s_text_is_not_quoted(name: str, status: int) -> None:
    told = answered({"error": f"see https://b.example/{SECRET}"}, status=status)
    with pytest.raises((PermanentError, TransientError)) as refused:
        link(name, told, url="https://api.example")
    assert SECRET not in str(refused.value)


def test_a_link_is_given_whole_though_it_has_words_of_the_token() -> None:
    told = answered({"parties": [{"id": "5", "api_delivery_url": "/s/1/client/its-secret"}]})
    assert link("scrive", told) == "https://scrive.com/s/1/client/its-secret"
