"""Whatever is posted to a webhook's address gets the right answer and leaves the state right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from countersign.providers.base import Request
from tests.integration.account import SECRET, TOKEN, Account
from tests.integration.lambda_events import http_event
from tests.integration.messages import DOCUMENSO, DOCUSIGN, DROPBOX_SIGN, SENDERS, Sender
from tests.integration.story import Story


def answer(status: int, body: str = "") -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "text/plain"}, "body": body}


REFUSED = answer(401, "unauthorized")
UNKNOWN = "nobody." + TOKEN


def without_proof(message: Request) -> Request:
    """The message without the headers that prove its sender; Dropbox Sign's proof is inside."""
    kept = {
        name: value
        for name, value in message.headers.items()
        if "signature" not in name and "secret" not in name
    }
    body = message.body.replace(b"event_hash", b"event_mash")
    return message.model_copy(update={"headers": kept, "body": body})


def tampered(message: Request) -> Request:
    """The message with another title, or time, or secret, so that its proof is another's."""
    headers = {
        name: value[::-1] if "secret" in name else value for name, value in message.headers.items()
    }
    body = message.body.replace(b"Framework", b"Lease").replace(
        b'"event_time":"1', b'"event_time":"2'
    )
    assert (headers, body) != (message.headers, message.body)
    return message.model_copy(update={"headers": headers, "body": body})


# --- who is not who he says he is


@pytest.mark.parametrize("sender", SENDERS, ids=lambda one: one.provider)
@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param(without_proof, id="no signature"),
        pytest.param(tampered, id="tampered with"),
        pytest.param(lambda one: one.model_copy(update={"body": b""}), id="no body"),
        pytest.param(lambda one: one.model_copy(update={"method": "GET"}), id="no handshake"),
    ],
)
def test_a_bad_proof_and_an_unknown_address_are_told_the_same(
    account: Account,
    contracts: Pipeline,
    sender: Sender,
    spoiled: Callable[[Request], Request],
) -> None:
    story = Story(account, contracts, sender)
    before = account.items()
    message = story.message(sender.sent)
    if sender is DOCUMENSO and spoiled(message).body == b"":
        message = without_proof(message)  # its proof does not cover the body
    told = [
        account.post(spoiled(message), story.address),
        account.post(spoiled(message), UNKNOWN),
        account.post(message, UNKNOWN),
        account.post(message, story.address.replace(TOKEN, TOKEN[::-1])),
        account.post(message, story.address.partition(".")[0]),
        account.post(message, story.address + "."),
        account.post(message, "." + TOKEN),
        account.post(message, ""),
        account.post(message, "ä/../" + "x" * 5_000),
        account.post(sender.message(sender.sent, "another secret", account.clock()), story.address),
        account.post(sender.message(sender.sent, "", account.clock()), story.address),
    ]
    assert told == [REFUSED] * len(told)
    assert account.items() == before


def test_a_proof_that_has_grown_stale_is_refused(account: Account, contracts: Pipeline) -> None:
    story = Story(account, contracts, DROPBOX_SIGN)
    message = story.message(DROPBOX_SIGN.sent)
    account.clock.now += timedelta(days=4, seconds=1)
    assert story.post(message) == REFUSED
    account.clock.now -= timedelta(seconds=1)
    assert story.post(message) == answer(200, "Hello API Event Received")


def test_either_secret_and_either_address_counts_while_they_are_being_renewed(
    account: Account, story: Story
) -> None:
    renewed = account.secrets.get("docusign")
    assert renewed is not None
    first = story.address.partition(".")[2]
    newer = account.addresses.make("docusign", "newtoken")
    update = {"secrets": ("the new key", SECRET), "tokens": (newer, first)}
    account.secrets.put(renewed.model_copy(update=update))
    for secret in (SECRET, "the new key"):
        for address in (story.address, f"docusign.{newer}"):
            message = DOCUSIGN.message(DOCUSIGN.sent, secret, account.clock())
            assert account.post(message, address) == answer(200)
    assert account.document().version == 1


# --- what cannot be read

DEEP = 100_000


