"""Acrobat Sign: who the participants are, without ids, in groups, and who approved."""

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
SENDER = "ines.roth@acme.example"


def one_set(set_id: str | None, *emails: str | None, **more: Any) -> dict[str, Any]:
    """A set of the agreement's list."""
    members = [{"email": email, "status": "ACTIVE"} for email in emails]
    status = "WAITING_FOR_MY_SIGNATURE"
    return {"id": set_id, "role": "SIGNER", "status": status, "memberInfos": members, **more}


def message(name: str, *sets: Any, agreement: Any = (), **more: Any) -> Request:
    """One notification, its list left out where no set is given."""
    body = {
        "event": f"AGREEMENT_{name}",
        "eventDate": "2026-05-04T08:00:00Z",
        "webhookNotificationId": "n-1",
        "agreement": {
            "id": "a-1",
            "status": "OUT_FOR_SIGNATURE",
            "senderEmail": SENDER,
            "participantSetsInfo": {"participantSets": list(sets)} if sets else None,
            **dict(agreement),
        },
        **more,
    }
    headers = {"content-type": "application/json"}
    return Request(headers=headers, body=json.dumps(body).encode(), received_at=CAME)


def read(request: Request) -> SigningEvent:
    return provider("adobe_sign").read(request)[0]


def read_signers(*sets: Any, **agreement: Any) -> tuple[Signer, ...]:
    state = read(message("MODIFIED", *sets, agreement=agreement)).state
    assert state is not None
    return state.signers


DONE = {"status": "COMPLETED"}


class TestNobodyGetsLost:
    @pytest.mark.parametrize(
        "odd", [None, "", [], {}, "paul@winter.example", 7, [None], [{"email": ["p"]}]]
    )
    def test_a_set_without_readable_members_is_kept(self, odd: Any) -> None:
        odd_set = one_set("s-2", order=2, name="Tenant") | {"memberInfos": odd}
        (_, tenant) = read_signers(one_set("s-1", SENDER), odd_set)
        assert tenant == Signer(id="s-2", role="Tenant", order=2, status="notified")

    def test_who_signed_is_in_the_one_set_whose_members_cannot_be_read(self) -> None:
        sets = (one_set("s-1", SENDER), one_set("s-2", **DONE) | {"memberInfos": None})
        signed = message("ACTION_COMPLETED", *sets, participantUserEmail="p@winter.example")
        document = after("adobe_sign", signed)
        assert [(one.id, one.email, one.has_signed) for one in document.signers] == [
            ("s-1", SENDER, False),
            ("s-2", "p@winter.example", True),
        ]
        assert document.stage == "client-signed"

    def test_who_may_be_in_several_such_sets_is_not_made_up(self) -> None:
        unread = {"memberInfos": None}
        sets = [one_set(f"s-{number}") | unread for number in (1, 2)]
        sent = message("CREATED", *sets)
        sets[1] |= DONE
        signed = message("ACTION_COMPLETED", *sets, participantUserEmail="p@winter.example")
        document = after("adobe_sign", sent, signed)
        assert [(one.id, one.has_signed) for one in document.signers] == [
            ("s-1", False),
            ("s-2", True),
        ]

    @pytest.mark.parametrize("name", ["ACTION_REQUESTED", "ACTION_COMPLETED"])
    def test_who_is_in_no_set_of_the_list_is_not_made_a_signer(self, name: str) -> None:
        asked = message(name, one_set("s-1", SENDER), participantUserEmail="p@winter.example")
        document = after("adobe_sign", asked)
        assert [one.id for one in document.signers] == ["s-1"]

    def test_an_agreement_waits_for_a_set_without_id_and_address(self) -> None:
        ines = one_set("s-1", SENDER, **DONE)
        tenant = one_set(None, None, order=2, name="Tenant")
        signed = message("ACTION_COMPLETED", ines, tenant, participantUserEmail=SENDER)
        document = after("adobe_sign", signed)
        assert (document.status, document.stage) == ("sent", "company-signed")
        assert signers(document) == [
            (None, SENDER, "company", True),
            (None, None, "unknown", False),
        ]

    def test_sets_without_ids_are_told_apart(self) -> None:
        first = one_set(None, "kern@haus.example", order=1, name="Landlord")
        second = one_set(None, "kern@haus.example", order=2, name="Tenant")
        assert [(one.id, one.role) for one in read_signers(first, second)] == [
            ("", "Landlord"),
            ("", "Tenant"),
        ]
        sent = message("CREATED", first, second)
        signed = message(
            "ACTION_COMPLETED", first, second | DONE, participantUserEmail="kern@haus.example"
        )
        document = after("adobe_sign", sent, signed)
        assert [(one.role, one.has_signed) for one in document.signers] == [
            ("Landlord", False),
            ("Tenant", True),
        ]
        assert document.status == "sent"

    @pytest.mark.parametrize(
        ("agreement", "whole"),
        [
            ({}, True),
            ({"status": "WAITING_FOR_REVIEW"}, False),
            ({"participantSetsInfo": {"participantSets": [one_set("s-1", SENDER), 7]}}, False),
            ({"participantSetsInfo": {"participantSets": "none"}}, False),
            ({"participantSetsInfo": {}}, False),
            ({"participantSetsInfo": None}, False),
        ],
    )
    def test_a_list_that_may_lack_somebody_does_not_count_as_whole(
        self, agreement: dict[str, Any], whole: bool
    ) -> None:
        state = read(message("MODIFIED", one_set("s-1", SENDER), agreement=agreement)).state
        assert state is not None
        assert state.all_signers is whole


