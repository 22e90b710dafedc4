"""Zoho Sign: who the signers are, in person, by phone, with one address, and who approved."""

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
OWNER = "ines.roth@acme.example"
INES = {
    "action_id": 501,
    "action_type": "SIGN",
    "recipient_name": "Ines Roth",
    "recipient_email": OWNER,
    "signing_order": 2,
    "action_status": "UNOPENED",
}
DESK = {
    "action_id": 502,
    "action_type": "INPERSONSIGN",
    "recipient_name": "Front Desk",
    "recipient_email": "desk@acme.example",
    "recipient_phonenumber": "4930555",
    "signing_order": 1,
    "action_status": "SIGNED",
}


def message(name: str, *actions: Any, request: Any = (), **notification: Any) -> Request:
    """One call of the webhook, its notification an object as it is sent."""
    body = {
        "requests": {
            "request_id": 5001,
            "request_status": "inprogress",
            "owner_email": OWNER,
            "actions": list(actions) or None,
            **dict(request),
        },
        "notifications": {"operation_type": name, "performed_at": 1777881600000, **notification},
    }
    headers = {"content-type": "application/json"}
    return Request(headers=headers, body=json.dumps(body).encode(), received_at=CAME)


def read(request: Request) -> SigningEvent:
    (event,) = provider("zoho_sign").read(request)
    return event


def read_signers(*actions: Any) -> tuple[Signer, ...]:
    state = read(message("RequestSubmitted", *actions)).state
    assert state is not None
    return state.signers


class TestInPerson:
    """Who signs in person is the signer, not the host."""

    @pytest.mark.parametrize(
        ("given", "name", "email"),
        [
            (
                {"in_person_name": "Jan Frei", "in_person_email": "jan@frei.example"},
                "Jan Frei",
                "jan@frei.example",
            ),
            ({"in_person_name": "Jan Frei", "in_person_email": ""}, "Jan Frei", None),
            ({"in_person_name": "Jan", "in_person_email": "DESK@acme.example"}, "Jan", None),
            ({"in_person_email": "jan@frei.example"}, None, "jan@frei.example"),
            ({}, None, None),
            # The host himself signs.
            (
                {"in_person_name": "Front Desk", "in_person_email": "desk@acme.example"},
                "Front Desk",
                "desk@acme.example",
            ),
        ],
    )
    def test_the_signer_is_who_signs(
        self, given: dict[str, str], name: str | None, email: str | None
    ) -> None:
        (signer,) = read_signers(DESK | given)
        assert (signer.id, signer.name, signer.email) == ("502", name, email)
        assert signer.phone is None

    @pytest.mark.parametrize(
        "performed",
        [
            {"performed_by_email": "jan@frei.example", "action_id": 502},
            # The host's session tells the host as the one who did it.
            {"performed_by_email": "desk@acme.example", "action_id": "502"},
            {"performed_by_email": "Jan@Frei.example"},
        ],
    )
    def test_a_client_who_signs_at_the_companys_desk_is_the_client(
        self, performed: dict[str, Any]
    ) -> None:
        desk = DESK | {"in_person_name": "Jan Frei", "in_person_email": "jan@frei.example"}
        document = after("zoho_sign", message("RequestSigningSuccess", desk, INES, **performed))
        assert document.stage == "client-signed"
        assert signers(document) == [
            ("Jan Frei", "jan@frei.example", "client", True),
            ("Ines Roth", OWNER, "company", False),
        ]


COUPLE = [
    INES | {"action_id": 601, "recipient_name": "Eva Blum", "recipient_email": "blum@haus.example"},
    INES | {"action_id": 602, "recipient_name": "Ole Blum", "recipient_email": "blum@haus.example"},
]


class TestOneAddress:
    """An address is not an identity."""

    @pytest.mark.parametrize(
        "performed",
        [
            {"action_id": 602},
            {"action_id": 602, "performed_by_email": "blum@haus.example"},
            {"performed_by_email": "blum@haus.example", "performed_by_name": "OLE BLUM"},
        ],
    )
    def test_of_a_couple_only_the_one_who_signed_has_signed(
        self, performed: dict[str, Any]
    ) -> None:
        sent = message("RequestSubmitted", *COUPLE, INES)
        signed = message("RequestSigningSuccess", *COUPLE, INES, **performed)
        document = after("zoho_sign", sent, signed)
        assert [one.id for one in document.signers if one.has_signed] == ["602"]
        assert document.stage == "client-signed"

    def test_what_cannot_be_told_apart_marks_nobody(self) -> None:
        performed = {"performed_by_email": "blum@haus.example"}
        event = read(message("RequestSigningSuccess", *COUPLE, **performed))
        assert event.signer == SignerRef(email="blum@haus.example")
        sent = message("RequestSubmitted", *COUPLE, INES)
        signed = message("RequestSigningSuccess", *COUPLE, INES, **performed)
        document = after("zoho_sign", sent, signed)
        assert [one.id for one in document.signers if one.has_signed] == []

    def test_a_refusal_of_one_of_a_couple_has_the_reason_at_the_right_one(self) -> None:
        performed = {"performed_by_email": "blum@haus.example", "performed_by_name": "Eva Blum"}
        event = read(message("RequestRejected", *COUPLE, reason="Too long", **performed))
        assert event.state is not None
        assert [(one.id, one.status, one.reason) for one in event.state.signers] == [
            ("601", "declined", "Too long"),
            ("602", "notified", None),
        ]

    def test_one_may_pass_it_on_to_the_other(self) -> None:
        now_ole = COUPLE[0] | {"recipient_name": "Ole Blum"}
        performed = {"performed_by_email": "blum@haus.example", "performed_by_name": "Eva Blum"}
        event = read(message("RequestForwarded", now_ole, action_id=601, **performed))
        assert event.signer is not None
        assert event.signer.name == "Ole Blum"
        assert event.previous_signer == SignerRef(email="blum@haus.example", name="Eva Blum")


