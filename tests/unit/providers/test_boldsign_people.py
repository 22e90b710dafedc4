"""BoldSign: who the signers are, by phone, in groups, in person and with one address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.model.signing_event import Signer, SignerRef, SigningEvent
from countersign.providers import provider
from countersign.providers.base import Request
from tests.unit.providers.attacks import at
from tests.unit.providers.engine import after, signers

CAME = at("2026-05-04T08:00:05Z")
INES = {
    "id": "s-1",
    "signerName": "Ines Roth",
    "signerEmail": "ines.roth@acme.example",
    "order": 1,
    "status": "NotCompleted",
}
BY_SMS = {
    "signerName": "Paul Winter",
    "signerEmail": None,
    "phoneNumber": {"countryCode": "+49", "number": "1525550101"},
    "deliveryMode": "SMS",
    "order": 2,
    "status": "NotCompleted",
}
SIGNED = {"status": "Completed", "lastActivityDate": 1777881600}


def message(name: str, *people: Any, context: Any = None, **more: Any) -> Request:
    """One call of the webhook."""
    created = more.pop("created", 1777881604)
    data = {
        "documentId": "d-1",
        "status": "InProgress",
        "senderDetail": {"name": "Ines Roth", "emailAddress": "ines.roth@acme.example"},
        "signerDetails": list(people),
        **more,
    }
    event = {"id": created and f"{name}-{created}", "created": created, "eventType": name}
    body = {"event": event, "context": context, "data": data}
    headers = {"content-type": "application/json"}
    return Request(headers=headers, body=json.dumps(body).encode(), received_at=CAME)


def read(request: Request) -> SigningEvent:
    (event,) = provider("boldsign").read(request)
    return event


def read_signers(*people: Any, **more: Any) -> tuple[Signer, ...]:
    state = read(message("Sent", *people, **more)).state
    assert state is not None
    return state.signers


def by(signer: str) -> dict[str, Any]:
    return {"actor": {"userType": "Signer", "id": signer}}


class TestNobodyGetsLost:
    def test_recipients_without_id_and_address_are_kept(self) -> None:
        found = read_signers(
            BY_SMS,
            {"signerRole": "Tenant", "order": 3},
            {},
            ccDetails=[{"emailAddress": "archive@acme.example"}, {}],
        )
        assert found == (
            Signer(name="Paul Winter", phone="+49 1525550101", order=2, status="notified"),
            Signer(role="Tenant", order=3, status="notified"),
            Signer(status="notified"),
            Signer(email="archive@acme.example", action="copy"),
            Signer(action="copy"),
        )

    @pytest.mark.parametrize("own_id", [None, "s-2"])
    def test_a_document_waits_for_one_who_is_reached_by_sms(self, own_id: str | None) -> None:
        signed = message("Signed", INES | SIGNED, BY_SMS | {"id": own_id})
        document = after("boldsign", message("Sent", INES, BY_SMS | {"id": own_id}), signed)
        assert (document.status, document.stage) == ("sent", "company-signed")
        assert signers(document) == [
            ("Ines Roth", "ines.roth@acme.example", "company", True),
            ("Paul Winter", None, "unknown", False),
        ]

    def test_two_who_are_reached_by_sms_are_two(self) -> None:
        other = BY_SMS | {"signerName": "Mia Winter"}
        other |= {"phoneNumber": {"countryCode": "49", "number": "1525550102"}}
        sent = message("Sent", INES, BY_SMS, other)
        signed = message("Signed", INES, BY_SMS, other | SIGNED, created=1777881700)
        document = after("boldsign", sent, signed)
        assert [one.name for one in document.signers if one.has_signed] == ["Mia Winter"]
        assert len(document.signers) == 3

    @pytest.mark.parametrize(
        ("more", "whole"),
        [
            ({}, True),
            ({"status": None}, True),
            ({"status": "AwaitingWitness"}, False),
            ({"signerDetails": [INES, "Paul"]}, False),
            ({"signerDetails": {"1": INES}}, False),
            ({"signerDetails": None}, False),
        ],
    )
    def test_a_list_that_may_lack_somebody_does_not_count_as_whole(
        self, more: dict[str, Any], whole: bool
    ) -> None:
        state = read(message("Sent", INES, **more)).state
        assert state is not None
        assert state.all_signers is whole

    @pytest.mark.parametrize("name", ["Completed", "Revoked", "Expired", "Declined"])
    def test_the_state_has_the_documents_own_word_alone(self, name: str) -> None:
        states = [read(message(name, INES, status=word)).state for word in ("InProgress", None)]
        assert [state and state.status for state in states] == ["sent", None]


class TestOneAddress:
    EVA = INES | {"id": "s-7", "signerName": "Eva Kern", "signerEmail": "kern@haus.example"}
    OLE = INES | {"id": "s-8", "signerName": "Ole Kern", "signerEmail": "kern@haus.example"}

    @pytest.mark.parametrize(
        "context", [by("s-8"), by("KERN@haus.example"), None, {"actor": {"userType": "Sender"}}]
    )
    def test_of_a_couple_only_the_one_who_signed_has_signed(self, context: Any) -> None:
        signed = message("Signed", self.EVA, self.OLE | SIGNED, INES, context=context)
        document = after("boldsign", message("Sent", self.EVA, self.OLE, INES), signed)
        assert [one.id for one in document.signers if one.has_signed] == ["s-8"]
        assert document.stage == "client-signed"

    def test_without_ids_a_couple_is_two_by_name(self) -> None:
        eva, ole = self.EVA | {"id": None}, self.OLE | {"id": None}
        first = message("Signed", eva | SIGNED, ole, INES, context=by("kern@haus.example"))
        document = after("boldsign", message("Sent", eva, ole, INES), first)
        assert [one.name for one in document.signers if one.has_signed] == ["Eva Kern"]
        assert document.status == "sent"

    def test_an_address_that_nothing_tells_apart_names_nobody(self) -> None:
        viewed = {"isViewed": True}
        event = read(
            message("Viewed", self.EVA | viewed, self.OLE | viewed, context=by("kern@haus.example"))
        )
        assert event.signer == SignerRef(email="kern@haus.example")

    def test_one_may_pass_it_on_to_the_other(self) -> None:
        context = {
            "actor": {"userType": "Signer", "id": "s-7"},
            "previousState": {
                "signerDetails": [
                    {"id": "s-7", "signerName": "Eva Kern", "signerEmail": "kern@haus.example"}
                ]
            },
        }
        now_ole = self.EVA | {"signerName": "Ole Kern", "isReassigned": True}
        event = read(message("Reassigned", now_ole, context=context))
        assert event.signer is not None
        assert event.signer.name == "Ole Kern"
        assert event.previous_signer == SignerRef(
            id="s-7", email="kern@haus.example", name="Eva Kern"
        )


GROUP = {
    "id": "g-1",
    "signerName": "Kunde Purchasing",
    "signerEmail": None,
    "order": 2,
    "status": "NotCompleted",
    "groupSigners": [
        {"id": "m-1", "signerEmail": "bea@kunde.example", "signerName": "Bea"},
        {"id": "m-2", "signerEmail": "cem@kunde.example", "signerName": "Cem"},
        {"id": "m-3", "signerEmail": None},
    ],
}


class TestGroups:
    def test_a_group_is_known_by_its_name_and_members(self) -> None:
        (group,) = read_signers(GROUP)
        assert (group.name, group.email) == ("Kunde Purchasing", None)
        assert group.members == ("bea@kunde.example", "cem@kunde.example")

    @pytest.mark.parametrize("actor", ["m-2", "CEM@kunde.example", "g-1"])
    def test_a_member_signs_for_the_group_and_on_its_side(self, actor: str) -> None:
        signed = message("Signed", INES, GROUP | SIGNED, context=by(actor))
        document = after("boldsign", message("Sent", INES, GROUP), signed)
        assert document.stage == "client-signed"
        assert [one.id for one in document.signers if one.has_signed] == ["g-1"]


class TestInPerson:
    @pytest.mark.parametrize(
        ("email", "expected"),
        [
            ("jan@frei.example", "jan@frei.example"),
            ("Ines.Roth@acme.example", None),
            (None, None),
        ],
    )
    def test_the_hosts_address_is_not_the_signers(
        self, email: str | None, expected: str | None
    ) -> None:
        host = {"hostEmail": "ines.roth@acme.example", "hostName": "Ines Roth"}
        jan = {"id": "s-3", "signerType": "InPersonSigner", "signerName": "Jan", **host}
        (signer,) = read_signers(jan | {"signerEmail": email})
        assert (signer.name, signer.email, signer.action) == ("Jan", expected, "sign")


@pytest.mark.parametrize("odd", ["2026-06-01", "soon", True, {"at": 1}, ["x"], -1])
def test_an_odd_time_or_flag_costs_no_signature(odd: object) -> None:
    person = INES | {"status": "Completed", "lastActivityDate": odd, "isViewed": odd}
    event = read(message("Signed", person, expiryDate=odd, enableSigningOrder=odd))
    assert (event.kind, event.signer and event.signer.id) == ("signer.signed", "s-1")
    assert event.state is not None
    assert event.state.expires_at is None
    assert event.warnings != ()


def test_signatures_of_messages_without_id_and_time_keep_keys_of_their_own() -> None:
    keys = {
        provider("boldsign")
        .read(message("Signed", INES, BY_SMS | {"id": "s-2"}, context=by(who), created=None))[0]
        .key
        for who in ("s-1", "s-2")
    }
    assert len(keys) == 2
