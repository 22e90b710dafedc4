"""A simulation plays what providers are asked, without any of their keys."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.simulation.play import ScriptResult, play
from countersign.simulation.script import Script
from tests.builders import ANNA, KLARA, mail, pipeline, stage, trigger


def played(provider: str) -> ScriptResult:
    """Klara is reminded after three days, signs, and is sent the document and a payment link."""
    sending = mail("thank")
    sending["settings"] |= {
        "attachments": ["signed_pdf"],
        "text": "{{ document.fields.payment_link }}",
    }
    asking: dict[str, Any] = {
        "id": "ask",
        "kind": "request_payment",
        "settings": {"secret": "stripe", "field": "payment_link", "amount": 5, "currency": "EUR"},
    }
    reminding = {"id": "remind", "kind": "remind_signer", "time": {"after": {"days": 3}}}
    contracts = pipeline(
        stage("draft"),
        stage("out", reminding, triggers=[trigger("sent")]),
        stage("signed", asking, sending, triggers=[trigger("signed_by_all")]),
        senders=["contracts@acme.example"],
        fields={"payment_link": {"type": "text"}},
    )
    script = {
        "start": "2026-03-02 09:00",
        "connection": {"provider": provider},
        "envelope": {"title": "Lease", "sender": ANNA, "signers": [{"email": KLARA, "order": 1}]},
        "steps": [
            {"event": "sent"},
            {"wait": {"days": 4}},
            {"expect": {"rules": {"remind": "done"}}},
            {"event": "signed", "by": KLARA},
            {"expect": {"stage": "signed", "rules": {"ask": "done", "thank": "done"}}},
        ],
    }
    return play(contracts, Script.model_validate(script))


@pytest.mark.parametrize(
    "provider",
    ["boldsign", "docuseal", "dropbox_sign", "pandadoc", "scrive", "signwell", "yousign"],
)
def test_every_provider_that_can_be_asked_for_both_answers(provider: str) -> None:
    found = played(provider)
    assert found.misses == ()
    (sent,) = [one.mail for one in found.moments if one.mail]
    assert sent.text == "https://pay.example/simulated"
    assert [one.name for one in sent.attachments] == ["Lease.pdf"]


def test_one_that_cannot_be_asked_misses_what_was_expected() -> None:
    found = played("docusign")
    assert [one.text.partition(": DocuSign")[0] for one in found.misses] == [
        "rule remind: expected done, found failed",
        "rule thank: expected done, found failed",
    ]


@pytest.mark.parametrize(
    ("answer", "state", "link"),
    [
        ({"body": {"url": "https://pay.acme.example/7"}}, "done", "https://pay.acme.example/7"),
        ({"status": 402, "body": {"error": {"message": "no"}}}, "failed", None),
        (None, "done", "https://pay.example/simulated"),
    ],
    ids=["a link", "a refusal", "nothing said"],
)
@pytest.mark.parametrize("rule", ["ask", "2"])
def test_a_script_says_what_stripe_answers(
    rule: str, answer: dict[str, Any] | None, state: str, link: str | None
) -> None:
    settings = {"secret": "stripe", "field": "payment_link", "amount": 5, "currency": "EUR"}
    asking = {"id": rule, "kind": "request_payment", "settings": settings}
    deals = pipeline(stage("draft", asking), fields={"payment_link": {"type": "text"}})
    script = {
        "start": "2026-03-02 09:00",
        "envelope": {"title": "Lease", "sender": ANNA, "signers": [KLARA]},
        "answers": {} if answer is None else {rule: answer},
        "steps": [
            {"event": "created"},
            {"expect": {"rules": {rule: state}, "fields": {"payment_link": link}}},
        ],
    }
    assert play(deals, Script.model_validate(script)).misses == ()
