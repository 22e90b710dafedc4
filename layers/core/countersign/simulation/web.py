"""The web as a simulated rule meets it: every call is taken, and links to pay are had."""

from __future__ import annotations

import json
from collections.abc import Mapping

from countersign.adapters.memory.services.http_client import Answer
from countersign.model.http import WebAnswer, WebRequest
from countersign.rules._shared.http import as_json
from countersign.rules.request_payment import ADDRESS
from countersign.simulation.script import ScriptAnswer

KEY = "simulated:simulated:simulated:simulated"
"""An API token of as many parts as any provider has."""
API = "https://api.provider.example"
"""The API's address of a provider whose accounts each have their own."""
LINK = "https://pay.example/simulated"


def answer(request: WebRequest) -> WebAnswer:
    """What the address answers: 200, with what the product's own calls look for."""
    content: dict[str, object] = {}
    if request.url == ADDRESS:
        content = {"url": LINK}
    return WebAnswer(status=200, body=json.dumps(content).encode() if content else b"")


def answering(answers: Mapping[str, ScriptAnswer]) -> Answer:
    """Addresses that answer what the script says for the rule that calls, otherwise ``answer``."""

    def scripted_answer(request: WebRequest) -> WebAnswer:
        key = request.headers.get("idempotency-key", "")
        if request.url == ADDRESS:  # Each try of a payment link has its own key.
            key = key.rpartition(".")[0]
        reply = answers.get(key.rpartition(".")[2])
        if reply is None:
            return answer(request)
        if reply.body is None:
            return WebAnswer(status=reply.status)
        body = reply.body.encode() if isinstance(reply.body, str) else as_json(reply.body)
        return WebAnswer(status=reply.status, body=body)

    return scripted_answer
