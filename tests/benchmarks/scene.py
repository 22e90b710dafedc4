"""What is measured: a pipeline, its DocuSign connection, and the signed messages that come in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from countersign.adapters.dynamodb import shards
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.ssm.addresses import signed
from countersign.examples import read_example
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.pipeline import Pipeline
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.use_cases.messages.apply_message import document_id

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "events" / "docusign"
EXAMPLE_ENVELOPE = "3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6"
EXAMPLE_NUMBER = "V-2026-0042"
"""The envelope and the contract's number in the example messages."""
SENDER = "contracts@acme.example"

ADDRESS_KEY = "6f1d" * 16
"""The deployment's, in hexadecimal."""
SECRETS = ConnectionCredentials(
    connection="docusign",
    provider="docusign",
    pipeline="contracts",
    tokens=(signed(bytes.fromhex(ADDRESS_KEY), "docusign", "f4c1d0b2a39e58671c0d"),),
    secrets=("a-secret-for-measuring",),
)
ADDRESS = f"{SECRETS.connection}.{SECRETS.tokens[0]}"
CONNECTION = Connection.model_validate(
    {
        "id": "docusign",
        "provider": "docusign",
        "pipeline": "contracts",
        "fields": [
            {"source": "amount", "field": "amount"},
            {"source": "currency", "field": "currency"},
            {"source": "contract_number", "field": "number"},
        ],
    }
)

_MAIL = {
    "id": "mail-contract",
    "kind": "send_email",
    "condition": {
        "all": [
            {"field": "amount", "op": "greater", "value": 5000},
            {"field": "currency", "op": "equals", "value": "EUR"},
        ]
    },
    "settings": {
        "from": SENDER,
        "to": ["client"],
        "subject": "Your contract {{ document.number }} is ready to sign",
        "text": "{{ document.title }} is waiting for your signature.",
    },
}
_REMINDER = {
    "id": "remind",
    "kind": "send_email",
    "time": {"after": {"days": 3}, "at": "09:00", "working_hours": True},
    "settings": {"from": SENDER, "to": ["client"], "subject": "A reminder", "text": "Please sign."},
}
_GIVE_UP = {
    "id": "give-up",
    "kind": "change_stage",
    "execution": "independent",
    "time": {"after": {"working_days": 20}},
    "settings": {"stage": "not-signed"},
}


def pipeline(*rules: dict[str, Any]) -> Pipeline:
    """A pipeline with these rules where an envelope that is sent, and worth it, arrives."""
    trigger = {
        "id": "contract-sent",
        "kind": "sent",
        "condition": {"all": [{"field": "title", "op": "contains", "value": "agreement"}]},
    }
    return Pipeline.model_validate(
        {
            "pipeline": "contracts",
            "name": "Contracts",
            "time_zone": "Europe/Berlin",
            "calendar": {"hours": {"mon-fri": "09:00-18:00"}, "holidays": "DE-BY"},
            "senders": [SENDER],
            "stages": [
                {"id": "draft"},
                {"id": "sent", "triggers": [trigger], "rules": list(rules)},
                {"id": "not-signed", "kind": "failure"},
            ],
        }
    )


def three_rules() -> Pipeline:
    """An arrival plans a mail, a reminder and giving up."""
    return pipeline(_MAIL, _REMINDER, _GIVE_UP)


def one_mail() -> Pipeline:
    """An arrival plans a mail, whose condition holds."""
    return pipeline(_MAIL)


def message(
    name: str, envelope: str, at: datetime, *, size: int, number: str = EXAMPLE_NUMBER
) -> Request:
    """An example message about an envelope, signed; with a list of documents up to ``size`` bytes.

    ``name`` is a file of ``events/docusign`` without its ending, ``number`` the contract's.
    """
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    documents = example["body"]["data"]["envelopeSummary"].setdefault("envelopeDocuments", [])
    missing = size - len(json.dumps(example["body"], separators=(",", ":")))
    while missing > 0:
        documents.append(_document(len(documents) + 1))
        missing -= len(json.dumps(documents[-1], separators=(",", ":"))) + 1
    text = json.dumps(example).encode()
    request = read_example(text, at, {EXAMPLE_ENVELOPE: envelope, EXAMPLE_NUMBER: number})
    return provider("docusign").sign(request, SECRETS.secrets[0], at)


def envelope_of(number: str) -> str:
    """The envelope of a contract with this number, of 16 ASCII letters at most."""
    return f"{number.encode().hex():0<32}"


def document_of(number: str) -> str:
    """The document that a message about this number's envelope makes."""
    return document_id(CONNECTION.id, envelope_of(number))


def _document(number: int) -> dict[str, Any]:
    """A file of the envelope as DocuSign lists it."""
    return {
        "documentId": str(number),
        "documentIdGuid": f"6b0f3c52-8d1e-4a97-b3c4-{number * 7919:012x}",
        "name": f"Annex {number} - scope and terms.pdf",
        "type": "content",
        "uri": f"/envelopes/{EXAMPLE_ENVELOPE}/documents/{number}",
        "order": str(number),
        "pages": [{"pageId": f"{number}-{page}", "sequence": str(page)} for page in range(1, 4)],
        "display": "inline",
        "includeInDownload": "true",
        "signerMustAcknowledge": "no_interaction",
        "templateRequired": "false",
    }


def copy_of(original: Item, reader: str) -> Item:
    """The copy of an item that is read for this document."""
    number = shards.shard_of(reader, shards.COPIES)
    return {**original, "pk": {"S": shards.spread(original["pk"]["S"], number)}}


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a function about the call."""

    function_name: str = "receive_webhook"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:receive_webhook"
    aws_request_id: str = "5f1c8a52-2d0b-4b6c-9a53-0e1f7c3b9d24"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the call."""
        return 25_000


def gateway_event(request: Request) -> dict[str, Any]:
    """The request as API Gateway hands it to the function, payload 2.0."""
    path = f"/webhooks/{ADDRESS}"
    return {
        "version": "2.0",
        "routeKey": "POST /webhooks/{connection}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "webhooks.example", "content-length": "1", **request.headers},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "webhooks.example",
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "DocuSign Connect",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /webhooks/{connection}",
            "stage": "$default",
        },
        "pathParameters": {"connection": ADDRESS},
        "body": request.body.decode(),
        "isBase64Encoded": False,
    }