class TestTheAgreementsOwnWord:
    @pytest.mark.parametrize(
        ("name", "word", "status"),
        [
            ("WORKFLOW_COMPLETED", "OUT_FOR_SIGNATURE", "sent"),
            ("WORKFLOW_COMPLETED", None, None),
            ("DELETED", "SIGNED", "completed"),
            ("EXPIRED", "OUT_FOR_APPROVAL", "sent"),
            ("REJECTED", "CANCELLED", "declined"),
            ("RECALLED", "CANCELLED", "voided"),
            ("MODIFIED", "CANCELLED", None),
        ],
    )
    def test_the_state_has_it_alone(self, name: str, word: str | None, status: str | None) -> None:
        state = read(message(name, agreement={"status": word})).state
        assert state is not None
        assert state.status == status


class TestApproversAndGroups:
    @pytest.mark.parametrize(
        "more",
        [
            {"actionType": "APPROVED"},
            {"participantRole": "APPROVER"},
            {"participantRole": "DELEGATE_TO_APPROVER", "actionType": "ESIGNED"},
        ],
    )
    def test_an_approval_is_no_signature_even_without_the_list(self, more: Any) -> None:
        approval = message("ACTION_COMPLETED", participantUserEmail="legal@kunde.example", **more)
        document = after("adobe_sign", message("CREATED"), approval)
        assert document.stage == "sent"
        assert [(one.email, one.action, one.status) for one in document.signers] == [
            ("legal@kunde.example", "approve", "signed")
        ]

    @pytest.mark.parametrize(
        ("more", "action"),
        [
            ({"actionType": "ACCEPTED"}, "acknowledge"),
            ({"actionType": "FORM_FILLED", "participantRole": "FORM_FILLER"}, "fill"),
            ({"actionType": "ESIGNED"}, "sign"),
            ({}, "sign"),
        ],
    )
    def test_what_was_done_tells_the_action(self, more: Any, action: str) -> None:
        signed = message("ACTION_COMPLETED", participantUserEmail="k@kunde.example", **more)
        document = after("adobe_sign", message("CREATED"), signed)
        assert [one.action for one in document.signers] == [action]

    def test_a_group_is_known_by_its_members(self) -> None:
        group = one_set("g-1", "bea@kunde.example", "cem@kunde.example", "BEA@kunde.example")
        group["memberInfos"].append({"email": "gone@kunde.example", "status": "REPLACED"})
        single = one_set("s-1", SENDER)
        assert [one.members for one in read_signers(group, single)] == [
            ("bea@kunde.example", "cem@kunde.example"),
            (),
        ]

    def test_the_member_who_signed_is_the_signer(self) -> None:
        group = one_set("g-1", "bea@kunde.example", "cem@kunde.example", **DONE)
        signed = message(
            "ACTION_COMPLETED",
            group,
            one_set("s-1", SENDER),
            participantUserEmail="Cem@kunde.example",
        )
        document = after("adobe_sign", signed)
        assert document.stage == "client-signed"
        assert [one.email for one in document.signers if one.has_signed] == ["cem@kunde.example"]