class TestNobodyGetsLost:
    def test_who_passed_it_on_is_kept_until_a_message_says_who_has_it_now(self) -> None:
        mira = INES | {"action_id": 900, "recipient_name": "Mira", "recipient_email": "m@s.example"}
        passed = {"performed_by_email": "m@s.example", "performed_by_name": "Mira"}
        sent = message("RequestSubmitted", mira, INES)
        forwarded = message("RequestForwarded", mira, INES, action_id=900, **passed)
        signed = message("RequestSigningSuccess", action_id=501)
        document = after("zoho_sign", sent, forwarded, signed)
        assert [(one.id, one.has_signed) for one in document.signers] == [
            ("900", False),
            ("501", True),
        ]
        assert document.status == "sent"
        has_it = mira | {"recipient_name": "Nils", "recipient_email": "n@s.example"}
        viewed = message("RequestViewed", has_it, INES, action_id=900, performed_at=1777881900000)
        document = after("zoho_sign", sent, forwarded, viewed)
        assert [one.name for one in document.signers] == ["Nils", "Ines Roth"]

    def test_recipients_without_id_and_address_are_kept(self) -> None:
        assert read_signers(
            {"recipient_name": "Eva Blum", "signing_order": 1},
            {"recipient_phonenumber": "1525550101", "recipient_countrycode": "+49"},
            {"recipient_phonenumber": "1525550102"},
            {"role": "Tenant", "action_status": 5},
        ) == (
            Signer(name="Eva Blum", order=1),
            Signer(phone="+49 1525550101"),
            Signer(phone="1525550102"),
            Signer(role="Tenant"),
        )

    def test_an_event_does_not_complete_a_request_that_zoho_calls_open(self) -> None:
        signed = INES | {"action_status": "SIGNED"}
        waiting = {"recipient_phonenumber": "1525550101", "action_status": "NOACTION"}
        document = after(
            "zoho_sign", message("RequestSigningSuccess", signed, waiting, action_id=501)
        )
        assert (document.status, document.stage) == ("sent", "company-signed")

    @pytest.mark.parametrize(
        ("request_", "whole"),
        [
            ({}, True),
            ({"request_status": None}, True),
            ({"request_status": "onhold"}, False),
            ({"actions": [INES, 17]}, False),
            ({"actions": None}, False),
            ({"actions": "none"}, False),
        ],
    )
    def test_a_list_that_may_lack_somebody_does_not_count_as_whole(
        self, request_: dict[str, Any], whole: bool
    ) -> None:
        state = read(message("RequestSubmitted", INES, request=request_)).state
        assert state is not None
        assert state.all_signers is whole

    @pytest.mark.parametrize("name", ["RequestCompleted", "RequestRecalled", "RequestExpired"])
    def test_the_state_has_the_requests_own_word_alone(self, name: str) -> None:
        states = [
            read(message(name, INES, request={"request_status": word})).state
            for word in ("inprogress", None, "COMPLETED ")
        ]
        assert [state and state.status for state in states] == ["sent", None, "completed"]


class TestApprovers:
    """An approver's approval is not a signature."""

    def test_an_approval_without_the_list_is_none_of_the_clients_signatures(self) -> None:
        approval = message(
            "RequestApproved",
            action_id=700,
            performed_by_email="legal@kunde.example",
            performed_by_name="Legal",
        )
        event = read(approval)
        assert event.signer == SignerRef(id="700", email="legal@kunde.example", name="Legal")
        document = after("zoho_sign", message("RequestSubmitted"), approval)
        assert document.stage == "sent"
        assert [(one.action, one.status) for one in document.signers] == [("approve", "signed")]

    def test_an_approver_of_the_list_signs_nothing(self) -> None:
        approver = INES | {"action_type": "approver", "recipient_email": "legal@kunde.example"}
        approver |= {"action_id": 700, "action_status": "APPROVED"}
        document = after("zoho_sign", message("RequestApproved", approver, INES, action_id=700))
        assert document.stage == "sent"


class TestWhoIsNobody:
    @pytest.mark.parametrize(
        "performed",
        [
            {"performed_by_email": "System Generated"},
            {"performed_by_email": "noreply1@zohosign.com"},
            {"performed_by_email": ""},
            {"performed_by_email": ["x"]},
        ],
    )
    def test_zoho_itself_is_no_signer(self, performed: dict[str, Any]) -> None:
        assert read(message("RequestSigningSuccess", **performed)).signer is None

    def test_who_views_and_is_no_recipient_is_none(self) -> None:
        event = read(message("RequestViewed", *COUPLE, performed_by_email=OWNER))
        assert event.signer is None


@pytest.mark.parametrize("odd", [None, "", 0, "May 2026", {"time": 1}, True])
def test_an_odd_deadline_or_time_costs_no_signature(odd: object) -> None:
    request = {"expire_by": odd, "created_time": odd}
    event = read(message("RequestSigningSuccess", INES, request=request, action_id=501))
    assert (event.kind, event.signer and event.signer.id) == ("signer.signed", "501")
    assert event.state is not None
    assert event.state.expires_at is None
    assert bool(event.warnings) is (odd not in (None, ""))
