"""Providers as they are asked: their own clouds, a token, and answers."""

from __future__ import annotations

import json
from typing import Any

from countersign.model.http import WebAnswer
from countersign.model.provider_api import Access
from countersign.model.signing_event import Signer
from countersign.providers import provider

ADDRESSES = {
    "adobe_sign": "https://api.eu1.adobesign.com",
    "boldsign": "https://api.boldsign.com",
    "documenso": "https://app.documenso.com",
    "docuseal": "https://api.docuseal.com",
    "dropbox_sign": "https://api.hellosign.com/v3",
    "pandadoc": "https://api.pandadoc.com",
    "scrive": "https://scrive.com",
    "signwell": "https://www.signwell.com",
    "yousign": "https://api.yousign.app/v3",
}
HEADERS = {
    "adobe_sign": {"authorization": "Bearer a-key"},
    "boldsign": {"x-api-key": "a-key"},
    "documenso": {"authorization": "a-key"},
    "docuseal": {"x-auth-token": "a-key"},
    "dropbox_sign": {"authorization": "Basic YS1rZXk6"},
    "pandadoc": {"authorization": "API-Key a-key"},
    "scrive": {
        "authorization": 'oauth_signature_method="PLAINTEXT", oauth_consumer_key="client", '
        'oauth_token="token", oauth_signature="its-secret&token-secret"'
    },
    "signwell": {"x-api-key": "a-key"},
    "yousign": {"authorization": "Bearer a-key"},
}
LINKED = sorted(ADDRESSES.keys() - {"dropbox_sign"})
"""Providers that give links to sign."""
LINK = "https://sign.example/s/7Hk2-secret"
LINK_MEMBERS = {
    "adobe_sign": "esignUrl",
    "boldsign": "signLink",
    "documenso": "token",
    "docuseal": "embed_src",
    "pandadoc": "shared_link",
    "scrive": "api_delivery_url",
    "signwell": "signing_url",
    "yousign": "signature_link",
}
KLARA = Signer(id="22", name="Klara Voß", email="klara+k@kunde.example", status="notified")


def access(name: str) -> Access:
    """How the provider's own cloud is asked."""
    token = "client:its-secret:token:token-secret" if name == "scrive" else "a-key"
    return Access(token=token, url=ADDRESSES[name])


def answered(content: Any) -> WebAnswer:
    """An answer in JSON, or of these bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WebAnswer(status=200, body=body)


def link(name: str, content: Any, signer: Signer = KLARA) -> str:
    """The link that the answer has for the signer."""
    return provider(name).link_in(answered(content), signer, access(name))


def person(
    name: str, number: Any = 22, email: str | None = "klara+k@kunde.example", **more: Any
) -> dict[str, Any]:
    """An answer's signer with a link, as that provider writes one."""
    plain = {"id": number, "email": email, "name": "Klara Voß"}
    names = {"first_name": "Klara", "last_name": "Voß"}
    writings: dict[str, dict[str, Any]] = {
        "adobe_sign": {"email": email, "esignUrl": LINK},
        "boldsign": {"signLink": LINK},
        "docuseal": {**plain, "slug": "7Hk2-secret", "embed_src": LINK},
        "documenso": {**plain, "role": "SIGNER", "token": "7Hk2-secret"},
        "pandadoc": {"id": number, "email": email, **names, "shared_link": LINK},
        "scrive": {"id": number, "api_delivery_url": "/s/1/7Hk2-secret"},
        "signwell": {**plain, "id": number, "signing_url": LINK},
        "yousign": {
            "id": number,
            "info": {**names, "email": email},
            "status": "notified",
            "signature_link": LINK,
        },
    }
    return {**writings[name], **more}


def answer_with(name: str, *people: Any) -> Any:
    """The whole answer: of some the document with its signers, of the others the one signer."""
    documents: dict[str, Any] = {
        "adobe_sign": {"signingUrlSetInfos": [{"signingUrls": [one]} for one in people]},
        "pandadoc": {"id": "d", "recipients": list(people)},
        "scrive": {"id": "d", "status": "pending", "parties": list(people)},
        "signwell": {"id": "d", "recipients": list(people)},
    }
    return documents.get(name, people[0])