@pytest.mark.parametrize(
    ("sender", "content_type"),
    [
        (DOCUSIGN, "text/plain"),
        (DOCUSIGN, "application/x-www-form-urlencoded"),
        (DOCUSIGN, ""),
        (DOCUMENSO, "text/html; charset=utf-8"),
    ],
    ids=["text", "form", "none", "page"],
)
def test_a_content_type_that_the_provider_does_not_send_is_unsupported(
    account: Account, contracts: Pipeline, sender: Sender, content_type: str
) -> None:
    story = Story(account, contracts, sender)
    message = story.message(sender.sent)
    headers = {**message.headers, "content-type": content_type}
    assert story.post(message.model_copy(update={"headers": headers})) == answer(415)


@pytest.mark.parametrize("address", ["docusign." + TOKEN, UNKNOWN])
def test_a_body_that_is_too_long_is_refused_before_anybody_asks_who_sent_it(
    account: Account, story: Story, address: str
) -> None:
    message = story.signed(b" " * 4_400_001)
    assert account.post(message, address) == answer(413)


def test_a_body_that_is_just_short_enough_is_read(account: Account, story: Story) -> None:
    message = story.message(DOCUSIGN.sent)
    filled = message.body + b" " * (4_400_000 - len(message.body))
    assert story.post(story.signed(filled)) == answer(200)
    assert account.document().stage == "sent"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="broken"),
        pytest.param(b"no JSON", id="text"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="no event"),
        pytest.param(b'{"event": {}}', id="another type"),
        pytest.param(b'{"event": "envelope-sent", "data": {"envelopeId": "\\u0000"}}', id="zero"),
        pytest.param(b'{"event": "envelope-sent"}', id="no envelope"),
        pytest.param(b'{"event": "envelope-sent", "data": {"envelopeId": Infinity}}', id="no JSON"),
        pytest.param(b"[" * DEEP + b"]" * DEEP, id="lists in lists"),
        pytest.param(b'{"a":' * DEEP + b"1" + b"}" * DEEP, id="objects in objects"),
        pytest.param(b"\xff\xfe{\x00}\x00", id="UTF-16"),
        pytest.param(b"\x1f\x8b\x08\x00", id="compressed"),
        pytest.param(b"9" * 10_000, id="a long number"),
    ],
)
def test_a_body_that_cannot_be_read_is_malformed_and_nothing_is_kept(
    account: Account, story: Story, body: bytes
) -> None:
    before = account.items()
    # Bytes that are no text come in Base64 only.
    is_text = body.decode("utf-8", "ignore").encode() == body
    for encoded in (True, False) if is_text else (True,):
        assert story.post(story.signed(body), encoded=encoded) == answer(400)
    assert account.items() == before


def test_a_malformed_message_is_refused_in_each_providers_form(
    account: Account, contracts: Pipeline
) -> None:
    documenso = Story(account, contracts, DOCUMENSO)
    assert documenso.post(documenso.signed(b"{")) == answer(400)
    dropbox = Story(account, contracts, DROPBOX_SIGN)
    no_request = dropbox.message("signature_request_sent", {'"signature_request_id"': '"nothing"'})
    assert dropbox.post(no_request) == answer(400)


# --- how the gateway hands it over


@pytest.mark.parametrize("sender", SENDERS, ids=lambda one: one.provider)
@pytest.mark.parametrize("encoded", [True, False], ids=["base64", "text"])
def test_a_body_counts_the_same_in_base64_and_as_text(
    account: Account, contracts: Pipeline, sender: Sender, encoded: bool
) -> None:
    story = Story(account, contracts, sender)
    assert story.post(story.message(sender.sent), encoded=encoded)["statusCode"] == 200
    assert account.document().title == sender.title


def test_a_title_beyond_ascii_keeps_its_signature_and_its_letters(
    account: Account, story: Story
) -> None:
    title = "Verträge für Łódź 合同 🖋"
    for encoded in (True, False):
        message = story.message(DOCUSIGN.sent, {DOCUSIGN.title: title})
        assert story.post(message, encoded=encoded) == answer(200)
    assert (account.document().title, account.document().version) == (title, 1)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        pytest.param({"body": "not in base64!", "isBase64Encoded": True}, 401, id="no base64"),
        pytest.param({"body": None}, 401, id="no body"),
        pytest.param({"headers": None}, 401, id="no headers"),
        pytest.param({"pathParameters": None}, 401, id="no address"),
        pytest.param({"queryStringParameters": {"token": "x"}}, 200, id="a query nobody asked for"),
        pytest.param({"cookies": ["a=b"], "stageVariables": {}}, 200, id="members we do not read"),
    ],
)
def test_an_event_of_the_gateway_that_lacks_something_is_answered_all_the_same(
    account: Account, story: Story, changed: dict[str, Any], status: int
) -> None:
    event = http_event(story.message(DOCUSIGN.sent), story.address)
    assert account.call("ReceiveWebhook", {**event, **changed})["statusCode"] == status