class TestEvents:
    @pytest.mark.parametrize(
        "name",
        ["SMS_DELIVERY_FAILED", "SMS_BOUNCED", "UNDELIVERED_SMS", "SMS_NOTIFICATION_FAILURE"],
    )
    def test_an_sms_that_failed_is_a_failed_delivery(self, name: str) -> None:
        event = read(
            message(
                name, one_set("s-2", "p@winter.example"), participantUserEmail="p@winter.example"
            )
        )
        assert event.kind == "signer.delivery_failed"
        assert event.signer == SignerRef(id="s-2", email="p@winter.example", role="SIGNER")

    @pytest.mark.parametrize("name", ["SMS_SENT", "PAYMENT_FAILED"])
    def test_others_that_nobody_knows_are_other(self, name: str) -> None:
        assert read(message(name)).kind == "other"

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"agreementCancellationInfo": {"comment": "Too small"}}, "Too small"),
            ({"comment": "No", "agreementCancellationInfo": {"comment": "Too small"}}, "No"),
            ({"agreementCancellationInfo": "Too small"}, None),
        ],
    )
    def test_the_reason_stands_where_messages_since_2024_have_it(
        self, more: Any, reason: str | None
    ) -> None:
        assert read(message("RECALLED", **more)).reason == reason

    @pytest.mark.parametrize(
        ("role", "kind"),
        [("SIGNER", "document.viewed"), ("SENDER", "other"), ("SHARE", "other"), (None, "other")],
    )
    def test_a_participant_whose_set_cannot_be_read_has_viewed(
        self, role: str | None, kind: str
    ) -> None:
        viewed = message(
            "EMAIL_VIEWED",
            one_set("s-1", SENDER),
            participantUserEmail="p@winter.example",
            participantRole=role,
        )
        assert read(viewed).kind == kind

    def test_who_may_be_in_a_set_that_cannot_be_read_has_viewed(self) -> None:
        sets = (one_set("s-1", SENDER), one_set("s-2"))
        kinds = [
            read(message("EMAIL_VIEWED", *sets, participantUserEmail=who)).kind
            for who in ("p@winter.example", SENDER, "INES.ROTH@acme.example")
        ]
        assert kinds == ["document.viewed", "document.viewed", "document.viewed"]
        by_sender = message("EMAIL_VIEWED", one_set("s-2"), participantUserEmail=SENDER)
        assert read(by_sender).kind == "other"


@pytest.mark.parametrize("odd", ["2026-06-01", "soon", 17, True, {}, ["x"]])
def test_an_odd_time_or_reminder_costs_no_event(odd: Any) -> None:
    event = read(
        message(
            "REMINDER_SENT",
            one_set("s-1", SENDER),
            reminderInfo={"participantList": odd},
            agreement={"expirationTime": odd, "createdDate": odd},
        )
    )
    assert (event.kind, event.envelope) == ("reminder.sent", "a-1")
    assert "expirationTime of the message was not read" in " ".join(event.warnings)
