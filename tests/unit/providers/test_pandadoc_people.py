"""PandaDoc: who the recipients are, in groups, by phone, with one address, and who completed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.model.signing_event import Signer, SignerRef, SigningEvent
from countersign.providers import provider
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import at
from tests.unit.providers.engine import after, signers

CAME = at("2026-05-04T08:00:05Z")
INES = {
    "id": "r-1",
    "first_name": "Ines",
    "last_name": "Roth",
    "email": "ines.roth@acme.example",
    "recipient_type": "SIGNER",
    "has_completed": False,
}
SENDER = {"id": "u-1", "email": "ines.roth@acme.example", "first_name": "Ines"}
DONE = {"has_completed": True}


def item(name: str, *people: Any, **more: Any) -> dict[str, Any]:
    """One event of a call."""
    data = {
        "id": "d-1",
        "status": "document.viewed",
        "date_modified": "2026-05-04T07:59:59Z",
        "action_date": "2026-05-04T07:59:58Z",
        "sent_by": SENDER,
        "recipients": list(people),
    }
    return {"event": name, "data": data | more}


def call(*items: Any) -> Request:
    headers = {"content-type": "application/json"}
    return Request(headers=headers, body=json.dumps(items).encode(), received_at=CAME)


def sent(*people: Any) -> Request:
    return call(item("document_state_changed", *people, status="document.sent"))


def completed(*people: Any, **more: Any) -> Request:
    return call(item("recipient_completed", *people, **more))


def read(request: Request) -> SigningEvent:
    (event,) = provider("pandadoc").read(request)
    return event


def read_signers(*people: Any) -> tuple[Signer, ...]:
    state = read(sent(*people)).state
    assert state is not None
    return state.signers


EVA = INES | {"id": "r-7", "first_name": "Eva", "last_name": "Kern", "email": "kern@haus.example"}
OLE = EVA | {"id": "r-8", "first_name": "Ole"}


class TestWhoCompleted:
    @pytest.mark.parametrize(
        "action_by",
        [
            "paul@winter.example",
            "Paul@Winter.EXAMPLE ",
            "r-2",
            {"id": "r-2"},
            {"id": "contact-9", "email": "paul@winter.example"},
            {"first_name": "PAUL", "last_name": "Winter"},
        ],
    )
    def test_whoever_the_message_names_has_signed(self, action_by: Any) -> None:
        paul = {"id": "r-2", "first_name": "Paul", "last_name": "Winter"}
        paul |= {"email": "paul@winter.example", "recipient_type": "signer"}
        message = completed(INES, paul | DONE, action_by=action_by)
        event = read(message)
        assert event.signer == SignerRef(id="r-2", email="paul@winter.example", name="Paul Winter")
        document = after("pandadoc", sent(INES, paul), message)
        assert document.stage == "client-signed"
        assert [one.signed_at for one in document.signers if one.has_signed] == [
            at("2026-05-04T07:59:58Z")
        ]

    @pytest.mark.parametrize("email", ["ines.roth@acme.example", "legal@acme.example"])
    def test_who_hosts_a_signature_in_person_has_not_signed(self, email: str) -> None:
        paul = {"id": "r-2", "first_name": "Paul", "recipient_type": "signer"}
        other = INES | {"email": email}
        document = after("pandadoc", completed(paul | DONE, other, action_by=SENDER))
        assert [(one.id, one.has_signed) for one in document.signers] == [
            ("r-2", True),
            ("r-1", False),
        ]

    @pytest.mark.parametrize(
        "action_by",
        [
            {"id": "r-8"},
            {"id": "r-8", "email": "kern@haus.example", "first_name": "Ole", "last_name": "Kern"},
            {
                "id": "contact-3",
                "email": "kern@haus.example",
                "first_name": "Ole",
                "last_name": "Kern",
            },
            {"email": "KERN@haus.example", "first_name": "ole", "last_name": "kern"},
        ],
    )
    def test_of_a_couple_only_the_one_who_signed_has_signed(self, action_by: Any) -> None:
        message = completed(EVA, OLE | DONE, INES, action_by=action_by)
        document = after("pandadoc", sent(EVA, OLE, INES), message)
        assert [one.id for one in document.signers if one.has_signed] == ["r-8"]
        assert document.stage == "client-signed"

    def test_an_address_that_nothing_tells_apart_names_nobody(self) -> None:
        event = read(completed(EVA, OLE, action_by="kern@haus.example"))
        assert event.signer == SignerRef(email="kern@haus.example")
        other = {"id": "contact-3", "email": "kern@haus.example", "first_name": "E."}
        event = read(completed(EVA, OLE, action_by=other))
        assert event.signer == SignerRef(email="kern@haus.example", name="E.")

    def test_a_list_that_is_left_out_costs_no_signature(self) -> None:
        message = completed(recipients=None, status=None, action_by="paul@winter.example")
        event = read(message)
        assert (event.kind, event.state) == ("signer.signed", None)
        assert event.signer == SignerRef(email="paul@winter.example")

    def test_recipients_are_read_where_the_status_is_missing(self) -> None:
        event = read(completed(INES | DONE, EVA, status=None, action_by="r-1"))
        assert event.state is not None
        assert (event.state.status, len(event.state.signers)) == (None, 2)

    def test_signatures_of_messages_that_name_nobody_keep_keys_of_their_own(self) -> None:
        times = ("2026-05-04T07:00:00Z", "2026-05-04T07:30:00Z")
        keys = {read(completed(action_date=None, date_modified=time)).key for time in times}
        assert len(keys) == 2


class TestNobodyGetsLost:
    def test_recipients_without_id_and_address_are_kept(self) -> None:
        assert read_signers(
            {"phone": "+49 1525550101", "first_name": "Paul"},
            {"roles": ["Tenant"], "signing_order": 2},
            {"recipient_type": "CC"},
        ) == (
            Signer(name="Paul", phone="+49 1525550101", status="notified"),
            Signer(role="Tenant", order=2, status="notified"),
            Signer(action="copy"),
        )

    def test_who_signs_and_gets_a_copy_is_the_signer(self) -> None:
        copy = INES | {"recipient_type": "CC"}
        assert [one.action for one in read_signers(copy, INES)] == ["sign"]
        assert [one.action for one in read_signers(INES, copy)] == ["sign"]

    def test_a_document_waits_for_one_who_is_reached_by_phone(self) -> None:
        paul = {"phone": "+49 1525550101", "recipient_type": "SIGNER"}
        message = completed(INES | DONE, paul, action_by="r-1")
        document = after("pandadoc", sent(INES, paul), message)
        assert (document.status, document.stage) == ("sent", "company-signed")
        assert signers(document) == [
            ("Ines Roth", "ines.roth@acme.example", "company", True),
            (None, None, "unknown", False),
        ]

    @pytest.mark.parametrize(
        ("more", "whole"),
        [
            ({}, True),
            ({"status": "document.awaiting_notary"}, False),
            ({"recipients": [INES, "Paul"]}, False),
            ({"recipients": "none"}, False),
            ({"recipients": None}, False),
        ],
    )
    def test_a_list_that_may_lack_somebody_does_not_count_as_whole(
        self, more: dict[str, Any], whole: bool
    ) -> None:
        state = read(call(item("document_updated", INES, **more))).state
        assert state is not None
        assert state.all_signers is whole


GROUP = {
    "type": "recipient_group",
    "id": "g-1",
    "name": "Kunde Purchasing",
    "recipient_type": "signer",
    "members": [
        {"id": "m-1", "email": "bea@kunde.example", "first_name": "Bea"},
        {"id": "m-2", "email": "cem@kunde.example", "first_name": "Cem"},
    ],
}


class TestGroupsAndApprovers:
    def test_a_group_is_known_by_its_name_and_members(self) -> None:
        (group,) = read_signers(GROUP)
        assert (group.name, group.email) == ("Kunde Purchasing", None)
        assert group.members == ("bea@kunde.example", "cem@kunde.example")

    @pytest.mark.parametrize("action_by", [{"id": "m-2"}, "cem@kunde.example", {"id": "g-1"}])
    def test_a_member_signs_for_the_group_and_on_its_side(self, action_by: Any) -> None:
        message = completed(INES, GROUP | DONE, action_by=action_by)
        document = after("pandadoc", sent(INES, GROUP), message)
        assert document.stage == "client-signed"
        assert [one.id for one in document.signers if one.has_signed] == ["g-1"]

    def test_an_approval_is_no_signature(self) -> None:
        approver = EVA | {"recipient_type": "approver"}
        message = completed(INES, approver | DONE, action_by="r-7")
        assert after("pandadoc", sent(INES, approver), message).stage == "sent"


class TestWhatIsOddIsLeftOut:
    def test_an_item_that_does_not_name_its_document_costs_the_others_nothing(self) -> None:
        nameless = item("recipient_completed", INES, id=None)
        events = provider("pandadoc").read(call(nameless, item("document_deleted"), 7))
        assert [event.kind for event in events] == ["document.deleted"]
        assert "recipient_completed must name its document" in events[0].warnings[1]
        with pytest.raises(MalformedError, match="must name its document"):
            provider("pandadoc").read(call(nameless))

    @pytest.mark.parametrize("odd", [[], {}, 17, True, "yesterday", ["x"]])
    def test_an_odd_person_time_or_sum_costs_no_signature(self, odd: Any) -> None:
        event = read(
            completed(
                INES | DONE, action_date=odd, expiration_date=odd, created_by=odd, grand_total=odd
            )
        )
        assert (event.kind, event.occurred_at) == ("signer.signed", at("2026-05-04T07:59:59Z"))
