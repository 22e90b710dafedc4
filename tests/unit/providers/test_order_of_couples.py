"""What two signers with one address have done does not depend on the order of the messages."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from countersign.providers.base import Request
from tests.unit.providers import (
    test_boldsign_people,
    test_dropbox_sign_people,
    test_pandadoc_people,
    test_zoho_sign_people,
)
from tests.unit.providers.engine import after

Story = Callable[[str | None, str | None], tuple[Request, ...]]
"""Three messages of an envelope of Eva and Ole, who have these ids: sent, Eva, Ole."""


def boldsign(eva_id: str | None, ole_id: str | None) -> tuple[Request, ...]:
    message = test_boldsign_people.message
    person = {"signerEmail": "kern@haus.example", "status": "NotCompleted"}
    eva: dict[str, Any] = person | {"id": eva_id, "signerName": "Eva"}
    ole: dict[str, Any] = person | {"id": ole_id, "signerName": "Ole"}
    eva_signed = eva | {"status": "Completed", "lastActivityDate": 1777881600}
    ole_signed = ole | {"status": "Completed", "lastActivityDate": 1777881700}
    return (
        message("Sent", eva, ole, created=1777881000),
        message("Signed", eva_signed, ole, created=1777881604),
        message("Signed", eva_signed, ole_signed, created=1777881704),
    )


def dropbox_sign(eva_id: str | None, ole_id: str | None) -> tuple[Request, ...]:
    message = test_dropbox_sign_people.message
    person = {"signer_email_address": "kern@haus.example", "status_code": "awaiting_signature"}
    eva: dict[str, Any] = person | {"signature_id": eva_id, "signer_name": "Eva"}
    ole: dict[str, Any] = person | {"signature_id": ole_id, "signer_name": "Ole"}
    eva_signed = eva | {"status_code": "signed", "signed_at": 1777881600}
    ole_signed = ole | {"status_code": "signed", "signed_at": 1777881700}
    return (
        message("sent", eva, ole, time="1777881000"),
        message("signed", eva_signed, ole, time="1777881604", related=eva_id),
        message("signed", eva_signed, ole_signed, time="1777881704", related=ole_id),
    )


def pandadoc(eva_id: str | None, ole_id: str | None) -> tuple[Request, ...]:
    sent, completed = test_pandadoc_people.sent, test_pandadoc_people.completed
    person = {"email": "kern@haus.example", "recipient_type": "SIGNER", "has_completed": False}
    eva: dict[str, Any] = person | {"id": eva_id, "first_name": "Eva"}
    ole: dict[str, Any] = person | {"id": ole_id, "first_name": "Ole"}
    done = {"has_completed": True}
    return (
        sent(eva, ole),
        completed(eva | done, ole, action_by=eva, action_date="2026-05-04T08:00:00Z"),
        completed(eva | done, ole | done, action_by=ole, action_date="2026-05-04T08:01:00Z"),
    )


def zoho_sign(eva_id: str | None, ole_id: str | None) -> tuple[Request, ...]:
    message = test_zoho_sign_people.message
    person = {"recipient_email": "kern@haus.example", "action_type": "SIGN"}
    eva: dict[str, Any] = person | {"action_id": eva_id, "recipient_name": "Eva"}
    ole: dict[str, Any] = person | {"action_id": ole_id, "recipient_name": "Ole"}
    signed, by = {"action_status": "SIGNED"}, {"performed_by_email": "kern@haus.example"}
    return (
        message("RequestSubmitted", eva, ole, performed_at=1777881000000),
        message(
            "RequestSigningSuccess",
            eva | signed,
            ole,
            performed_at=1777881600000,
            performed_by_name="Eva",
            action_id=eva_id,
            **by,
        ),
        message(
            "RequestSigningSuccess",
            eva | signed,
            ole | signed,
            performed_at=1777881700000,
            performed_by_name="Ole",
            action_id=ole_id,
            **by,
        ),
    )


STORIES: dict[str, Story] = {
    "boldsign": boldsign,
    "dropbox_sign": dropbox_sign,
    "pandadoc": pandadoc,
    "zoho_sign": zoho_sign,
}


@pytest.mark.parametrize("ids", [("81", "82"), (None, None)], ids=["ids", "no ids"])
@pytest.mark.parametrize("name", STORIES)
def test_any_order_of_the_messages_ends_the_same(
    name: str, ids: tuple[str | None, str | None]
) -> None:
    for messages in permutations(STORIES[name](*ids)):
        document = after(name, *messages)
        assert sorted((one.name, one.status) for one in document.signers) == [
            ("Eva", "signed"),
            ("Ole", "signed"),
        ]


@pytest.mark.parametrize("ids", [("81", "82"), (None, None)], ids=["ids", "no ids"])
@pytest.mark.parametrize("name", STORIES)
def test_after_the_first_of_two_the_other_is_still_to_sign(
    name: str, ids: tuple[str | None, str | None]
) -> None:
    sent, first, _ = STORIES[name](*ids)
    for messages in ((sent, first), (first, sent), (first, first), (first,)):
        document = after(name, *messages)
        assert [one.name for one in document.signers if one.has_signed] == ["Eva"]
        assert len(document.signers) == 2
        assert document.status == "sent"
