"""Providers are asked through the stream and the lanes' queues, over a real connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl

import pytest
from moto.ses.models import ses_backends

from countersign.adapters.http.client import UrllibHttpClient
from countersign.model.http import WebAnswer, WebRequest
from countersign.use_cases.connections.credentials import CredentialsChange, change_credentials
from tests.builders import mail, pipeline, stage
from tests.integration.account import ACCOUNT, SENDER, Account
from tests.integration.lambda_events import REGION
from tests.integration.messages import DROPBOX_SIGN
from tests.integration.story import Story
from tests.web_place import Place, answer

PDF = b"%PDF-1.7\nsigned"
COMPLETED = "signature_request_all_signed"


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def connected(account: Account, place: Place, *stages: dict[str, Any], **more: Any) -> Story:
    """Dropbox Sign, whose API is on this machine, with these stages behind a draft."""
    account.allow_private_addresses()
    story = Story(
        account, pipeline(stage("draft"), *stages, senders=[SENDER], **more), DROPBOX_SIGN
    )
    key = CredentialsChange(api_token="key-1", api_url=f"http://127.0.0.1:{place.server_port}/v3")
    change_credentials(account.connector, "dropbox-sign", key)
    return story


def test_the_signers_are_reminded_once_through_the_provider(account: Account, place: Place) -> None:
    reminding = {"id": "remind", "kind": "remind_signer", "settings": {"to": ["client"]}}
    sent = stage(
        "sent",
        reminding,
        triggers=[{"id": "director", "kind": "signed_by_company"}],
    )
    story = connected(account, place, sent)
    story.tell(DROPBOX_SIGN.sent)
    story.tell(DROPBOX_SIGN.director_signs)
    ((method, path, headers, body),) = place.came
    assert (method, path) == ("POST", f"/v3/signature_request/remind/{DROPBOX_SIGN.envelope}")
    assert headers["authorization"] == "Basic a2V5LTE6"
    assert json.loads(body)["email_address"] == "klara.vogel@kunde.example"
    assert account.runs() == {"2.remind": ("done", None)}


def test_the_signed_pdf_goes_with_the_mail_after_a_fault_of_the_provider(
    account: Account, place: Place
) -> None:
    sending = mail("send")
    sending["settings"]["attachments"] = ["signed_pdf"]
    triggers = [{"id": "all", "kind": "signed_by_all"}]
    answers = iter([(409, b"{}"), (200, PDF)])

    def then(handler: BaseHTTPRequestHandler) -> None:
        status, body = next(answers)
        answer(handler, status, body)

    place.then = then
    story = connected(account, place, stage("signed", sending, triggers=triggers))
    for name in (DROPBOX_SIGN.sent, DROPBOX_SIGN.client_signs, COMPLETED):
        story.tell(name)
    assert account.runs()["2.send"] == (
        "ready",
        "try 1 failed temporarily: Dropbox Sign is still making the signed PDF",
    )
    account.advance(minutes=1)
    assert account.runs()["2.send"] == ("done", None)
    path = f"/v3/signature_request/files/{DROPBOX_SIGN.envelope}?file_type=pdf"
    assert [(one[0], one[1]) for one in place.came] == [("GET", path)] * 2
    (raw,) = ses_backends[ACCOUNT][REGION].sent_messages
    message = message_from_bytes(raw.raw_data.encode(), policy=policy.default)
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == (
        f"{DROPBOX_SIGN.title}.pdf",
        "application/pdf",
        PDF,
    )


def test_a_payment_link_is_made_and_the_mail_below_carries_it(
    account: Account, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[WebRequest] = []

    def call(web: UrllibHttpClient, request: WebRequest) -> WebAnswer:
        taken.append(request)
        return WebAnswer(status=200, body=b'{"id": "p", "url": "https://buy.stripe.com/7"}')

    monkeypatch.setattr(UrllibHttpClient, "call", call)
    asking = {
        "id": "ask",
        "kind": "request_payment",
        "settings": {"secret": "stripe", "field": "payment_link"},
    }
    telling = mail("tell")
    telling["settings"]["text"] = "Pay here: {{ document.fields.payment_link }}"
    story = connected(
        account,
        place,
        stage("sent", asking, telling, triggers=[{"id": "sent", "kind": "sent"}]),
        fields={"payment_link": {"type": "text"}},
    )
    account.keep_secret("stripe", "rk_test")
    story.tell(DROPBOX_SIGN.sent)
    assert account.runs() == {"2.ask": ("done", None), "2.tell": ("done", None)}
    document = account.document()
    (request,) = taken
    form = dict(parse_qsl(request.body.decode()))
    assert request.headers["authorization"] == "Bearer rk_test"
    assert form["metadata[countersign_document]"] == document.id
    assert form["line_items[0][price_data][unit_amount]"] == "980000"
    assert document.fields["payment_link"] == "https://buy.stripe.com/7"
    assert [one.text.strip() for one in account.mails()] == ["Pay here: https://buy.stripe.com/7"]