def test_names_of_headers_may_come_in_any_case(account: Account, story: Story) -> None:
    event = http_event(story.message(DOCUSIGN.sent), story.address)
    event["headers"] = {name.title(): value for name, value in event["headers"].items()}
    assert account.call("ReceiveWebhook", event) == answer(200)


# --- what means nothing, comes twice or comes late


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        (DOCUSIGN, "envelope-unheard-of"),
        (DROPBOX_SIGN, "signature_request_unheard_of"),
        (DOCUMENSO, "DOCUMENT_UNHEARD_OF"),
    ],
    ids=lambda one: getattr(one, "provider", ""),
)
def test_an_event_of_an_unknown_name_is_acknowledged_kept_as_other_and_moves_nothing(
    account: Account, contracts: Pipeline, sender: Sender, name: str
) -> None:
    story = Story(account, contracts, sender)
    story.tell(sender.director_signs)
    before = account.document()
    success = story.post(story.message(sender.director_signs))
    assert story.post(story.message(name)) == success
    after = account.document()
    assert (after.stage, after.entry, after.status) == (before.stage, before.entry, before.status)
    last = account.documents.events(after.id)[-1]
    assert (last.kind, last.provider_event) == ("other", name)
    assert account.documents.timeline(after.id)[-1].applied == "no_effect"


def test_an_unknown_event_of_an_unknown_envelope_tells_what_its_state_says(
    account: Account, story: Story
) -> None:
    message = story.message("envelope-unheard-of")
    assert story.post(message) == answer(200)
    document = account.document()
    assert (document.stage, document.status) == ("partially-signed", "sent")
    assert [one.name for one in document.signers if one.status == "signed"] == ["Anna Berger"]


def test_an_unknown_event_without_a_state_makes_no_document(account: Account, story: Story) -> None:
    body = json.loads(story.message("envelope-unheard-of").body)
    body["data"].pop("envelopeSummary")
    assert story.post(story.signed(json.dumps(body).encode())) == answer(200)
    assert list(account.documents.in_stage("contracts")) == []


def test_unknown_members_are_passed_over_wherever_they_stand(
    account: Account, story: Story
) -> None:
    def grown(value: Any) -> Any:
        if isinstance(value, list):
            return [grown(one) for one in value]
        if isinstance(value, dict):
            more = {"unheardOf": [{"deep": [None, 1.5, {"x": "y"}]}], "": 0, "ünï-cödé": True}
            return {name: grown(inner) for name, inner in value.items()} | more
        return value

    message = story.message(DOCUSIGN.director_signs)
    body = json.dumps(grown(json.loads(message.body))).encode()
    assert story.post(story.signed(body)) == answer(200)
    assert account.document().stage == "partially-signed"


def test_a_late_viewed_cannot_undo_completed(account: Account, story: Story) -> None:
    story.tell("envelope-completed")
    done = account.document()
    assert (done.stage, done.status) == ("signed", "completed")
    for name in ("recipient-delivered-client", "recipient-sent-client", DOCUSIGN.sent):
        story.tell(name)
    after = account.document()
    kept = {"stage", "entry", "status", "status_at", "completed_at"}
    assert after.model_dump(include=kept) == done.model_dump(include=kept)
    assert [(one.id, one.status, one.signed_at) for one in after.signers] == [
        (one.id, one.status, one.signed_at) for one in done.signers
    ]
    late = [line for line in account.documents.timeline(after.id) if line.applied == "late"]
    assert [line.event for line in late][:1] == ["document.viewed"]


@pytest.mark.parametrize("order", ["0123", "3210", "2301", "1032", "3012"])
def test_the_order_in_which_messages_come_does_not_change_where_the_document_ends(
    account: Account, story: Story, order: str
) -> None:
    names = [DOCUSIGN.sent, DOCUSIGN.director_signs, DOCUSIGN.client_signs, "envelope-completed"]
    for place in order:
        story.tell(names[int(place)])
    document = account.document()
    assert (document.stage, document.status) == ("signed", "completed")
    assert [(one.name, one.party, one.status) for one in document.signers] == [
        ("Anna Berger", "company", "signed"),
        ("Klara Vogel", "client", "signed"),
        ("Legal Archive", "company", "waiting"),
    ]
